/** The contracts between the parts of the store, and between the store and the rest. No implementation stands here. */

import type { StoreUpgrades } from "./storeupgrades.ts";

/** A change of one key: a value, or null for a deletion. */
export type Change = readonly [key: Uint8Array, value: Uint8Array | null];

/** One store's changes of one block: one entry a key, in ascending raw-byte key order. */
export type StoreChanges = readonly Change[];

/** A block's changes by store name; a store without an entry did not change. */
export type ChangeSet = ReadonlyMap<string, StoreChanges>;

export type Entry = readonly [key: Uint8Array, value: Uint8Array];

export interface StoreKey {
  readonly storeName: string;
  readonly key: Uint8Array;
}

/** start inclusive, end exclusive, both optional; ascending unless reverse. */
export interface KeyRange {
  readonly start?: Uint8Array | undefined;
  readonly end?: Uint8Array | undefined;
  readonly reverse?: boolean | undefined;
}

/** Reading one store. Returned bytes are the caller's own copies. */
export interface ReadStore {
  get(key: Uint8Array): Uint8Array | undefined;
  has(key: Uint8Array): boolean;
  /** These will be read soon, and may be fetched side by side. Changes nothing; left out where nothing is gained. */
  warm?(keys: readonly Uint8Array[]): void;
  /**
   * Over a store that is being written, a step goes to the next key beyond the last one returned, as the store is at that moment:
   * a key deleted ahead is not seen, a key written ahead is, and deleting the key just returned is safe.
   */
  iterate(range: KeyRange): IterableIterator<Entry>;
}

export interface WriteStore extends ReadStore {
  set(key: Uint8Array, value: Uint8Array): void;
  delete(key: Uint8Array): void;
}

/** All stores at one height. */
export interface ReadStores {
  store(name: string): ReadStore;
}

export const keyLengthMax = 1024;
export const valueLengthMax = 1 << 20;

/** Ascending order of raw bytes: the one order of keys everywhere in consensus code. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** The first key after every key that starts with `prefix`; undefined when there is none (prefix all 0xff). */
export function prefixEnd(prefix: Uint8Array): Uint8Array | undefined {
  for (let i = prefix.length - 1; i >= 0; i--) {
    if (prefix[i] === 0xff) continue;
    const end = prefix.slice(0, i + 1);
    end[i]!++;
    return end;
  }
  return undefined;
}

export const prefixRange = (prefix: Uint8Array, reverse = false): KeyRange => ({
  start: prefix,
  end: prefixEnd(prefix),
  reverse,
});

// ---------------------------------------------------------------------------------------------------------------- the tree

/** One version of one tree; immutable. Reads stay valid while the version is retained or pinned. */
export interface TreeView extends ReadStore {
  readonly version: number;
  /** Number of keys. */
  readonly size: number;
  /** Root by IAVL's node hashing; SHA-256 of nothing for an empty tree. */
  readonly root: Uint8Array;
  /** An encoded ics23 CommitmentProof of existence, or of absence when the key is not there. Throws on an empty tree, which has none. */
  prove(key: Uint8Array): Uint8Array;
}

/** A tree with its retained versions. Versions are applied one after another, never rewritten. */
export interface VersionedTree {
  /** Newest applied version; 0 before the first. */
  readonly version: number;
  /** Oldest version whose view can be opened. */
  readonly oldestVersion: number;
  /** Reads the newest version. */
  readonly latest: TreeView;
  view(version: number): TreeView;
  /** Applies one block's changes in key order, hashes, and makes `version` (= previous + 1, or any for the first) the newest. */
  apply(changes: StoreChanges, version: number): Uint8Array;
  /** Forgets versions below `version` and recycles what only they used. */
  prune(version: number): void;
}

// ---------------------------------------------------------------------------------------------------------- all stores together

export interface ProofOp {
  readonly type: string;
  readonly key: Uint8Array;
  readonly data: Uint8Array;
}

export interface ProvenValue {
  /** undefined: the proof is of absence. */
  readonly value: Uint8Array | undefined;
  /** ics23:iavl then ics23:simple, as ABCI query answers carry them. */
  readonly ops: readonly ProofOp[];
}

/** What the application needs of the committed state. Implemented by chain/store/multistore.ts. */
export interface CommittedState {
  readonly storeNames: readonly string[];
  /** Height of the newest committed version; 0 before the first commit. */
  readonly height: number;
  readonly appHash: Uint8Array;
  /** Oldest height that can still be read or proven, from memory or disk. */
  readonly oldestHeight: number;
  /** The newest committed version. */
  readonly latest: ReadStores;
  /** A recent version in memory, synchronously; undefined when it is older than memory keeps. */
  recent(height: number): ReadStores | undefined;
  /** Any retained height; throws a HeightNotRetained error that names the retained range. */
  at(height: number): Promise<ReadStores>;
  prove(height: number, store: string, key: Uint8Array): Promise<ProvenValue>;
  /**
   * FinalizeBlock: applies the block's changes to the trees, where given after the stores themselves have changed, and returns the app
   * hash. Nothing is durable yet.
   */
  apply(height: number, changes: ChangeSet, upgrades?: StoreUpgrades): Uint8Array;
  /** Commit: one append and one fsync of {height, changes, app hash}; then the version is published and LevelDB follows behind. */
  commit(): void;
  close(): Promise<void>;
}
