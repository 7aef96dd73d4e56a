/**
 * The attributes of events, kept so that they can be searched for: one kind of record for transactions, another for blocks. Owns the keys
 * and the search; as in CometBFT, several conditions must be met by one and the same event.
 */
import type { Event } from "../../proto/gen/tendermint/abci/types.ts";
import { bytesKey, type Database, put, type Write } from "./database.ts";
import { type Condition, meets, QueryError } from "./query.ts";

/** Bytes of a tag or a value: a longer one is kept with its transaction and cannot be searched for. */
export const indexedValueMax = 1024;
/** Index entries read for one search. */
export const searchEntriesMax = 2_000_000;
const readStep = 1_000;

/** Where an event is; `index` is the transaction's place in its block, `event` the event's among those of its transaction or block. */
export interface Position {
  readonly height: bigint;
  readonly index: number;
  readonly event: number;
}

export interface HeightRange {
  readonly from: bigint;
  readonly to: bigint;
}

export interface Budget {
  left: number;
}

export const newBudget = (): Budget => ({ left: searchEntriesMax });

export class EventIndex {
  readonly #database: Database;
  readonly #kind: string;

  constructor(database: Database, kind: string) {
    this.#database = database;
    this.#kind = kind;
  }

  /** Appends to `writes`, which belong to one block. */
  addWrites(writes: Write[], events: readonly Event[], height: bigint, index: number): void {
    events.forEach((event, number) => {
      if (event.type === "") return;
      for (const { key, value, index: isIndexed } of event.attributes) {
        if (!isIndexed || key === "") continue;
        const tag = `${event.type}.${key}`;
        if (isTooLong(tag) || isTooLong(value)) continue;
        writes.push(put(this.#eventKey(tag, value, { height, index, event: number }), noBytes));
      }
    });
  }

  /** The events that meet every condition. */
  async search(conditions: readonly Condition[], heights: HeightRange): Promise<Position[]> {
    const budget = newBudget();
    let matching: Map<string, Position> | undefined;
    // Equality first: it reads the fewest entries.
    const sorted = [...conditions].sort((a, b) => Number(b.operator === "=") - Number(a.operator === "="));
    for (const condition of sorted) {
      const found = await this.#searchOne(condition, heights, budget);
      if (matching !== undefined) for (const key of found.keys()) if (!matching.has(key)) found.delete(key);
      matching = found;
      if (matching.size === 0) return [];
    }
    return [...(matching?.values() ?? [])];
  }

  async #searchOne(condition: Condition, heights: HeightRange, budget: Budget): Promise<Map<string, Position>> {
    const found = new Map<string, Position>();
    if (isTooLong(condition.tag) || isTooLong(condition.value)) return found;
    const isExact =
      condition.operator === "=" && (condition.valueType === "string" || condition.valueType === "number");
    const prefix = isExact ? this.#valuePrefix(condition.tag, condition.value) : this.#tagPrefix(condition.tag);
    const range = isExact
      ? { gte: withPosition(prefix, heights.from), lt: withPosition(prefix, heights.to + 1n) }
      : { gte: prefix, lt: Buffer.concat([prefix, Buffer.alloc(8, 0xff)]) };
    for await (const keys of keysInSteps(this.#database, range, budget)) {
      for (const key of keys) {
        const { value, position } = readEventKey(key);
        if (position.height < heights.from || position.height > heights.to) continue;
        if (!isExact && !meets(condition, value)) continue;
        found.set(`${position.height}/${position.index}/${position.event}`, position);
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

  #eventKey(tag: string, value: string, { height, index, event }: Position): Uint8Array {
    scratch.write(this.#kind, 0, "latin1");
    const tagEnd = writePrefixed(tag, 1);
    const end = writePrefixed(value, tagEnd);
    const number = Number(height);
    writeUint32(Math.floor(number / 2 ** 32), end);
    writeUint32(number, end + 4);
    writeUint32(index, end + 8);
    writeUint32(event, end + 12);
    const key = Buffer.allocUnsafe(end + 16);
    scratch.copy(key, 0, 0, key.length);
    return key;
  }
}

/** Room for a key: its kind, two texts with their lengths, its position. */
const scratch = Buffer.alloc(1 + 2 * (2 + indexedValueMax) + 16);

/** Most tags and values are short ASCII: byte by byte they are copied faster than by a native call. Returns where the text ends. */
function writePrefixed(text: string, at: number): number {
  const start = at + 2;
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) {
      length = scratch.write(text, start);
      break;
    }
    scratch[start + i] = code;
  }
  scratch[at] = length >>> 8;
  scratch[at + 1] = length;
  return start + length;
}

function writeUint32(value: number, at: number): void {
  scratch[at] = value >>> 24;
  scratch[at + 1] = value >>> 16;
  scratch[at + 2] = value >>> 8;
  scratch[at + 3] = value;
}

/** In steps, so that a long search lets other work through. */
export async function* keysInSteps(
  database: Database,
  range: { gte: Uint8Array; lt: Uint8Array },
  budget: Budget,
): AsyncGenerator<Buffer[]> {
  const iterator = database.keys(range);
  try {
    for (;;) {
      const keys = await iterator.nextv(readStep);
      if (keys.length === 0) return;
      budget.left -= keys.length;
      if (budget.left < 0) {
        throw new QueryError(
          `the query reads more than ${searchEntriesMax} entries; narrow it, for example by tx.height`,
        );
      }
      yield keys.map((key) => Buffer.from(key.buffer, key.byteOffset, key.length));
    }
  } finally {
    await iterator.close();
  }
}

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

const noBytes = new Uint8Array();

/** Lengths in front, so that no tag or value is the beginning of another. */
function prefixed(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function withPosition(prefix: Buffer, height: bigint): Buffer {
  const position = Buffer.alloc(16);
  position.writeBigUInt64BE(height, 0);
  return Buffer.concat([prefix, position]);
}

function readEventKey(key: Buffer): { readonly value: string; readonly position: Position } {
  const valueAt = 3 + key.readUInt16BE(1);
  const end = valueAt + 2 + key.readUInt16BE(valueAt);
  return {
    value: key.toString("utf8", valueAt + 2, end),
    position: {
      height: key.readBigUInt64BE(end),
      index: key.readUInt32BE(end + 8),
      event: key.readUInt32BE(end + 12),
    },
  };
}
