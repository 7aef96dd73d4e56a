/**
 * The rows of history in LevelDB: what each height overwrote.
 *
 * Owns their bytes. A row stands under (store, key, height) and holds what the key's value was before that height, with the version that
 * the commitment tree's leaf had then. The value at any height is the one in the first row above it or, when there is none, the present
 * one; so nothing current stands here, and pruning is the deletion of the oldest rows. A key's rows and the present make a chain of versions:
 * a row that LevelDB lost shows, unless it is one that deleted its key. What must be beyond doubt is asked for with a proof.
 *
 *   row      'u' · length u8, store name · escaped key · 0 0 · height u32 BE
 *            → CRC-32 of key and rest u32 · version u32 (0: absent) · 1 when the height deleted the key, else 0 u8 · value
 *   height   'h' · height u32 BE → CRC-32 u32 · its rows' keys without the height, each with its length u16
 *   state    'm' → CRC-32 u32 · format u32 · newest height u32 · oldest readable u32 · rows deleted up to u32
 *
 * LevelDB does not notice every flipped bit; the checksums do.
 */
import { crc32 } from "node:zlib";
import { StoreCorrupt } from "./storeerrors.ts";

const rowTag = 0x75;
const heightTag = 0x68;
const format = 1;
export const stateKey = Buffer.from("m");
const heightBytes = 4;
const rowHeadBytes = 9;

export interface HistoryState {
  /** Newest height whose rows are written. */
  readonly applied: number;
  /** Oldest height that can be read. */
  readonly oldest: number;
  /** Rows of heights up to this one are deleted. */
  readonly pruned: number;
}

export interface HistoryRow {
  /** Version of the leaf that was overwritten; 0 when the key was absent. */
  readonly version: number;
  /** Whether the height deleted the key. */
  readonly deleted: boolean;
  readonly value: Uint8Array;
}

export function storePrefix(store: string): Buffer {
  const name = Buffer.from(store);
  return Buffer.concat([Buffer.of(rowTag, name.length), name]);
}

/** A row's key without its height. The escape (0 → 0 255, end 0 0) keeps the order of keys. */
export function rowPrefix(prefix: Uint8Array, key: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(prefix.length + 2 * key.length + 2);
  bytes.set(prefix);
  let at = prefix.length;
  for (let i = 0; i < key.length; i++) {
    bytes[at++] = key[i]!;
    if (key[i] === 0) bytes[at++] = 0xff;
  }
  bytes[at++] = 0;
  bytes[at++] = 0;
  return bytes.subarray(0, at);
}

export function rowKey(prefix: Uint8Array, height: number): Buffer {
  const bytes = Buffer.allocUnsafe(prefix.length + heightBytes);
  bytes.set(prefix);
  bytes.writeUInt32BE(height, prefix.length);
  return bytes;
}

/** Where a range of keys begins among the rows: rows of keys at or after `key`. */
export function rangeBound(prefix: Uint8Array, key: Uint8Array): Buffer {
  const whole = rowPrefix(prefix, key);
  return whole.subarray(0, whole.length - 2);
}

/** The first row key behind every row of a store. */
export function storeEnd(prefix: Uint8Array): Buffer {
  const end = Buffer.from(prefix);
  end[end.length - 1]!++;
  return end;
}

export const rowHeight = (row: Uint8Array): number => viewOf(row).readUInt32BE(row.length - heightBytes);
export const prefixOfRow = (row: Uint8Array): Uint8Array => row.subarray(0, row.length - heightBytes);

/** The key that a row prefix stands for. */
export function keyOfPrefix(row: Uint8Array, storePrefixBytes: number): Uint8Array {
  const key = new Uint8Array(row.length);
  let length = 0;
  for (let at = storePrefixBytes; at < row.length - 2; at++) {
    key[length++] = row[at]!;
    if (row[at] === 0) at++;
  }
  return key.slice(0, length);
}

export function encodeRow(key: Uint8Array, { version, deleted, value }: HistoryRow): Buffer {
  const bytes = Buffer.allocUnsafe(rowHeadBytes + value.length);
  bytes.writeUInt32LE(version, 4);
  bytes[8] = deleted ? 1 : 0;
  bytes.set(value, rowHeadBytes);
  bytes.writeUInt32LE(crc32(bytes.subarray(4), crc32(key)), 0);
  return bytes;
}

export function decodeRow(key: Uint8Array, bytes: Uint8Array): HistoryRow {
  const buffer = viewOf(bytes);
  if (buffer.length < rowHeadBytes || crc32(buffer.subarray(4), crc32(key)) !== buffer.readUInt32LE(0)) {
    throw damagedHistory(`the row ${viewOf(key).toString("hex")} has a wrong checksum`);
  }
  const value = Uint8Array.from(buffer.subarray(rowHeadBytes));
  return { version: buffer.readUInt32LE(4), deleted: buffer[8] === 1, value };
}

export function heightKey(height: number): Buffer {
  const key = Buffer.allocUnsafe(5);
  key[0] = heightTag;
  key.writeUInt32BE(height, 1);
  return key;
}

export function encodeHeight(prefixes: readonly Uint8Array[]): Buffer {
  const length = prefixes.reduce((sum, prefix) => sum + 2 + prefix.length, 4);
  const bytes = Buffer.allocUnsafe(length);
  let at = 4;
  for (const prefix of prefixes) {
    at = bytes.writeUInt16LE(prefix.length, at);
    bytes.set(prefix, at);
    at += prefix.length;
  }
  bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0);
  return bytes;
}

export function decodeHeight(height: number, bytes: Uint8Array): Uint8Array[] {
  const buffer = viewOf(bytes);
  if (buffer.length < 4 || crc32(buffer.subarray(4)) !== buffer.readUInt32LE(0)) {
    throw damagedHistory(`the list of rows of height ${height} has a wrong checksum`);
  }
  const prefixes: Uint8Array[] = [];
  for (let at = 4; at < buffer.length; ) {
    const end = at + 2 + buffer.readUInt16LE(at);
    prefixes.push(buffer.subarray(at + 2, end));
    at = end;
  }
  return prefixes;
}

export function encodeState({ applied, oldest, pruned }: HistoryState): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt32LE(format, 4);
  bytes.writeUInt32LE(applied, 8);
  bytes.writeUInt32LE(oldest, 12);
  bytes.writeUInt32LE(pruned, 16);
  bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0);
  return bytes;
}

export function decodeState(bytes: Uint8Array): HistoryState {
  const buffer = viewOf(bytes);
  if (buffer.length !== 20 || crc32(buffer.subarray(4)) !== buffer.readUInt32LE(0)) {
    throw damagedHistory("its state has a wrong checksum");
  }
  if (buffer.readUInt32LE(4) !== format) throw damagedHistory(`its format is ${buffer.readUInt32LE(4)}, not ${format}`);
  return { applied: buffer.readUInt32LE(8), oldest: buffer.readUInt32LE(12), pruned: buffer.readUInt32LE(16) };
}

export const damagedHistory = (what: string) => new StoreCorrupt(`the history of past heights is damaged: ${what}`);

const viewOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
