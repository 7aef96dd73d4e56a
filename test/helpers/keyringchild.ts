/**
 * A process that works on a keyring, and may be killed at a chosen call to the disk.
 *
 * Arguments: home, backend, the call to die at (0: none), the fault, then steps: add:NAME:BYTE, rename:FROM:TO, delete:NAME. Says "ready",
 * waits for a byte on stdin, and then says "did STEP" or "refused MESSAGE" for each, a line each; at the end "closed CALLS".
 */
import { readSync, writeSync } from "node:fs";
import { realKeyFiles } from "../../cli/keyring/folder.ts";
import { type Backend, type Keyring, openKeyring } from "../../cli/keyring/keyring.ts";
import { type Fault, FaultPlan } from "./faultyfiles.ts";

const [home = "", backend = "file", call = "0", fault = "killHalfway", ...steps] = process.argv.slice(2);
const say = (line: string) => void writeSync(1, `${line}\n`);

const plan = new FaultPlan();
const keyring = openKeyring({
  home,
  backend: backend as Backend,
  passphrase: async () => "passphrase",
  cost: { n: 2, r: 1, p: 1 },
  files: { ...realKeyFiles, ...plan.files },
});
say("ready");
readSync(0, Buffer.alloc(1));
plan.failAt(Number(call), fault as Fault);
for (const step of steps) {
  try {
    await take(keyring, step.split(":"));
    say(`did ${step}`);
  } catch (error) {
    say(`refused ${error instanceof Error ? error.message : String(error)}`);
  }
}
say(`closed ${plan.calls}`);

async function take(keys: Keyring, [what, name = "", more = ""]: string[]): Promise<void> {
  if (what === "add") await keys.addLocal(name, new Uint8Array(32).fill(Number(more)));
  else if (what === "rename") await keys.rename(name, more);
  else keys.remove(name);
}
