/**
 * Changing a tree by IAVL's rules: insertion, removal, rotations, exactly as Go's iavl v1 does them, because the shape and the version of
 * every node are part of the root.
 *
 * Owns the next version's nodes and the list of what it no longer uses (its orphans). A node of the version being built is changed in
 * place; an older one is copied first. Does not own hashing (treehash.ts) nor when orphans are recycled (tree.ts).
 */

import { noNode } from "./arena.ts";
import type { LeafIndex } from "./leafindex.ts";
import { NumberList } from "./numberlist.ts";
import { keyHigh, keyLow, type TreeMemory } from "./treememory.ts";
import { findLeaf } from "./treeread.ts";

/** What a version no longer uses of those before it. */
export interface Orphans {
  readonly nodes: NumberList;
  /** Reference and length of each removed key and each replaced or removed value. */
  readonly bytes: NumberList;
}

export const noOrphans = (): Orphans => ({ nodes: new NumberList(), bytes: new NumberList() });

export class TreeBuilder {
  readonly orphans: Orphans;
  readonly #memory: TreeMemory;
  readonly #version: number;
  readonly #index: LeafIndex | undefined;

  #key: Uint8Array = new Uint8Array(0);
  #high = 0;
  #low = 0;
  #value: Uint8Array = new Uint8Array(0);
  /** The last insertion replaced a value: no shape changed. */
  #replaced = false;

  /** The key that takes the removed one's place in an inner node above, when it was the smallest of its subtree. */
  #successor = false;
  #successorReference = 0;
  #successorLength = 0;
  #successorHigh = 0;
  #successorLow = 0;

  /** `orphans`: empty lists to fill. `index`, where there is one, is kept in step. */
  constructor(memory: TreeMemory, version: number, orphans: Orphans, index?: LeafIndex) {
    this.#memory = memory;
    this.#version = version;
    this.orphans = orphans;
    this.#index = index;
  }

  /** Returns the new root. A write of the same value makes a new leaf too, as Go's Set does. */
  set(root: number, key: Uint8Array, value: Uint8Array): number {
    this.#aim(key);
    this.#value = value;
    this.#replaced = false;
    return root === noNode ? this.#insertedLeaf() : this.#set(root);
  }

  /** Returns the new root; the same when the key is not there. */
  remove(root: number, key: Uint8Array): number {
    const leaf = findLeaf(this.#memory, root, key);
    if (leaf === noNode) return root;
    this.#index?.remove(key, leaf);
    this.#aim(key);
    this.#successor = false;
    const { nodes } = this.#memory;
    this.orphans.bytes.push(nodes.keyReference(leaf));
    this.orphans.bytes.push(nodes.keyLength(leaf));
    return this.#remove(root);
  }

  #aim(key: Uint8Array): void {
    this.#key = key;
    this.#high = keyHigh(key);
    this.#low = keyLow(key);
  }

  #compare(node: number): number {
    return this.#memory.compare(this.#key, this.#high, this.#low, node);
  }

  // -------------------------------------------------------------------------------------------------------------- insertion

  #set(node: number): number {
    const { nodes } = this.#memory;
    if (nodes.height(node) === 0) return this.#setAtLeaf(node);
    const mine = this.#own(node);
    if (this.#compare(mine) < 0) nodes.setLeft(mine, this.#set(nodes.left(mine)));
    else nodes.setRight(mine, this.#set(nodes.right(mine)));
    if (this.#replaced) return mine;
    this.#measure(mine);
    return this.#balance(mine);
  }

  #setAtLeaf(leaf: number): number {
    const order = this.#compare(leaf);
    if (order === 0) {
      this.#replaced = true;
      const replacement = this.#newLeaf(this.#memory.nodes.keyReference(leaf));
      this.#index?.move(this.#key, leaf, replacement);
      this.#discard(leaf);
      return replacement;
    }
    const fresh = this.#insertedLeaf();
    return order < 0 ? this.#newInner(fresh, leaf) : this.#newInner(leaf, fresh);
  }

  #insertedLeaf(): number {
    const leaf = this.#newLeaf(this.#memory.bytes.store(this.#key));
    this.#index?.add(this.#key, leaf);
    return leaf;
  }

  #newLeaf(keyReference: number): number {
    const { nodes, bytes } = this.#memory;
    const leaf = nodes.allocate();
    const value = this.#value;
    const valueReference = bytes.store(value);
    const { length } = this.#key;
    nodes.setLeaf(leaf, this.#version, keyReference, length, this.#high, this.#low, valueReference, value.length);
    return leaf;
  }

  /** Over two leaves. */
  #newInner(left: number, right: number): number {
    const { nodes } = this.#memory;
    const inner = nodes.allocate();
    nodes.setLeft(inner, left);
    nodes.setRight(inner, right);
    nodes.setVersion(inner, this.#version);
    nodes.setKey(inner, nodes.keyReference(right), nodes.keyLength(right), nodes.keyHigh(right), nodes.keyLow(right));
    nodes.setShape(inner, 1, 2);
    return inner;
  }

  // ---------------------------------------------------------------------------------------------------------------- removal

  /** The key is known to be there. Returns what stands in the node's place; noNode when nothing does. */
  #remove(node: number): number {
    const { nodes } = this.#memory;
    if (nodes.height(node) === 0) {
      this.#discard(node);
      return noNode;
    }
    return this.#compare(node) < 0 ? this.#removeLeft(node) : this.#removeRight(node);
  }

  #removeLeft(node: number): number {
    const { nodes } = this.#memory;
    const child = this.#remove(nodes.left(node));
    if (child === noNode) {
      this.#keepSuccessor(node);
      const promoted = nodes.right(node);
      this.#discard(node);
      return promoted;
    }
    const mine = this.#own(node);
    nodes.setLeft(mine, child);
    this.#measure(mine);
    return this.#balance(mine);
  }

  #removeRight(node: number): number {
    const { nodes } = this.#memory;
    const child = this.#remove(nodes.right(node));
    if (child === noNode) {
      const promoted = nodes.left(node);
      this.#discard(node);
      return promoted;
    }
    const mine = this.#own(node);
    nodes.setRight(mine, child);
    if (this.#successor) {
      nodes.setKey(mine, this.#successorReference, this.#successorLength, this.#successorHigh, this.#successorLow);
      this.#successor = false;
    }
    this.#measure(mine);
    return this.#balance(mine);
  }

  /** Remembers the key of an inner node that is about to go: it is the smallest of what is promoted. */
  #keepSuccessor(node: number): void {
    const { nodes } = this.#memory;
    this.#successor = true;
    this.#successorReference = nodes.keyReference(node);
    this.#successorLength = nodes.keyLength(node);
    this.#successorHigh = nodes.keyHigh(node);
    this.#successorLow = nodes.keyLow(node);
  }

  // ---------------------------------------------------------------------------------------------------------------- balance

  /** A node of this version with the same contents: itself, or a copy of an older one. */
  #own(node: number): number {
    const { nodes } = this.#memory;
    if (nodes.version(node) === this.#version) {
      return node;
    }
    const copy = nodes.allocate();
    nodes.copyInner(node, copy, this.#version);
    this.orphans.nodes.push(node);
    return copy;
  }

  /** This version does not use the node any more, nor a leaf's value. */
  #discard(node: number): void {
    const { nodes } = this.#memory;
    if (nodes.version(node) === this.#version) {
      releaseNode(this.#memory, node);
      return;
    }
    this.orphans.nodes.push(node);
    if (nodes.height(node) !== 0) return;
    this.orphans.bytes.push(nodes.valueReference(node));
    this.orphans.bytes.push(nodes.valueLength(node));
  }

  #measure(node: number): void {
    const { nodes } = this.#memory;
    const left = nodes.left(node);
    const right = nodes.right(node);
    const leftHeight = nodes.height(left);
    const rightHeight = nodes.height(right);
    const height = Math.max(leftHeight, rightHeight) + 1;
    nodes.setShape(node, height, nodes.size(left) + nodes.size(right));
  }

  #lean(node: number): number {
    const { nodes } = this.#memory;
    return nodes.height(nodes.left(node)) - nodes.height(nodes.right(node));
  }

  #balance(node: number): number {
    const { nodes } = this.#memory;
    const lean = this.#lean(node);
    if (lean > 1) {
      const left = nodes.left(node);
      if (this.#lean(left) < 0) nodes.setLeft(node, this.#rotateLeft(this.#own(left)));
      return this.#rotateRight(node);
    }
    if (lean < -1) {
      const right = nodes.right(node);
      if (this.#lean(right) > 0) nodes.setRight(node, this.#rotateRight(this.#own(right)));
      return this.#rotateLeft(node);
    }
    return node;
  }

  #rotateRight(node: number): number {
    const { nodes } = this.#memory;
    const top = this.#own(nodes.left(node));
    nodes.setLeft(node, nodes.right(top));
    nodes.setRight(top, node);
    this.#measure(node);
    this.#measure(top);
    return top;
  }

  #rotateLeft(node: number): number {
    const { nodes } = this.#memory;
    const top = this.#own(nodes.right(node));
    nodes.setRight(node, nodes.left(top));
    nodes.setLeft(top, node);
    this.#measure(node);
    this.#measure(top);
    return top;
  }
}

/** Recycles a node that no version uses, and a leaf's value with it. */
export function releaseNode(memory: TreeMemory, node: number): void {
  const { nodes, bytes } = memory;
  if (nodes.height(node) === 0) bytes.release(nodes.valueReference(node), nodes.valueLength(node));
  nodes.release(node);
}

/** Reads no node: most of them left the processor's caches long ago. */
export function releaseOrphans(memory: TreeMemory, { nodes, bytes }: Orphans): void {
  memory.nodes.releaseAll(nodes);
  for (let i = 0; i < bytes.length; i += 2) memory.bytes.release(bytes.at(i), bytes.at(i + 1));
}
