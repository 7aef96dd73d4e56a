/** What a state must hold at every height, kept the plainest way: a map a store and height. */
import type { MultiStore } from "../../chain/store/multistore.ts";
import { type ChangeSet, compareBytes, type Entry, type KeyRange, type ReadStores } from "../../chain/store/types.ts";
import { hex, storeNames } from "./storeblocks.ts";

type Contents = ReadonlyMap<string, Uint8Array>;

export class StateModel {
  /** By height, then store, then key in hexadecimal; height 0 is empty. */
  readonly #heights: Map<string, Contents>[] = [new Map(storeNames.map((name) => [name, new Map()]))];
  readonly #roots: string[] = [""];

  get height(): number {
    return this.#heights.length - 1;
  }

  apply(changes: ChangeSet, appHash: Uint8Array): void {
    const next = new Map(this.#heights.at(-1));
    for (const [name, storeChanges] of changes) {
      const contents = new Map(next.get(name));
      for (const [key, value] of storeChanges) {
        if (value === null) contents.delete(hex(key));
        else contents.set(hex(key), value);
      }
      next.set(name, contents);
    }
    this.#heights.push(next);
    this.#roots.push(hex(appHash));
  }

  rollback(blocks: number): void {
    this.#heights.length -= blocks;
    this.#roots.length -= blocks;
  }

  root(height: number): string {
    return this.#roots[height]!;
  }

  get(height: number, store: string, key: Uint8Array): Uint8Array | undefined {
    return this.#heights[height]!.get(store)!.get(hex(key));
  }

  entries(height: number, store: string, { start, end, reverse }: KeyRange): Entry[] {
    const entries = [...this.#heights[height]!.get(store)!]
      .map(([key, value]): Entry => [new Uint8Array(Buffer.from(key, "hex")), value])
      .filter(
        ([key]) =>
          (start === undefined || compareBytes(key, start) >= 0) && (end === undefined || compareBytes(key, end) < 0),
      )
      .sort((a, b) => compareBytes(a[0], b[0]));
    return reverse === true ? entries.reverse() : entries;
  }
}

const show = (entries: Iterable<Entry>): string[] => [...entries].map(([key, value]) => `${hex(key)}=${hex(value)}`);

/** Every way of reading a height gives what the model says; the first difference, or undefined. */
export function difference(
  model: StateModel,
  stores: ReadStores,
  height: number,
  keys: readonly Uint8Array[],
): string | undefined {
  const [low, high] = [keys[0]!, keys.at(-1)!].sort(compareBytes);
  const ranges: KeyRange[] = [
    {},
    { reverse: true },
    { start: low, end: high },
    { start: low, end: high, reverse: true },
  ];
  for (const name of storeNames) {
    const store = stores.store(name);
    for (const key of keys) {
      const found = store.get(key);
      const expected = model.get(height, name, key);
      const same =
        found === undefined ? expected === undefined : expected !== undefined && hex(found) === hex(expected);
      if (!same || store.has(key) !== (expected !== undefined)) return `height ${height}, ${name}, key ${hex(key)}`;
    }
    for (const range of ranges) {
      const found = show(store.iterate(range)).join(" ");
      if (found !== show(model.entries(height, name, range)).join(" ")) return `height ${height}, ${name}, a range`;
    }
  }
  return undefined;
}

export const heightsOf = (store: MultiStore): number[] =>
  Array.from({ length: store.height - store.oldestHeight + 1 }, (_, i) => store.oldestHeight + i);
