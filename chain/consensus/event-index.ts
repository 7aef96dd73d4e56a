/**
 * The attributes of events, kept so that they can be searched for: one kind of record for transactions, another for blocks. Owns the records
 * (of each tag and value one a block, with every place in it) and the search; as in CometBFT, several conditions must be met by one and the
 * same event.
 */
import type { Event } from "../../proto/gen/tendermint/abci/types.ts";
import { bytesKey, type Database, put, type Write } from "./database.ts";
import { type Condition, meets, QueryError } from "./query.ts";

/** Bytes of a tag or a value: a longer one is kept with its transaction and cannot be searched for. */
export const indexedValueMax = 1024;
/** Places read for one search. */
export const searchEntriesMax = 2_000_000;
/** Events of one transaction or block that are kept: a place and an event make one number that is still exact. */
const eventsMax = 2 ** 21;
const readStep = 1_000;
const readStepBytes = 1 << 17;
/** A long search lets other work through after this long. */
const sliceMillis = 5;

/** Of a transaction in the chain, or of a block with index 0. */
export interface Place {
  readonly height: bigint;
  readonly index: number;
}

export interface HeightRange {
  readonly from: bigint;
  readonly to: bigint;
}

export interface Budget {
  left: number;
}

export const newBudget = (): Budget => ({ left: searchEntriesMax });

/** By height, the events found in that block: index · eventsMax + number of the event. */
type Matches = Map<number, Set<number>>;

export class EventIndex {
  readonly #database: Database;
  readonly #kind: string;

  constructor(database: Database, kind: string) {
    this.#database = database;
    this.#kind = kind;
  }

  startBlock(height: bigint): BlockEvents {
    return new BlockEvents(this.#kind, height);
  }

  /** Where an event meets every condition, each place once, in ascending order. */
  async search(conditions: readonly Condition[], heights: HeightRange): Promise<Place[]> {
    const budget = newBudget();
    let matching: Matches | undefined;
    // Equality first: it reads the fewest entries.
    const sorted = [...conditions].sort((a, b) => Number(b.operator === "=") - Number(a.operator === "="));
    for (const condition of sorted) {
      const found = await this.#searchOne(condition, heights, budget);
      matching = matching === undefined ? found : await inBoth(matching, found);
      if (matching.size === 0) return [];
    }
    return matching === undefined ? [] : placesOf(matching);
  }

  async #searchOne(condition: Condition, heights: HeightRange, budget: Budget): Promise<Matches> {
    const found: Matches = new Map();
    if (isTooLong(condition.tag) || isTooLong(condition.value)) return found;
    const isExact =
      condition.operator === "=" && (condition.valueType === "string" || condition.valueType === "number");
    const prefix = isExact ? this.#valuePrefix(condition.tag, condition.value) : this.#tagPrefix(condition.tag);
    const range = isExact
      ? { gte: withHeight(prefix, heights.from), lt: withHeight(prefix, heights.to + 1n) }
      : { gte: prefix, lt: Buffer.concat([prefix, Buffer.alloc(8, 0xff)]) };
    const [from, to] = [Number(heights.from), Number(heights.to)];
    for await (const entries of entriesInSteps(this.#database, range, budget)) {
      for (const [key, events] of entries) {
        const { value, height } = readKey(key);
        if (height < from || height > to) continue;
        if (!isExact && !meets(condition, value)) continue;
        addAll(found, height, events);
      }
    }
    return found;
  }

  #tagPrefix(tag: string): Buffer {
    return bytesKey(this.#kind, prefixed(tag));
  }

  #valuePrefix(tag: string, value: string): Buffer {
    return Buffer.concat([this.#tagPrefix(tag), prefixed(value)]);
  }
}

function addAll(found: Matches, height: number, events: Buffer): void {
  let codes = found.get(height);
  if (codes === undefined) {
    codes = new Set();
    found.set(height, codes);
  }
  for (let at = 0; at < events.length; at += placeBytes) {
    codes.add(events.readUInt32BE(at) * eventsMax + events.readUInt32BE(at + 4));
  }
}

async function inBoth(a: Matches, b: Matches): Promise<Matches> {
  const both: Matches = new Map();
  const pause = pauses();
  for (const [height, codes] of a) {
    const others = b.get(height) ?? noCodes;
    const common = new Set<number>();
    for (const code of codes) if (others.has(code)) common.add(code);
    if (common.size > 0) both.set(height, common);
    await pause();
  }
  return both;
}

const noCodes: ReadonlySet<number> = new Set();

async function placesOf(matches: Matches): Promise<Place[]> {
  const places: Place[] = [];
  const pause = pauses();
  for (const height of [...matches.keys()].sort((a, b) => a - b)) {
    const indexes = new Set<number>();
    for (const code of matches.get(height)!) indexes.add(Math.floor(code / eventsMax));
    for (const index of [...indexes].sort((a, b) => a - b)) places.push({ height: BigInt(height), index });
    await pause();
  }
  return places;
}

/** Lets other work through, when it is time. */
function pauses(): () => Promise<void> | undefined {
  let sliceEnd = performance.now() + sliceMillis;
  return () => {
    if (performance.now() < sliceEnd) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        sliceEnd = performance.now() + sliceMillis;
        resolve();
      });
    });
  };
}

/** Gathers the events of one block, so that what many transactions say alike is written once. */
export class BlockEvents {
  readonly #kind: string;
  readonly #height: bigint;
  /** By type, key and value, in turn the index of a transaction and the number of the event. */
  readonly #places = new Map<string, Map<string, Map<string, number[]>>>();

  constructor(kind: string, height: bigint) {
    this.#kind = kind;
    this.#height = height;
  }

  add(events: readonly Event[], index: number): void {
    const count = Math.min(events.length, eventsMax);
    for (let number = 0; number < count; number++) {
      const { type, attributes } = events[number]!;
      if (type === "") continue;
      const keys = entryOf(this.#places, type, newMap<string, Map<string, number[]>>);
      for (const { key, value, index: isIndexed } of attributes) {
        if (!isIndexed || key === "" || isTooLong(value)) continue;
        entryOf(entryOf(keys, key, newMap<string, number[]>), value, newList).push(index, number);
      }
    }
  }

  /** Appends to `writes`, which belong to this block. */
  addWrites(writes: Write[]): void {
    for (const [type, keys] of this.#places) {
      for (const [key, values] of keys) {
        const tag = `${type}.${key}`;
        if (isTooLong(tag)) continue;
        const prefix = bytesKey(this.#kind, prefixed(tag));
        for (const [value, places] of values) writes.push(put(this.#key(prefix, value), placesBytes(places)));
      }
    }
  }

  #key(prefix: Buffer, value: string): Uint8Array {
    const length = Buffer.byteLength(value);
    const end = prefix.length + 2 + length;
    const key = Buffer.allocUnsafe(end + 8);
    prefix.copy(key);
    key.writeUInt16BE(length, prefix.length);
    key.write(value, prefix.length + 2);
    key.writeBigUInt64BE(this.#height, end);
    return key;
  }
}

const newMap = <K, V>(): Map<K, V> => new Map();
const newList = (): number[] => [];

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** Two 32-bit numbers. */
const placeBytes = 8;

function placesBytes(places: readonly number[]): Uint8Array {
  const bytes = Buffer.allocUnsafe(4 * places.length);
  for (let i = 0; i < places.length; i++) bytes.writeUInt32BE(places[i]!, 4 * i);
  return bytes;
}

/** In steps, so that a long search lets other work through. */
export async function* entriesInSteps(
  database: Database,
  range: { gte: Uint8Array; lt: Uint8Array },
  budget: Budget,
): AsyncGenerator<(readonly [key: Buffer, value: Buffer])[]> {
  for await (const entries of database.steps(range, readStep, readStepBytes)) {
    budget.left -= entries.reduce((sum, [, value]) => sum + 1 + value.length / placeBytes, 0);
    if (budget.left < 0) {
      throw new QueryError(
        `the query reads more than ${searchEntriesMax} entries; narrow it, for example by tx.height`,
      );
    }
    yield entries.map(([key, value]) => [asBuffer(key), asBuffer(value)] as const);
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

const nothing: HeightRange = { from: 1n, to: 0n };

/** The heights that the conditions on `tag` leave, none above `heightMax`; what is no number leaves none. */
export function heightRange(tag: string, conditions: readonly Condition[], heightMax: bigint): HeightRange {
  let from = 0n;
  let to = heightMax;
  for (const { tag: other, operator, value } of conditions) {
    if (other !== tag || operator === "EXISTS") continue;
    const [, whole, fraction = ""] = /^(\d{1,19})(?:\.(\d*))?$/.exec(value) ?? [];
    if (whole === undefined || operator === "CONTAINS") return nothing;
    const isBetween = /[1-9]/.test(fraction);
    if (isBetween && operator === "=") return nothing;
    const height = BigInt(whole);
    const above = isBetween || operator === ">" ? height + 1n : height;
    const below = !isBetween && operator === "<" ? height - 1n : height;
    if ((operator === ">" || operator === ">=" || operator === "=") && above > from) from = above;
    if ((operator === "<" || operator === "<=" || operator === "=") && below < to) to = below;
  }
  return { from, to };
}

const isTooLong = (text: string): boolean =>
  text.length > indexedValueMax || (text.length * 3 > indexedValueMax && Buffer.byteLength(text) > indexedValueMax);

/** Lengths in front, so that no tag or value is the beginning of another. */
function prefixed(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function withHeight(prefix: Buffer, height: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(height);
  return Buffer.concat([prefix, bytes]);
}

function readKey(key: Buffer): { readonly value: string; readonly height: number } {
  const valueAt = 3 + key.readUInt16BE(1);
  const end = valueAt + 2 + key.readUInt16BE(valueAt);
  return { value: key.toString("utf8", valueAt + 2, end), height: Number(key.readBigUInt64BE(end)) };
}
