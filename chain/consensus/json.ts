/** The JSON of CometBFT's files and RPC: what a value must look like to be read, and how bytes and integers are written. */

export type JsonObject = Readonly<Record<string, unknown>>;

export const hexUpper = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex").toUpperCase();

export const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");

const describe = (value: unknown): string =>
  value === undefined ? "nothing" : (JSON.stringify(value)?.slice(0, 80) ?? typeof value);

export function asObject(value: unknown, where: string): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${where}: expected an object, found ${describe(value)}`);
  }
  return value as JsonObject;
}

export function asArray(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${where}: expected a list, found ${describe(value)}`);
  return value;
}

export function asString(value: unknown, where: string): string {
  if (typeof value !== "string") throw new Error(`${where}: expected a text, found ${describe(value)}`);
  return value;
}

/** A 64-bit integer: a text of digits as CometBFT writes it, or a whole number as people write it. */
export function asInteger(value: unknown, where: string): bigint {
  const isText = typeof value === "string" && /^-?\d{1,19}$/.test(value);
  const isNumber = typeof value === "number" && Number.isSafeInteger(value);
  if (!isText && !isNumber) throw new Error(`${where}: expected an integer, found ${describe(value)}`);
  const integer = BigInt(value as string | number);
  if (BigInt.asIntN(64, integer) !== integer) throw new Error(`${where}: ${integer} does not fit in 64 bits`);
  return integer;
}

export function fromBase64(text: string, where: string): Uint8Array {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw new Error(`${where}: ${describe(text)} is not base64`);
  return new Uint8Array(bytes);
}

export function fromHex(text: string, where: string): Uint8Array {
  if (!/^([0-9a-fA-F]{2})*$/.test(text)) throw new Error(`${where}: ${describe(text)} is not hexadecimal`);
  return new Uint8Array(Buffer.from(text, "hex"));
}

/** What Go's decoder says of a text that is not hexadecimal; undefined when it is. */
export function hexProblem(text: string): string | undefined {
  const wrong = /[^0-9a-fA-F]/u.exec(text)?.[0];
  if (wrong !== undefined) {
    const code = (wrong.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    return `encoding/hex: invalid byte: U+${code} '${wrong}'`;
  }
  return text.length % 2 === 1 ? "encoding/hex: odd length hex string" : undefined;
}
