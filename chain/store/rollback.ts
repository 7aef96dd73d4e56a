/**
 * Takes a stopped node's state back by some heights, so that its engine executes those blocks again.
 *
 * Owns the order of cuts: at every point between them a crash leaves a state that opens, at the old height or at the new one.
 */
import { removeCheckpoint } from "./checkpoint.ts";
import { openFiles } from "./filessource.ts";
import type { MultiStoreOptions } from "./multistore.ts";
import { type OpenDisk, openDisk, openForest } from "./opening.ts";
import { HeightNotRetained, StoreMisuse } from "./storeerrors.ts";

export interface RolledBack {
  readonly from: number;
  readonly height: number;
  readonly appHash: Uint8Array;
}

export type RollbackOptions = Pick<MultiStoreOptions, "storeNames" | "earlierStores" | "log" | "files"> & {
  readonly directory: string;
};

export async function rollback(options: RollbackOptions, blocks: number): Promise<RolledBack> {
  if (!Number.isSafeInteger(blocks) || blocks < 1) {
    throw new StoreMisuse(`cannot go back ${blocks} heights: expected a whole number of at least 1`);
  }
  const { directory, storeNames, earlierStores = [], log: report = () => {} } = options;
  const files = await openFiles(options.files);
  const opening = { directory, storeNames, earlierStores, retainRecent: 1, files, source: options.files, report };
  const disk = await openDisk(opening);
  try {
    const from = Math.max(disk.log.last, disk.checkpoints.heights.at(-1) ?? 0);
    const height = from - blocks;
    checkReachable(disk, height, from);
    await cutAbove(disk, height);
    const forest = await openForest(disk, opening);
    return { from, height, appHash: forest.appHash(height) };
  } finally {
    disk.log.close();
    await disk.history.close();
  }
}

function checkReachable({ log, history, checkpoints }: OpenDisk, height: number, newest: number): void {
  const start = checkpoints.below(height);
  const reachable = start === undefined ? log.base === 0 && height >= (log.first ?? 1) : start >= (log.base ?? start);
  if (!reachable || height < history.oldest) {
    throw new HeightNotRetained(height, Math.max(history.oldest, checkpoints.heights[0] ?? 0), newest);
  }
}

/** Checkpoints first: one above the log's end would be taken for the newest state. */
async function cutAbove({ files, log, history, checkpoints }: OpenDisk, height: number): Promise<void> {
  for (const above of checkpoints.heights.filter((checkpoint) => checkpoint > height)) {
    removeCheckpoint(files, checkpoints.directory, above);
    checkpoints.drop(above);
  }
  log.truncateAfter(height);
  await history.truncate(height);
}
