/**
 * The bytes arena: where the keys and values of every commitment tree of a process live, outside the garbage-collected heap.
 *
 * Owns allocation by size class and the copying in and out. Does not own whose bytes they are or when they may be recycled (tree.ts).
 *
 * A reference is a position in units of four bytes over all chunks; the owner keeps the length. Cells have one of 128 sizes: multiples of
 * 4 up to 64 bytes, then eight sizes a doubling up to 1 MiB, so that at most an eighth of a large cell is lost. A cell never straddles chunks. A
 * freed cell waits for the next allocation of its class; memory once reserved for a class stays with it, so what is reserved is
 * bounded by each class's own peak.
 */

import { newBytes } from "../bytes.ts";
import { valueLengthMax } from "./types.ts";

const chunkShift = 22;
/** 4 MiB. */
export const byteChunkBytes = 1 << chunkShift;
/** 4096 chunks of 4 MiB: 16 GiB, what a 32-bit reference in units of 4 bytes reaches. */
export const byteChunksMax = 4096;

/** The first chunk is short, so that a small store (most tests') costs little. */
const firstChunkBytes = 1 << 17;

const unitShift = 2;
const referenceChunkShift = chunkShift - unitShift;
const referenceMask = (1 << referenceChunkShift) - 1;
/** A class takes pages of twice the size of its last, between these. */
const pageBytesMin = 1 << 10;
const pageBytesMax = 1 << 16;
/** Larger cells are taken from the chunk one by one. */
const pagedCellMax = 1 << 12;
const noCell = 0xffffffff;
const classCount = 128;

/** Below this length a plain loop copies faster than a call. */
const loopCopyMax = 48;

function sizeClass(length: number): number {
  if (length <= 64) return (length - 1) >> 2;
  const last = length - 1;
  const exponent = 31 - Math.clz32(last);
  return 16 + (exponent - 6) * 8 + ((last >>> (exponent - 3)) & 7);
}

function cellBytes(ofClass: number): number {
  if (ofClass < 16) return (ofClass + 1) << 2;
  const exponent = ((ofClass - 16) >> 3) + 6;
  return (((ofClass - 16) & 7) + 9) << (exponent - 3);
}

export class BytesArena {
  readonly chunks: SharedArrayBuffer[] = [];
  readonly #bytes: Buffer[] = [];
  readonly #words: Uint32Array[] = [];
  /** By class: the first free cell, and the untouched rest of its page in byte positions over all chunks. */
  readonly #free: number[] = new Array<number>(classCount).fill(noCell);
  readonly #pageNext: number[] = new Array<number>(classCount).fill(0);
  readonly #pageEnd: number[] = new Array<number>(classCount).fill(0);
  readonly #pageBytes: number[] = new Array<number>(classCount).fill(pageBytesMin);
  /** Starts of whole pages of the greatest size left over at the ends of chunks. */
  readonly #sparePages: number[] = [];
  #next = 0;
  #end = 0;
  #used = 0;

  /** A reader of another thread's bytes; it must not allocate. */
  static attach(chunks: readonly SharedArrayBuffer[]): BytesArena {
    const arena = new BytesArena();
    for (const chunk of chunks) arena.#adopt(chunk);
    return arena;
  }

  /** Bytes of all cells in use. */
  get bytesUsed(): number {
    return this.#used;
  }

  get bytesReserved(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  }

  /** Copies `source` in and returns its reference. Nothing is taken for no bytes. */
  store(source: Uint8Array): number {
    const length = source.length;
    if (length === 0) return 0;
    const reference = this.#allocate(length);
    const target = this.bytes(reference);
    const at = this.offset(reference);
    if (length <= loopCopyMax) for (let i = 0; i < length; i++) target[at + i] = source[i]!;
    else target.set(source, at);
    return reference;
  }

  release(reference: number, length: number): void {
    if (length === 0) return;
    const ofClass = sizeClass(length);
    this.#words[reference >>> referenceChunkShift]![reference & referenceMask] = this.#free[ofClass]!;
    this.#free[ofClass] = reference;
    this.#used -= cellBytes(ofClass);
  }

  /** The chunk in which a reference's bytes stand, from offset(reference) on. */
  bytes(reference: number): Buffer {
    return this.#bytes[reference >>> referenceChunkShift]!;
  }

  offset(reference: number): number {
    return (reference & referenceMask) << unitShift;
  }

  /** The caller's own copy. */
  copy(reference: number, length: number): Uint8Array {
    const copy = newBytes(length);
    this.copyInto(reference, length, copy, 0);
    return copy;
  }

  copyInto(reference: number, length: number, target: Uint8Array, at: number): void {
    if (length === 0) return;
    const source = this.bytes(reference);
    const from = this.offset(reference);
    if (length <= loopCopyMax) for (let i = 0; i < length; i++) target[at + i] = source[from + i]!;
    else target.set(source.subarray(from, from + length), at);
  }

  #allocate(length: number): number {
    if (length > valueLengthMax) {
      throw new RangeError(`${length} bytes are too many to store: the most is ${valueLengthMax}`);
    }
    const ofClass = sizeClass(length);
    const bytes = cellBytes(ofClass);
    this.#used += bytes;
    const recycled = this.#free[ofClass]!;
    if (recycled !== noCell) {
      this.#free[ofClass] = this.#words[recycled >>> referenceChunkShift]![recycled & referenceMask]!;
      return recycled;
    }
    if (bytes > pagedCellMax) return this.#take(bytes) / 4;
    if (this.#pageNext[ofClass]! + bytes > this.#pageEnd[ofClass]!) this.#openPage(ofClass, bytes);
    const position = this.#pageNext[ofClass]!;
    this.#pageNext[ofClass] = position + bytes;
    return position / 4;
  }

  #openPage(ofClass: number, cell: number): void {
    const size = Math.max(this.#pageBytes[ofClass]!, cell);
    const spare = size === pageBytesMax ? this.#sparePages.pop() : undefined;
    this.#pageNext[ofClass] = spare ?? this.#take(size);
    this.#pageEnd[ofClass] = this.#pageNext[ofClass]! + size;
    this.#pageBytes[ofClass] = Math.min(2 * size, pageBytesMax);
  }

  /** A run of bytes never used before, as a byte position over all chunks. */
  #take(bytes: number): number {
    while (this.#next + bytes > this.#end) this.#grow();
    const position = this.#next;
    this.#next += bytes;
    return position;
  }

  #grow(): void {
    if (this.chunks.length >= byteChunksMax) {
      throw new Error(
        `the bytes arena is full: ${byteChunksMax} chunks of ${byteChunkBytes} bytes are in use; keep fewer versions in memory`,
      );
    }
    for (; this.#next + pageBytesMax <= this.#end; this.#next += pageBytesMax) this.#sparePages.push(this.#next);
    const size = this.chunks.length === 0 ? firstChunkBytes : byteChunkBytes;
    this.#next = this.chunks.length * byteChunkBytes;
    this.#end = this.#next + size;
    this.#adopt(new SharedArrayBuffer(size));
  }

  #adopt(chunk: SharedArrayBuffer): void {
    this.chunks.push(chunk);
    this.#bytes.push(Buffer.from(chunk));
    this.#words.push(new Uint32Array(chunk));
  }
}
