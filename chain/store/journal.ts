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

/** Keys that one store of a journal remembers; beyond it only those that are written. */
const cellsReadMax = 100_000;

/** A longer key is looked up each time. */
const lastKeyMax = 64;

/** null: there is none, or it was deleted. undefined: not asked yet, or not written here. */
type Known = Uint8Array | null | undefined;

/** What a journal knows of one key. A transaction reads the same accounts and parameters again and again. */
interface Cell {
  readonly key: KeyText;
  /** What the base said, which does not change; forgotten when it is written over. */
  base: Known;
  written: Known;
}

const noCells: readonly Cell[] = [];

const byKey = (a: Cell, b: Cell): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

/** Of the cells of a key, the last one counts. */
const lastOfEach = (cells: readonly Cell[]): Cell[] => [...new Map(cells.map((cell) => [cell.key, cell])).values()];

/** The log of undone writes keeps its room from one transaction to the next, up to here. */
const undoRoomMax = 4096;

export class Journal {
  readonly #base: ReadStores;
  readonly #under: Journal | undefined;
  readonly #stores = new Map<string, JournalStore>();
  readonly #undoCells: Cell[] = [];
  readonly #undoValues: Known[] = [];
  #undoCount = 0;

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
    return this.#undoCount;
  }

  /** Undoes every write since the mark. */
  rollback(mark: number): void {
    for (let i = this.#undoCount - 1; i >= mark; i--) this.#undoCells[i]!.written = this.#undoValues[i];
    this.#undoCount = mark;
    for (const store of this.#stores.values()) store.changed();
  }

  /** Forgets how to undo: called when no mark is outstanding (after each transaction), so that the log stays short. */
  settle(): void {
    this.#undoCount = 0;
    if (this.#undoCells.length <= undoRoomMax) return;
    this.#undoCells.length = 0;
    this.#undoValues.length = 0;
  }

  /** Every change in ascending key order, for the trees and the log. */
  changes(): ChangeSet {
    const result = new Map<string, readonly Change[]>();
    for (const name of [...this.#storeNames()].sort()) {
      const under = this.#under?.written(name) ?? noCells;
      const written = this.written(name);
      const cells = under.length === 0 ? [...written] : lastOfEach([...under, ...written]);
      if (cells.length === 0) continue;
      result.set(
        name,
        cells.sort(byKey).map((cell): Change => [keyBytes(cell.key), cell.written!]),
      );
    }
    return result;
  }

  #storeNames(): Set<string> {
    const below = this.#under === undefined ? [] : this.#under.#storeNames();
    return new Set([...below, ...this.#stores.keys()]);
  }

  /** What this journal itself wrote to a store. */
  written(name: string): readonly Cell[] {
    return this.#stores.get(name)?.written() ?? noCells;
  }

  /** Used by this journal's stores only: `cell` is about to be written. */
  remember(cell: Cell): void {
    this.#undoCells[this.#undoCount] = cell;
    this.#undoValues[this.#undoCount] = cell.written;
    this.#undoCount++;
  }
}

class JournalStore implements WriteStore {
  readonly #base: ReadStore;
  readonly #journal: Journal;
  readonly #cells = new Map<KeyText, Cell>();
  /** The key that was asked for last, and its cell: most keys are read and then written, and accounts are read again and again. */
  readonly #lastKey = new Uint8Array(lastKeyMax);
  #lastLength = 0;
  #lastCell: Cell | undefined;
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

  /** What is not known yet is asked of the base without its value, which may be far away in memory, and keeps no cell. */
  has(key: Uint8Array): boolean {
    const cell = this.#lastCell !== undefined && this.#isLast(key) ? this.#lastCell : this.#cells.get(keyText(key));
    const known = cell?.written === undefined ? cell?.base : cell.written;
    return known === undefined ? this.#base.has(key) : known !== null;
  }

  warm(keys: readonly Uint8Array[]): void {
    this.#base.warm?.(keys);
  }

  /** This store's own copy. */
  #value(key: Uint8Array): Uint8Array | undefined {
    const cell = this.#cell(key, false);
    const known = cell?.written === undefined ? cell?.base : cell.written;
    if (known !== undefined) return known ?? undefined;
    const value = this.#base.get(key);
    if (cell !== undefined) cell.base = value ?? null;
    return value;
  }

  /** The key's cell, made when there is none; undefined where one that is only read has no place any more. */
  #cell(key: Uint8Array, isWritten: true): Cell;
  #cell(key: Uint8Array, isWritten: boolean): Cell | undefined;
  #cell(key: Uint8Array, isWritten: boolean): Cell | undefined {
    if (this.#lastCell !== undefined && this.#isLast(key)) return this.#lastCell;
    const text = keyText(key);
    let cell = this.#cells.get(text);
    if (cell === undefined) {
      if (!isWritten && this.#cells.size >= cellsReadMax) return undefined;
      cell = { key: text, base: undefined, written: undefined };
      this.#cells.set(text, cell);
    }
    if (key.length > lastKeyMax) return cell;
    for (let i = 0; i < key.length; i++) this.#lastKey[i] = key[i]!;
    this.#lastLength = key.length;
    this.#lastCell = cell;
    return cell;
  }

  #isLast(key: Uint8Array): boolean {
    if (key.length !== this.#lastLength) return false;
    // From the end: the keys of a collection begin alike.
    for (let i = key.length - 1; i >= 0; i--) if (key[i] !== this.#lastKey[i]) return false;
    return true;
  }

  set(key: Uint8Array, value: Uint8Array): void {
    if (key.length === 0 || key.length > keyLengthMax)
      throw new Error(`store key of ${key.length} bytes, expected 1 to ${keyLengthMax}`);
    if (value.length > valueLengthMax)
      throw new Error(`store value of ${value.length} bytes, expected at most ${valueLengthMax}`);
    if (value.length === 0)
      throw new Error("store value is empty, which no ICS-23 proof can show; expected at least one byte (ADR 0009)");
    this.#write(key, copyBytes(value));
  }

  delete(key: Uint8Array): void {
    this.#write(key, null);
  }

  #write(key: Uint8Array, value: Uint8Array | null): void {
    const cell = this.#cell(key, true);
    this.#journal.remember(cell);
    if (cell.written === undefined && this.#order !== undefined) this.#unordered.push(cell.key);
    cell.written = value;
    // Kept, each would live as long as the block. Should the write be undone, the base is asked again.
    cell.base = undefined;
    this.#generation++;
  }

  /** Something was undone. */
  changed(): void {
    this.#generation++;
  }

  written(): readonly Cell[] {
    const cells: Cell[] = [];
    for (const cell of this.#cells.values()) if (cell.written !== undefined) cells.push(cell);
    return cells;
  }

  #writtenValue(key: KeyText): Known {
    return this.#cells.get(key)?.written;
  }

  *iterate(range: KeyRange): IterableIterator<Entry> {
    const reverse = range.reverse === true;
    const written = this.#writtenCursor(range, reverse);
    const base = this.#base.iterate(range);
    let below = base.next();
    let last: KeyText | undefined;
    for (;;) {
      while (!below.done && this.#writtenValue(keyText(below.value[0])) !== undefined) below = base.next();
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
        yield [keyBytes(above), copyBytes(this.#writtenValue(above)!)];
      }
    }
  }

  #ordered(): SortedKeys {
    this.#order ??= new SortedKeys(this.written().map(({ key }) => key));
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
      while (found !== undefined && (this.#writtenValue(found) ?? null) === null) found = step(found);
      seen = this.#generation;
      return found;
    };
  }
}
