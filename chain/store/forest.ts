/**
 * All stores' trees over one memory, moved on together: one version a height.
 *
 * Owns the app hash and proofs of the versions in memory. Does not own what is durable or published (multistore.ts).
 */
import { appHash, proofOps, type StoreRoots } from "./apphash.ts";
import { HeightNotRetained, StoreMisuse } from "./storeerrors.ts";
import { type ArenaView, Tree } from "./tree.ts";
import { type TreeDescriptor, TreeMemory } from "./treememory.ts";
import { type ChangeSet, compareBytes, type ProvenValue, type ReadStores, type StoreChanges } from "./types.ts";

export const storesMax = 256;

export interface StoreDescriptor {
  readonly name: string;
  readonly tree: TreeDescriptor;
}

const noChanges: StoreChanges = [];

export class Forest {
  readonly memory: TreeMemory;
  /** Ascending by bytes: the order of checkpoints. */
  readonly names: readonly string[];
  readonly #trees: ReadonlyMap<string, Tree>;
  #height: number;
  #broken: unknown;

  private constructor(memory: TreeMemory, trees: ReadonlyMap<string, Tree>, height: number) {
    this.memory = memory;
    this.#trees = trees;
    this.names = [...trees.keys()];
    this.#height = height;
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

  /** Newest applied height; 0 before the first. */
  get height(): number {
    return this.#height;
  }

  /** Oldest height in memory. */
  get oldest(): number {
    return Math.max(0, ...this.names.map((name) => this.#tree(name).oldestVersion));
  }

  /** Moves every tree on to `height` and returns the app hash. */
  apply(height: number, changes: ChangeSet): Uint8Array {
    if (this.#broken !== undefined) {
      throw new StoreMisuse("an earlier height was applied halfway: start again", { cause: this.#broken });
    }
    for (const name of changes.keys()) this.#tree(name);
    try {
      for (const [name, tree] of this.#trees) tree.apply(changes.get(name) ?? noChanges, height);
    } catch (error) {
      this.#broken = error;
      throw error;
    }
    this.#height = height;
    return this.appHash(height);
  }

  appHash(height: number): Uint8Array {
    return appHash(this.roots(height));
  }

  roots(height: number): StoreRoots {
    return new Map(this.names.map((name) => [name, this.view(name, height).root]));
  }

  view(name: string, height: number): ArenaView {
    const tree = this.#tree(name);
    if (height < tree.oldestVersion || height > this.#height) {
      throw new HeightNotRetained(height, tree.oldestVersion, this.#height);
    }
    return tree.view(height);
  }

  stores(height: number): ReadStores {
    const views = new Map(this.names.map((name) => [name, this.view(name, height)]));
    return {
      store: (name) => views.get(name) ?? this.#unknown(name),
    };
  }

  prove(height: number, store: string, key: Uint8Array): ProvenValue {
    const view = this.view(store, height);
    return { value: view.get(key), ops: proofOps(this.roots(height), store, key, view.prove(key)) };
  }

  rootNodes(height: number): Map<string, number> {
    return new Map(this.names.map((name) => [name, this.view(name, height).describe().root]));
  }

  /** Forgets the heights below `height`. */
  prune(height: number): void {
    for (const tree of this.#trees.values()) tree.prune(height);
  }

  /** Keeps a height in memory, and describes it for a worker, until the returned function is called. */
  pin(height: number): { readonly stores: readonly StoreDescriptor[]; readonly release: () => void } {
    const releases = this.names.map((name) => this.#tree(name).pin(height));
    const stores = this.names.map((name) => ({ name, tree: this.#tree(name).view(height).describe() }));
    return { stores, release: () => releases.forEach((release) => void release()) };
  }

  #tree(name: string): Tree {
    return this.#trees.get(name) ?? this.#unknown(name);
  }

  #unknown(name: string): never {
    throw new StoreMisuse(`there is no store "${name}": expected one of ${this.names.join(", ")}`);
  }
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
