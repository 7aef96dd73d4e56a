/** Start: seconds from a folder to a state that can be used, every hash recomputed, by the blocks that the log holds beyond the checkpoint. */
import { join } from "node:path";
import { MultiStore } from "../chain/store/multistore.ts";
import type { BenchOptions, Figure } from "./figure.ts";
import { commit, fillState, inFolder, stateOptions, updateBlocks } from "./stateload.ts";
import { changesPerBlock } from "./treeload.ts";

const keysDefault = 1_000_000;
const keysQuick = 100_000;
const runs = 3;
/** Blocks of 2,000 sends behind the checkpoint. */
const tails = [0, 100];

export default async function* start({ quick, args }: BenchOptions): AsyncIterable<Figure> {
  const keys = Number(args[0] ?? (quick ? keysQuick : keysDefault));
  yield* await inFolder((folder) => figures(folder, keys), "bench-start");
}

async function* figures(folder: string, keys: number): AsyncIterable<Figure> {
  const options = stateOptions(join(folder, "state"), { checkpointInterval: 1_000_000 });
  const store = await MultiStore.open(options);
  fillState(store, keys);
  await store.createSnapshot();
  const blocks = updateBlocks(keys, changesPerBlock);
  await store.close();
  let behind = 0;
  for (const tail of tails) {
    const growing = await MultiStore.open(options);
    for (; behind < tail; behind++) commit(growing, blocks.next().value!);
    await growing.close();
    const samples: number[] = [];
    for (let run = 0; run < runs; run++) samples.push(await startSeconds(options));
    yield { bench: "start.seconds", unit: "s", params: { keys, blocksBehind: tail, changesPerBlock }, samples };
  }
}

async function startSeconds(options: Parameters<typeof MultiStore.open>[0]): Promise<number> {
  const from = performance.now();
  const store = await MultiStore.open(options);
  const seconds = (performance.now() - from) / 1000;
  await store.close();
  return seconds;
}
