/**
 * All stores' trees over one memory, moved on together: one version a height.
 *
 * Owns the app hash and proofs of the versions in memory, and which stores there are at each of them. Does not own what is durable or
 * published (multistore.ts).
 */
import { appHash, proofOps, type StoreRoots } from "./apphash.ts";
import type { TreeHasher } from "./hashteam.ts";
import { HeightNotRetained, NoStoreAtHeight, StoreMisuse } from "./storeerrors.ts";
import { changesStores, emptyStore, namesAfter, noStoreUpgrades, type StoreUpgrades } from "./storeupgrades.ts";
import { type ArenaView, Tree } from "./tree.ts";
import { type TreeDescriptor, TreeMemory } from "./treememory.ts";
import {
  type Change,
  type ChangeSet,
  compareBytes,
  type ProvenValue,
  type ReadStores,
  type StoreChanges,
} from "./types.ts";

export const storesMax = 256;

export interface StoreDescriptor {
  readonly name: string;
  readonly tree: TreeDescriptor;
}

/** A store from one height on, up to but without another. */
interface Planted {
  readonly name: string;
  readonly tree: Tree;
  readonly from: number;
  readonly until: number;
}

const noChanges: StoreChanges = [];
const always = Number.POSITIVE_INFINITY;

export class Forest {
  readonly memory: TreeMemory;
  /** Of every height in memory, ascending by the bytes of names: the order of checkpoints. */
  #planted: readonly Planted[];
  #names: readonly string[];
  #height: number;
  #oldest: number;
  #served: TreeHasher | undefined;
  #broken: unknown;

  private constructor(memory: TreeMemory, trees: ReadonlyMap<string, Tree>, height: number) {
    this.memory = memory;
    this.#names = [...trees.keys()];
    this.#planted = [...trees].map(([name, tree]) => ({ name, tree, from: 0, until: always }));
    this.#height = height;
    this.#oldest = height;
  }

  static empty(storeNames: readonly string[]): Forest {
    const memory = new TreeMemory();
    return new Forest(memory, new Map(sortedNames(storeNames).map((name) => [name, new Tree(memory)])), 0);
  }

  /** Of trees that were read from a checkpoint, all at `height`. */
  static restored(memory: TreeMemory, trees: ReadonlyMap<string, Tree>, height: number): Forest {
    const ordered = sortedNames([...trees.keys()]).map((name): [string, Tree] => [name, trees.get(name)!]);
    return new Forest(memory, new Map(ordered), height);
  }

  /** From now on keys of the newest height are found by tables, and new nodes are hashed by `hash`: for a node's own state. */
  serve(hash: TreeHasher): void {
    this.#served = hash;
    for (const { tree } of this.#planted) serve(tree, hash);
  }

  /** Of the newest height, ascending by bytes. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** Newest applied height; 0 before the first. */
  get height(): number {
    return this.#height;
  }

  /** Oldest height in memory. */
  get oldest(): number {
    return this.#oldest;
  }

  /** Moves every tree on to `height`, after the stores themselves have changed, and returns the app hash. */
  apply(height: number, changes: ChangeSet, upgrades: StoreUpgrades = noStoreUpgrades): Uint8Array {
    if (this.#broken !== undefined) {
      throw new StoreMisuse("an earlier height was applied halfway: start again", { cause: this.#broken });
    }
    const names = changesStores(upgrades) ? this.#namesAfter(upgrades) : this.#names;
    for (const name of changes.keys()) if (!names.includes(name)) this.#unknown(name, names);
    try {
      const moved = changesStores(upgrades) ? this.#replant(height, upgrades) : undefined;
      for (const { name, tree, until } of this.#planted) {
        if (until === always) tree.apply(changes.get(name) ?? noChanges, height, moved?.get(name));
      }
    } catch (error) {
      this.#broken = error;
      throw error;
    }
    if (this.#height === 0) this.#oldest = height;
    this.#names = names;
    this.#height = height;
    return this.appHash(height);
  }

  #namesAfter(upgrades: StoreUpgrades): readonly string[] {
    if (this.#height === 0) throw new StoreMisuse("stores change at a height that has one before it");
    return sortedNames(namesAfter(this.#names, upgrades));
  }

  /** Returns what moves into the stores that were renamed. */
  #replant(height: number, { added, renamed, deleted }: StoreUpgrades): Map<string, StoreChanges> {
    const moved = new Map<string, StoreChanges>();
    for (const { from, to } of renamed) moved.set(to, [...this.view(from, this.#height).iterate({})] as Change[]);
    const gone = new Set([...deleted, ...renamed.map(({ from }) => from)]);
    const kept = this.#planted.map((planted) => {
      if (planted.until !== always || !gone.has(planted.name)) return planted;
      planted.tree.uproot(height);
      return { ...planted, until: height };
    });
    const fresh = [...added, ...moved.keys()].map((name) => ({
      name,
      tree: new Tree(this.memory),
      from: height,
      until: always,
    }));
    if (this.#served !== undefined) for (const { tree } of fresh) serve(tree, this.#served);
    this.#planted = [...kept, ...fresh].sort((a, b) => compareBytes(Buffer.from(a.name), Buffer.from(b.name)));
    return moved;
  }

  appHash(height: number): Uint8Array {
    return appHash(this.roots(height));
  }

  roots(height: number): StoreRoots {
    return new Map(this.#at(height).map(({ name, tree }) => [name, tree.view(height).root]));
  }

  view(name: string, height: number): ArenaView {
    return this.find(name, height) ?? this.#unknown(name, this.#names);
  }

  /** Undefined where the height has no such store. */
  find(name: string, height: number): ArenaView | undefined {
    return this.#at(height)
      .find((planted) => planted.name === name)
      ?.tree.view(height);
  }

  stores(height: number): ReadStores {
    const views = new Map(this.#at(height).map(({ name, tree }) => [name, tree.view(height)]));
    return {
      // A store that an upgrade added is empty before it, as cosmos-sdk answers queries of such heights.
      store: (name) =>
        views.get(name) ?? (this.#names.includes(name) ? emptyStore : this.#unknown(name, [...views.keys()])),
    };
  }

  prove(height: number, store: string, key: Uint8Array): ProvenValue {
    const view = this.find(store, height);
    if (view === undefined) throw new NoStoreAtHeight(store, height, this.#height);
    return { value: view.get(key), ops: proofOps(this.roots(height), store, key, view.prove(key)) };
  }

  rootNodes(height: number): Map<string, number> {
    return new Map(this.#at(height).map(({ name, tree }) => [name, tree.view(height).describe().root]));
  }

  /** Forgets the heights below `height`. */
  prune(height: number): void {
    for (const { tree } of this.#planted) tree.prune(Math.min(height, tree.version));
    this.#oldest = Math.max(this.#oldest, height);
    if (this.#planted.some(({ until }) => until <= height)) {
      this.#planted = this.#planted.filter(({ until }) => until > height);
    }
  }

  /** Keeps a height in memory, and describes it for a worker, until the returned function is called. */
  pin(height: number): { readonly stores: readonly StoreDescriptor[]; readonly release: () => void } {
    const trees = this.#at(height);
    const releases = trees.map(({ tree }) => tree.pin(height));
    const stores = trees.map(({ name, tree }) => ({ name, tree: tree.view(height).describe() }));
    return { stores, release: () => releases.forEach((release) => void release()) };
  }

  /** The stores of a height. */
  #at(height: number): readonly Planted[] {
    if (height < this.#oldest || height > this.#height) throw new HeightNotRetained(height, this.#oldest, this.#height);
    return this.#planted.filter(({ from, until }) => from <= height && height < until);
  }

  #unknown(name: string, names: readonly string[]): never {
    throw new StoreMisuse(`there is no store "${name}": expected one of ${names.join(", ")}`);
  }
}

function serve(tree: Tree, hash: TreeHasher): void {
  tree.keepIndex();
  tree.hashBy(hash);
}

function sortedNames(storeNames: readonly string[]): string[] {
  const encoded = storeNames.map((name) => ({ name, bytes: Buffer.from(name) }));
  for (const { name, bytes } of encoded) {
    if (bytes.length === 0 || bytes.length > 255)
      throw new StoreMisuse(`"${name}" cannot name a store: 1 to 255 bytes`);
  }
  if (new Set(storeNames).size !== storeNames.length || storeNames.length === 0 || storeNames.length > storesMax) {
    throw new StoreMisuse(`expected 1 to ${storesMax} different store names, got ${storeNames.join(", ")}`);
  }
  return encoded.sort((a, b) => compareBytes(a.bytes, b.bytes)).map(({ name }) => name);
}
