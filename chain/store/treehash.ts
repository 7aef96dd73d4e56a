/**
 * IAVL's node hash, of every node that is not hashed yet.
 *
 *   leaf   SHA-256( varint 0 · varint 1 · varint version · bytes key · bytes SHA-256(value) )
 *   inner  SHA-256( varint height · varint size · varint version · bytes left hash · bytes right hash )
 *
 * Varints are Go's: zigzag, then base 128, least significant first. Lengths of bytes are unsigned.
 */

import { hash as digest } from "node:crypto";
import { endianness } from "node:os";
import type { TreeMemory } from "./treememory.ts";
import { keyLengthMax, valueLengthMax } from "./types.ts";

const hashLength = 32;
/** Node hashes are copied by words; either byte order does, as long as it is the machine's. */
const littleEndian = endianness() === "LE";

/** A leaf's message is at most 18 bytes of varints, the key, and a hash with its length. */
const messageMax = 32 + keyLengthMax + hashLength + 1;
const message = Buffer.alloc(messageMax);
const messageView = new DataView(message.buffer, message.byteOffset, messageMax);
/** The message's first n bytes, at n: a view is dearer to make than to look up. */
const messages = Array.from({ length: messageMax + 1 }, (_, length) => message.subarray(0, length));

/** Values up to here are copied out to be hashed; longer ones get a view of their own. */
const smallValueMax = 512;
const smallValue = Buffer.alloc(smallValueMax);
const smallValues = Array.from({ length: smallValueMax + 1 }, (_, length) => smallValue.subarray(0, length));

/** SHA-256 of nothing: the root of an empty tree. */
export const emptyRoot = (): Uint8Array => new Uint8Array(digest("sha256", "", "buffer"));

/** Unsigned varint; returns where the next byte goes. */
export function writeVarint(target: Uint8Array, at: number, value: number): number {
  let rest = value;
  let next = at;
  while (rest > 0x7fffffff) {
    target[next++] = (rest % 128) + 128;
    rest = Math.floor(rest / 128);
  }
  while (rest > 127) {
    target[next++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  target[next++] = rest;
  return next;
}

/** Height, size and version, the head of every node's message. */
export function writeNodeHead(target: Uint8Array, height: number, size: number, version: number): number {
  const at = writeVarint(target, 0, height * 2);
  return writeVarint(target, writeVarint(target, at, size * 2), version * 2);
}

/** Hashes `node`, which is not hashed, and whatever below it is not. Depth is the tree's height. */
export function hashTree(memory: TreeMemory, node: number): void {
  const { nodes } = memory;
  if (nodes.height(node) === 0) {
    hashLeaf(memory, node);
    return;
  }
  const left = nodes.left(node);
  const right = nodes.right(node);
  // Both are read before either is walked: the one that did not change left the caches, and is on its way meanwhile.
  const leftIsHashed = nodes.isHashed(left);
  const rightIsHashed = nodes.isHashed(right);
  if (!leftIsHashed) hashTree(memory, left);
  if (!rightIsHashed) hashTree(memory, right);
  hashInner(memory, node, left, right);
}

function hashInner(memory: TreeMemory, node: number, left: number, right: number): void {
  const { nodes } = memory;
  let at = writeNodeHead(message, nodes.height(node), nodes.size(node), nodes.version(node));
  at = writeHash(memory, at, left);
  at = writeHash(memory, at, right);
  nodes.setHash(node, digest("sha256", messages[at]!, "binary"));
}

/** A child's hash with its length before it. */
function writeHash(memory: TreeMemory, at: number, node: number): number {
  message[at] = hashLength;
  const words = memory.nodes.words(node);
  const from = memory.nodes.wordOffset(node) + 8;
  for (let i = 0; i < 8; i++) messageView.setUint32(at + 1 + 4 * i, words[from + i]!, littleEndian);
  return at + 1 + hashLength;
}

function hashLeaf(memory: TreeMemory, leaf: number): void {
  const { nodes, bytes } = memory;
  const keyLength = nodes.keyLength(leaf);
  let at = writeNodeHead(message, 0, 1, nodes.version(leaf));
  at = writeVarint(message, at, keyLength);
  bytes.copyInto(nodes.keyReference(leaf), keyLength, message, at);
  at += keyLength;
  message[at] = hashLength;
  const hash = hashValue(memory, leaf);
  for (let i = 0; i < hashLength; i++) message[at + 1 + i] = hash.charCodeAt(i);
  nodes.setHash(leaf, digest("sha256", messages[at + 1 + hashLength]!, "binary"));
}

function hashValue(memory: TreeMemory, leaf: number): string {
  const length = memory.nodes.valueLength(leaf);
  const reference = memory.nodes.valueReference(leaf);
  if (length <= smallValueMax) {
    memory.bytes.copyInto(reference, length, smallValue, 0);
    return digest("sha256", smallValues[length]!, "binary");
  }
  if (length > valueLengthMax) throw new RangeError(`a value of ${length} bytes is longer than ${valueLengthMax}`);
  const from = memory.bytes.offset(reference);
  return digest("sha256", memory.bytes.bytes(reference).subarray(from, from + length), "binary");
}
