/** `npm run campaign -- fuzzrpc [--quick] [SEED]`: two million hostile requests over HTTP and websockets against a node that seals blocks. */
import { startFuzzedNode } from "../helpers/fuzzednode.ts";
import type { CampaignOptions } from "./main.ts";

const cases = 2_000_000;
const quickCases = 20_000;
const slices = 20;
/** Of this process, which holds the node and its clients: growth from the first slice to the last. */
const growthBytesMax = 400 << 20;

export default async function fuzzrpc({ quick, args }: CampaignOptions): Promise<void> {
  const seed = args[0] === undefined ? Date.now() % 2 ** 20 : Number(args[0]);
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new Error(`seed "${args[0]}" is not a whole number; leave it out or name one`);
  const perSlice = (quick ? quickCases : cases) / slices;
  console.log(`seed ${seed}: ${slices} slices of ${perSlice} cases; slice n has seed ${seed} + n`);
  const sums = { cases: 0, results: 0, errors: 0, others: 0 };
  const node = await startFuzzedNode();
  const started = performance.now();
  let memoryAtFirst = 0;
  let memory = 0;
  try {
    for (let slice = 0; slice < slices; slice++) {
      const counts = await node.run(seed + slice, perSlice);
      for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += counts[name];
      memory = process.memoryUsage().rss;
      if (slice === 0) memoryAtFirst = memory;
    }
  } finally {
    await node.remove();
  }
  const growth = memory - memoryAtFirst;
  if (growth > growthBytesMax) throw new Error(`memory grew by ${growth} bytes, from ${memoryAtFirst}`);
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log("cases     results   typed errors   notifications, pages, cuts   defects   memory growth MB   seconds");
  console.log(
    `${sums.cases}   ${sums.results}   ${sums.errors}   ${sums.others}   0   ${Math.round(growth / 2 ** 20)}   ${seconds}`,
  );
}
