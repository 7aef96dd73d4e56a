/**
 * The bytes of a checkpoint, which are those of a state-sync snapshot too: one version of every store, the same on every node.
 *
 * Owns the manifest, the stream that the chunks are cut from, and every check on what comes in. Does not own files (checkpoint.ts) nor a
 * tree's own encoding (treestream.ts).
 *
 *   stream    "WEIRSTAT" · format u32 · height u64 · app hash (32) · stores u16, then each store in ascending order of names:
 *             name length u8 · name · pieces of its tree's stream, each after its length u32 · 0 u32
 *             (a piece has 64 KiB, the last one 1 byte or more)
 *   chunks    the stream cut every 10 MiB
 *   manifest  "WEIRSNAP" · format u32 · height u64 · app hash (32) · bytes u64 · chunks u32 · SHA-256 of each chunk
 *
 * Integers are little-endian. The manifest is the snapshot's metadata, its SHA-256 the snapshot's hash.
 */
import { hash as digest } from "node:crypto";
import { Forest, type StoreDescriptor, storesMax } from "./forest.ts";
import { reasonOf } from "./storeerrors.ts";
import type { Tree } from "./tree.ts";
import { TreeMemory } from "./treememory.ts";
import { exportTree, TreeImporter } from "./treestream.ts";

export const checkpointFormat = 1;
export const chunkBytesMax = 10 << 20;
/** 65536 chunks: 640 GiB. */
export const chunksMax = 1 << 16;
const pieceBytesMax = 1 << 16;
const streamMagic = Buffer.from("WEIRSTAT");
const manifestMagic = Buffer.from("WEIRSNAP");
const hashBytes = 32;
const streamHeadBytes = 8 + 4 + 8 + hashBytes + 2;
const manifestHeadBytes = 8 + 4 + 8 + hashBytes + 8 + 4;
const chunkBytesMin = 64;

export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(digest("sha256", bytes, "buffer"));

/** What is read is not a checkpoint, or not the one it should be. */
export class CheckpointDamaged extends Error {
  constructor(what: string) {
    super(what);
    this.name = "CheckpointDamaged";
  }
}

export interface Manifest {
  readonly height: number;
  readonly appHash: Uint8Array;
  /** Of the whole stream. */
  readonly bytes: number;
  readonly chunkHashes: readonly Uint8Array[];
}

export function encodeManifest({ height, appHash, bytes, chunkHashes }: Manifest): Uint8Array {
  const head = Buffer.alloc(manifestHeadBytes);
  manifestMagic.copy(head);
  head.writeUInt32LE(checkpointFormat, 8);
  head.writeBigUInt64LE(BigInt(height), 12);
  head.set(appHash, 20);
  head.writeBigUInt64LE(BigInt(bytes), 52);
  head.writeUInt32LE(chunkHashes.length, 60);
  return new Uint8Array(Buffer.concat([head, ...chunkHashes]));
}

export function decodeManifest(bytes: Uint8Array): Manifest {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (buffer.length < manifestHeadBytes || !buffer.subarray(0, 8).equals(manifestMagic)) {
    throw new CheckpointDamaged("its manifest is not one");
  }
  const format = buffer.readUInt32LE(8);
  if (format !== checkpointFormat)
    throw new CheckpointDamaged(`its format is ${format}, this program reads ${checkpointFormat}`);
  const chunks = buffer.readUInt32LE(60);
  if (chunks === 0 || chunks > chunksMax || buffer.length !== manifestHeadBytes + chunks * hashBytes) {
    throw new CheckpointDamaged(`its manifest of ${buffer.length} bytes cannot be one of ${chunks} chunks`);
  }
  const height = Number(buffer.readBigUInt64LE(12));
  const total = Number(buffer.readBigUInt64LE(52));
  if (!Number.isSafeInteger(height) || height === 0 || total > chunks * chunkBytesMax) {
    throw new CheckpointDamaged(`its manifest says height ${height} and ${total} bytes`);
  }
  const chunkHashes = Array.from({ length: chunks }, (_, i) =>
    bytes.slice(manifestHeadBytes + i * hashBytes, manifestHeadBytes + (i + 1) * hashBytes),
  );
  return { height, appHash: bytes.slice(20, 52), bytes: total, chunkHashes };
}

// ------------------------------------------------------------------------------------------------------------------ out

/** The chunks of one version; each is valid until the next is asked for. */
export function* exportChunks(
  height: number,
  appHash: Uint8Array,
  stores: readonly StoreDescriptor[],
  chunkBytes: number = chunkBytesMax,
): Generator<Uint8Array> {
  if (chunkBytes < chunkBytesMin || chunkBytes > chunkBytesMax) throw new RangeError(`chunks of ${chunkBytes} bytes`);
  const chunk = Buffer.allocUnsafeSlow(chunkBytes);
  let length = 0;
  for (const piece of streamPieces(height, appHash, stores)) {
    for (let sent = 0; sent < piece.length; ) {
      const part = piece.subarray(sent, sent + chunkBytes - length);
      chunk.set(part, length);
      sent += part.length;
      length += part.length;
      if (length < chunkBytes) continue;
      yield chunk;
      length = 0;
    }
  }
  if (length > 0) yield chunk.subarray(0, length);
}

function* streamPieces(height: number, appHash: Uint8Array, stores: readonly StoreDescriptor[]): Generator<Uint8Array> {
  const head = Buffer.alloc(streamHeadBytes);
  streamMagic.copy(head);
  head.writeUInt32LE(checkpointFormat, 8);
  head.writeBigUInt64LE(BigInt(height), 12);
  head.set(appHash, 20);
  head.writeUInt16LE(stores.length, 52);
  yield head;
  for (const { name, tree } of stores) {
    const bytes = Buffer.from(name);
    yield Buffer.concat([Buffer.of(bytes.length), bytes]);
    for (const piece of exportTree(tree, pieceBytesMax)) {
      yield lengthOf(piece.length);
      yield piece;
    }
    yield lengthOf(0);
  }
}

function lengthOf(length: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(length);
  return bytes;
}

// ------------------------------------------------------------------------------------------------------------------- in

/** Builds the forest of a manifest from its chunks, in order, checking every hash. After it has thrown it is of no more use. */
export class CheckpointImporter {
  readonly manifest: Manifest;
  readonly #memory = new TreeMemory();
  readonly #trees = new Map<string, Tree>();
  #rest: Uint8Array = new Uint8Array(0);
  #position = 0;
  #chunks = 0;
  #bytes = 0;
  #storesLeft: number | undefined;
  /** The store's last piece has come. */
  #lastPiece = false;
  #store: { readonly name: string; readonly importer: TreeImporter } | undefined;

  constructor(manifest: Manifest) {
    this.manifest = manifest;
  }

  /** Index of the chunk that comes next; as many as there are chunks when all have come. */
  get next(): number {
    return this.#chunks;
  }

  push(chunk: Uint8Array): void {
    const expected = this.manifest.chunkHashes[this.#chunks];
    if (expected === undefined) throw new CheckpointDamaged(`it has only ${this.#chunks} chunks, and one more came`);
    if (Buffer.compare(sha256(chunk), expected) !== 0) {
      throw new CheckpointDamaged(`chunk ${this.#chunks} does not have the hash that its manifest says`);
    }
    this.#chunks++;
    this.#bytes += chunk.length;
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#position = 0;
    try {
      while (this.#step());
    } catch (error) {
      throw new CheckpointDamaged(`chunk ${this.#chunks - 1} cannot be read: ${reasonOf(error)}`);
    }
    this.#rest = this.#rest.slice(this.#position);
  }

  finish(): Forest {
    const { manifest } = this;
    const whole = this.#chunks === manifest.chunkHashes.length && this.#bytes === manifest.bytes;
    if (!whole || this.#storesLeft !== 0 || this.#store !== undefined || this.#rest.length > 0) {
      throw new CheckpointDamaged("its stream does not end where its manifest says");
    }
    const forest = Forest.restored(this.#memory, this.#trees, manifest.height);
    const found = forest.appHash(manifest.height);
    if (Buffer.compare(found, manifest.appHash) !== 0) {
      throw new CheckpointDamaged(`its state has the app hash ${hex(found)}, and it claims ${hex(manifest.appHash)}`);
    }
    return forest;
  }

  /** False when what is at hand is not enough for a step. */
  #step(): boolean {
    if (this.#storesLeft === undefined) return this.#readHead();
    if (this.#store === undefined) return this.#storesLeft > 0 && this.#readName();
    return this.#readPiece(this.#store.name, this.#store.importer);
  }

  #readHead(): boolean {
    const head = this.#take(streamHeadBytes);
    if (head === undefined) return false;
    const expected = Buffer.alloc(streamHeadBytes);
    streamMagic.copy(expected);
    expected.writeUInt32LE(checkpointFormat, 8);
    expected.writeBigUInt64LE(BigInt(this.manifest.height), 12);
    expected.set(this.manifest.appHash, 20);
    const stores = head.readUInt16LE(52);
    expected.writeUInt16LE(stores, 52);
    if (!head.equals(expected)) throw new Error("its head does not say what its manifest says");
    if (stores === 0 || stores > storesMax) throw new Error(`it has ${stores} stores, expected 1 to ${storesMax}`);
    this.#storesLeft = stores;
    return true;
  }

  #readName(): boolean {
    const length = this.#rest[this.#position];
    if (length === undefined) return false;
    const bytes = this.#take(1 + length);
    if (bytes === undefined) return false;
    const name = bytes.toString("utf8", 1);
    const before = [...this.#trees.keys()].at(-1);
    if (before !== undefined && Buffer.compare(Buffer.from(before), bytes.subarray(1)) >= 0) {
      throw new Error(`store "${name}" stands after "${before}", expected names in ascending order`);
    }
    this.#store = { name, importer: new TreeImporter(this.#memory) };
    return true;
  }

  #readPiece(name: string, importer: TreeImporter): boolean {
    const available = this.#rest.length - this.#position;
    if (available < 4) return false;
    const length = Buffer.from(this.#rest.buffer, this.#rest.byteOffset + this.#position, 4).readUInt32LE();
    if (length > pieceBytesMax) throw new Error(`a piece has ${length} bytes, expected at most ${pieceBytesMax}`);
    const piece = this.#take(4 + length);
    if (piece === undefined) return false;
    // Whole pieces but for the last, as they are written: each one costs a copy of a record that is not complete yet.
    if (length > 0 && this.#lastPiece) throw new Error(`a piece of less than ${pieceBytesMax} bytes is not the last`);
    this.#lastPiece = length > 0 && length < pieceBytesMax;
    if (length > 0) importer.push(new Uint8Array(piece.subarray(4)));
    else this.#endStore(name, importer.finish());
    return true;
  }

  #endStore(name: string, tree: Tree): void {
    if (tree.version !== this.manifest.height) {
      throw new Error(`store "${name}" is of version ${tree.version}, expected ${this.manifest.height}`);
    }
    this.#trees.set(name, tree);
    this.#store = undefined;
    this.#storesLeft!--;
  }

  #take(length: number): Buffer | undefined {
    if (this.#position + length > this.#rest.length) return undefined;
    const taken = Buffer.from(this.#rest.buffer, this.#rest.byteOffset + this.#position, length);
    this.#position += length;
    return taken;
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
