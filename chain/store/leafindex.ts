/**
 * Where the leaf of each key stands, of one tree's newest version: a descent waits for the memory of a node at almost every level, a look-up
 * here for three places (decision 0017).
 *
 * Owns the table and where in it a key falls. Does not own keys, which stand in the leaves, nor which version is the newest (tree.ts).
 *
 * The table is cut into segments that grow one by one, so that no block pays for all of it. A segment is an open-addressing table of pairs
 * (hash of the key, leaf) with linear probing; it never shrinks, as memory of the arena never does.
 */
import { getRandomValues } from "node:crypto";
import { noNode } from "./arena.ts";
import { keyHigh, keyLow, type TreeMemory } from "./treememory.ts";

const segmentBits = 10;
const segmentCount = 1 << segmentBits;
const slotsAtFirst = 8;

/** Positions of a key that have random words of their own; a longer key is mixed and begins again with the first. */
const tabledBytes = 64;
const randomWords = getRandomValues(new Uint32Array(tabledBytes * 256));
const mixer = 0x9e3779b1;

/**
 * Simple tabulation, which linear probing is sound with (Pătraşcu and Thorup, 2012). Random in each process: who chooses keys, and
 * anyone may choose an address, cannot choose which fall together. So nothing that leaves the process may depend on it.
 */
function hashOf(key: Uint8Array): number {
  let hash = key.length;
  for (let i = 0; i < key.length; i++) {
    const position = i & (tabledBytes - 1);
    if (position === 0) hash = Math.imul(hash ^ (hash >>> 15), mixer);
    hash ^= randomWords[(position << 8) | key[i]!]!;
  }
  return hash >>> 0;
}

/** Look-ups that go side by side: more than the processor has places for memory it waits for, few enough that all stays in its caches. */
const abreastMax = 64;
const leavesAbreast = new Uint32Array(abreastMax);
/** What was touched has to be used, or the compiler leaves it out. */
const touched = new Uint8Array(1);

export class LeafIndex {
  readonly #memory: TreeMemory;
  readonly #segments: (Uint32Array | undefined)[] = new Array<undefined>(segmentCount).fill(undefined);
  readonly #counts = new Uint32Array(segmentCount);

  constructor(memory: TreeMemory) {
    this.#memory = memory;
  }

  /** The leaf that holds `key`; noNode when there is none. */
  find(key: Uint8Array): number {
    const hash = hashOf(key);
    const table = this.#segments[hash & (segmentCount - 1)];
    if (table === undefined) return noNode;
    const mask = (table.length >>> 1) - 1;
    for (let slot = (hash >>> segmentBits) & mask; ; slot = (slot + 1) & mask) {
      const leaf = table[2 * slot + 1]!;
      if (leaf === noNode) return noNode;
      if (table[2 * slot] === hash && this.#memory.compare(key, keyHigh(key), keyLow(key), leaf) === 0) return leaf;
    }
  }

  /** Touches the memory that finding and reading these keys will read. One by one each would wait; side by side the waits overlap. */
  warm(keys: readonly Uint8Array[]): void {
    for (let start = 0; start < keys.length; start += abreastMax) {
      const count = Math.min(keys.length - start, abreastMax);
      for (let i = 0; i < count; i++) leavesAbreast[i] = this.#candidate(hashOf(keys[start + i]!));
      for (let i = 0; i < count; i++) {
        if (leavesAbreast[i] !== noNode) touched[0]! ^= this.#memory.firstBytes(leavesAbreast[i]!);
      }
    }
  }

  /** A leaf whose key has this hash; noNode when there is none. */
  #candidate(hash: number): number {
    const table = this.#segments[hash & (segmentCount - 1)];
    if (table === undefined) return noNode;
    const mask = (table.length >>> 1) - 1;
    let slot = (hash >>> segmentBits) & mask;
    while (table[2 * slot] !== hash && table[2 * slot + 1] !== noNode) slot = (slot + 1) & mask;
    return table[2 * slot + 1]!;
  }

  /** Of a key that is not there yet. */
  add(key: Uint8Array, leaf: number): void {
    const hash = hashOf(key);
    const segment = hash & (segmentCount - 1);
    let table = this.#segments[segment] ?? new Uint32Array(2 * slotsAtFirst);
    const count = ++this.#counts[segment]!;
    // Three quarters full at most: 8 bytes a slot make 11 to 21 bytes a key.
    if (8 * count > 3 * table.length) table = grown(table);
    this.#segments[segment] = table;
    put(table, hash, leaf);
  }

  /** The key's leaf has another number now. */
  move(key: Uint8Array, from: number, to: number): void {
    const hash = hashOf(key);
    const table = this.#segments[hash & (segmentCount - 1)]!;
    table[2 * slotOf(table, hash, from) + 1] = to;
  }

  remove(key: Uint8Array, leaf: number): void {
    const hash = hashOf(key);
    const segment = hash & (segmentCount - 1);
    const table = this.#segments[segment]!;
    this.#counts[segment]!--;
    closeHole(table, slotOf(table, hash, leaf));
  }
}

function put(table: Uint32Array, hash: number, leaf: number): void {
  const mask = (table.length >>> 1) - 1;
  let slot = (hash >>> segmentBits) & mask;
  while (table[2 * slot + 1] !== noNode) slot = (slot + 1) & mask;
  table[2 * slot] = hash;
  table[2 * slot + 1] = leaf;
}

function grown(table: Uint32Array): Uint32Array {
  const larger = new Uint32Array(2 * table.length);
  for (let at = 0; at < table.length; at += 2) {
    if (table[at + 1] !== noNode) put(larger, table[at]!, table[at + 1]!);
  }
  return larger;
}

/** Of an entry that is there: a leaf stands in the table once. */
function slotOf(table: Uint32Array, hash: number, leaf: number): number {
  const mask = (table.length >>> 1) - 1;
  let slot = (hash >>> segmentBits) & mask;
  while (table[2 * slot + 1] !== leaf) {
    if (table[2 * slot + 1] === noNode) throw new Error(`leaf ${leaf} is not in the index of its tree; start again`);
    slot = (slot + 1) & mask;
  }
  return slot;
}

/** Moves up what stands behind because its own place was taken, so that no search ends too early. */
function closeHole(table: Uint32Array, emptied: number): void {
  const mask = (table.length >>> 1) - 1;
  let hole = emptied;
  for (let slot = (hole + 1) & mask; table[2 * slot + 1] !== noNode; slot = (slot + 1) & mask) {
    const home = (table[2 * slot]! >>> segmentBits) & mask;
    if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
    table[2 * hole] = table[2 * slot]!;
    table[2 * hole + 1] = table[2 * slot + 1]!;
    hole = slot;
  }
  table[2 * hole + 1] = noNode;
}
