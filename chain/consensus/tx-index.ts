/**
 * Transactions by hash, by height and by the attributes of their events. Owns the records of transactions; the search among events is
 * event-index.ts.
 */
import type { ResponseFinalizeBlock } from "../../proto/gen/tendermint/abci/types.ts";
import { TxResult } from "../../proto/gen/tendermint/abci/types.ts";
import { txHash, txKey } from "../crypto/txhash.ts";
import { bytesKey, type Database, numberKey, put, type Write } from "./database.ts";
import { EventIndex, entriesInSteps, type HeightRange, heightRange, newBudget, type Place } from "./event-index.ts";
import { hexProblem } from "./json.ts";
import { type Condition, QueryError } from "./query.ts";
import { encodeIndexed, encodeTxResults } from "./resultbytes.ts";

const kinds = { event: "x", height: "h", tx: "t" } as const;

export class TxIndex {
  readonly #database: Database;
  readonly #events: EventIndex;

  constructor(database: Database) {
    this.#database = database;
    this.#events = new EventIndex(database, kinds.event);
  }

  /** The writes for one block, for the caller to put in its batch. */
  async writes(
    height: bigint,
    txs: readonly Uint8Array[],
    results: ResponseFinalizeBlock,
    txResults: readonly Uint8Array[] = encodeTxResults(results.txResults),
  ): Promise<Write[]> {
    const writes: Write[] = [];
    const blockEvents = this.#events.startBlock(height);
    const succeeded = new Set<string>();
    for (const [index, tx] of txs.entries()) {
      const result = results.txResults[index];
      if (result === undefined)
        throw new Error(`the application gave no result for transaction ${index} of height ${height}`);
      const hash = txHash(tx);
      const name = txKey(tx);
      // A success is never hidden by a failed resend of the same bytes.
      if (result.code !== 0 && (succeeded.has(name) || (await this.get(hash))?.result?.code === 0)) continue;
      if (result.code === 0) succeeded.add(name);
      writes.push(put(bytesKey(kinds.tx, hash), encodeIndexed(height, index, tx, txResults[index]!)));
      writes.push(put(numberKey(kinds.height, height, index), hash));
      blockEvents.add(result.events, index);
    }
    blockEvents.addWrites(writes);
    return writes;
  }

  async get(hash: Uint8Array): Promise<TxResult | undefined> {
    const bytes = await this.#database.get(bytesKey(kinds.tx, hash));
    return bytes === undefined ? undefined : TxResult.decode(bytes);
  }

  async at({ height, index }: Place): Promise<TxResult | undefined> {
    const hash = await this.#database.get(numberKey(kinds.height, height, index));
    return hash === undefined ? undefined : this.get(hash);
  }

  /** In ascending order of height and index, none above `heightMax`. */
  async search(conditions: readonly Condition[], heightMax: bigint): Promise<Place[]> {
    const byHash = conditions.find(({ tag }) => tag === "tx.hash");
    if (byHash !== undefined) return this.#searchHash(byHash, heightMax);
    const heights = heightRange("tx.height", conditions, heightMax);
    const others = conditions.filter(({ tag }) => tag !== "tx.height");
    if (heights.from > heights.to) return [];
    if (others.length === 0) return this.#searchHeights(heights);
    return this.#events.search(others, heights);
  }

  async #searchHash({ value }: Condition, heightMax: bigint): Promise<Place[]> {
    const problem = hexProblem(value);
    if (problem !== undefined) throw new QueryError(`error during searching for a hash in the query: ${problem}`);
    const result = await this.get(Buffer.from(value, "hex"));
    if (result === undefined || result.height > heightMax) return [];
    return [{ height: result.height, index: result.index }];
  }

  async #searchHeights({ from, to }: HeightRange): Promise<Place[]> {
    const found: Place[] = [];
    const range = { gte: numberKey(kinds.height, from, 0), lt: numberKey(kinds.height, to + 1n, 0) };
    for await (const entries of entriesInSteps(this.#database, range, newBudget())) {
      for (const [key] of entries) found.push({ height: key.readBigUInt64BE(1), index: key.readUInt32BE(9) });
    }
    return found;
  }
}
