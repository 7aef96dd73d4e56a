/** One file of the write-ahead log, for reading. Owns the segment's header and the judgement of its tail; writing is wal.ts. */
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { type Files, readFile, readFully } from "./files.ts";
import { decodePayload, findIntactRecord, frameBytes, intactFrame, type LogRecord } from "./record.ts";
import { reasonOf, StoreCorrupt } from "./storeerrors.ts";

/** magic (8) · format u32 · reserved u32 · first height u64 · base height u64 · CRC-32 of these 32 bytes u32 */
export const segmentHeaderBytes = 36;
const magic = Buffer.from("WEIRLOG\n");
const format = 1;
const heightDigits = 16;
const segmentName = /^\d{16}\.log$/;

export interface Segment {
  readonly path: string;
  /** Height of its first record. */
  readonly first: number;
  /** The height that its first record continues from; 0 when that is nothing. */
  readonly base: number;
}

export const heightName = (height: number): string => String(height).padStart(heightDigits, "0");
export const segmentPath = (directory: string, first: number): string => join(directory, `${heightName(first)}.log`);

/** The log's files, oldest first. */
export const segmentPaths = (files: Files, directory: string): string[] =>
  files
    .list(directory)
    .filter((name) => segmentName.test(name))
    .sort()
    .map((name) => join(directory, name));

export function encodeHeader(first: number, base: number): Uint8Array {
  const header = Buffer.alloc(segmentHeaderBytes);
  magic.copy(header);
  header.writeUInt32LE(format, 8);
  header.writeBigUInt64LE(BigInt(first), 16);
  header.writeBigUInt64LE(BigInt(base), 24);
  header.writeUInt32LE(crc32(header.subarray(0, 32)), 32);
  return header;
}

/** The segment that a header describes, or why it is none. */
export function parseHeader(path: string, bytes: Uint8Array): Segment | string {
  if (bytes.length < segmentHeaderBytes) return `its header has ${bytes.length} of ${segmentHeaderBytes} bytes`;
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, segmentHeaderBytes);
  if (crc32(header.subarray(0, 32)) !== header.readUInt32LE(32)) return "its header's checksum is wrong";
  if (!header.subarray(0, 8).equals(magic)) return "it is not a log of this program";
  const found = header.readUInt32LE(8);
  if (found !== format) return `its format is ${found}, this program reads ${format}`;
  const first = Number(header.readBigUInt64LE(16));
  if (!path.endsWith(`${heightName(first)}.log`)) return `its header says that it begins at height ${first}`;
  return { path, first, base: Number(header.readBigUInt64LE(24)) };
}

export function readHeader(files: Files, path: string): Segment | string {
  const file = files.open(path, "r");
  try {
    return parseHeader(path, readFully(files, file, 0, segmentHeaderBytes));
  } finally {
    files.close(file);
  }
}

export interface Tail {
  /** Newest height with an intact record; the base when there is none. */
  readonly last: number;
  /** Where that record begins and ends in the file. */
  readonly lastStart: number;
  readonly end: number;
}

/**
 * Judges the newest segment. What follows the last intact record is a torn tail (a write that a crash cut short, or zeros that a power cut
 * left) unless an intact record stands behind it: a writer never writes behind a record that is not durable, so that is damage.
 */
export function judgeTail(segment: Segment, bytes: Uint8Array): Tail {
  let height = segment.base;
  let at = segmentHeaderBytes;
  let lastStart = at;
  let expected = segment.first;
  for (let frame = intactFrame(bytes, at); frame !== undefined; frame = intactFrame(bytes, at)) {
    if (frame.height !== expected) throw wrongHeight(segment, at, frame.height, expected);
    height = expected++;
    lastStart = at;
    at += frameBytes + frame.payloadBytes;
  }
  const behind = at < bytes.length ? findIntactRecord(bytes, at) : undefined;
  if (behind !== undefined) throw damaged(segment, at, expected);
  return { last: height, lastStart, end: at };
}

/** Where the record of `height` ends; it must be there. */
export function endOfHeight(segment: Segment, bytes: Uint8Array, height: number): number {
  let at = segmentHeaderBytes;
  for (let frame = intactFrame(bytes, at); frame !== undefined; frame = intactFrame(bytes, at)) {
    at += frameBytes + frame.payloadBytes;
    if (frame.height === height) return at;
  }
  throw new StoreCorrupt(`${segment.path} does not hold height ${height}`);
}

const wrongHeight = (segment: Segment, at: number, found: number, expected: number) =>
  new StoreCorrupt(`${segment.path} holds height ${found} at byte ${at} where height ${expected} belongs`);

const damaged = (segment: Segment, at: number, height: number) =>
  new StoreCorrupt(
    `${segment.path} is damaged at byte ${at}, where height ${height} belongs, and newer heights stand behind it`,
  );

/**
 * The records of heights `from` to `to`, every one of them, in order. `to` must be durable. Reads files only, so that a worker may do it
 * while the log grows; a file that is cut meanwhile makes it throw.
 */
export function* readLog(files: Files, directory: string, from: number, to: number): Generator<LogRecord> {
  let expected = from;
  const paths = segmentPaths(files, directory);
  for (const [index, path] of paths.entries()) {
    if (expected > to) return;
    const following = paths[index + 1];
    if (following !== undefined && firstOf(following) <= expected) continue;
    for (const record of segmentRecords(files, path, expected, to)) {
      if (record.height !== expected) throw lacking(directory, expected, from, to);
      expected++;
      yield record;
    }
  }
  if (expected <= to) throw lacking(directory, expected, from, to);
}

const lacking = (directory: string, height: number, from: number, to: number) =>
  new StoreCorrupt(`the log in ${directory} lacks height ${height} of the heights ${from} to ${to} that it must hold`);

const firstOf = (path: string): number => Number(path.slice(-(heightDigits + 4), -4));

function* segmentRecords(files: Files, path: string, from: number, to: number): Generator<LogRecord> {
  const bytes = readFile(files, path);
  const segment = parseHeader(path, bytes);
  if (typeof segment === "string") throw new StoreCorrupt(`${path} cannot be read: ${segment}`);
  let at = segmentHeaderBytes;
  for (let height = segment.first; height <= to; height++) {
    const frame = intactFrame(bytes, at);
    if (frame === undefined) {
      if (at < bytes.length && height <= to && findIntactRecord(bytes, at) !== undefined)
        throw damaged(segment, at, height);
      return;
    }
    if (frame.height !== height) throw wrongHeight(segment, at, frame.height, height);
    const start = at + frameBytes;
    at = start + frame.payloadBytes;
    if (height >= from) yield decoded(segment, height, bytes.subarray(start, at));
  }
}

function decoded(segment: Segment, height: number, payload: Uint8Array): LogRecord {
  try {
    return decodePayload(height, payload);
  } catch (error) {
    throw new StoreCorrupt(`${segment.path} holds height ${height} in a shape that cannot be (${reasonOf(error)})`);
  }
}
