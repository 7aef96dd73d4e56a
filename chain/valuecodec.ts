/**
 * Values of typed collections as bytes, as the SDK's value codecs write them. A protobuf message is a value by messageCodec (codec.ts).
 * Owns the encodings of single values; it does not own keys (keycodec.ts).
 */
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import type { Codec } from "./codec.ts";
import { intBitsMax, isIntInRange } from "./int.ts";
import { readUint64, writeUint64 } from "./keycodec.ts";
import { compareBytes } from "./store/types.ts";
import { encodeUtf8, readUtf8 } from "./utf8.ts";

function damaged(what: string): Error {
  return new Error(`stored value is damaged: ${what}; restore the store from a snapshot`);
}

/** 2^256 - 1 has 78 digits; one more for the sign. */
const intTextLengthMax = 79;

const canonicalInt = /^(0|-?[1-9][0-9]*)$/;

/** Numbers of so many digits are exact: most balances are read and written without text. */
const exactDigitsMax = 15;
const zeroDigit = 0x30;

/** Undefined where it is longer than that, or no canonical positive number: the general way decides. */
function readShortInt(bytes: Uint8Array): bigint | undefined {
  const { length } = bytes;
  if (length === 0 || length > exactDigitsMax || bytes[0] === zeroDigit) return undefined;
  let value = 0;
  for (let i = 0; i < length; i++) {
    const digit = bytes[i]! - zeroDigit;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return BigInt(value);
}

/** An integer as decimal text (sdk.IntValue): what balances and supply are stored as. */
export const intValue: Codec<bigint> = {
  encode(value) {
    if (!isIntInRange(value)) throw new RangeError(`integer to store exceeds ${intBitsMax} bits`);
    return encodeUtf8(value.toString());
  },
  decode(bytes) {
    const short = readShortInt(bytes);
    if (short !== undefined) return short;
    const text = bytes.length <= intTextLengthMax ? readUtf8(bytes, 0, bytes.length) : "";
    if (!canonicalInt.test(text)) throw damaged("an integer is not canonical decimal text");
    return BigInt(text);
  },
};

export const uint64Value: Codec<bigint> = {
  encode(value) {
    const bytes = new Uint8Array(8);
    writeUint64(bytes, 0, value);
    return bytes;
  },
  decode(bytes) {
    if (bytes.length !== 8) throw damaged(`an unsigned 64-bit integer has ${bytes.length} bytes`);
    return readUint64(bytes, 0);
  },
};

export const boolValue: Codec<boolean> = {
  encode: (value) => Uint8Array.of(value ? 1 : 0),
  decode(bytes) {
    if (bytes.length !== 1 || bytes[0]! > 1) throw damaged("a truth value is neither 00 nor 01");
    return bytes[0] === 1;
  },
};

/** As google.protobuf.BoolValue (codec.BoolValue of the SDK), with false written out: of an empty value ICS-23 has no proof (ADR 0009). */
export const protoBoolValue: Codec<boolean> = {
  encode: (value) => Uint8Array.of(0x08, value ? 1 : 0),
  decode(bytes) {
    if (bytes.length === 0) return false;
    if (bytes.length === 2 && bytes[0] === 0x08 && bytes[1]! <= 1) return bytes[1] === 1;
    throw damaged("a google.protobuf.BoolValue is neither 08 00 nor 08 01");
  },
};

const int64Bits = 64;

/** As google.protobuf.Int64Value, with zero written out: of an empty value ICS-23 has no proof (ADR 0009). */
export const protoInt64Value: Codec<bigint> = {
  encode: (value) => new BinaryWriter().uint32(0x08).int64(value).finish(),
  decode(bytes) {
    if (bytes.length === 0) return 0n;
    if (bytes[0] !== 0x08 || bytes.length > 11) throw damaged("a google.protobuf.Int64Value begins with another field");
    // By machine words as far as they go: every block reads the power of every validator.
    let low = 0;
    let high = 0n;
    for (let at = 1; at < bytes.length; at++) {
      if (at <= 4) low += (bytes[at]! & 0x7f) * 2 ** (7 * (at - 1));
      else high |= BigInt(bytes[at]! & 0x7f) << BigInt(7 * (at - 1));
    }
    if (bytes.at(-1)! > 0x7f) throw damaged("a google.protobuf.Int64Value ends within its number");
    return BigInt.asIntN(int64Bits, high + BigInt(low));
  },
};

/** A message that may be all defaults, which encodes to nothing: `whenEmpty` writes one of its defaults out (ADR 0009). */
export const neverEmpty = <T>(codec: Codec<T>, whenEmpty: Uint8Array): Codec<T> => ({
  encode(value) {
    const bytes = codec.encode(value);
    return bytes.length === 0 ? whenEmpty.slice() : bytes;
  },
  decode: (bytes) => codec.decode(bytes),
});

export const bytesValue: Codec<Uint8Array> = {
  encode: (value) => value.slice(),
  decode: (bytes) => bytes,
};

/** An address as a value is its raw bytes. */
export const addressValue = bytesValue;

export const stringValue: Codec<string> = {
  encode: encodeUtf8,
  decode: (bytes) => readUtf8(bytes, 0, bytes.length),
};

/**
 * For records that every block reads and few blocks change: what the last bytes of a slot decoded to is given again for the same bytes.
 * `slotOf` spreads records over the slots, a power of two; a record that changes stays in its slot. What is decoded must not be changed.
 */
export function remembering<T>(codec: Codec<T>, slots: number, slotOf: (bytes: Uint8Array) => number): Codec<T> {
  const known: ({ readonly bytes: Uint8Array; readonly value: T } | undefined)[] = new Array(slots).fill(undefined);
  return {
    encode: codec.encode,
    decode(bytes) {
      const slot = slotOf(bytes) & (slots - 1);
      const last = known[slot];
      if (last !== undefined && compareBytes(last.bytes, bytes) === 0) return last.value;
      const value = codec.decode(bytes);
      known[slot] = { bytes: bytes.slice(), value };
      return value;
    },
  };
}
