/**
 * Keys of typed collections as bytes, byte for byte as cosmossdk.io/collections v1.3 writes them, so that state keeps the SDK's layout.
 * Owns the encodings of single and composite keys; it does not own prefixes or what is stored under a key (collections.ts).
 */
import type { Timestamp } from "./context.ts";
import { formatSortableTime, parseSortableTime, sortableTimeLength } from "./sortabletime.ts";
import { readUtf8, utf8Length, writeUtf8 } from "./utf8.ts";

/** Where reading stands in a key. */
export interface KeyCursor {
  readonly bytes: Uint8Array;
  offset: number;
}

export interface KeyPart<K> {
  size(key: K): number;
  /** Returns the offset behind what was written. */
  write(target: Uint8Array, offset: number, key: K): number;
  read(cursor: KeyCursor): K;
}

/**
 * A key type. What ends a key needs no delimiter; what is followed by more does: text ends in a zero byte, bytes begin with their length.
 */
export interface KeyCodec<K> {
  readonly last: KeyPart<K>;
  readonly inner: KeyPart<K>;
  /** The leading parts of a composite key, encoded so that exactly the keys that begin with them begin with these bytes. */
  encodeLeading?(parts: readonly unknown[]): Uint8Array;
}

export type Pair<A, B> = readonly [A, B];
export type Triple<A, B, C> = readonly [A, B, C];

/** The leading parts that select a range of a composite key. */
export type LeadingParts<K> = K extends readonly [infer A, infer B, unknown]
  ? readonly [A] | readonly [A, B]
  : K extends readonly [infer A, unknown]
    ? readonly [A]
    : never;

/** Bytes in the middle of a key begin with one byte of length. */
export const innerBytesLengthMax = 255;

const textDelimiter = 0;

function damaged(what: string): Error {
  return new Error(`stored key is damaged: ${what}; restore the store from a snapshot`);
}

function take(cursor: KeyCursor, length: number, what: string): number {
  const start = cursor.offset;
  if (cursor.bytes.length - start < length) {
    throw damaged(`${what} needs ${length} bytes, ${cursor.bytes.length - start} are left`);
  }
  cursor.offset = start + length;
  return start;
}

const fixed = <K>(part: KeyPart<K>): KeyCodec<K> => ({ last: part, inner: part });

// ------------------------------------------------------------------------------------------------------------ text and bytes

/** Beyond ASCII, text in the middle of a key is whole here; the SDK's v1.3.1 loses bytes of it. Its own keys are ASCII. */
export const stringKey: KeyCodec<string> = {
  last: {
    size: utf8Length,
    write: writeUtf8,
    read(cursor) {
      const start = cursor.offset;
      cursor.offset = cursor.bytes.length;
      return readUtf8(cursor.bytes, start, cursor.bytes.length);
    },
  },
  inner: {
    size: (key) => utf8Length(key) + 1,
    write(target, offset, key) {
      if (key.includes("\0"))
        throw new Error("text in the middle of a key must hold no zero byte; choose another text");
      const end = writeUtf8(target, offset, key);
      target[end] = textDelimiter;
      return end + 1;
    },
    read(cursor) {
      const end = cursor.bytes.indexOf(textDelimiter, cursor.offset);
      if (end === -1) throw damaged("text in the middle of a key has no end");
      const start = cursor.offset;
      cursor.offset = end + 1;
      return readUtf8(cursor.bytes, start, end);
    },
  },
};

const prefixedBytes: KeyPart<Uint8Array> = {
  size: (key) => key.length + 1,
  write(target, offset, key) {
    if (key.length > innerBytesLengthMax) {
      throw new Error(`bytes in the middle of a key: ${key.length}, at most ${innerBytesLengthMax} are allowed`);
    }
    target[offset] = key.length;
    target.set(key, offset + 1);
    return offset + 1 + key.length;
  },
  read(cursor) {
    const length = cursor.bytes[take(cursor, 1, "the length of bytes")]!;
    const start = take(cursor, length, "bytes with their length");
    return cursor.bytes.slice(start, start + length);
  },
};

export const bytesKey: KeyCodec<Uint8Array> = {
  last: {
    size: (key) => key.length,
    write(target, offset, key) {
      target.set(key, offset);
      return offset + key.length;
    },
    read(cursor) {
      const start = cursor.offset;
      cursor.offset = cursor.bytes.length;
      return cursor.bytes.slice(start);
    },
  },
  inner: prefixedBytes,
};

/** An address as a key: its raw bytes (sdk.AccAddressKey, ValAddressKey and ConsAddressKey alike). */
export const addressKey = bytesKey;

/** An address with its length even at the end of a key: the SDK's indexes by address have it (sdk.LengthPrefixedAddressKey). */
export const prefixedAddressKey: KeyCodec<Uint8Array> = fixed(prefixedBytes);

// ------------------------------------------------------------------------------------------------------- numbers, time, truth

const uint64Max = (1n << 64n) - 1n;
const int64Offset = 1n << 63n;

/** Numbers go through it byte by byte: a view of a short array would first move the array out of the heap, which costs ten times as much. */
const word = new DataView(new ArrayBuffer(8));
const wordBytes = new Uint8Array(word.buffer);

export function writeUint64(target: Uint8Array, offset: number, value: bigint): number {
  if (value < 0n || value > uint64Max) throw new RangeError(`${value} is not an unsigned 64-bit integer`);
  word.setBigUint64(0, value);
  for (let i = 0; i < 8; i++) target[offset + i] = wordBytes[i]!;
  return offset + 8;
}

export function readUint64(bytes: Uint8Array, offset: number): bigint {
  if (offset + 8 > bytes.length) throw new RangeError(`8 bytes at ${offset} of ${bytes.length}`);
  for (let i = 0; i < 8; i++) wordBytes[i] = bytes[offset + i]!;
  return word.getBigUint64(0);
}

export const uint64Key: KeyCodec<bigint> = fixed({
  size: () => 8,
  write: writeUint64,
  read: (cursor) => readUint64(cursor.bytes, take(cursor, 8, "an unsigned 64-bit integer")),
});

/** The sign bit is turned over, so that negative numbers sort first. */
export const int64Key: KeyCodec<bigint> = fixed({
  size: () => 8,
  write(target, offset, key) {
    if (key < -int64Offset || key >= int64Offset) throw new RangeError(`${key} is not a signed 64-bit integer`);
    return writeUint64(target, offset, key + int64Offset);
  },
  read: (cursor) => readUint64(cursor.bytes, take(cursor, 8, "a signed 64-bit integer")) - int64Offset,
});

export const boolKey: KeyCodec<boolean> = fixed({
  size: () => 1,
  write(target, offset, key) {
    target[offset] = key ? 1 : 0;
    return offset + 1;
  },
  read(cursor) {
    const byte = cursor.bytes[take(cursor, 1, "a truth value")]!;
    if (byte > 1) throw damaged(`a truth value of ${byte}`);
    return byte === 1;
  },
});

/** A time as sortable text to the nanosecond (sdk.TimeKey): queues of the SDK's modules are keyed by it. */
export const timeKey: KeyCodec<Timestamp> = fixed({
  size: () => sortableTimeLength,
  write: (target, offset, key) => writeUtf8(target, offset, formatSortableTime(key)),
  read(cursor) {
    const start = take(cursor, sortableTimeLength, "a time");
    return parseSortableTime(readUtf8(cursor.bytes, start, start + sortableTimeLength));
  },
});

// ------------------------------------------------------------------------------------------------------------ composite keys

function join<A, B>(first: KeyPart<A>, second: KeyPart<B>): KeyPart<Pair<A, B>> {
  return {
    size: (key) => first.size(key[0]) + second.size(key[1]),
    write: (target, offset, key) => second.write(target, first.write(target, offset, key[0]), key[1]),
    read(cursor) {
      const a = first.read(cursor);
      return [a, second.read(cursor)];
    },
  };
}

/** A part whose type is not known any more; LeadingParts has checked what is written by it. */
type PartWriter = Pick<KeyPart<never>, "size" | "write">;

function encodeParts(writers: readonly PartWriter[], parts: readonly unknown[]): Uint8Array {
  let size = 0;
  for (let i = 0; i < parts.length; i++) size += writers[i]!.size(parts[i] as never);
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (let i = 0; i < parts.length; i++) offset = writers[i]!.write(bytes, offset, parts[i] as never);
  return bytes;
}

export function pair<A, B>(a: KeyCodec<A>, b: KeyCodec<B>): KeyCodec<Pair<A, B>> {
  return {
    last: join(a.inner, b.last),
    inner: join(a.inner, b.inner),
    encodeLeading: (parts) => encodeParts([a.inner, b.inner], parts),
  };
}

export function triple<A, B, C>(a: KeyCodec<A>, b: KeyCodec<B>, c: KeyCodec<C>): KeyCodec<Triple<A, B, C>> {
  const nest = (tail: KeyPart<C>): KeyPart<Triple<A, B, C>> => {
    const nested = join(a.inner, join(b.inner, tail));
    return {
      size: (key) => nested.size([key[0], [key[1], key[2]]]),
      write: (target, offset, key) => nested.write(target, offset, [key[0], [key[1], key[2]]]),
      read(cursor) {
        const [first, [second, third]] = nested.read(cursor);
        return [first, second, third];
      },
    };
  };
  return {
    last: nest(c.last),
    inner: nest(c.inner),
    encodeLeading: (parts) => encodeParts([a.inner, b.inner, c.inner], parts),
  };
}

/** A whole key behind its collection's prefix. */
export function encodeKey<K>(prefix: Uint8Array, codec: KeyCodec<K>, key: K): Uint8Array {
  const bytes = new Uint8Array(prefix.length + codec.last.size(key));
  bytes.set(prefix);
  codec.last.write(bytes, prefix.length, key);
  return bytes;
}

/** Reads a whole key from `offset` and refuses bytes left over. */
export function decodeKey<K>(bytes: Uint8Array, offset: number, codec: KeyCodec<K>): K {
  const cursor: KeyCursor = { bytes, offset };
  const key = codec.last.read(cursor);
  if (cursor.offset !== bytes.length) throw damaged(`${bytes.length - cursor.offset} bytes are left over`);
  return key;
}
