/**
 * A snapshot as one file, to be carried by any means: the SDK's kind of archive, a compressed tar of its description and its chunks. Owns
 * the file; every chunk's hash is checked by who takes it in.
 */
import { createReadStream, createWriteStream, existsSync, renameSync, rmSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { chunkBytesMax } from "../chain/store/checkpointformat.ts";
import type { SnapshotInfo } from "../chain/store/snapshot.ts";
import { Snapshot } from "../proto/gen/tendermint/abci/types.ts";

const descriptionName = "_snapshot";
/** POSIX ustar: a head and contents in blocks, two empty blocks at the end. */
const blockBytes = 512;
const sizeAt = 124;
const sizeDigits = 11;
const checksumAt = 148;
const checksumBytes = 8;
/** A chunk, or the description of a snapshot of all chunks that there may be. */
const entryBytesMax = chunkBytesMax;

interface Entry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export class ArchiveDamaged extends Error {}

function headOf({ name, bytes }: Entry): Buffer {
  const head = Buffer.alloc(blockBytes);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
  head.write(name, 0, "latin1");
  head.write(`${octal(0o644, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100, "latin1");
  head.write(`${octal(bytes.length, sizeDigits)}\0${octal(0, 11)}\0`, sizeAt, "latin1");
  head.write("0", 156, "latin1");
  head.write("ustar\u000000", 257, "latin1");
  head.write(`${octal(checksumOf(head), 6)}\0 `, checksumAt, "latin1");
  return head;
}

/** Its own place counts as spaces. */
const checksumOf = (head: Uint8Array): number =>
  head.reduce((sum, byte, i) => sum + (i >= checksumAt && i < checksumAt + checksumBytes ? 0x20 : byte), 0);

const paddingOf = (bytes: number): number => (blockBytes - (bytes % blockBytes)) % blockBytes;

function* tarOf(entries: Iterable<Entry>): Generator<Uint8Array> {
  for (const entry of entries) {
    yield headOf(entry);
    yield entry.bytes;
    yield Buffer.alloc(paddingOf(entry.bytes.length));
  }
  yield Buffer.alloc(2 * blockBytes);
}

/** Whole or not at all; what is there already stays. */
export async function writeArchive(
  path: string,
  info: SnapshotInfo,
  chunk: (index: number) => Uint8Array,
): Promise<void> {
  if (existsSync(path)) throw new Error(`${path} is there already: move it away, or name another file`);
  const unfinished = `${path}.unfinished`;
  const description = Snapshot.encode({ ...info, height: BigInt(info.height) }).finish();
  function* entries(): Generator<Entry> {
    yield { name: descriptionName, bytes: description };
    for (let index = 0; index < info.chunks; index++) yield { name: String(index), bytes: chunk(index) };
  }
  try {
    const file = createWriteStream(unfinished, { flush: true });
    // Chunks hold keys and hashes, which hardly shrink: the fastest level, as the SDK's.
    await pipeline(Readable.from(tarOf(entries())), createGzip({ level: 1 }), file);
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

/** The description, then each chunk in order. Throws ArchiveDamaged where it is no such archive. */
export async function readArchive(
  path: string,
  begin: (info: SnapshotInfo) => void,
  chunk: (index: number, bytes: Uint8Array) => void,
): Promise<void> {
  let info: SnapshotInfo | undefined;
  let next = 0;
  try {
    for await (const { name, bytes } of entriesOf(path)) {
      if (info === undefined) {
        info = describedBy(name, bytes);
        begin(info);
      } else {
        if (name !== String(next) || next >= info.chunks)
          throw new ArchiveDamaged(`chunk ${next} is missing, ${name} is there`);
        chunk(next, bytes);
        next += 1;
      }
    }
  } catch (error) {
    if (!isOfZlib(error)) throw error;
    throw new ArchiveDamaged(`it cannot be decompressed: ${error.message}`);
  }
  if (info === undefined || next !== info.chunks) throw new ArchiveDamaged("it ends too early");
}

const isOfZlib = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && String(error.code).startsWith("Z_");

function describedBy(name: string, bytes: Uint8Array): SnapshotInfo {
  if (name !== descriptionName)
    throw new ArchiveDamaged(`it begins with ${JSON.stringify(name)}, expected ${descriptionName}`);
  try {
    const { height, ...rest } = Snapshot.decode(bytes);
    return { ...rest, height: Number(height) };
  } catch {
    throw new ArchiveDamaged(`its ${descriptionName} cannot be read`);
  }
}

async function* entriesOf(path: string): AsyncGenerator<Entry> {
  const source = createReadStream(path);
  const unpacked = createGunzip();
  source.on("error", (error) => unpacked.destroy(error));
  const reader = new BlockReader(source.pipe(unpacked));
  try {
    for (;;) {
      const head = await reader.take(blockBytes);
      if (head.every((byte) => byte === 0)) return;
      const size = sizeOf(head);
      const bytes = await reader.take(size);
      await reader.take(paddingOf(size));
      yield { name: head.subarray(0, 100).toString("latin1").replace(/\0.*$/s, ""), bytes: new Uint8Array(bytes) };
    }
  } finally {
    source.destroy();
    unpacked.destroy();
  }
}

function sizeOf(head: Buffer): number {
  const number = (at: number, length: number) =>
    Number.parseInt(
      head
        .subarray(at, at + length)
        .toString("latin1")
        .replace(/[\0 ]+$/, ""),
      8,
    );
  if (number(checksumAt, checksumBytes) !== checksumOf(head))
    throw new ArchiveDamaged("a head in it has a wrong checksum");
  const size = number(sizeAt, sizeDigits + 1);
  if (!(size >= 0 && size <= entryBytesMax))
    throw new ArchiveDamaged(`an entry has ${size} bytes, at most ${entryBytesMax} are possible`);
  return size;
}

/** Takes so many bytes from a stream, whatever pieces it comes in. */
class BlockReader {
  readonly #pieces: AsyncIterator<Buffer>;
  #pending: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Buffer>) {
    this.#pieces = stream[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Buffer> {
    const parts = [this.#pending];
    let have = this.#pending.length;
    while (have < length) {
      const { value, done } = await this.#pieces.next();
      if (done === true) throw new ArchiveDamaged("it ends too early");
      parts.push(value);
      have += value.length;
    }
    const all = Buffer.concat(parts);
    this.#pending = all.subarray(length);
    return all.subarray(0, length);
  }
}
