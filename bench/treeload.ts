/** Trees of any number of keys as a bank's balances would make them, for the benches of the store. Owns the keys and the blocks of changes. */
import { Tree } from "../chain/store/tree.ts";
import { type Change, compareBytes } from "../chain/store/types.ts";

/** A balance's key: prefix, length, address, denom. */
const keyBytes = 28;
const addressBytes = 20;
const valueBytes = 12;
const denom = "uwei";
/** Keys a version while the tree is built. */
const buildBlockKeys = 50_000;

/** What a block of 2,000 sends changes: two balances and an account each. */
export const changesPerBlock = 6_000;

/** A bijection of 32-bit numbers that leaves no order. */
function mixed(number: number): number {
  let x = number | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/** The same key for the same number; different ones for different numbers below 2^32. */
export function keyOf(number: number): Uint8Array {
  const key = Buffer.alloc(keyBytes, denom, "latin1");
  key[0] = 2;
  key[1] = addressBytes;
  for (let word = 0; word < addressBytes / 4; word++)
    key.writeUInt32BE(mixed(number + word * 0x9e3779b9), 2 + 4 * word);
  key.write(denom, 2 + addressBytes, "latin1");
  return new Uint8Array(key);
}

function valueFor(number: number): Uint8Array {
  const value = new Uint8Array(valueBytes);
  new DataView(value.buffer).setUint32(0, number);
  return value;
}

/** One change for each number, in order of keys. */
export const changesOf = (numbers: Iterable<number>, round: number): Change[] =>
  Array.from(numbers, (number): Change => [keyOf(number), valueFor(number + round)]).sort(([a], [b]) =>
    compareBytes(a, b),
  );

export function* range(from: number, to: number): Generator<number> {
  for (let number = from; number < to; number++) yield number;
}

/** A tree of keyOf(0) to keyOf(keys − 1), with one version. */
export function builtTree(keys: number): Tree {
  const tree = new Tree();
  for (let from = 0; from < keys; from += buildBlockKeys) {
    tree.apply(changesOf(range(from, Math.min(keys, from + buildBlockKeys)), 0), tree.version + 1);
    tree.prune(tree.version);
  }
  return tree;
}

/** A seeded stream of numbers below `limit`. */
export function* picks(limit: number, seed: number): Generator<number> {
  for (let i = seed; ; i++) yield mixed(i) % limit;
}

export function distinct(numbers: Iterator<number>, count: number): Set<number> {
  const picked = new Set<number>();
  while (picked.size < count) picked.add(numbers.next().value);
  return picked;
}
