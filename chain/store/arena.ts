/**
 * The node arena: where every node of every commitment tree of a process lives, 64 bytes each, outside the garbage-collected heap.
 *
 * Owns the layout of a node, its allocation and its recycling. Does not own the bytes of keys and values (bytesarena.ts), what a node
 * means (treebuilder.ts), nor when it may be recycled (tree.ts).
 *
 * A node is sixteen 32-bit words:
 *
 *   0  left child            leaf: reference of its value
 *   1  right child           leaf: length of its value
 *   2  version in which the node was made or last changed
 *   3  number of leaves below it
 *   4  reference of its key (inner: the smallest key of its right subtree, shared with that leaf)
 *   5  key length (bits 0–15), height (16–23), hashed (24)
 *   6  the key's first four bytes, big-endian, zero-padded
 *   7  the next four
 *   8  SHA-256 (32 bytes), valid when hashed
 *
 * The key's first eight bytes stand in the node because they decide almost every comparison, which saves a cache miss a level.
 * Memory is shared, so that a worker can read a published version while this thread builds the next one: nodes of a published version
 * never change until they are recycled.
 */

import { NumberList } from "./numberlist.ts";

export const nodeBytes = 64;
/** Nodes a chunk: a chunk is 4 MiB, of which the system backs only what is touched. */
export const chunkNodes = 1 << 16;
/** The first chunk is short, so that a small store (most tests') costs little; the numbers of the nodes it lacks are left out. */
const firstChunkNodes = 1 << 10;
/** 4096 chunks: 268 million nodes, 16 GiB. */
export const nodeChunksMax = 4096;

const wordsShift = 4;
const chunkShift = 16;
const chunkMask = chunkNodes - 1;
const hashedBit = 1 << 24;

/** No node: the root of an empty tree. */
export const noNode = 0;

export class NodeArena {
  readonly chunks: SharedArrayBuffer[] = [];
  readonly #words: Uint32Array[] = [];
  readonly #bytes: Buffer[] = [];
  #next = 0;
  #end = 0;
  /** Recycled nodes stand in a list of their own, so that taking one does not wait for its memory. */
  readonly #free = new NumberList();
  #live = 0;

  /** A reader of another thread's nodes; it must not allocate. */
  static attach(chunks: readonly SharedArrayBuffer[]): NodeArena {
    const arena = new NodeArena();
    for (const chunk of chunks) arena.#adopt(chunk);
    return arena;
  }

  /** Nodes in use. */
  get live(): number {
    return this.#live;
  }

  get bytesReserved(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  }

  /** A node with undefined contents. */
  allocate(): number {
    this.#live++;
    const recycled = this.#free.pop();
    if (recycled !== undefined) return recycled;
    if (this.#next === this.#end) this.#grow();
    return this.#next++;
  }

  release(node: number): void {
    this.#free.push(node);
    this.#live--;
  }

  releaseAll(nodes: NumberList): void {
    this.#free.append(nodes);
    this.#live -= nodes.length;
  }

  words(node: number): Uint32Array {
    return this.#words[node >>> chunkShift]!;
  }

  bytes(node: number): Buffer {
    return this.#bytes[node >>> chunkShift]!;
  }

  left(node: number): number {
    return this.#words[node >>> chunkShift]![(node & chunkMask) << wordsShift]!;
  }

  setLeft(node: number, child: number): void {
    this.#words[node >>> chunkShift]![(node & chunkMask) << wordsShift] = child;
  }

  right(node: number): number {
    return this.#words[node >>> chunkShift]![((node & chunkMask) << wordsShift) + 1]!;
  }

  setRight(node: number, child: number): void {
    this.#words[node >>> chunkShift]![((node & chunkMask) << wordsShift) + 1] = child;
  }

  valueReference(leaf: number): number {
    return this.left(leaf);
  }

  valueLength(leaf: number): number {
    return this.right(leaf);
  }

  version(node: number): number {
    return this.#words[node >>> chunkShift]![((node & chunkMask) << wordsShift) + 2]!;
  }

  size(node: number): number {
    return this.#words[node >>> chunkShift]![((node & chunkMask) << wordsShift) + 3]!;
  }

  keyReference(node: number): number {
    return this.#words[node >>> chunkShift]![((node & chunkMask) << wordsShift) + 4]!;
  }

  keyLength(node: number): number {
    return this.#words[node >>> chunkShift]![((node & chunkMask) << wordsShift) + 5]! & 0xffff;
  }

  /** 0 for a leaf. */
  height(node: number): number {
    return (this.#words[node >>> chunkShift]![((node & chunkMask) << wordsShift) + 5]! >>> 16) & 0xff;
  }

  /**
   * The child of an inner node on the way to a key, as far as the key's first eight bytes tell; noNode when the node is a leaf or they are
   * its own. A descent is nothing else at almost every level, so the node's words are looked up once.
   */
  childTowards(node: number, high: number, low: number): number {
    const words = this.#words[node >>> chunkShift]!;
    const at = (node & chunkMask) << wordsShift;
    if (((words[at + 5]! >>> 16) & 0xff) === 0) return noNode;
    const nodeHigh = words[at + 6]!;
    if (high !== nodeHigh) return high < nodeHigh ? words[at]! : words[at + 1]!;
    const nodeLow = words[at + 7]!;
    if (low !== nodeLow) return low < nodeLow ? words[at]! : words[at + 1]!;
    return noNode;
  }

  isHashed(node: number): boolean {
    return (this.#words[node >>> chunkShift]![((node & chunkMask) << wordsShift) + 5]! & hashedBit) !== 0;
  }

  keyHigh(node: number): number {
    return this.#words[node >>> chunkShift]![((node & chunkMask) << wordsShift) + 6]!;
  }

  keyLow(node: number): number {
    return this.#words[node >>> chunkShift]![((node & chunkMask) << wordsShift) + 7]!;
  }

  /** Where in bytes(node) its hash stands. */
  hashOffset(node: number): number {
    return ((node & chunkMask) << 6) + 32;
  }

  /** Where in words(node) its words stand. */
  wordOffset(node: number): number {
    return (node & chunkMask) << wordsShift;
  }

  setLeaf(
    leaf: number,
    version: number,
    keyReference: number,
    keyLength: number,
    keyHigh: number,
    keyLow: number,
    valueReference: number,
    valueLength: number,
  ): void {
    const words = this.words(leaf);
    const at = this.wordOffset(leaf);
    words[at] = valueReference;
    words[at + 1] = valueLength;
    words[at + 2] = version;
    words[at + 3] = 1;
    words[at + 4] = keyReference;
    words[at + 5] = keyLength;
    words[at + 6] = keyHigh;
    words[at + 7] = keyLow;
  }

  /** Makes `target` an unhashed copy of an inner node, in another version. */
  copyInner(source: number, target: number, version: number): void {
    const from = this.words(source);
    const to = this.words(target);
    const a = this.wordOffset(source);
    const b = this.wordOffset(target);
    to[b] = from[a]!;
    to[b + 1] = from[a + 1]!;
    to[b + 2] = version;
    to[b + 3] = from[a + 3]!;
    to[b + 4] = from[a + 4]!;
    to[b + 5] = from[a + 5]! & ~hashedBit;
    to[b + 6] = from[a + 6]!;
    to[b + 7] = from[a + 7]!;
  }

  setVersion(node: number, version: number): void {
    this.words(node)[this.wordOffset(node) + 2] = version;
  }

  /** Also marks the node as not hashed. */
  setShape(node: number, height: number, size: number): void {
    const words = this.words(node);
    const at = this.wordOffset(node);
    words[at + 3] = size;
    words[at + 5] = (words[at + 5]! & 0xffff) | (height << 16);
  }

  setKey(node: number, reference: number, length: number, high: number, low: number): void {
    const words = this.words(node);
    const at = this.wordOffset(node);
    words[at + 4] = reference;
    words[at + 5] = (words[at + 5]! & ~0xffff) | length;
    words[at + 6] = high;
    words[at + 7] = low;
  }

  /** `hash` in one character a byte: the cheapest form in which Node gives a digest. */
  setHash(node: number, hash: string): void {
    const bytes = this.bytes(node);
    const at = this.hashOffset(node);
    for (let i = 0; i < 32; i++) bytes[at + i] = hash.charCodeAt(i);
    this.words(node)[this.wordOffset(node) + 5]! |= hashedBit;
  }

  /** A copy of the node's hash. */
  hash(node: number): Uint8Array {
    const offset = this.hashOffset(node);
    return new Uint8Array(this.bytes(node).subarray(offset, offset + 32));
  }

  #grow(): void {
    if (this.chunks.length >= nodeChunksMax) {
      throw new Error(
        `the node arena is full: ${nodeChunksMax} chunks of ${chunkNodes} nodes are in use; keep fewer versions in memory`,
      );
    }
    const first = this.chunks.length === 0;
    const nodes = first ? firstChunkNodes : chunkNodes;
    const start = this.chunks.length * chunkNodes;
    this.#adopt(new SharedArrayBuffer(nodes * nodeBytes));
    this.#next = first ? noNode + 1 : start;
    this.#end = start + nodes;
  }

  #adopt(chunk: SharedArrayBuffer): void {
    this.chunks.push(chunk);
    this.#words.push(new Uint32Array(chunk));
    this.#bytes.push(Buffer.from(chunk));
  }
}
