/** A state on disk of any number of keys, and blocks of changes to it: for the benches of durability. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MultiStore, MultiStoreOptions } from "../chain/store/multistore.ts";
import type { Change } from "../chain/store/types.ts";
import { changesOf, distinct, picks, range } from "./treeload.ts";

export const storeName = "bank";

/** Keys a height while the state is built. */
const buildBlockKeys = 50_000;

export async function inFolder<T>(work: (folder: string) => AsyncIterable<T>, name: string): Promise<T[]> {
  const folder = mkdtempSync(join(tmpdir(), `weir-${name}-`));
  try {
    return await Array.fromAsync(work(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const stateOptions = (directory: string, more: Partial<MultiStoreOptions> = {}): MultiStoreOptions => ({
  directory,
  storeNames: [storeName],
  ...more,
});

export function commit(store: MultiStore, changes: readonly Change[]): void {
  store.apply(store.height + 1, new Map([[storeName, changes]]));
  store.commit();
}

/** Writes `keys` keys over several heights. */
export function fillState(store: MultiStore, keys: number): void {
  for (let from = 0; from < keys; from += buildBlockKeys) {
    commit(store, changesOf(range(from, Math.min(keys, from + buildBlockKeys)), 0));
  }
}

/** Blocks of changes to keys that are there, chosen without order. */
export function* updateBlocks(keys: number, changes: number, seed = 1): Generator<Change[]> {
  const numbers = picks(keys, seed);
  for (let round = seed; ; round++) yield changesOf(distinct(numbers, changes), round);
}
