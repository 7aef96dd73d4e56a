/** State-sync snapshots: megabytes a second to make and to restore one, and what making one adds to a commit. */
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { MultiStore } from "../chain/store/multistore.ts";
import type { BenchOptions, Figure } from "./figure.ts";
import { commit, fillState, inFolder, stateOptions, updateBlocks } from "./stateload.ts";

const keysDefault = 1_000_000;
const keysQuick = 100_000;
const runs = 3;
/** A block of 100 sends: what a chain does while one of its nodes makes a snapshot. */
const changesWhileMaking = 300;
const blocksBefore = 50;

export default async function* snapshot({ quick, args }: BenchOptions): AsyncIterable<Figure> {
  const keys = Number(args[0] ?? (quick ? keysQuick : keysDefault));
  yield* await inFolder((folder) => figures(folder, keys), "bench-snapshot");
}

async function* figures(folder: string, keys: number): AsyncIterable<Figure> {
  const store = await MultiStore.open(stateOptions(join(folder, "made"), { checkpointInterval: 1_000_000 }));
  fillState(store, keys);
  const blocks = updateBlocks(keys, changesWhileMaking);
  const quiet = Array.from({ length: blocksBefore }, () => committing(store, blocks));
  const created: number[] = [];
  const restored: number[] = [];
  const busy: number[] = [];
  for (let run = 0; run < runs; run++) {
    const making = await make(store, blocks);
    created.push(making.megabytesPerSecond);
    busy.push(...making.commits);
    restored.push(await restore(store, join(folder, `restored-${run}`)));
  }
  await store.close();
  yield { bench: "snapshot.create", unit: "MB/s", params: { keys }, samples: created };
  yield { bench: "snapshot.restore", unit: "MB/s", params: { keys }, samples: restored };
  const params = { keys, changes: changesWhileMaking };
  yield { bench: "snapshot.commitBefore", unit: "ms", params, samples: quiet };
  yield { bench: "snapshot.commitDuring", unit: "ms", params, samples: busy };
}

function committing(store: MultiStore, blocks: Iterator<Parameters<typeof commit>[1]>): number {
  const changes = blocks.next().value;
  const start = performance.now();
  commit(store, changes);
  return performance.now() - start;
}

async function make(store: MultiStore, blocks: Iterator<Parameters<typeof commit>[1]>) {
  const start = performance.now();
  let ended = 0;
  const made = store.createSnapshot().finally(() => {
    ended = performance.now();
  });
  const commits: number[] = [];
  while (ended === 0) {
    commits.push(committing(store, blocks));
    await setImmediate();
  }
  const { height, chunks, format } = await made;
  let bytes = 0;
  for (let index = 0; index < chunks; index++) bytes += store.snapshotChunk(height, format, index)!.length;
  return { commits, megabytesPerSecond: bytes / 1e3 / (ended - start) };
}

async function restore(source: MultiStore, directory: string): Promise<number> {
  const info = source.snapshots()[0]!;
  const trusted = info.metadata.slice(20, 52);
  const target = await MultiStore.open(stateOptions(directory));
  const start = performance.now();
  const restoring = target.beginRestore(info, trusted);
  let bytes = 0;
  for (let index = 0; index < info.chunks; index++) {
    const chunk = source.snapshotChunk(info.height, info.format, index)!;
    bytes += chunk.length;
    restoring.add(index, chunk);
  }
  await target.finishRestore(restoring);
  const milliseconds = performance.now() - start;
  await target.close();
  return bytes / 1e3 / milliseconds;
}
