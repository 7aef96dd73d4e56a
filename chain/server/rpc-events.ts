/**
 * Subscriptions: which of a block's events a client asked for, and how they look. Owns matching and shapes, by CometBFT's event bus;
 * the connection that carries them is rpc-websocket.ts.
 */
import type { Event } from "../../proto/gen/tendermint/abci/types.ts";
import type { AppliedBlock } from "../consensus/executor.ts";
import { hexUpper } from "../consensus/json.ts";
import { type Condition, meets } from "../consensus/query.ts";
import { txHash } from "../crypto/txhash.ts";
import { blockEventJson, blockIdJson, blockJson, finalizedJson, headerJson, txEventJson } from "./rpc-json.ts";

type Tags = Readonly<Record<string, readonly string[]>>;

/** An event with what it can be asked for by; its JSON is made once, for the first who wants it, and is the same for all. */
export interface Published {
  readonly tags: Tags;
  /** `"data":…,"events":…`, to stand in a result. */
  readonly json: () => string;
}

export const matches = (conditions: readonly Condition[], tags: Tags): boolean =>
  conditions.every((condition) => {
    const values = Object.hasOwn(tags, condition.tag) ? tags[condition.tag]! : [];
    return values.some((value) => meets(condition, value));
  });

/** In CometBFT's order: the block, its header, its events, its transactions. */
export function publishedBy({ block, id, results }: AppliedBlock): Published[] {
  const { header, data } = block;
  const blockTags = tagsOf(results.events);
  const event = (name: string, own: Tags, value: () => unknown): Published => {
    const tags = { ...own, "tm.event": [name] };
    const json = once(() => {
      const data = JSON.stringify({ type: `tendermint/event/${name}`, value: value() });
      return `"data":${data},"events":${JSON.stringify(tags)}`;
    });
    return { tags, json };
  };
  return [
    event("NewBlock", blockTags, () => ({
      block: blockJson(block),
      block_id: blockIdJson(id),
      result_finalize_block: finalizedJson(results),
    })),
    event("NewBlockHeader", {}, () => ({ header: headerJson(header) })),
    event("NewBlockEvents", blockTags, () => ({
      height: String(header.height),
      events: results.events.length === 0 ? null : results.events.map(blockEventJson),
      num_txs: String(data.txs.length),
    })),
    ...data.txs.map((tx, index) => {
      const result = results.txResults[index]!;
      const known = { "tx.hash": [hexUpper(txHash(tx))], "tx.height": [String(header.height)] };
      return event("Tx", { ...tagsOf(result.events), ...known }, () =>
        txEventJson({ height: header.height, index, tx, result }),
      );
    }),
  ];
}

function tagsOf(events: readonly Event[]): Record<string, string[]> {
  const tags: Record<string, string[]> = Object.create(null);
  for (const { type, attributes } of events) {
    if (type === "") continue;
    for (const { key, value } of attributes) {
      if (key === "") continue;
      const tag = `${type}.${key}`;
      tags[tag] ??= [];
      tags[tag].push(value);
    }
  }
  return tags;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
