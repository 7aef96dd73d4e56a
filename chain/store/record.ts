/**
 * One height in the write-ahead log: a framed, checksummed record of {height, app hash, changes}.
 *
 * Owns the bytes of a record. Does not own files (wal.ts).
 *
 *   frame    magic u32 · payload length u32 · height u64 · CRC-32 of the payload u32 · CRC-32 of these 20 bytes u32
 *   payload  app hash (32) · stores u16 · per store: name length u8, name, changes u32,
 *            per change: key length u16, value length + 1 u32 (0: deleted), key, value
 *            (of a store without a name, which comes first: how the stores themselves change, storeupgrades.ts)
 *
 * All integers are little-endian. The header's own checksum tells a flipped length from the end of the file.
 */
import { crc32 } from "node:zlib";
import { changesStores, decodeStoreUpgrades, encodeStoreUpgrades, type StoreUpgrades } from "./storeupgrades.ts";
import type { Change, ChangeSet } from "./types.ts";

export const frameBytes = 24;
const magic = 0x52494557;
const hashBytes = 32;
/** Genesis of some ten million accounts; anything larger is garbage. */
export const payloadBytesMax = 0x7fff_ffff;

export interface LogRecord {
  readonly height: number;
  readonly appHash: Uint8Array;
  readonly changes: ChangeSet;
  /** How the stores changed before that; left out where they did not. */
  readonly upgrades?: StoreUpgrades | undefined;
}

export interface Frame {
  readonly height: number;
  readonly payloadBytes: number;
  readonly payloadCrc: number;
}

/** Encodes records into one buffer that is used again, because a block's record is large and frequent. */
export class RecordEncoder {
  #buffer = Buffer.allocUnsafeSlow(1 << 16);

  /** The frame and payload of one record; valid until the next call. */
  encode({ height, appHash, changes: ofStores, upgrades }: LogRecord): Uint8Array {
    const changes =
      upgrades === undefined || !changesStores(upgrades)
        ? ofStores
        : new Map([["", encodeStoreUpgrades(upgrades)], ...ofStores]);
    const needed = frameBytes + payloadSize(changes);
    if (needed - frameBytes > payloadBytesMax) throw new RangeError(`a block's changes take ${needed} bytes, too many`);
    const oversized = this.#buffer.length > 1 << 24 && needed < this.#buffer.length >> 3;
    if (needed > this.#buffer.length || oversized) this.#buffer = Buffer.allocUnsafeSlow(needed + (needed >> 2));
    const bytes = this.#buffer.subarray(0, needed);
    writePayload(bytes, frameBytes, appHash, changes);
    writeFrame(bytes, height, crc32(bytes.subarray(frameBytes)));
    return bytes;
  }
}

function payloadSize(changes: ChangeSet): number {
  let size = hashBytes + 2;
  for (const [name, storeChanges] of changes) {
    size += 1 + Buffer.byteLength(name) + 4;
    for (const [key, value] of storeChanges) size += 6 + key.length + (value === null ? 0 : value.length);
  }
  return size;
}

function writeFrame(bytes: Buffer, height: number, payloadCrc: number): void {
  bytes.writeUInt32LE(magic, 0);
  bytes.writeUInt32LE(bytes.length - frameBytes, 4);
  bytes.writeBigUInt64LE(BigInt(height), 8);
  bytes.writeUInt32LE(payloadCrc, 16);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 20)), 20);
}

function writePayload(bytes: Buffer, start: number, appHash: Uint8Array, changes: ChangeSet): void {
  bytes.set(appHash, start);
  let at = bytes.writeUInt16LE(changes.size, start + hashBytes);
  for (const [name, storeChanges] of changes) {
    at = bytes.writeUInt8(Buffer.byteLength(name), at);
    at += bytes.write(name, at);
    at = bytes.writeUInt32LE(storeChanges.length, at);
    for (const change of storeChanges) at = writeChange(bytes, at, change);
  }
}

function writeChange(bytes: Buffer, start: number, [key, value]: Change): number {
  let at = bytes.writeUInt16LE(key.length, start);
  at = bytes.writeUInt32LE(value === null ? 0 : value.length + 1, at);
  bytes.set(key, at);
  at += key.length;
  if (value === null) return at;
  bytes.set(value, at);
  return at + value.length;
}

/** The frame at `at`, or undefined when none is there. */
export function readFrame(bytes: Uint8Array, at: number): Frame | undefined {
  if (at + frameBytes > bytes.length) return undefined;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset + at, frameBytes);
  if (view.readUInt32LE(0) !== magic || crc32(view.subarray(0, 20)) !== view.readUInt32LE(20)) return undefined;
  const payloadBytes = view.readUInt32LE(4);
  const height = Number(view.readBigUInt64LE(8));
  if (payloadBytes > payloadBytesMax || !Number.isSafeInteger(height)) return undefined;
  return { height, payloadBytes, payloadCrc: view.readUInt32LE(16) };
}

/** The whole record at `at`, its checksums right, or undefined. */
export function intactFrame(bytes: Uint8Array, at: number): Frame | undefined {
  const frame = readFrame(bytes, at);
  if (frame === undefined) return undefined;
  const start = at + frameBytes;
  if (start + frame.payloadBytes > bytes.length) return undefined;
  return crc32(bytes.subarray(start, start + frame.payloadBytes)) === frame.payloadCrc ? frame : undefined;
}

/** Where the first intact record from `from` on begins; undefined when there is none. */
export function findIntactRecord(bytes: Uint8Array, from: number): number | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const wanted = Buffer.alloc(4);
  wanted.writeUInt32LE(magic);
  for (let at = buffer.indexOf(wanted, from); at !== -1; at = buffer.indexOf(wanted, at + 1)) {
    if (intactFrame(bytes, at) !== undefined) return at;
  }
  return undefined;
}

/** Decodes a payload whose checksum was right; a shape that does not add up throws a RangeError all the same. */
export function decodePayload(height: number, payload: Uint8Array): LogRecord {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  const appHash = Uint8Array.from(bytes.subarray(0, hashBytes));
  const changes = new Map<string, Change[]>();
  let at = hashBytes + 2;
  for (let stores = bytes.readUInt16LE(hashBytes); stores > 0; stores--) {
    const nameEnd = at + 1 + bytes.readUInt8(at);
    const name = bytes.toString("utf8", at + 1, nameEnd);
    const storeChanges = new Array<Change>(bytes.readUInt32LE(nameEnd));
    at = nameEnd + 4;
    for (let i = 0; i < storeChanges.length; i++) {
      const keyEnd = at + 6 + bytes.readUInt16LE(at);
      const length = bytes.readUInt32LE(at + 2);
      const valueEnd = length === 0 ? keyEnd : keyEnd + length - 1;
      if (valueEnd > bytes.length) throw new RangeError(`a change ends at ${valueEnd} of ${bytes.length} bytes`);
      storeChanges[i] = [payload.slice(at + 6, keyEnd), length === 0 ? null : payload.slice(keyEnd, valueEnd)];
      at = valueEnd;
    }
    changes.set(name, storeChanges);
  }
  if (at !== bytes.length) throw new RangeError(`a record holds ${bytes.length - at} bytes too many`);
  const upgrades = changes.get("");
  if (upgrades === undefined) return { height, appHash, changes };
  changes.delete("");
  return { height, appHash, changes, upgrades: decodeStoreUpgrades(upgrades) };
}
