/**
 * Amino JSON by the protos' amino.* options, byte for byte as cosmossdk.io/x/tx/signing/aminojson writes it: what Ledger devices and
 * amino wallets sign. One encoder for every message, none by hand. Owns the encoding; the sign document is signbytes.ts.
 */

import { type FieldSchema, type MessageSchema, propertyOf, schema } from "../../proto/schema.ts";
import { base64 } from "../base64.ts";
import type { Timestamp } from "../context.ts";
import { decFromProto, decFromProtoBytes, formatDec } from "../dec.ts";
import { sdk } from "../errors.ts";
import { formatRfc3339 } from "../rfc3339.ts";
import { strictDecode } from "./strict.ts";

/** Anys hold their messages encoded, so nesting is counted here as strict decoding counts it. */
const nestingMax = 32;

type Message = Readonly<Record<string, unknown>>;

interface SortedField {
  readonly field: FieldSchema;
  readonly key: string;
  readonly name: string;
  /** CamelCase name of the oneof that holds the field, and the names of all its members' properties. */
  readonly oneof: { readonly name: string; readonly keys: readonly string[] } | undefined;
}

const refuse = (text: string) => sdk.jsonMarshal(text);

/** Go's json.Marshal escapes what HTML or JavaScript would trip over. */
export const goJsonString = (text: string): string =>
  JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** strcase.ToCamel of a snake_case name. */
const camel = (name: string): string => name.replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const messageSchema = (typeName: string): MessageSchema => {
  const found = Object.hasOwn(schema().messages, typeName) ? schema().messages[typeName] : undefined;
  if (found === undefined) throw refuse(`can't resolve type URL /${typeName}`);
  return found;
};

const sorted = new Map<string, readonly SortedField[]>();

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function sortedFields(typeName: string, fields: readonly FieldSchema[]): readonly SortedField[] {
  const known = sorted.get(typeName);
  if (known !== undefined) return known;
  const list = fields.map((field): SortedField => {
    const key = propertyOf(field);
    const name = field.aminoName ?? field.name;
    if (field.oneof === undefined) return { field, key, name, oneof: undefined };
    if (field.aminoOneofName === undefined)
      throw refuse(`field ${field.name} within a oneof must have the amino.oneof_type_name option set`);
    const keys = fields.filter(({ oneof }) => oneof === field.oneof).map(propertyOf);
    return { field, key, name, oneof: { name: camel(field.oneof), keys } };
  });
  list.sort((a, b) => byText(a.oneof?.name ?? a.name, b.oneof?.name ?? b.name));
  sorted.set(typeName, list);
  return list;
}

/** protobuf's "has": a scalar outside a oneof is there when it is not its default. */
function isSet(field: FieldSchema, value: unknown): boolean {
  if (field.repeated === true) return (value as readonly unknown[]).length > 0;
  if (field.oneof !== undefined || field.type === "message") return value !== undefined;
  if (field.type === "bytes") return (value as Uint8Array).length > 0;
  return value !== "" && value !== 0 && value !== 0n && value !== false && value !== undefined;
}

function encodeMessage(typeName: string, message: Message, depth: number): string {
  if (depth > nestingMax) throw refuse(`messages nest deeper than ${nestingMax}`);
  if (typeName === "google.protobuf.Any") return encodeAny(message, depth);
  if (typeName === "google.protobuf.Timestamp") return `"${formatRfc3339(message as unknown as Timestamp)}"`;
  if (typeName === "google.protobuf.Duration")
    return `"${(message.seconds as bigint) * 1_000_000_000n + BigInt(message.nanos as number)}"`;
  const { fields, aminoEncoding } = messageSchema(typeName);
  if (aminoEncoding === "key_field") return encodeKeyField(message);
  if (aminoEncoding === "module_account") return encodeModuleAccount(message);
  if (aminoEncoding === "threshold_string") return encodeThreshold(message, depth);
  const parts: string[] = [];
  const emptyOneofs = new Set<string>();
  for (const entry of sortedFields(typeName, fields)) {
    const part = encodeField(entry, message, emptyOneofs, depth);
    if (part !== undefined) parts.push(part);
  }
  return `{${parts.join(",")}}`;
}

/** undefined: the field is left out. A oneof without a member is written once, as null. */
function encodeField(
  { field, key, name, oneof }: SortedField,
  message: Message,
  emptyOneofs: Set<string>,
  depth: number,
): string | undefined {
  const value = message[key];
  if (isSet(field, value)) {
    const text = `${goJsonString(name)}:${encodeValue(field, value, depth)}`;
    if (oneof === undefined) return text;
    return `"${oneof.name}":{"type":"${field.aminoOneofName}","value":{${text}}}`;
  }
  if (oneof?.keys.every((key) => message[key] === undefined) && !emptyOneofs.has(oneof.name)) {
    emptyOneofs.add(oneof.name);
    return `${goJsonString(oneof.name)}:null`;
  }
  if (field.aminoKeepEmpty !== true) return undefined;
  if (field.type === "message" && field.repeated !== true)
    throw refuse(`not supported: dont_omit_empty=true on invalid (nil?) message field: ${name}`);
  return `${goJsonString(name)}:${encodeValue(field, value, depth)}`;
}

function encodeValue(field: FieldSchema, value: unknown, depth: number): string {
  if (field.repeated === true) return encodeList(field, value as readonly unknown[], depth);
  if (field.aminoEncoding === "inline_json") throw refuse(`field ${field.name}: amino.encoding inline_json`);
  if (field.scalar === "cosmos.Int") return value === "" ? '"0"' : goJsonString(value as string);
  if (field.scalar === "cosmos.Dec" && field.custom === legacyDec) return encodeDec(value as string | Uint8Array);
  return encodeOne(field, value, depth);
}

const legacyDec = "cosmossdk.io/math.LegacyDec";

function encodeDec(value: string | Uint8Array): string {
  if (value.length === 0) return '"0"';
  return `"${formatDec(typeof value === "string" ? decFromProto(value) : decFromProtoBytes(value))}"`;
}

function encodeList(field: FieldSchema, list: readonly unknown[], depth: number): string {
  if (list.length === 0) return field.aminoEncoding === "legacy_coins" ? "[]" : "null";
  return `[${list.map((element) => encodeOne(field, element, depth)).join(",")}]`;
}

function encodeOne(field: FieldSchema, value: unknown, depth: number): string {
  switch (field.type) {
    case "message":
      return encodeMessage(field.of!, value as Message, depth + 1);
    case "string":
      return goJsonString(value as string);
    case "bytes":
      return encodeBytes(field, value as Uint8Array);
    case "int64":
    case "uint64":
    case "sint64":
    case "fixed64":
    case "sfixed64":
      return `"${value}"`;
    case "float":
    case "double":
      throw refuse(`field ${field.name}: unknown type ${field.type}`);
    default:
      return String(value);
  }
}

/** Go's nil slice is null; inside a list an empty element is a slice. */
const encodeBytes = (field: FieldSchema, bytes: Uint8Array): string =>
  bytes.length === 0 && field.repeated !== true ? "null" : `"${base64(bytes)}"`;

const encodeKeyField = ({ key }: Message): string =>
  (key as Uint8Array).length === 0 ? "null" : `"${base64(key as Uint8Array)}"`;

function encodeThreshold({ threshold, publicKeys }: Message, depth: number): string {
  const keys = (publicKeys as readonly Message[]).map((key) => encodeAny(key, depth + 1));
  return `{"pubkeys":[${keys.join(",")}],"threshold":"${threshold}"}`;
}

function encodeModuleAccount({ baseAccount, name, permissions }: Message): string {
  const base = baseAccount as Message | undefined;
  const list = permissions as readonly string[];
  return (
    `{"account_number":${base?.accountNumber ?? 0n},"address":${goJsonString((base?.address as string) ?? "")},` +
    `"name":${goJsonString(name as string)},"permissions":${list.length === 0 ? "null" : `[${list.map(goJsonString).join(",")}]`},` +
    `"public_key":"","sequence":${base?.sequence ?? 0n}}`
  );
}

function encodeAny({ typeUrl, value }: Message, depth: number): string {
  const typeName = (typeUrl as string).slice(1);
  const name = messageSchema(typeName).aminoName ?? `/${typeName}`;
  const inner = strictDecode<Message>(typeName, value as Uint8Array);
  return `{"type":"${name}","value":${encodeMessage(typeName, inner, depth + 1)}}`;
}

/** A message inside an Any of a sign document: always named. */
export const aminoJsonPacked = (typeName: string, message: unknown): string =>
  `{"type":"${messageSchema(typeName).aminoName ?? `/${typeName}`}","value":${encodeMessage(typeName, message as Message, 1)}}`;

/** A message by itself: named only when the proto gives it an amino name. Throws ChainError where Go refuses too. */
export function aminoJson(typeName: string, message: unknown): string {
  const { aminoName } = messageSchema(typeName);
  const value = encodeMessage(typeName, message as Message, 0);
  return aminoName === undefined ? value : `{"type":"${aminoName}","value":${value}}`;
}
