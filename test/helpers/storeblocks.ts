/** Blocks of changes made from a seed, so that any process can say what the state must be at any height. */
import { MultiStore, type MultiStoreOptions } from "../../chain/store/multistore.ts";
import type { Change, ChangeSet } from "../../chain/store/types.ts";

export const storeNames = ["bank", "acc", "params"] as const;

export type Random = () => number;

/** Numbers from 0 up to but without 2^32, the same for the same seed (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

export const keyOf = (index: number): Uint8Array => {
  // Zero bytes and keys that begin with other keys are what an encoding of keys gets wrong.
  const key = Buffer.alloc(3 + (index % 3));
  key.writeUInt16BE(index, 0);
  return new Uint8Array(key);
};

export interface BlockShape {
  readonly keys: number;
  readonly changes: number;
  readonly valueBytesMax: number;
}

export const smallBlocks: BlockShape = { keys: 60, changes: 12, valueBytesMax: 40 };

/** What one height changes. The first height writes into every store; later ones delete too, keys that are not there included. */
export function blockChanges(seed: number, height: number, shape: BlockShape = smallBlocks): ChangeSet {
  const random = seeded(seed * 1_000_003 + height);
  const changes = new Map<string, Change[]>();
  for (const name of storeNames) {
    if (height > 1 && random() % 4 === 0) continue;
    const indexes = new Set<number>();
    const wanted = Math.min(shape.keys, 1 + (random() % shape.changes));
    while (indexes.size < wanted) indexes.add(random() % shape.keys);
    changes.set(
      name,
      [...indexes]
        .map(keyOf)
        .sort(Buffer.compare)
        .map(
          (key): Change => [key, height > 1 && random() % 4 === 0 ? null : randomValue(random, shape.valueBytesMax)],
        ),
    );
  }
  return changes;
}

function randomValue(random: Random, lengthMax: number): Uint8Array {
  // Not empty: ICS-23 has no proof of an empty value.
  const value = new Uint8Array(1 + (random() % lengthMax));
  for (let i = 0; i < value.length; i++) value[i] = random();
  return value;
}

/** App hashes by height, the first one of height 1, from a store that touches no disk. */
export async function rootsOf(seed: number, heights: number, shape: BlockShape = smallBlocks): Promise<string[]> {
  const store = await MultiStore.open({ storeNames: [...storeNames] });
  const roots: string[] = [];
  for (let height = 1; height <= heights; height++) roots.push(commitBlock(store, seed, shape));
  return roots;
}

/** Commits the next height and returns its app hash. */
export function commitBlock(store: MultiStore, seed: number, shape: BlockShape = smallBlocks): string {
  const height = store.height + 1;
  const appHash = store.apply(height, blockChanges(seed, height, shape));
  store.commit();
  return hex(appHash);
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Small enough that a few blocks meet every part of the store. */
export const smallStore = (directory: string, more: Partial<MultiStoreOptions> = {}): MultiStoreOptions => ({
  directory,
  storeNames: [...storeNames],
  retainRecent: 4,
  checkpointInterval: 5,
  pruning: { keepRecent: 30, interval: 10 },
  snapshot: { interval: 10, keepRecent: 2 },
  chunkBytes: 2048,
  ...more,
});
