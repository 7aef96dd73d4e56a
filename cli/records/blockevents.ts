/** The events of a block as `block_results` tells them, in the order in which they happened. Owns how an answer is read, and no meaning of an event. */
import { asObject, type JsonObject } from "../../chain/consensus/json.ts";

export interface ToldEvent {
  readonly type: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Of the transaction in its block; undefined of what blocks do by themselves. */
  readonly txIndex: number | undefined;
  /** Of a transaction, but of none of its messages: the fee. */
  readonly isAnte: boolean;
}

export interface ToldBlock {
  readonly height: bigint;
  readonly events: readonly ToldEvent[];
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Attributes of an event that is a protobuf message are JSON texts. */
function textOf(isTyped: boolean, value: string): string {
  if (!isTyped || !value.startsWith('"')) return value;
  return String(JSON.parse(value));
}

function readEvent(json: unknown, txIndex: number | undefined): ToldEvent {
  const { type, attributes } = asObject(json, "an event");
  const isTyped = String(type).includes(".");
  const found: Record<string, string> = {};
  for (const entry of listOf(attributes)) {
    const { key, value } = asObject(entry, "an attribute");
    found[String(key)] ??= textOf(isTyped, String(value ?? ""));
  }
  const isAnte = txIndex !== undefined && found.msg_index === undefined;
  return { type: String(type), attributes: found, txIndex, isAnte };
}

/** Hooks that open a block come first, then its transactions, then the hooks that close it. */
export function readBlockResults(answer: JsonObject): ToldBlock {
  const hooks = listOf(answer.finalize_block_events).map((json) => readEvent(json, undefined));
  const closing = hooks.filter(({ attributes }) => attributes.mode === "EndBlock");
  const opening = hooks.filter(({ attributes }) => attributes.mode !== "EndBlock");
  const txs = listOf(answer.txs_results).flatMap((result, index) =>
    listOf(asObject(result, "a result").events).map((json) => readEvent(json, index)),
  );
  return { height: BigInt(String(answer.height)), events: [...opening, ...txs, ...closing] };
}
