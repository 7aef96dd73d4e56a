/**
 * One store's commitment tree with its retained versions (IAVL+, roots equal to those of Go's iavl v1).
 *
 * Owns which versions can be read, and recycling what only forgotten ones used. Does not own the rules of change (treebuilder.ts),
 * reading (treeread.ts), hashing (treehash.ts), proofs (proofs.ts), the disk (multistore.ts), nor other stores' trees, with which it shares
 * its memory.
 */

import { noNode } from "./arena.ts";
import type { TreeHasher } from "./hashteam.ts";
import { LeafIndex } from "./leafindex.ts";
import { proveKey } from "./proofs.ts";
import { noOrphans, type Orphans, releaseOrphans, TreeBuilder } from "./treebuilder.ts";
import { emptyRoot, hashTree } from "./treehash.ts";
import { type TreeDescriptor, TreeMemory } from "./treememory.ts";
import { findLeaf, LeafWalk, TreeIterator, warmDescents } from "./treeread.ts";
import {
  type Change,
  compareBytes,
  type Entry,
  type KeyRange,
  keyLengthMax,
  type StoreChanges,
  type TreeView,
  type VersionedTree,
  valueLengthMax,
} from "./types.ts";

/** A node keeps its version in 32 bits. */
export const versionMax = 0xffffffff;

/** Emptied lists that wait for the next version: more than a few would only be memory. */
const spareMax = 4;

/** A version was asked for that memory does not hold any more, or not yet. */
export class VersionNotRetained extends Error {
  constructor(version: number, oldest: number, newest: number) {
    super(`version ${version} is not in memory: versions ${oldest} to ${newest} are`);
    this.name = "VersionNotRetained";
  }
}

const changedKey = ([key]: Change): Uint8Array => key;
const noIndex = (): undefined => undefined;

/** One version, read through the arena. `guard` throws once the version may be recycled. */
export class ArenaView implements TreeView {
  readonly version: number;
  readonly #memory: TreeMemory;
  readonly #rootNode: number;
  readonly #guard: () => void;
  readonly #index: () => LeafIndex | undefined;

  /** `index` gives one while it is of this very version. */
  constructor(
    memory: TreeMemory,
    rootNode: number,
    version: number,
    guard: () => void,
    index: () => LeafIndex | undefined = noIndex,
  ) {
    this.version = version;
    this.#memory = memory;
    this.#rootNode = rootNode;
    this.#guard = guard;
    this.#index = index;
  }

  /** In a worker: reads the version described, for as long as the thread that owns it keeps it pinned. */
  static attach(descriptor: TreeDescriptor): ArenaView {
    return new ArenaView(TreeMemory.attach(descriptor), descriptor.root, descriptor.version, () => {});
  }

  get size(): number {
    this.#guard();
    return this.#rootNode === noNode ? 0 : this.#memory.nodes.size(this.#rootNode);
  }

  get root(): Uint8Array {
    this.#guard();
    return this.#rootNode === noNode ? emptyRoot() : this.#memory.nodes.hash(this.#rootNode);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#guard();
    const leaf = this.#find(key);
    return leaf === noNode ? undefined : this.#memory.value(leaf);
  }

  has(key: Uint8Array): boolean {
    this.#guard();
    return this.#find(key) !== noNode;
  }

  #find(key: Uint8Array): number {
    return this.#index()?.find(key) ?? findLeaf(this.#memory, this.#rootNode, key);
  }

  warm(keys: readonly Uint8Array[]): void {
    this.#guard();
    this.#index()?.warm(keys);
  }

  iterate(range: KeyRange): IterableIterator<Entry> {
    this.#guard();
    return new TreeIterator(this.#memory, this.#rootNode, range, this.#guard);
  }

  prove(key: Uint8Array): Uint8Array {
    this.#guard();
    return proveKey(this.#memory, this.#rootNode, key);
  }

  /** For a worker. Pin the version first. */
  describe(): TreeDescriptor {
    this.#guard();
    return this.#memory.describe(this.#rootNode, this.version);
  }
}

export class Tree implements VersionedTree {
  readonly memory: TreeMemory;
  /** Root nodes of the versions that can be read. */
  readonly #roots = new Map<number, number>();
  /** By the version that orphaned them, oldest first. */
  readonly #orphans: { readonly version: number; readonly orphans: Orphans }[] = [];
  readonly #spare: Orphans[] = [];
  readonly #pins = new Map<number, number>();
  #version = 0;
  #oldest = 0;
  #rootNode = noNode;
  #latest: ArenaView;
  #index: LeafIndex | undefined;
  #hash: TreeHasher = hashTree;

  constructor(memory: TreeMemory = new TreeMemory()) {
    this.memory = memory;
    this.#latest = new ArenaView(memory, noNode, 0, () => {});
  }

  /** A tree whose only version is one that was built elsewhere (treestream.ts). */
  static restored(memory: TreeMemory, rootNode: number, version: number): Tree {
    const tree = new Tree(memory);
    tree.#publish(rootNode, version);
    return tree;
  }

  /** From now on new nodes are hashed by this, which says what hashTree says. */
  hashBy(hash: TreeHasher): void {
    this.#hash = hash;
  }

  /** From now on keys of the newest version are found by a table. Takes time in proportion to their number. */
  keepIndex(): void {
    if (this.#index !== undefined) return;
    const index = new LeafIndex(this.memory);
    const walk = new LeafWalk(this.memory, this.#rootNode, {});
    for (let leaf = walk.next(); leaf !== noNode; leaf = walk.next()) index.add(this.memory.key(leaf), leaf);
    this.#index = index;
  }

  get version(): number {
    return this.#version;
  }

  get oldestVersion(): number {
    return this.#oldest;
  }

  get latest(): ArenaView {
    return this.#latest;
  }

  view(version: number): ArenaView {
    if (version === this.#version) return this.#latest;
    const root = this.#roots.get(version);
    if (root === undefined) throw new VersionNotRetained(version, this.#oldest, this.#version);
    return this.#view(root, version);
  }

  /** `moved`, where a store was renamed, is all of it: written first, as Go's rootmulti moves it. */
  apply(changes: StoreChanges, version: number, moved: StoreChanges = []): Uint8Array {
    this.#checkNext(version);
    checkChanges(changes);
    const builder = new TreeBuilder(this.memory, version, this.#spare.pop() ?? noOrphans(), this.#index);
    let root = this.#rootNode;
    for (const [key, value] of moved) if (value !== null) root = builder.set(root, key, value);
    for (let next = 0, warm = 0; next < changes.length; next++) {
      if (next === warm) warm = warmDescents(this.memory, this.#rootNode, changes, changedKey, warm);
      const [key, value] = changes[next]!;
      root = value === null ? builder.remove(root, key) : builder.set(root, key, value);
    }
    if (root !== noNode && !this.memory.nodes.isHashed(root)) this.#hash(this.memory, root);
    const { orphans } = builder;
    if (orphans.nodes.length > 0) {
      orphans.nodes.trim();
      orphans.bytes.trim();
      this.#orphans.push({ version, orphans });
    }
    this.#publish(root, version);
    return this.#latest.root;
  }

  /** The store ends with this version: all that it holds is forgotten with the versions before. */
  uproot(version: number): void {
    const keys = [...this.#latest.iterate({})].map(([key]) => [key, null] as const);
    this.apply(keys, version);
  }

  prune(version: number): void {
    if (version > this.#version) {
      throw new RangeError(`cannot forget versions below ${version}: the newest is ${this.#version}`);
    }
    const from = this.#oldest;
    if (version <= from) return;
    this.#oldest = version;
    for (let forgotten = from; forgotten < version; forgotten++) {
      if (!this.#pins.has(forgotten)) this.#roots.delete(forgotten);
    }
    this.#recycle();
  }

  /** Keeps a version readable, pruned or not, until the returned function is called. */
  pin(version: number): () => void {
    if (!this.#roots.has(version)) throw new VersionNotRetained(version, this.#oldest, this.#version);
    this.#pins.set(version, (this.#pins.get(version) ?? 0) + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#unpin(version);
    };
  }

  #unpin(version: number): void {
    const others = this.#pins.get(version)! - 1;
    if (others > 0) {
      this.#pins.set(version, others);
      return;
    }
    this.#pins.delete(version);
    if (version >= this.#oldest) return;
    this.#roots.delete(version);
    this.#recycle();
  }

  /** What version w orphaned is in use by versions before w only. */
  #recycle(): void {
    let oldestReadable = this.#oldest;
    for (const pinned of this.#pins.keys()) if (pinned < oldestReadable) oldestReadable = pinned;
    let count = 0;
    while (count < this.#orphans.length && this.#orphans[count]!.version <= oldestReadable) {
      const { orphans } = this.#orphans[count]!;
      releaseOrphans(this.memory, orphans);
      orphans.nodes.clear();
      orphans.bytes.clear();
      if (this.#spare.length < spareMax) this.#spare.push(orphans);
      count++;
    }
    this.#orphans.splice(0, count);
  }

  #publish(rootNode: number, version: number): void {
    if (this.#version === 0) this.#oldest = version;
    this.#rootNode = rootNode;
    this.#version = version;
    this.#roots.set(version, rootNode);
    this.#latest = this.#view(rootNode, version);
  }

  #view(rootNode: number, version: number): ArenaView {
    const guard = () => {
      if (!this.#roots.has(version)) throw new VersionNotRetained(version, this.#oldest, this.#version);
    };
    return new ArenaView(this.memory, rootNode, version, guard, () =>
      version === this.#version ? this.#index : undefined,
    );
  }

  #checkNext(version: number): void {
    const first = this.#version === 0;
    const right =
      Number.isInteger(version) && version <= versionMax && (first ? version > 0 : version === this.#version + 1);
    if (right) return;
    const expected = first ? `a whole number from 1 to ${versionMax}` : `${this.#version + 1}`;
    throw new RangeError(`cannot apply version ${version}: expected ${expected}`);
  }
}

/** One entry a key, ascending: anything else would make the root depend on the caller's order. */
function checkChanges(changes: StoreChanges): void {
  let before: Uint8Array | undefined;
  for (const [key, value] of changes) {
    if (key.length === 0 || key.length > keyLengthMax) {
      throw new RangeError(`a key of ${key.length} bytes cannot be stored: expected 1 to ${keyLengthMax}`);
    }
    if (value !== null && value.length > valueLengthMax) {
      throw new RangeError(`a value of ${value.length} bytes cannot be stored: expected at most ${valueLengthMax}`);
    }
    if (before !== undefined && compareBytes(before, key) >= 0) {
      throw new RangeError("changes are out of order: expected every key once, in ascending order of bytes");
    }
    before = key;
  }
}
