/**
 * A process that commits blocks and says which, until it is killed: the victim of the crash and power-cut campaigns.
 *
 * Arguments: folder, seed, blocks, the call to die at (0: none), the fault. Writes "opened H HASH" and then "committed H HASH" a line each.
 */
import { writeSync } from "node:fs";
import { MultiStore } from "../../chain/store/multistore.ts";
import { type Fault, FaultPlan, faults } from "./faultyfiles.ts";
import { commitBlock, hex, smallStore } from "./storeblocks.ts";

const [directory = "", seed = "", blocks = "", call = "0", fault = "killBefore"] = process.argv.slice(2);

const isFault = (name: string): name is Fault => faults.some((known) => known === name);
const say = (line: string) => void writeSync(1, `${line}\n`);

if (!isFault(fault)) throw new Error(`"${fault}" is not one of ${faults.join(", ")}`);
const plan = new FaultPlan();
if (Number(call) > 0) plan.failAt(Number(call), fault);
const store = await MultiStore.open(smallStore(directory, { files: plan.source, log: (line) => say(`log ${line}`) }));
say(`opened ${store.height} ${hex(store.appHash)}`);
for (let block = 0; block < Number(blocks); block++) {
  const appHash = commitBlock(store, Number(seed));
  say(`committed ${store.height} ${appHash}`);
  // Lets a checkpoint end that was begun, so that its calls too are among those to die at.
  if (store.height % 5 === 0) await store.idle();
}
await store.close();
say(`closed ${plan.calls}`);
