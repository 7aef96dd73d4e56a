/** Blocks by the attributes of the events of FinalizeBlock, for `block_search`. Owns the search among heights; the records are event-index.ts. */
import type { ResponseFinalizeBlock } from "../../proto/gen/tendermint/abci/types.ts";
import type { Database, Write } from "./database.ts";
import { EventIndex, heightRange, searchEntriesMax } from "./event-index.ts";
import { type Condition, QueryError } from "./query.ts";

const kind = "y";
const heightTag = "block.height";

export class BlockIndex {
  readonly #events: EventIndex;

  constructor(database: Database) {
    this.#events = new EventIndex(database, kind);
  }

  /** The writes for one block, for the caller to put in its batch. */
  writes(height: bigint, results: ResponseFinalizeBlock): Write[] {
    const writes: Write[] = [];
    const blockEvents = this.#events.startBlock(height);
    blockEvents.add(results.events, 0);
    blockEvents.addWrites(writes);
    return writes;
  }

  /** Heights in ascending order, from `base` to `heightMax`. */
  async search(conditions: readonly Condition[], base: bigint, heightMax: bigint): Promise<bigint[]> {
    const asked = heightRange(heightTag, conditions, heightMax);
    const from = asked.from > base ? asked.from : base;
    const others = conditions.filter(({ tag }) => tag !== heightTag);
    if (from > asked.to) return [];
    if (others.length === 0) return everyHeight(from, asked.to);
    const found = await this.#events.search(others, { from, to: asked.to });
    return found.map(({ height }) => height);
  }
}

function everyHeight(from: bigint, to: bigint): bigint[] {
  const count = Number(to - from + 1n);
  if (count > searchEntriesMax) {
    throw new QueryError(`the query finds more than ${searchEntriesMax} blocks; narrow it by ${heightTag}`);
  }
  return Array.from({ length: count }, (_, i) => from + BigInt(i));
}
