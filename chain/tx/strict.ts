/**
 * Strict canonical protobuf decoding (ADR-027 and more), in one pass, by the schema's tables. Accepts exactly one encoding of a
 * value: ascending fields, shortest numbers, no unknown field, no explicit default, valid UTF-8, and the same inside every Any.
 * An empty nested message is a value (Go writes its non-nullable ones so). Owns no meaning: that is for handlers and ante steps.
 */
import { sdk } from "../errors.ts";
import { intBitsMax, isIntInRange } from "../int.ts";
import { Cursor, type Origin } from "./cursor.ts";
import {
  depthMax,
  elementsMax,
  type FieldPlan,
  kinds,
  knownType,
  type MessagePlan,
  messagesMax,
  planOf,
  planOfField,
  rememberType,
} from "./strictplan.ts";

/** Whether a type URL names a message that the chain handles; the default is every type of the schema. */
export type KnowsMessage = (typeUrl: string) => boolean;

export interface StrictOptions {
  readonly knowsMessage?: KnowsMessage | undefined;
  readonly origin?: Origin | undefined;
}

const publicKeys: ReadonlySet<string> = new Set([
  "/cosmos.crypto.secp256k1.PubKey",
  "/cosmos.crypto.ed25519.PubKey",
  "/cosmos.crypto.multisig.LegacyAminoPubKey",
]);

type Message = Record<string, unknown>;

class Decoding extends Cursor {
  readonly knowsMessage: KnowsMessage | undefined;
  /** What the Anys directly inside the outermost message hold, in order of appearance. */
  readonly unpacked: unknown[] = [];

  constructor(bytes: Uint8Array, options: StrictOptions) {
    super(bytes, options.origin);
    this.knowsMessage = options.knowsMessage;
  }
}

function tagProblem(cursor: Cursor, plan: MessagePlan, tag: number, offset: number) {
  const number = Math.floor(tag / 8);
  const wireType = tag & 7;
  if (number === 0) return cursor.refuse("field number 0", `a field of ${plan.typeName}`, offset);
  const field = plan.fields.find((candidate) => candidate.number === number);
  if (field === undefined) return cursor.refuse(`unknown field ${number}`, `a field of ${plan.typeName}`, offset);
  return cursor.refuse(
    `field ${number} (${field.name}) has wire type ${wireType}`,
    `wire type ${field.wireType}${field.packed ? " (packed)" : ""}`,
    offset,
  );
}

function nextField(cursor: Cursor, plan: MessagePlan, previous: number, end: number): FieldPlan {
  const offset = cursor.at;
  const tag = cursor.uint32(end);
  const field = tag < 128 ? plan.small[tag] : plan.large.get(tag);
  if (field === undefined) throw tagProblem(cursor, plan, tag, offset);
  if (field.number > previous || (field.number === previous && field.recurs)) return field;
  throw field.number === previous
    ? cursor.refuse(`field ${field.number} (${field.name}) comes twice`, "it once", offset)
    : cursor.refuse(`field ${field.number} (${field.name}) comes after field ${previous}`, "ascending fields", offset);
}

const tooDeep = (cursor: Cursor) =>
  cursor.refuse(`messages nest deeper than ${depthMax}`, `at most ${depthMax} levels`);

function countMessage(cursor: Decoding): void {
  if (++cursor.messages > messagesMax)
    throw cursor.refuse(`more than ${messagesMax} messages in one`, `at most ${messagesMax}`);
}

function readMessage(cursor: Decoding, plan: MessagePlan, end: number, depth: number): Message {
  if (depth > depthMax) throw tooDeep(cursor);
  countMessage(cursor);
  const message = plan.create();
  cursor.depth = depth;
  cursor.fields[depth] = undefined;
  let previous = 0;
  let oneofs = 0;
  while (cursor.at < end) {
    const field = nextField(cursor, plan, previous, end);
    cursor.fields[depth] = field;
    if (field.oneof !== 0) {
      if ((oneofs & field.oneof) !== 0) throw cursor.refuse("a second member of one oneof", "one");
      oneofs |= field.oneof;
    }
    previous = field.number;
    if (field.repeated) readElement(cursor, field, message[field.key] as unknown[], end, depth);
    else message[field.key] = readValue(cursor, field, end, depth);
    cursor.depth = depth;
  }
  cursor.fields[depth] = undefined;
  if (plan.special !== undefined) checkTime(cursor, plan, message);
  return message;
}

function readElement(cursor: Decoding, field: FieldPlan, list: unknown[], end: number, depth: number): void {
  if (!field.packed) {
    cursor.elements[depth] = list.length;
    if (list.length >= elementsMax) throw cursor.refuse(`more than ${elementsMax} elements`, `at most ${elementsMax}`);
    list.push(readValue(cursor, field, end, depth));
    return;
  }
  const blockEnd = cursor.block(end);
  if (cursor.at === blockEnd) throw cursor.refuse("an empty packed list is written out", "it left out");
  while (cursor.at < blockEnd) {
    if (list.length >= elementsMax) throw cursor.refuse(`more than ${elementsMax} elements`, `at most ${elementsMax}`);
    list.push(readNumber(cursor, field, blockEnd));
  }
}

function readValue(cursor: Decoding, field: FieldPlan, end: number, depth: number): unknown {
  if (field.kind > kinds.message) return readNumber(cursor, field, end);
  const blockEnd = cursor.block(end);
  if (field.kind === kinds.message) {
    const plan = planOfField(field);
    if (plan.special === "any") return readAny(cursor, field, plan, blockEnd, depth);
    return readMessage(cursor, plan, blockEnd, depth + 1);
  }
  if (cursor.at === blockEnd && !field.explicit) throw defaultWritten(cursor, field);
  if (field.kind === kinds.bytes) {
    const value = cursor.bytes.subarray(cursor.at, blockEnd);
    cursor.at = blockEnd;
    return value;
  }
  const offset = cursor.at;
  const text = cursor.text(blockEnd);
  if (field.integer && text !== "" && !isCanonicalInteger(text))
    throw cursor.refuse(
      `${JSON.stringify(text.slice(0, 100))} is not canonical`,
      `a decimal integer of at most ${intBitsMax} bits`,
      offset,
    );
  return text;
}

/** 78 digits hold 256 bits, but not all of them do. */
const canonicalInteger = /^(?:0|-?[1-9][0-9]{0,77})$/;

/** Go's math.Int takes "0x10", "+5" and "1_0" too; one value shall have one text. */
const isCanonicalInteger = (text: string): boolean =>
  canonicalInteger.test(text) && (text.length < 78 || isIntInRange(BigInt(text)));

const defaultWritten = (cursor: Cursor, field: FieldPlan) =>
  cursor.refuse(`field ${field.number} (${field.name}) is written with its default value`, "it left out");

function readNumber(cursor: Cursor, field: FieldPlan, end: number): unknown {
  const offset = cursor.at;
  if (field.kind >= kinds.fixed32) return readFixed(cursor, field, end);
  cursor.varint(end);
  const { low, high } = cursor;
  if (low === 0 && high === 0 && !field.explicit) throw defaultWritten(cursor, field);
  switch (field.kind) {
    case kinds.uint64:
      return cursor.unsigned64();
    case kinds.int64:
      return BigInt.asIntN(64, cursor.unsigned64());
    case kinds.sint64: {
      const value = cursor.unsigned64();
      return (value >> 1n) ^ -(value & 1n);
    }
    case kinds.int32:
      if (high === (low >= 0x8000_0000 ? 0xffff_ffff : 0)) return low | 0;
      throw cursor.refuse("a number exceeds 32 bits", "a signed number of 32 bits", offset);
    case kinds.bool:
      if (high === 0 && low <= 1) return low === 1;
      throw cursor.refuse("a truth value is neither 0 nor 1", "0 or 1", offset);
    default:
      if (high !== 0) throw cursor.refuse("a number exceeds 32 bits", "at most 4294967295", offset);
      return field.kind === kinds.sint32 ? (low >>> 1) ^ -(low & 1) : low;
  }
}

function readFixed(cursor: Cursor, field: FieldPlan, end: number): unknown {
  const width = field.kind <= kinds.float ? 4 : 8;
  const view = cursor.fixed(width, end);
  const at = cursor.at;
  cursor.at += width;
  const low = view.getUint32(at, true);
  const high = width === 8 ? view.getUint32(at + 4, true) : 0;
  if (low === 0 && high === 0 && !field.explicit) throw defaultWritten(cursor, field);
  switch (field.kind) {
    case kinds.fixed32:
      return low;
    case kinds.sfixed32:
      return low | 0;
    case kinds.fixed64:
      return view.getBigUint64(at, true);
    case kinds.sfixed64:
      return view.getBigInt64(at, true);
    default:
      throw cursor.refuse("a floating-point number", "no such field in a transaction", at);
  }
}

/** The common encoding of an Any whose type was met before; undefined leaves everything to the general way. */
function readKnownAny(
  cursor: Decoding,
  end: number,
): { readonly any: Message; readonly plan: MessagePlan } | undefined {
  const { bytes, at } = cursor;
  const urlEnd = at + 2 + (bytes[at + 1] ?? 0);
  if (bytes[at] !== 0x0a || urlEnd - at >= 130 || urlEnd >= end || bytes[urlEnd] !== 0x12) return undefined;
  const known = knownType(bytes, at + 2, urlEnd);
  if (known === undefined) return undefined;
  cursor.at = urlEnd + 1;
  const length = cursor.uint32(end);
  if (length === 0 || cursor.at + length !== end) {
    cursor.at = at;
    return undefined;
  }
  const value = bytes.subarray(cursor.at, end);
  cursor.at = end;
  // Counted as the general way counts it: what was decoded before must not change what is accepted.
  countMessage(cursor);
  return { any: { typeUrl: known.typeUrl, value }, plan: known.plan };
}

function readAny(cursor: Decoding, field: FieldPlan, plan: MessagePlan, end: number, depth: number): Message {
  if (depth >= depthMax) throw tooDeep(cursor);
  const known = readKnownAny(cursor, end);
  const any = known?.any ?? readMessage(cursor, plan, end, depth + 1);
  const value = any.value as Uint8Array;
  const inner = planOfAny(cursor, field, any.typeUrl as string, known?.plan);
  if (known === undefined) rememberType(any.typeUrl as string, utf8.encode(any.typeUrl as string), inner);
  cursor.at = end - value.length;
  cursor.depth = depth + 1;
  cursor.fields[depth + 1] = plan.fields[1];
  const unpacked = readMessage(cursor, inner, end, depth + 2);
  if (depth === 0) cursor.unpacked.push(unpacked);
  return any;
}

const utf8 = new TextEncoder();

function planOfAny(cursor: Decoding, field: FieldPlan, typeUrl: string, met: MessagePlan | undefined): MessagePlan {
  const inner = met ?? (typeUrl.startsWith("/") ? planOf(typeUrl.slice(1)) : undefined);
  const { knowsMessage } = cursor;
  const known =
    inner !== undefined &&
    (field.anyRole !== "publicKey" || publicKeys.has(typeUrl)) &&
    (field.anyRole !== "message" || knowsMessage === undefined || knowsMessage(typeUrl));
  if (!known) throw sdk.txDecode(`unable to resolve type URL ${typeUrl}`);
  return inner;
}

/** The range of RFC 3339's years and of the SDK's durations: beyond it neither has a text, so no sign bytes. */
function checkTime(cursor: Cursor, plan: MessagePlan, message: Message): void {
  if (plan.special === "any") return;
  const seconds = message.seconds as bigint;
  const nanos = message.nanos as number;
  if (plan.special === "timestamp") {
    if (seconds < -62_135_596_800n || seconds > 253_402_300_799n || nanos < 0 || nanos > 999_999_999)
      throw cursor.refuse(`time ${seconds}s ${nanos}ns is out of range`, "the years 1 to 9999, nanos 0 to 999999999");
    return;
  }
  const sign = seconds > 0n || nanos > 0;
  const mixed = sign ? seconds < 0n || nanos < 0 : seconds > 0n || nanos > 0;
  if (mixed || seconds > 9_223_372_035n || seconds < -9_223_372_035n || Math.abs(nanos) > 999_999_999)
    throw cursor.refuse(`duration ${seconds}s ${nanos}ns is out of range`, "one sign and less than 292 years");
}

export interface Decoded<T> {
  readonly value: T;
  /** What the Anys directly inside `value` hold, in order. */
  readonly unpacked: readonly unknown[];
}

const noOptions: StrictOptions = {};

export function strictDecodeUnpacked<T>(typeName: string, bytes: Uint8Array, options = noOptions): Decoded<T> {
  const plan = planOf(typeName);
  if (plan === undefined) throw sdk.txDecode(`unable to resolve type URL /${typeName}`);
  const cursor = new Decoding(bytes, options);
  const value = readMessage(cursor, plan, bytes.length, 0) as T;
  return { value, unpacked: cursor.unpacked };
}

/** Same shape as the generated TypeScript's decode; byte fields are views of `bytes`. Throws ChainError and nothing else. */
export function strictDecode<T>(typeName: string, bytes: Uint8Array, options = noOptions): T {
  return strictDecodeUnpacked<T>(typeName, bytes, options).value;
}
