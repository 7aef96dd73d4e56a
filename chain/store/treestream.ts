/**
 * One version of one tree as a stream of bytes, and back: for checkpoints and snapshots.
 *
 * Owns the encoding and every check on what comes in: nothing of a stream is believed but keys, values, versions and shape, and the shape
 * is checked; hashes are not in it and are recomputed. Does not own files, chunks' hashes or compression (checkpoint and snapshot).
 *
 * The stream, the same bytes on every node for the same version:
 *
 *   57 54 52 01                                       "WTR", format 1
 *   varint version of the tree · varint number of keys
 *   every node in post-order (left subtree, right subtree, node):
 *     leaf    varint 0 · varint version · varint key length · key · varint value length · value
 *     inner   varint height · varint version
 *
 * Varints are unsigned, base 128, least significant first, in their shortest form. An inner node's key is not written: it is the smallest
 * key of its right subtree. The end follows from the number of keys.
 */

import { noNode } from "./arena.ts";
import { Tree, versionMax } from "./tree.ts";
import { releaseNode } from "./treebuilder.ts";
import { hashTree, writeVarint } from "./treehash.ts";
import { keyHigh, keyLow, type TreeDescriptor, TreeMemory } from "./treememory.ts";
import { keyLengthMax, valueLengthMax } from "./types.ts";

const magic = Uint8Array.of(0x57, 0x54, 0x52, 1);
const varintBytesMax = 5;
/** Head of the stream, or a record without its value. */
const headBytesMax = 4 * varintBytesMax + keyLengthMax;
const recordBytesMax = headBytesMax + valueLengthMax;

/** More than any balanced tree of 2^32 keys has. */
const heightMax = 64;
/** A node keeps its size in 32 bits. */
const sizeMax = 0xffffffff;

// ------------------------------------------------------------------------------------------------------------------ out

/**
 * Yields the stream in chunks of `chunkBytes`, the last one shorter; each is the caller's own. Works in any thread; the version must stay
 * pinned meanwhile.
 */
export function* exportTree(descriptor: TreeDescriptor, chunkBytes = 1 << 16): Generator<Uint8Array<ArrayBuffer>> {
  const memory = TreeMemory.attach(descriptor);
  const { root, version } = descriptor;
  const buffer = new Uint8Array(chunkBytes + recordBytesMax);
  buffer.set(magic);
  let length = writeVarint(buffer, magic.length, version);
  length = writeVarint(buffer, length, root === noNode ? 0 : memory.nodes.size(root));
  for (const node of postOrder(memory, root)) {
    length = writeRecord(memory, node, buffer, length);
    let sent = 0;
    for (; length - sent >= chunkBytes; sent += chunkBytes) yield buffer.slice(sent, sent + chunkBytes);
    if (sent === 0) continue;
    buffer.copyWithin(0, sent, length);
    length -= sent;
  }
  if (length > 0) yield buffer.slice(0, length);
}

function writeRecord(memory: TreeMemory, node: number, buffer: Uint8Array, from: number): number {
  const { nodes, bytes } = memory;
  const height = nodes.height(node);
  const at = writeVarint(buffer, writeVarint(buffer, from, height), nodes.version(node));
  if (height !== 0) return at;
  const keyLength = nodes.keyLength(node);
  const keyAt = writeVarint(buffer, at, keyLength);
  bytes.copyInto(nodes.keyReference(node), keyLength, buffer, keyAt);
  const valueLength = nodes.valueLength(node);
  const valueAt = writeVarint(buffer, keyAt + keyLength, valueLength);
  bytes.copyInto(nodes.valueReference(node), valueLength, buffer, valueAt);
  return valueAt + valueLength;
}

/** A node may be released when it is given: its children are read before. */
function* postOrder(memory: TreeMemory, root: number): Generator<number> {
  if (root === noNode) return;
  const { nodes } = memory;
  /** A negative entry: its children are done. */
  const pending = [root];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next < 0) yield -next;
    else if (nodes.height(next) === 0) yield next;
    else pending.push(-next, nodes.right(next), nodes.left(next));
  }
}

// ------------------------------------------------------------------------------------------------------------------- in

/** A stream is not one of ours, or was damaged, or its tree is not one that IAVL's rules make. */
export class TreeStreamError extends Error {
  constructor(what: string) {
    super(`the tree stream cannot be read: ${what}`);
    this.name = "TreeStreamError";
  }
}

/** A subtree that has no parent yet. */
interface Subtree {
  readonly root: number;
  readonly firstLeaf: number;
}

/** Builds a tree from a stream given in pieces of any size. After an error or a change of mind, abort() recycles what was built. */
export class TreeImporter {
  readonly #memory: TreeMemory;
  readonly #subtrees: Subtree[] = [];
  /** A record not yet whole: less than recordBytesMax. */
  #rest: Uint8Array = new Uint8Array(0);
  #position = 0;
  #headRead = false;
  #version = 0;
  #size = 0;
  #leaves = 0;
  #recordsLeft = 0;
  #lastLeaf = noNode;

  constructor(memory: TreeMemory) {
    this.#memory = memory;
  }

  push(piece: Uint8Array): void {
    this.#rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    this.#position = 0;
    let consumed = 0;
    while (this.#readNext()) consumed = this.#position;
    if (consumed < this.#rest.length && this.#headRead && this.#recordsLeft === 0) {
      throw new TreeStreamError(`${this.#rest.length - consumed} bytes follow its end`);
    }
    // A copy: the piece belongs to the caller.
    this.#rest = new Uint8Array(this.#rest.subarray(consumed));
  }

  /** The tree, with one version, of which every hash was computed anew. Compare its root with the one expected. */
  finish(): Tree {
    if (!this.#headRead || this.#recordsLeft > 0) throw new TreeStreamError("it ends too early");
    const root = this.#subtrees.pop()?.root ?? noNode;
    return Tree.restored(this.#memory, root, this.#version);
  }

  abort(): void {
    const { nodes, bytes } = this.#memory;
    for (const { root } of this.#subtrees) {
      for (const node of postOrder(this.#memory, root)) {
        if (nodes.height(node) === 0) bytes.release(nodes.keyReference(node), nodes.keyLength(node));
        releaseNode(this.#memory, node);
      }
    }
    this.#subtrees.length = 0;
  }

  /** False when the rest is not a whole record, or the stream has ended. */
  #readNext(): boolean {
    if (!this.#headRead) return this.#readHead();
    return this.#recordsLeft > 0 && this.#readRecord();
  }

  #readHead(): boolean {
    for (let i = 0; i < magic.length && i < this.#rest.length; i++) {
      if (this.#rest[i] !== magic[i]) throw new TreeStreamError("it does not begin with the mark of format 1");
    }
    this.#position = magic.length;
    const version = this.#varint(versionMax);
    const size = this.#varint(sizeMax);
    if (version === undefined || size === undefined) return false;
    if (version === 0) throw new TreeStreamError("its version is 0, expected at least 1");
    this.#headRead = true;
    this.#version = version;
    this.#size = size;
    this.#recordsLeft = size === 0 ? 0 : 2 * size - 1;
    return true;
  }

  #readRecord(): boolean {
    const height = this.#varint(heightMax);
    const version = this.#varint(this.#version);
    if (height === undefined || version === undefined) return false;
    if (height > 0) this.#addInner(height, version);
    else if (!this.#readLeaf(version)) return false;
    this.#recordsLeft--;
    return true;
  }

  #readLeaf(version: number): boolean {
    const key = this.#bytes(keyLengthMax);
    if (key === undefined) return false;
    const value = this.#bytes(valueLengthMax);
    if (value === undefined) return false;
    this.#addLeaf(version, key, value);
    return true;
  }

  #addLeaf(version: number, key: Uint8Array, value: Uint8Array): void {
    const high = keyHigh(key);
    const low = keyLow(key);
    if (key.length === 0) throw new TreeStreamError("a key is empty");
    if (this.#lastLeaf !== noNode && this.#memory.compare(key, high, low, this.#lastLeaf) <= 0) {
      throw new TreeStreamError("its keys are not in ascending order");
    }
    if (this.#leaves === this.#size) throw new TreeStreamError(`it has more than the ${this.#size} keys it announces`);
    if (this.#subtrees.length > heightMax) throw new TreeStreamError(`its tree is higher than ${heightMax}`);
    this.#leaves++;
    const { nodes, bytes } = this.#memory;
    const leaf = nodes.allocate();
    nodes.setLeaf(leaf, version, bytes.store(key), key.length, high, low, bytes.store(value), value.length);
    hashTree(this.#memory, leaf);
    this.#subtrees.push({ root: leaf, firstLeaf: leaf });
    this.#lastLeaf = leaf;
  }

  #addInner(height: number, version: number): void {
    const { nodes } = this.#memory;
    const right = this.#subtrees.at(-1);
    const left = this.#subtrees.at(-2);
    if (left === undefined || right === undefined)
      throw new TreeStreamError("an inner node has fewer than two children");
    const heights = [nodes.height(left.root), nodes.height(right.root)] as const;
    if (height !== Math.max(...heights) + 1) {
      throw new TreeStreamError(`a node of height ${height} has children of heights ${heights.join(" and ")}`);
    }
    if (Math.abs(heights[0] - heights[1]) > 1) {
      throw new TreeStreamError(`a node's children differ in height by more than one: ${heights.join(" and ")}`);
    }
    if (version < nodes.version(left.root) || version < nodes.version(right.root)) {
      throw new TreeStreamError(`a node of version ${version} is older than a child`);
    }
    const inner = nodes.allocate();
    const first = right.firstLeaf;
    nodes.setLeft(inner, left.root);
    nodes.setRight(inner, right.root);
    nodes.setVersion(inner, version);
    nodes.setKey(inner, nodes.keyReference(first), nodes.keyLength(first), nodes.keyHigh(first), nodes.keyLow(first));
    nodes.setShape(inner, height, nodes.size(left.root) + nodes.size(right.root));
    hashTree(this.#memory, inner);
    this.#subtrees.length -= 2;
    this.#subtrees.push({ root: inner, firstLeaf: left.firstLeaf });
  }

  /** undefined when it is not whole. */
  #bytes(lengthMax: number): Uint8Array | undefined {
    const length = this.#varint(lengthMax);
    if (length === undefined || this.#position + length > this.#rest.length) return undefined;
    this.#position += length;
    return this.#rest.subarray(this.#position - length, this.#position);
  }

  /** undefined when it is not whole. */
  #varint(max: number): number | undefined {
    let value = 0;
    for (let digit = 0; digit < varintBytesMax; digit++) {
      const byte = this.#rest[this.#position];
      if (byte === undefined) return undefined;
      this.#position++;
      value += (byte & 127) * 2 ** (7 * digit);
      if (byte >= 128) continue;
      if (byte === 0 && digit > 0) throw new TreeStreamError("a number is not in its shortest form");
      if (value > max) throw new TreeStreamError(`a number is ${value}, expected at most ${max}`);
      return value;
    }
    throw new TreeStreamError(`a number is longer than ${varintBytesMax} bytes`);
  }
}
