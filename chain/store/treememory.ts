/**
 * The memory of commitment trees: one node arena and one bytes arena, shared by all stores of a process.
 *
 * Owns what may be handed to another thread (TreeDescriptor), the figures, and how a key is compared with a node's key. Does not own
 * which node belongs to which version (tree.ts).
 */

import { NodeArena, nodeBytes } from "./arena.ts";
import { BytesArena } from "./bytesarena.ts";

/** All that a worker needs to read one version: plain data, cloned by postMessage without copying the shared memory. */
export interface TreeDescriptor {
  readonly nodeChunks: readonly SharedArrayBuffer[];
  readonly byteChunks: readonly SharedArrayBuffer[];
  readonly root: number;
  readonly version: number;
}

export interface MemoryFigures {
  readonly nodesLive: number;
  readonly nodeBytesUsed: number;
  readonly nodeBytesReserved: number;
  readonly dataBytesUsed: number;
  readonly dataBytesReserved: number;
}

export class TreeMemory {
  readonly nodes: NodeArena;
  readonly bytes: BytesArena;

  constructor(nodes = new NodeArena(), bytes = new BytesArena()) {
    this.nodes = nodes;
    this.bytes = bytes;
  }

  /** A reader of the version that another thread described. It must not allocate, and lives no longer than that version is pinned. */
  static attach(descriptor: TreeDescriptor): TreeMemory {
    return new TreeMemory(NodeArena.attach(descriptor.nodeChunks), BytesArena.attach(descriptor.byteChunks));
  }

  describe(root: number, version: number): TreeDescriptor {
    return { nodeChunks: [...this.nodes.chunks], byteChunks: [...this.bytes.chunks], root, version };
  }

  figures(): MemoryFigures {
    return {
      nodesLive: this.nodes.live,
      nodeBytesUsed: this.nodes.live * nodeBytes,
      nodeBytesReserved: this.nodes.bytesReserved,
      dataBytesUsed: this.bytes.bytesUsed,
      dataBytesReserved: this.bytes.bytesReserved,
    };
  }

  key(node: number): Uint8Array {
    return this.bytes.copy(this.nodes.keyReference(node), this.nodes.keyLength(node));
  }

  /** Of the key and, of a leaf, the value: to have them brought here. */
  firstBytes(node: number): number {
    const { nodes, bytes } = this;
    const key = nodes.keyReference(node);
    const inKey = bytes.bytes(key)[bytes.offset(key)]!;
    if (nodes.height(node) !== 0) return inKey;
    const value = nodes.valueReference(node);
    return inKey ^ bytes.bytes(value)[bytes.offset(value)]!;
  }

  value(leaf: number): Uint8Array {
    return this.bytes.copy(this.nodes.valueReference(leaf), this.nodes.valueLength(leaf));
  }

  /** Negative when `key` is before the node's key, 0 when equal. `high` and `low` are keyHigh(key) and keyLow(key). */
  compare(key: Uint8Array, high: number, low: number, node: number): number {
    const { nodes } = this;
    const nodeHigh = nodes.keyHigh(node);
    if (high !== nodeHigh) return high < nodeHigh ? -1 : 1;
    const nodeLow = nodes.keyLow(node);
    if (low !== nodeLow) return low < nodeLow ? -1 : 1;
    const nodeLength = nodes.keyLength(node);
    const length = Math.min(key.length, nodeLength);
    if (length > 8) {
      const reference = nodes.keyReference(node);
      const bytes = this.bytes.bytes(reference);
      const at = this.bytes.offset(reference);
      for (let i = 8; i < length; i++) {
        const difference = key[i]! - bytes[at + i]!;
        if (difference !== 0) return difference;
      }
    }
    // Equal as far as both go (zero padding makes the words of a short key equal only to those of keys that continue with zeros).
    return key.length - nodeLength;
  }
}

/** A key's first four bytes, big-endian, zero-padded: unsigned order of numbers is order of bytes. */
export function keyHigh(key: Uint8Array): number {
  if (key.length >= 4) return ((key[0]! << 24) | (key[1]! << 16) | (key[2]! << 8) | key[3]!) >>> 0;
  return wordOf(key, 0);
}

/** The next four. */
export function keyLow(key: Uint8Array): number {
  if (key.length >= 8) return ((key[4]! << 24) | (key[5]! << 16) | (key[6]! << 8) | key[7]!) >>> 0;
  return wordOf(key, 4);
}

const wordOf = (key: Uint8Array, from: number): number =>
  (((key[from] ?? 0) << 24) | ((key[from + 1] ?? 0) << 16) | ((key[from + 2] ?? 0) << 8) | (key[from + 3] ?? 0)) >>> 0;
