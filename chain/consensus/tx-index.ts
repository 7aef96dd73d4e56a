/**
 * Transactions by hash, by height and by the attributes of their events. Owns the records and the search; as in CometBFT, several
 * conditions on attributes must be met by one and the same event.
 */
import type { ResponseFinalizeBlock } from "../../proto/gen/tendermint/abci/types.ts";
import { TxResult } from "../../proto/gen/tendermint/abci/types.ts";
import { bytesKey, type Database, numberKey, put, type Write } from "./database.ts";
import { txHash } from "./hashes.ts";
import { type Condition, meets, QueryError } from "./query.ts";

const kinds = { event: "e", height: "h", tx: "t" } as const;

/** Bytes of a tag or a value: a longer one is kept with its transaction and cannot be searched for. */
export const indexedValueMax = 1024;
/** Index entries read for one search. */
export const searchEntriesMax = 2_000_000;
const readStep = 1_000;

/** Where a transaction is; `event` tells apart the events of one transaction. */
interface Position {
  readonly height: bigint;
  readonly index: number;
  readonly event: number;
}

export interface Found {
  readonly height: bigint;
  readonly index: number;
}

export class TxIndex {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The writes for one block, for the caller to put in its batch. */
  async writes(height: bigint, txs: readonly Uint8Array[], results: ResponseFinalizeBlock): Promise<Write[]> {
    const writes: Write[] = [];
    const succeeded = new Set<string>();
    for (const [index, tx] of txs.entries()) {
      const result = results.txResults[index];
      if (result === undefined)
        throw new Error(`the application gave no result for transaction ${index} of height ${height}`);
      const hash = txHash(tx);
      const name = Buffer.from(hash).toString("latin1");
      // A success is never hidden by a failed resend of the same bytes.
      if (result.code !== 0 && (succeeded.has(name) || (await this.get(hash))?.result?.code === 0)) continue;
      if (result.code === 0) succeeded.add(name);
      writes.push(put(bytesKey(kinds.tx, hash), TxResult.encode({ height, index, tx, result }).finish()));
      writes.push(put(numberKey(kinds.height, height, index), hash));
      result.events.forEach((event, number) => {
        if (event.type === "") return;
        for (const { key, value, index: isIndexed } of event.attributes) {
          const tag = `${event.type}.${key}`;
          if (!isIndexed || key === "" || isTooLong(tag) || isTooLong(value)) continue;
          writes.push(put(eventKey(tag, value, { height, index, event: number }), noBytes));
        }
      });
    }
    return writes;
  }

  async get(hash: Uint8Array): Promise<TxResult | undefined> {
    const bytes = await this.#database.get(bytesKey(kinds.tx, hash));
    return bytes === undefined ? undefined : TxResult.decode(bytes);
  }

  async at({ height, index }: Found): Promise<TxResult | undefined> {
    const hash = await this.#database.get(numberKey(kinds.height, height, index));
    return hash === undefined ? undefined : this.get(hash);
  }

  /** In ascending order of height and index, none above `heightMax`. */
  async search(conditions: readonly Condition[], heightMax: bigint): Promise<Found[]> {
    const byHash = conditions.find(({ tag }) => tag === "tx.hash");
    if (byHash !== undefined) return this.#searchHash(byHash, heightMax);
    const heights = heightRange(conditions, heightMax);
    const others = conditions.filter(({ tag }) => tag !== "tx.height");
    if (heights.from > heights.to) return [];
    if (others.length === 0) return this.#searchHeights(heights);
    const budget = { left: searchEntriesMax };
    let matching: Map<string, Position> | undefined;
    // Equality first: it reads the fewest entries.
    const sorted = [...others].sort((a, b) => Number(b.operator === "=") - Number(a.operator === "="));
    for (const condition of sorted) {
      const found = await this.#searchEvents(condition, heights, budget);
      if (matching !== undefined) for (const key of found.keys()) if (!matching.has(key)) found.delete(key);
      matching = found;
      if (matching.size === 0) return [];
    }
    return distinct(matching?.values() ?? []);
  }

  async #searchHash({ value }: Condition, heightMax: bigint): Promise<Found[]> {
    if (!/^([0-9a-fA-F]{2})*$/.test(value)) {
      throw new QueryError(
        `error during searching for a hash in the query: ${JSON.stringify(value)} is not hexadecimal`,
      );
    }
    const result = await this.get(Buffer.from(value, "hex"));
    if (result === undefined || result.height > heightMax) return [];
    return [{ height: result.height, index: result.index }];
  }

  async #searchHeights({ from, to }: HeightRange): Promise<Found[]> {
    const found: Found[] = [];
    const range = { gte: numberKey(kinds.height, from, 0), lt: numberKey(kinds.height, to + 1n, 0) };
    for await (const keys of this.#keys(range, { left: searchEntriesMax })) {
      for (const key of keys) found.push({ height: key.readBigUInt64BE(1), index: key.readUInt32BE(9) });
    }
    return found;
  }

  async #searchEvents(condition: Condition, heights: HeightRange, budget: Budget): Promise<Map<string, Position>> {
    const found = new Map<string, Position>();
    if (isTooLong(condition.tag) || isTooLong(condition.value)) return found;
    const isExact =
      condition.operator === "=" && (condition.valueType === "string" || condition.valueType === "number");
    const prefix = isExact ? valuePrefix(condition.tag, condition.value) : tagPrefix(condition.tag);
    const range = isExact
      ? { gte: withPosition(prefix, heights.from), lt: withPosition(prefix, heights.to + 1n) }
      : { gte: prefix, lt: Buffer.concat([prefix, Buffer.alloc(8, 0xff)]) };
    for await (const keys of this.#keys(range, budget)) {
      for (const key of keys) {
        const { value, position } = readEventKey(key);
        if (position.height < heights.from || position.height > heights.to) continue;
        if (!isExact && !meets(condition, value)) continue;
        found.set(`${position.height}/${position.index}/${position.event}`, position);
      }
    }
    return found;
  }

  /** In steps, so that a long search lets other work through. */
  async *#keys(range: { gte: Uint8Array; lt: Uint8Array }, budget: Budget): AsyncGenerator<Buffer[]> {
    const iterator = this.#database.keys(range);
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
}

interface Budget {
  left: number;
}

interface HeightRange {
  readonly from: bigint;
  readonly to: bigint;
}

function heightRange(conditions: readonly Condition[], heightMax: bigint): HeightRange {
  let from = 0n;
  let to = heightMax;
  for (const { tag, operator, value } of conditions) {
    if (tag !== "tx.height") continue;
    if (!/^\d{1,19}$/.test(value))
      throw new QueryError(`tx.height is compared with ${JSON.stringify(value)}; expected a height`);
    const height = BigInt(value);
    const low = operator === ">" ? height + 1n : operator === ">=" || operator === "=" ? height : from;
    const high = operator === "<" ? height - 1n : operator === "<=" || operator === "=" ? height : to;
    if (low > from) from = low;
    if (high < to) to = high;
  }
  return { from, to };
}

function distinct(positions: Iterable<Position>): Found[] {
  const byTx = new Map<string, Found>();
  for (const { height, index } of positions) byTx.set(`${height}/${index}`, { height, index });
  return [...byTx.values()].sort((a, b) => (a.height === b.height ? a.index - b.index : a.height < b.height ? -1 : 1));
}

const isTooLong = (text: string): boolean => Buffer.byteLength(text) > indexedValueMax;

const noBytes = new Uint8Array();

/** Lengths in front, so that no tag or value is the beginning of another. */
function prefixed(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

const tagPrefix = (tag: string): Buffer => bytesKey(kinds.event, prefixed(tag));

const valuePrefix = (tag: string, value: string): Buffer => Buffer.concat([tagPrefix(tag), prefixed(value)]);

function withPosition(prefix: Buffer, height: bigint, index = 0, event = 0): Buffer {
  const position = Buffer.alloc(16);
  position.writeBigUInt64BE(height, 0);
  position.writeUInt32BE(index, 8);
  position.writeUInt32BE(event, 12);
  return Buffer.concat([prefix, position]);
}

const eventKey = (tag: string, value: string, { height, index, event }: Position): Buffer =>
  withPosition(valuePrefix(tag, value), height, index, event);

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
