/** Parameters of RPC calls: from a URI's texts or from JSON-RPC's params, by CometBFT's rules and texts. Owns no method. */

import type { AnyEvidence } from "../consensus/evidence.ts";
import { hexProblem } from "../consensus/json.ts";
import { readEvidence } from "./rpc-evidence.ts";
import { jsonKind, ParamError } from "./rpc-param-error.ts";
import { parseJson } from "./rpc-parse.ts";

export { jsonKind, ParamError } from "./rpc-param-error.ts";

export type ParamType = "text" | "bytes" | "tx" | "hex" | "int64" | "optionalInt64" | "uint64" | "boolean" | "evidence";

export interface ParamTypes {
  text: string;
  bytes: Uint8Array;
  tx: Uint8Array;
  hex: Uint8Array;
  int64: bigint;
  optionalInt64: bigint | undefined;
  uint64: bigint;
  evidence: AnyEvidence | undefined;
  boolean: boolean;
}

export type ParamSpec = Readonly<Record<string, ParamType>>;
export type ParamsOf<S extends ParamSpec> = { readonly [K in keyof S]: ParamTypes[S[K]] };

const defaults: { readonly [T in ParamType]: () => ParamTypes[T] } = {
  text: () => "",
  bytes: () => new Uint8Array(),
  tx: () => new Uint8Array(),
  hex: () => new Uint8Array(),
  int64: () => 0n,
  optionalInt64: () => undefined,
  uint64: () => 0n,
  evidence: () => undefined,
  boolean: () => false,
};

const isInteger = (type: ParamType): boolean => type === "int64" || type === "optionalInt64" || type === "uint64";
const isBytes = (type: ParamType): boolean => type === "bytes" || type === "tx" || type === "hex";

/** rpc/jsonrpc/server/http_uri_handler.go: digits, 0x…, "quoted", or JSON. */
export function fromUri(spec: ParamSpec, query: URLSearchParams): Record<string, unknown> {
  return mapSpec(spec, (name, type) => {
    const text = query.get(name) ?? "";
    if (text === "") return defaults[type]();
    if (isInteger(type) && /^-?[0-9]+$/.test(text)) return toInteger(text, type);
    if (/^0x/i.test(text)) return hexArgument(text.slice(2), type);
    if (isInteger(type) && text !== "null" && !isQuoted(text)) throw notQuotedInteger(text);
    if (type === "hex" && !isQuoted(text)) throw new ParamError(`invalid hex string: ${text}`);
    const value = parseJson(text);
    if (isBytes(type) && text.startsWith('"') && typeof value === "string") return new Uint8Array(Buffer.from(value));
    return fromValue(value, type);
  });
}

const isQuoted = (text: string): boolean => text.length >= 2 && text.startsWith('"') && text.endsWith('"');

const notQuotedInteger = (text: string) =>
  new ParamError(`invalid 64-bit integer encoding ${JSON.stringify(text)}, expected string`);

/** Go's name of a parameter's kind where a text is not expected. */
const goKinds: Readonly<Partial<Record<ParamType, string>>> = {
  boolean: "bool",
  uint64: "uint",
  evidence: "interface",
};

function hexArgument(hex: string, type: ParamType): unknown {
  if (type !== "text" && !isBytes(type)) {
    throw new ParamError(`got a hex string arg, but expected '${goKinds[type] ?? "int64"}'`);
  }
  const bytes = decodeHex(hex);
  return type === "text" ? Buffer.from(bytes).toString() : bytes;
}

/** JSON-RPC: an object by name, or a list in the order of the method's parameters. */
export function fromJson(spec: ParamSpec, params: unknown): Record<string, unknown> {
  if (params === undefined || params === null) return mapSpec(spec, (_, type) => defaults[type]());
  if (Array.isArray(params)) {
    const names = Object.keys(spec);
    if (params.length !== names.length) {
      throw new ParamError(
        `expected ${names.length} parameters ([${names.join(" ")}]), got ${params.length} (${goRaw(params)})`,
      );
    }
    return mapSpec(spec, (name, type) => fromValue(params[names.indexOf(name)], type));
  }
  if (typeof params !== "object") {
    const text = `json: cannot unmarshal ${jsonKind(params)} into Go value of type []json.RawMessage`;
    throw new ParamError(`unknown type for JSON params: ${text}. Expected map or array`);
  }
  const byName = params as Readonly<Record<string, unknown>>;
  return mapSpec(spec, (name, type) => fromValue(Object.hasOwn(byName, name) ? byName[name] : undefined, type));
}

/** Go prints raw JSON as lists of its bytes. */
const goRaw = (values: readonly unknown[]): string =>
  `[${values.map((value) => `[${[...Buffer.from(JSON.stringify(value))].join(" ")}]`).join(" ")}]`;

function mapSpec(spec: ParamSpec, read: (name: string, type: ParamType) => unknown): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(spec)) result[name] = read(name, type);
  return result;
}

function fromValue(value: unknown, type: ParamType): unknown {
  if (value === undefined || value === null) return defaults[type]();
  switch (type) {
    case "text":
      return expectString(value, "string");
    case "bytes":
      return decodeBase64(expectString(value, "[]uint8"));
    case "tx":
      return decodeBase64(expectString(value, "types.Tx"));
    case "hex":
      if (typeof value !== "string") throw new ParamError(`invalid hex string: ${JSON.stringify(value)}`);
      return decodeHex(value);
    case "boolean":
      if (typeof value !== "boolean") throw wrongType(value, "bool");
      return value;
    case "evidence":
      return readEvidence(value);
    default:
      if (typeof value !== "string") throw notQuotedInteger(JSON.stringify(value));
      return toInteger(value, type);
  }
}

function expectString(value: unknown, goType: string): string {
  if (typeof value !== "string") throw wrongType(value, goType);
  return value;
}

const wrongType = (value: unknown, goType: string) =>
  new ParamError(`json: cannot unmarshal ${jsonKind(value)} into Go value of type ${goType}`);

/** What stands between the quotes is read as JSON once more, and must be a whole number. */
function toInteger(text: string, type: ParamType): bigint {
  const goType = type === "uint64" ? "uint" : "int64";
  if (!/^-?[0-9]{1,39}$/.test(text)) {
    const value = parseJson(text);
    const kind = typeof value === "number" ? `number ${text}` : jsonKind(value);
    throw new ParamError(`json: cannot unmarshal ${kind} into Go value of type ${goType}`);
  }
  const integer = BigInt(text);
  const bounded = type === "uint64" ? BigInt.asUintN(64, integer) : BigInt.asIntN(64, integer);
  if (bounded !== integer) {
    throw new ParamError(`json: cannot unmarshal number ${text} into Go value of type ${goType}`);
  }
  return integer;
}

function decodeHex(text: string): Uint8Array {
  const problem = hexProblem(text);
  if (problem !== undefined) throw new ParamError(problem);
  return new Uint8Array(Buffer.from(text, "hex"));
}

function decodeBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) {
    const valid = /^[A-Za-z0-9+/]*/.exec(text)?.[0].length ?? 0;
    const at = valid < text.length && text[valid] !== "=" ? valid : valid - (valid % 4);
    throw new ParamError(`illegal base64 data at input byte ${at}`);
  }
  return new Uint8Array(bytes);
}
