/** Memory over a long run of full blocks: the process's size every hundred blocks, and what the second half of the run added. */
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { MultiStore } from "../chain/store/multistore.ts";
import type { BenchOptions, Figure } from "./figure.ts";
import { commit, fillState, inFolder, stateOptions, updateBlocks } from "./stateload.ts";

const full = { keys: 1_000_000, blocks: 10_000, changes: 6_000 };
const short = { keys: 100_000, blocks: 600, changes: 1_000 };
const sampleEvery = 100;

/** Arguments: blocks, keys, changes a block. */
export default async function* memory({ quick, args }: BenchOptions): AsyncIterable<Figure> {
  const preset = quick ? short : full;
  const [blocks = preset.blocks, keys = preset.keys, changes = preset.changes] = args.map(Number);
  yield* await inFolder((folder) => figures(folder, { blocks, keys, changes }), "bench-memory");
}

async function* figures(
  folder: string,
  params: { blocks: number; keys: number; changes: number },
): AsyncIterable<Figure> {
  const { blocks, keys, changes } = params;
  // Short pruning, so that the disk of the machine that measures holds the run; memory does not depend on it.
  const options = stateOptions(join(folder, "state"), { pruning: { keepRecent: 200, interval: 10 } });
  const store = await MultiStore.open(options);
  fillState(store, keys);
  const resident: number[] = [];
  const milliseconds: number[] = [];
  const load = updateBlocks(keys, changes);
  for (let block = 1; block <= blocks; block++) {
    const next = load.next().value!;
    const start = performance.now();
    commit(store, next);
    milliseconds.push(performance.now() - start);
    if (block % sampleEvery === 0) resident.push(process.memoryUsage.rss() / 1e6);
    // A node yields between blocks too: messages of the store's threads are taken in then.
    await setImmediate();
  }
  await store.close();
  const half = resident.length >> 1;
  const growth = Math.max(...resident.slice(half)) - Math.max(...resident.slice(0, half));
  yield { bench: "memory.resident", unit: "MB", params, samples: resident };
  yield { bench: "memory.growthOfSecondHalf", unit: "MB", params, samples: [growth] };
  yield { bench: "memory.commit", unit: "ms", params, samples: milliseconds };
}
