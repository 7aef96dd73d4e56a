/**
 * Writes that are not committed yet, over a committed version: nested attempts that can be undone (a message in a transaction in a
 * block), and reads that see them. Owns no durable state; `changes()` is what a block hands to the trees.
 */
import { copyBytes } from "../bytes.ts";
import { type KeyText, SortedKeys } from "./sortedkeys.ts";
import type { Change, ChangeSet, Entry, KeyRange, ReadStore, ReadStores, WriteStore } from "./types.ts";
import { keyLengthMax, valueLengthMax } from "./types.ts";

/** Node has it, its types do not: toString("latin1") without the look-up of the encoding. */
type Latin1Buffer = Buffer & { latin1Slice(start: number, end: number): string };

const scratch = Buffer.alloc(keyLengthMax) as Latin1Buffer;

/** By way of a scratch buffer: a native call on a small array first moves it out of the heap, which costs seven times the copy. */
function keyText(key: Uint8Array): KeyText {
  if (key.length > keyLengthMax) return Buffer.from(key).toString("latin1");
  scratch.set(key);
  return scratch.latin1Slice(0, key.length);
}

const keyBytes = (text: KeyText): Uint8Array => {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
};

/** Reads of the base that one store of a journal remembers. */
const readsKeptMax = 100_000;

const nothingWritten: ReadonlyMap<KeyText, Uint8Array | null> = new Map();

function sortedChanges(written: ReadonlyMap<KeyText, Uint8Array | null>): Change[] {
  return [...written.keys()].sort().map((key) => [keyBytes(key), written.get(key)!]);
}

/** null: deleted. undefined: not written here. */
type Written = Uint8Array | null | undefined;

export class Journal {
  readonly #base: ReadStores;
  readonly #under: Journal | undefined;
  readonly #stores = new Map<string, JournalStore>();
  readonly #undoStores: JournalStore[] = [];
  readonly #undoKeys: KeyText[] = [];
  readonly #undoValues: Written[] = [];

  /** `under`, where given, is a journal that this one is layered on and whose changes are committed with this one's: genesis. */
  constructor(base: ReadStores, under?: Journal) {
    this.#base = under ?? base;
    this.#under = under;
  }

  store(name: string): WriteStore {
    let store = this.#stores.get(name);
    if (store === undefined) {
      store = new JournalStore(this.#base.store(name), this);
      this.#stores.set(name, store);
    }
    return store;
  }

  /** A mark to go back to; marks nest. */
  mark(): number {
    return this.#undoKeys.length;
  }

  /** Undoes every write since the mark. */
  rollback(mark: number): void {
    for (let i = this.#undoKeys.length - 1; i >= mark; i--) {
      this.#undoStores[i]!.restore(this.#undoKeys[i]!, this.#undoValues[i]);
    }
    this.#truncate(mark);
  }

  /** Forgets how to undo: called when no mark is outstanding (after each transaction), so that the log stays short. */
  settle(): void {
    this.#truncate(0);
  }

  /** Every change in ascending key order, for the trees and the log. */
  changes(): ChangeSet {
    const result = new Map<string, readonly Change[]>();
    for (const name of [...this.#storeNames()].sort()) {
      const under = this.#under?.written(name);
      const written = this.written(name);
      const merged = under === undefined || under.size === 0 ? written : new Map([...under, ...written]);
      if (merged.size > 0) result.set(name, sortedChanges(merged));
    }
    return result;
  }

  #storeNames(): Set<string> {
    const below = this.#under === undefined ? [] : this.#under.#storeNames();
    return new Set([...below, ...this.#stores.keys()]);
  }

  /** What this journal itself wrote to a store. */
  written(name: string): ReadonlyMap<KeyText, Uint8Array | null> {
    return this.#stores.get(name)?.written() ?? nothingWritten;
  }

  /** Used by this journal's stores only. */
  remember(store: JournalStore, key: KeyText, value: Written): void {
    this.#undoStores.push(store);
    this.#undoKeys.push(key);
    this.#undoValues.push(value);
  }

  #truncate(length: number): void {
    this.#undoStores.length = length;
    this.#undoKeys.length = length;
    this.#undoValues.length = length;
  }
}

class JournalStore implements WriteStore {
  readonly #base: ReadStore;
  readonly #journal: Journal;
  readonly #written = new Map<KeyText, Uint8Array | null>();
  /** What the base said, which does not change: a transaction reads the same accounts and parameters again and again. */
  readonly #read = new Map<KeyText, Uint8Array | null>();
  /** Made by the first iteration; keys that a rollback removed stay in it and are passed over. */
  #order: SortedKeys | undefined;
  /** Written since: they are put in order when an iteration asks, as most blocks iterate once and then write thousands. */
  readonly #unordered: KeyText[] = [];
  /** Counts writes, so that an iteration knows when what it looked up may have changed. */
  #generation = 0;

  constructor(base: ReadStore, journal: Journal) {
    this.#base = base;
    this.#journal = journal;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const value = this.#value(key);
    return value === undefined ? undefined : copyBytes(value);
  }

  has(key: Uint8Array): boolean {
    return this.#value(key) !== undefined;
  }

  /** This store's own copy. */
  #value(key: Uint8Array): Uint8Array | undefined {
    const text = keyText(key);
    const written = this.#written.get(text);
    const known = written === undefined ? this.#read.get(text) : written;
    if (known !== undefined) return known ?? undefined;
    const value = this.#base.get(key);
    if (this.#read.size < readsKeptMax) this.#read.set(text, value ?? null);
    return value;
  }

  set(key: Uint8Array, value: Uint8Array): void {
    if (key.length === 0 || key.length > keyLengthMax)
      throw new Error(`store key of ${key.length} bytes, expected 1 to ${keyLengthMax}`);
    if (value.length > valueLengthMax)
      throw new Error(`store value of ${value.length} bytes, expected at most ${valueLengthMax}`);
    if (value.length === 0)
      throw new Error("store value is empty, which no ICS-23 proof can show; expected at least one byte (ADR 0009)");
    this.#write(keyText(key), copyBytes(value));
  }

  delete(key: Uint8Array): void {
    this.#write(keyText(key), null);
  }

  #write(key: KeyText, value: Uint8Array | null): void {
    const before = this.#written.get(key);
    this.#journal.remember(this, key, before);
    this.#written.set(key, value);
    this.#generation++;
    if (before === undefined && this.#order !== undefined) this.#unordered.push(key);
  }

  restore(key: KeyText, value: Written): void {
    if (value === undefined) this.#written.delete(key);
    else this.#written.set(key, value);
    this.#generation++;
  }

  written(): ReadonlyMap<KeyText, Uint8Array | null> {
    return this.#written;
  }

  *iterate(range: KeyRange): IterableIterator<Entry> {
    const reverse = range.reverse === true;
    const written = this.#writtenCursor(range, reverse);
    const base = this.#base.iterate(range);
    let below = base.next();
    let last: KeyText | undefined;
    for (;;) {
      while (!below.done && this.#written.has(keyText(below.value[0]))) below = base.next();
      const above = written(last);
      const belowKey = below.done ? undefined : keyText(below.value[0]);
      if (above === undefined && belowKey === undefined) return;
      if (above === undefined || (belowKey !== undefined && (reverse ? belowKey > above : belowKey < above))) {
        last = belowKey!;
        const entry: Entry = below.value;
        below = base.next();
        yield entry;
      } else {
        last = above;
        yield [keyBytes(above), copyBytes(this.#written.get(above)!)];
      }
    }
  }

  #ordered(): SortedKeys {
    this.#order ??= new SortedKeys([...this.#written.keys()]);
    for (const key of this.#unordered) this.#order.add(key);
    this.#unordered.length = 0;
    return this.#order;
  }

  /** Finds the next written, not deleted key of the range beyond `last`; looks again only when something changed. */
  #writtenCursor({ start, end }: KeyRange, reverse: boolean): (last: KeyText | undefined) => KeyText | undefined {
    const low = start === undefined ? "" : keyText(start);
    const high = end === undefined ? undefined : keyText(end);
    const step = (from: KeyText | undefined): KeyText | undefined => {
      const order = this.#ordered();
      const key = reverse
        ? order.before(from ?? high)
        : from === undefined
          ? order.after(low, true)
          : order.after(from, false);
      if (key === undefined || key < low || (high !== undefined && key >= high)) return undefined;
      return key;
    };
    let found: KeyText | undefined;
    let seen = -1;
    return (last) => {
      const passed = last !== undefined && found !== undefined && (reverse ? found >= last : found <= last);
      if (seen === this.#generation && !passed) return found;
      found = step(last);
      while (found !== undefined && (this.#written.get(found) ?? null) === null) found = step(found);
      seen = this.#generation;
      return found;
    };
  }
}
