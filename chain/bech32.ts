/** Bech32 (BIP-173) over bytes, with cosmos-sdk's limit of length and its error texts. Owns the encoding; addresses are address.ts. */
import { ChainError } from "./errors.ts";

const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const checksumLength = 6;
/** cosmos-sdk types/bech32: above BIP-173's 90, for addresses of up to 255 bytes. */
export const bech32LengthMax = 1023;

/** From an ASCII code to its five bits, 255 for what is not in the alphabet. */
const fiveBitsOf = new Uint8Array(128).fill(255);
for (let i = 0; i < alphabet.length; i++) fiveBitsOf[alphabet.charCodeAt(i)] = i;

/** The BCH code's generator for each value of the five bits that leave the register, so that a step is one lookup. */
const generators = Int32Array.from({ length: 32 }, (_, top) =>
  [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].reduce(
    (sum, generator, bit) => ((top >> bit) & 1 ? sum ^ generator : sum),
    0,
  ),
);

const step = (register: number, value: number): number =>
  ((register & 0x1ffffff) << 5) ^ value ^ generators[register >>> 25]!;

/** The register after the prefix: its high bits, a zero, its low bits. */
function absorbPrefix(prefix: string): number {
  let register = 1;
  for (let i = 0; i < prefix.length; i++) register = step(register, prefix.charCodeAt(i) >> 5);
  register = step(register, 0);
  for (let i = 0; i < prefix.length; i++) register = step(register, prefix.charCodeAt(i) & 31);
  return register;
}

function checksumText(register: number): string {
  for (let i = 0; i < checksumLength; i++) register = step(register, 0);
  register ^= 1;
  let text = "";
  for (let i = checksumLength - 1; i >= 0; i--) text += alphabet[(register >> (5 * i)) & 31];
  return text;
}

/** An encoder that has absorbed its prefix. The prefix is lower case, as the checksum wants it. */
export function bech32Encoder(prefix: string): (bytes: Uint8Array) => string {
  const start = absorbPrefix(prefix);
  const head = `${prefix}1`;
  return (bytes) => {
    let register = start;
    let text = head;
    let pending = 0;
    let pendingBits = 0;
    for (let i = 0; i < bytes.length; i++) {
      pending = ((pending << 8) | bytes[i]!) & 0xfff;
      pendingBits += 8;
      while (pendingBits >= 5) {
        pendingBits -= 5;
        const value = (pending >> pendingBits) & 31;
        register = step(register, value);
        text += alphabet[value];
      }
    }
    if (pendingBits > 0) {
      const value = (pending << (5 - pendingBits)) & 31;
      register = step(register, value);
      text += alphabet[value];
    }
    return text + checksumText(register);
  };
}

export interface Bech32 {
  readonly prefix: string;
  readonly bytes: Uint8Array;
}

/** Invalid address (sdk 7) by code; the text is the bare one that the SDK's messages wrap. */
const refuse = (detail: string): ChainError => new ChainError("sdk", 7, `decoding bech32 failed: ${detail}`);

const utf8 = new TextEncoder();

/** Go counts bytes: of text beyond ASCII, lengths and the character that is shown are those of its UTF-8. */
function refuseNonPrintable(text: string, at: number): never {
  const [byte] = utf8.encode(text.slice(at));
  throw refuse(`invalid character in string: '${String.fromCharCode(byte!)}'`);
}

/** Lower case, or all upper case made lower; a mixture is refused. */
function normalize(text: string): string {
  let hasLower = false;
  let hasUpper = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 33 || code > 126) refuseNonPrintable(text, i);
    hasLower ||= code >= 97 && code <= 122;
    hasUpper ||= code >= 65 && code <= 90;
    if (hasLower && hasUpper) throw refuse("string not all lowercase or all uppercase");
  }
  return hasUpper ? text.toLowerCase() : text;
}

/** No text longer than the limit in characters is shorter in bytes, so a hostile one is not encoded to be counted. */
const byteLength = (text: string): number => (text.length > bech32LengthMax ? text.length : utf8.encode(text).length);

function requireLength(text: string): void {
  const isSurelyGood = text.length >= 8 && text.length * 3 <= bech32LengthMax;
  if (isSurelyGood) return;
  const length = byteLength(text);
  if (length < 8 || length > bech32LengthMax) throw refuse(`invalid bech32 string length ${length}`);
}

/** Where the data begins: after the last "1", which has a prefix before it and a checksum behind. */
function dataStart(text: string): number {
  const separator = text.lastIndexOf("1");
  if (separator < 1 || separator + 1 + checksumLength > text.length) {
    throw refuse(`invalid separator index ${separator}`);
  }
  return separator + 1;
}

function valueAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  const value = fiveBitsOf[code]!;
  if (value === 255) throw refuse(`invalid character not part of charset: ${code}`);
  return value;
}

/** The bytes of the data, and the register after them. Bits that fill no byte must be few and zero. */
function absorbData(
  text: string,
  start: number,
  register: number,
): { bytes: Uint8Array; register: number; rest: boolean } {
  const end = text.length - checksumLength;
  const bytes = new Uint8Array(((end - start) * 5) >> 3);
  let length = 0;
  let pending = 0;
  let pendingBits = 0;
  for (let i = start; i < end; i++) {
    const value = valueAt(text, i);
    register = step(register, value);
    pending = ((pending << 5) | value) & 0xfff;
    pendingBits += 5;
    if (pendingBits < 8) continue;
    pendingBits -= 8;
    bytes[length++] = pending >> pendingBits;
  }
  return { bytes, register, rest: pendingBits > 4 || (pending & ((1 << pendingBits) - 1)) !== 0 };
}

/** Throws ChainError with the SDK's text unless this is bech32; all upper case counts as lower case. */
export function decodeBech32(encoded: string): Bech32 {
  requireLength(encoded);
  const text = normalize(encoded);
  const start = dataStart(text);
  const prefix = text.slice(0, start - 1);
  const { bytes, register, rest } = absorbData(text, start, absorbPrefix(prefix));

  const expected = register;
  let actual = register;
  for (let i = text.length - checksumLength; i < text.length; i++) actual = step(actual, valueAt(text, i));
  if (actual !== 1) {
    throw refuse(`invalid checksum (expected ${checksumText(expected)} got ${text.slice(-checksumLength)})`);
  }
  if (rest) throw refuse("invalid incomplete group");
  return { prefix, bytes };
}
