/** Reads values as CometBFT's JSON has them, with the texts of Go's decoder. Owns single values; what they make up is the caller's. */
import { fromRfc3339, zeroTime } from "../consensus/time.ts";
import { jsonKind, ParamError } from "./rpc-param-error.ts";

export type Fields = Readonly<Record<string, unknown>>;

export function object(value: unknown, goType: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new ParamError(`json: cannot unmarshal ${jsonKind(value)} into Go value of type ${goType}`);
}

export function int64(value: unknown): bigint {
  if (value === undefined || value === null) return 0n;
  if (typeof value !== "string") {
    throw new ParamError(`invalid 64-bit integer encoding ${JSON.stringify(JSON.stringify(value))}, expected string`);
  }
  if (!/^-?\d{1,19}$/.test(value) || BigInt.asIntN(64, BigInt(value)) !== BigInt(value)) {
    throw new ParamError(`json: cannot unmarshal number ${value} into Go value of type int64`);
  }
  return BigInt(value);
}

function integer(value: unknown, from: number, to: number, goType: string): number {
  if (value === undefined || value === null) return 0;
  const isFit = typeof value === "number" && Number.isInteger(value) && value >= from && value <= to;
  if (isFit) return value;
  const what = typeof value === "number" ? `number ${value}` : jsonKind(value);
  throw new ParamError(`json: cannot unmarshal ${what} into Go value of type ${goType}`);
}

export const int32 = (value: unknown) => integer(value, -(2 ** 31), 2 ** 31 - 1, "int32");
export const uint32 = (value: unknown) => integer(value, 0, 2 ** 32 - 1, "uint32");

export function text(value: unknown, goType: string): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  throw new ParamError(`json: cannot unmarshal ${jsonKind(value)} into Go value of type ${goType}`);
}

export function hex(value: unknown): Uint8Array {
  const digits = text(value, "string");
  if (!/^([0-9a-fA-F]{2})*$/.test(digits)) throw new ParamError(`invalid hex string: ${JSON.stringify(digits)}`);
  return new Uint8Array(Buffer.from(digits, "hex"));
}

export function bytes(value: unknown): Uint8Array {
  const encoded = text(value, "[]uint8");
  const decoded = Buffer.from(encoded, "base64");
  if (decoded.toString("base64") !== encoded) throw new ParamError("illegal base64 data at input byte 0");
  return new Uint8Array(decoded);
}

export function time(value: unknown) {
  if (value === undefined || value === null) return zeroTime;
  const written = JSON.stringify(JSON.stringify(value));
  if (typeof value !== "string") throw new ParamError(`JSON time must be an RFC3339 string, but got ${written}`);
  if (!value.endsWith("Z")) throw new ParamError(`JSON time must be UTC and end with 'Z', but got ${written}`);
  const read = fromRfc3339(value);
  if (read === undefined) throw new ParamError(`parsing time ${JSON.stringify(value)}: expected an RFC 3339 time`);
  return read;
}
