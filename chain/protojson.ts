/**
 * Protobuf messages as the JSON of the SDK's codec (gogoproto jsonpb, original names, defaults written): genesis files, exports.
 * Reading is strict and says where: a path, what was found there, what was expected. Owns no rule about values.
 */
import { type FieldSchema, type FieldType, type MessageSchema, propertyOf, schema } from "../proto/schema.ts";
import { base64, parseBase64 } from "./base64.ts";
import type { Timestamp } from "./context.ts";
import { decFromProto, decFromProtoBytes, decToProtoBytes, formatDec, parseDec } from "./dec.ts";
import { ChainError } from "./errors.ts";
import { encodeMessage } from "./protoencode.ts";
import { formatJsonTime, parseRfc3339 } from "./rfc3339.ts";
import { strictDecode } from "./tx/strict.ts";
import { encodeUtf8, readUtf8 } from "./utf8.ts";

/** Messages within messages, Any too. */
const depthMax = 32;

type Message = Record<string, unknown>;

/** A value of a genesis file that is refused. */
export const fieldError = (path: string, found: string, expected: string): Error =>
  new Error(`${path}: found ${found}, expected ${expected}`);

/** Runs `body`; what it refuses by a ChainError is refused by path, in that error's words. */
export function refusedAs<T>(path: string, found: string, expected: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof ChainError) throw fieldError(path, found, `${expected} (${error.message})`);
    throw error;
  }
}

const shownMax = 80;

/** What was found, short enough for a message. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "bigint" ? `${value}` : (JSON.stringify(value) ?? typeof value);
  return text.length > shownMax ? `${text.slice(0, shownMax)}…` : text;
}

function messageSchema(typeName: string, path: string): MessageSchema {
  const messages = schema().messages;
  if (Object.hasOwn(messages, typeName)) return messages[typeName]!;
  throw fieldError(`${path}.@type`, shown(`/${typeName}`), "the type of a message that this binary knows");
}

// ------------------------------------------------------------------------------------------------------------------- reading

/** Same shape as the generated TypeScript's decode. Unknown names are refused: they are mostly misspelt ones. */
export function fromJson<T>(typeName: string, json: unknown, path: string): T {
  return readMessage(typeName, json, path, 0) as T;
}

function asObject(json: unknown, path: string, typeName: string): Readonly<Record<string, unknown>> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw fieldError(path, shown(json), `an object, ${typeName}`);
  }
  return json as Readonly<Record<string, unknown>>;
}

function readMessage(typeName: string, json: unknown, path: string, depth: number): unknown {
  if (depth > depthMax) throw fieldError(path, `messages ${depth} deep`, `at most ${depthMax}`);
  if (typeName === "google.protobuf.Any") return readAny(json, path, depth);
  if (typeName === "google.protobuf.Timestamp") return readTime(json, path);
  if (typeName === "google.protobuf.Duration") return readDuration(json, path);
  return readFields(typeName, asObject(json, path, typeName), path, depth);
}

function readFields(typeName: string, json: Readonly<Record<string, unknown>>, path: string, depth: number): Message {
  const { fields } = messageSchema(typeName, path);
  const message: Message = {};
  let used = 0;
  for (const field of fields) {
    const name = Object.hasOwn(json, field.name) ? field.name : field.json;
    const value = Object.hasOwn(json, name) ? json[name] : undefined;
    if (value !== undefined) used++;
    message[propertyOf(field)] =
      value === undefined || value === null ? emptyValue(field) : readField(field, value, `${path}.${name}`, depth);
  }
  if (used === Object.keys(json).length) return message;
  const twice = fields.find(
    ({ name, json: other }) => name !== other && Object.hasOwn(json, name) && Object.hasOwn(json, other),
  );
  if (twice !== undefined) throw fieldError(`${path}.${twice.json}`, `${twice.name} too`, "one of the two names");
  const names = fields.map(({ name }) => name);
  const stranger = Object.keys(json).find(
    (name) => !fields.some((field) => field.name === name || field.json === name),
  );
  throw fieldError(
    `${path}.${stranger}`,
    "a field that does not exist",
    names.length === 0 ? "none" : names.join(", "),
  );
}

function emptyValue(field: FieldSchema): unknown {
  if (field.repeated) return [];
  if (field.oneof !== undefined || field.type === "message") return undefined;
  if (field.type === "string") return "";
  if (field.type === "bytes") return new Uint8Array(0);
  if (field.type === "bool") return false;
  return isLong(field.type) ? 0n : 0;
}

function readField(field: FieldSchema, json: unknown, path: string, depth: number): unknown {
  if (!field.repeated) return readOne(field, json, path, depth);
  if (!Array.isArray(json)) throw fieldError(path, shown(json), "a list");
  return json.map((element, index) => readOne(field, element, `${path}[${index}]`, depth));
}

function readOne(field: FieldSchema, json: unknown, path: string, depth: number): unknown {
  if (field.type === "message") return readMessage(field.of!, json, path, depth + 1);
  if (field.type === "enum") return readEnum(field.of!, json, path);
  if (field.type === "bool") {
    if (typeof json !== "boolean") throw fieldError(path, shown(json), "true or false");
    return json;
  }
  if (isScaledBytes(field)) {
    if (typeof json !== "string") throw fieldError(path, shown(json), "a decimal number as text");
    return refusedAs(path, shown(json), "a decimal number as text", () => decToProtoBytes(parseDec(json)));
  }
  if (isIntBytes(field)) {
    if (typeof json !== "string" || !wholeNumber.test(json))
      throw fieldError(path, shown(json), "a whole number as text");
    return encodeUtf8(json);
  }
  if (field.type === "bytes") {
    const bytes = typeof json === "string" ? parseBase64(json) : undefined;
    if (bytes === undefined) throw fieldError(path, shown(json), "bytes in base64");
    return bytes;
  }
  if (field.type === "string") return readText(field, json, path);
  return readNumber(field.type, json, path);
}

/** A decimal that the wire holds as a count of 10^-18; without the Go type it is plain text on both sides. */
const isScaled = ({ scalar, custom }: FieldSchema): boolean =>
  scalar === "cosmos.Dec" && custom === "cosmossdk.io/math.LegacyDec";

/** Fields of type bytes are left without the scalar in places. */
const isScaledBytes = ({ type, custom }: FieldSchema): boolean =>
  type === "bytes" && custom === "cosmossdk.io/math.LegacyDec";

/** A whole number whose text the wire holds as bytes. */
const isIntBytes = ({ type, custom }: FieldSchema): boolean => type === "bytes" && custom === "cosmossdk.io/math.Int";

const wholeNumber = /^(?:0|-?[1-9][0-9]{0,77})$/;

function readText(field: FieldSchema, json: unknown, path: string): string {
  if (typeof json !== "string") throw fieldError(path, shown(json), "text");
  if (isScaled(field)) {
    return refusedAs(path, shown(json), "a decimal number as text", () => `${parseDec(json)}`);
  }
  if (field.scalar === "cosmos.Int" && !wholeNumber.test(json)) {
    throw fieldError(path, shown(json), "a whole number as text");
  }
  return json;
}

function readEnum(typeName: string, json: unknown, path: string): number {
  const values = schema().enums[typeName] ?? {};
  if (typeof json === "string" && Object.hasOwn(values, json)) return values[json]!;
  if (typeof json === "number" && Object.values(values).includes(json)) return json;
  throw fieldError(path, shown(json), Object.keys(values).join(", "));
}

const isLong = (type: FieldType): boolean => type.endsWith("64");

/** Bounds by width and sign. */
function boundsOf(type: FieldType): readonly [low: bigint, high: bigint] {
  const bits = isLong(type) ? 64n : 32n;
  if (type.startsWith("u") || type.startsWith("fixed")) return [0n, (1n << bits) - 1n];
  return [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
}

/** Text or a JSON number; of a number only what JSON holds exactly. */
function readNumber(type: FieldType, json: unknown, path: string): bigint | number {
  const [low, high] = boundsOf(type);
  const isText = typeof json === "string" && /^(?:0|-?[1-9][0-9]{0,19})$/.test(json);
  const isNumber = typeof json === "number" && Number.isSafeInteger(json);
  const value = isText || isNumber ? BigInt(json as string | number) : undefined;
  if (value === undefined || value < low || value > high) {
    throw fieldError(path, shown(json), `a whole number from ${low} to ${high}${isLong(type) ? ", as text" : ""}`);
  }
  return isLong(type) ? value : Number(value);
}

/** Their JSON is no object of their fields, so that an Any holds it under "value". */
const hasOwnJson: ReadonlySet<string> = new Set([
  "google.protobuf.Any",
  "google.protobuf.Timestamp",
  "google.protobuf.Duration",
]);

function readAny(json: unknown, path: string, depth: number): Message {
  const { "@type": typeUrl, ...fields } = asObject(json, path, "google.protobuf.Any");
  if (typeof typeUrl !== "string" || !typeUrl.startsWith("/")) {
    throw fieldError(`${path}.@type`, shown(typeUrl), "a type URL such as /cosmos.auth.v1beta1.BaseAccount");
  }
  const typeName = typeUrl.slice(1);
  const inner = hasOwnJson.has(typeName)
    ? readMessage(typeName, fields.value, `${path}.value`, depth + 1)
    : readFields(typeName, fields, path, depth + 1);
  return { typeUrl, value: encodeMessage(typeName, inner as Message) };
}

function readTime(json: unknown, path: string): Timestamp {
  const time = typeof json === "string" ? parseRfc3339(json) : undefined;
  if (time === undefined) throw fieldError(path, shown(json), "a time such as 2026-01-31T12:00:00Z");
  return time;
}

function readDuration(json: unknown, path: string): { seconds: bigint; nanos: number } {
  const [, sign, seconds, fraction = ""] =
    (typeof json === "string" ? /^(-?)([0-9]{1,12})(?:\.([0-9]{1,9}))?s$/.exec(json) : null) ?? [];
  if (seconds === undefined) throw fieldError(path, shown(json), "a duration such as 172800s");
  const nanos = Number(fraction.padEnd(9, "0"));
  return sign === "-" ? { seconds: -BigInt(seconds), nanos: -nanos } : { seconds: BigInt(seconds), nanos };
}

// ------------------------------------------------------------------------------------------------------------------- writing

/** A value for JSON.stringify: 64-bit numbers as text, bytes in base64, every field with its original name. */
export function toJson(typeName: string, message: object): unknown {
  return writeMessage(typeName, message as Message, 0);
}

function writeMessage(typeName: string, message: Message, depth: number): unknown {
  if (depth > depthMax) throw new Error(`${typeName}: messages ${depth} deep, expected at most ${depthMax}`);
  if (typeName === "google.protobuf.Any") return writeAny(message, depth);
  if (typeName === "google.protobuf.Timestamp") return formatJsonTime(message as unknown as Timestamp);
  if (typeName === "google.protobuf.Duration") return writeDuration(message);
  return writeFields(typeName, message, depth);
}

function writeFields(typeName: string, message: Message, depth: number): Message {
  const json: Message = {};
  for (const field of messageSchema(typeName, typeName).fields) {
    const value = message[propertyOf(field)];
    if (field.oneof !== undefined && value === undefined) continue;
    json[field.name] = field.repeated
      ? (value as readonly unknown[]).map((element) => writeOne(field, element, depth))
      : isNoBytes(field, value)
        ? null
        : writeOne(field, value, depth);
  }
  return json;
}

/** Go's nil: bytes that are not there. */
const isNoBytes = ({ type }: FieldSchema, value: unknown): boolean =>
  type === "bytes" && (value as Uint8Array).length === 0;

function writeOne(field: FieldSchema, value: unknown, depth: number): unknown {
  if (field.type === "message")
    return value === undefined ? null : writeMessage(field.of!, value as Message, depth + 1);
  if (isScaledBytes(field)) return formatDec(decFromProtoBytes(value as Uint8Array));
  if (isIntBytes(field)) return readUtf8(value as Uint8Array, 0, (value as Uint8Array).length);
  if (field.type === "bytes") return base64(value as Uint8Array);
  if (field.type === "enum") return enumName(field.of!, value as number);
  if (isScaled(field)) return formatDec(decFromProto(value as string));
  return isLong(field.type) ? `${value}` : value;
}

const enumName = (typeName: string, value: number): string | number =>
  Object.entries(schema().enums[typeName] ?? {}).find(([, number]) => number === value)?.[0] ?? value;

function writeAny({ typeUrl, value }: Message, depth: number): Message {
  const typeName = (typeUrl as string).slice(1);
  const inner = strictDecode<Message>(typeName, value as Uint8Array);
  if (hasOwnJson.has(typeName)) return { "@type": typeUrl, value: writeMessage(typeName, inner, depth + 1) };
  return { "@type": typeUrl, ...writeFields(typeName, inner, depth + 1) };
}

function writeDuration({ seconds, nanos }: Message): string {
  const isNegative = (seconds as bigint) < 0n || (nanos as number) < 0;
  const fraction = `${Math.abs(nanos as number)}`.padStart(9, "0").replace(/(?:000)+$/, "");
  const whole = `${seconds}`.replace("-", "");
  return `${isNegative ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}s`;
}
