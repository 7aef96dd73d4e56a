/**
 * Reading one version of a tree: a descent by key and walks over a range, on numbers only.
 *
 * Does not own whether the version may still be read: TreeIterator asks its guard at every step (tree.ts).
 */

import { noNode } from "./arena.ts";
import { keyHigh, keyLow, type TreeMemory } from "./treememory.ts";
import type { Entry, KeyRange } from "./types.ts";

/** The leaf that holds `key`; noNode when there is none. */
export function findLeaf(memory: TreeMemory, root: number, key: Uint8Array): number {
  if (root === noNode) return noNode;
  const { nodes } = memory;
  const high = keyHigh(key);
  const low = keyLow(key);
  let node = root;
  for (;;) {
    const child = nodes.childTowards(node, high, low);
    if (child !== noNode) node = child;
    else if (nodes.height(node) === 0) return memory.compare(key, high, low, node) === 0 ? node : noNode;
    else node = memory.compare(key, high, low, node) < 0 ? nodes.left(node) : nodes.right(node);
  }
}

/** Descents that go side by side: more than the processor has places for memory it waits for, few enough that all stays in its caches. */
const abreastMax = 64;
const abreastNodes = new Uint32Array(abreastMax);
const abreastHighs = new Uint32Array(abreastMax);
const abreastLows = new Uint32Array(abreastMax);

/**
 * Touches the memory that finding the keys of a list will read, from `start` on, as many as go side by side; returns where to go on. A
 * descent alone waits at each level for a node that left the caches; of many descents the waits overlap. Changes nothing.
 */
export function warmDescents<T>(
  memory: TreeMemory,
  root: number,
  list: readonly T[],
  keyOf: (item: T) => Uint8Array,
  start: number,
): number {
  const { nodes } = memory;
  const count = Math.min(list.length - start, abreastMax);
  if (root === noNode) return start + count;
  for (let i = 0; i < count; i++) {
    const key = keyOf(list[start + i]!);
    abreastNodes[i] = root;
    abreastHighs[i] = keyHigh(key);
    abreastLows[i] = keyLow(key);
  }
  for (let moved = true; moved; ) {
    moved = false;
    for (let i = 0; i < count; i++) {
      const child = nodes.childTowards(abreastNodes[i]!, abreastHighs[i]!, abreastLows[i]!);
      if (child === noNode) continue;
      abreastNodes[i] = child;
      moved = true;
    }
  }
  for (let i = 0; i < count; i++) touched[0]! ^= memory.firstBytes(abreastNodes[i]!);
  return start + count;
}

/** What was touched has to be used, or the compiler leaves it out. */
const touched = new Uint8Array(1);

/** A range's bound, with its words at hand. */
interface Bound {
  readonly key: Uint8Array;
  readonly high: number;
  readonly low: number;
}

const bound = (key: Uint8Array | undefined): Bound | undefined =>
  key === undefined ? undefined : { key, high: keyHigh(key), low: keyLow(key) };

/** Walks the leaves of a range in order. Holds the roots of the subtrees still to be walked: at most one a level. */
export class LeafWalk {
  readonly #memory: TreeMemory;
  readonly #pending: number[] = [];
  readonly #reverse: boolean;
  readonly #start: Bound | undefined;
  readonly #end: Bound | undefined;

  constructor(memory: TreeMemory, root: number, range: KeyRange) {
    this.#memory = memory;
    this.#reverse = range.reverse === true;
    this.#start = bound(range.start);
    this.#end = bound(range.end);
    if (root === noNode) return;
    if (this.#reverse) this.#seekBelow(root, this.#end);
    else this.#seek(root, this.#start);
  }

  /** The next leaf of the range; noNode when there is no more. */
  next(): number {
    const { nodes } = this.#memory;
    const next = this.#pending.pop();
    if (next === undefined) return noNode;
    let node = next;
    while (nodes.height(node) !== 0) {
      this.#pending.push(this.#reverse ? nodes.left(node) : nodes.right(node));
      node = this.#reverse ? nodes.right(node) : nodes.left(node);
    }
    const beyond = this.#reverse
      ? this.#start !== undefined && this.#compare(this.#start, node) > 0
      : this.#end !== undefined && this.#compare(this.#end, node) <= 0;
    if (!beyond) return node;
    this.#pending.length = 0;
    return noNode;
  }

  /** Leaves pending: the subtrees with keys at or after `start`. */
  #seek(root: number, start: Bound | undefined): void {
    if (start === undefined) {
      this.#pending.push(root);
      return;
    }
    const { nodes } = this.#memory;
    let node = root;
    while (nodes.height(node) !== 0) {
      const toLeft = this.#compare(start, node) < 0;
      if (toLeft) this.#pending.push(nodes.right(node));
      node = toLeft ? nodes.left(node) : nodes.right(node);
    }
    if (this.#compare(start, node) <= 0) this.#pending.push(node);
  }

  /** Leaves pending: the subtrees with keys before `end`. */
  #seekBelow(root: number, end: Bound | undefined): void {
    if (end === undefined) {
      this.#pending.push(root);
      return;
    }
    const { nodes } = this.#memory;
    let node = root;
    while (nodes.height(node) !== 0) {
      const toRight = this.#compare(end, node) > 0;
      if (toRight) this.#pending.push(nodes.left(node));
      node = toRight ? nodes.right(node) : nodes.left(node);
    }
    if (this.#compare(end, node) > 0) this.#pending.push(node);
  }

  #compare(bound: Bound, node: number): number {
    return this.#memory.compare(bound.key, bound.high, bound.low, node);
  }
}

/** The entries of a range, each the caller's own copy. */
export class TreeIterator implements IterableIterator<Entry> {
  readonly #memory: TreeMemory;
  readonly #walk: LeafWalk;
  readonly #guard: () => void;
  #ended = false;

  constructor(memory: TreeMemory, root: number, range: KeyRange, guard: () => void) {
    this.#memory = memory;
    this.#guard = guard;
    this.#walk = new LeafWalk(memory, root, range);
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Entry, undefined> {
    if (this.#ended) return { done: true, value: undefined };
    this.#guard();
    const leaf = this.#walk.next();
    if (leaf === noNode) return this.return();
    return { done: false, value: [this.#memory.key(leaf), this.#memory.value(leaf)] };
  }

  return(): IteratorResult<Entry, undefined> {
    this.#ended = true;
    return { done: true, value: undefined };
  }
}
