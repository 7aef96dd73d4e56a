/**
 * The tree that an oracle commits to: RFC 6962 §2.1 over its attestations' canonical bytes, sorted by relay and kind. Owns roots, the paths of
 * ranges of neighbouring leaves, and how a path is followed. Pure, for the chain and for oracles; owns no meaning of the leaves.
 *
 *   leaf SHA-256(0x00 · bytes)    inner SHA-256(0x01 · left · right)
 *
 * A node over n leaves splits at the largest power of two below n; that is pairing each level from the left and lifting the odd one out.
 */
import { sha256 } from "../../chain/crypto/hash.ts";

export const leafDepthMax = 20;
export const leafCountMax = 1 << leafDepthMax;
/** One to the left and one to the right on each level. */
export const pathLengthMax = 2 * leafDepthMax;
export const hashLength = 32;

const inner = new Uint8Array(1 + 2 * hashLength);
inner[0] = 1;

export function leafHash(bytes: Uint8Array): Uint8Array {
  const message = new Uint8Array(1 + bytes.length);
  message.set(bytes, 1);
  return sha256(message);
}

function innerHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  inner.set(left, 1);
  inner.set(right, 1 + hashLength);
  return sha256(inner);
}

function levelAbove(level: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let index = 0; index + 1 < level.length; index += 2) above.push(innerHash(level[index]!, level[index + 1]!));
  if (level.length % 2 === 1) above.push(level.at(-1)!);
  return above;
}

/** Leaves `first` to `first + length - 1` of a tree. */
export interface LeafRange {
  readonly first: number;
  readonly length: number;
}

export interface LeafTree {
  readonly count: number;
  readonly root: Uint8Array;
  /** What `rootOfRange` needs beside the leaves; about two hashes a level at most. */
  pathOf(range: LeafRange): Uint8Array[];
}

/** Keeps every level, so that a path costs no hashing. Refuses no leaves at all, and more than a tree may have. */
export function leafTree(leaves: readonly Uint8Array[]): LeafTree {
  if (leaves.length === 0 || leaves.length > leafCountMax) {
    throw new RangeError(`a tree of ${leaves.length} leaves: expected 1 to ${leafCountMax}`);
  }
  const levels = [leaves.map(leafHash)];
  while (levels.at(-1)!.length > 1) levels.push(levelAbove(levels.at(-1)!));
  return {
    count: leaves.length,
    root: levels.at(-1)![0]!,
    pathOf: (range) => pathOf(levels, range),
  };
}

function pathOf(levels: readonly (readonly Uint8Array[])[], { first, length }: LeafRange): Uint8Array[] {
  if (length < 1 || first < 0 || first + length > levels[0]!.length) {
    throw new RangeError(`no leaves ${first} to ${first + length - 1} among ${levels[0]!.length}`);
  }
  const path: Uint8Array[] = [];
  let [left, right] = [first, first + length - 1];
  for (const level of levels) {
    if (left % 2 === 1) path.push(level[left - 1]!);
    if (right % 2 === 0 && right + 1 < level.length) path.push(level[right + 1]!);
    left >>= 1;
    right >>= 1;
  }
  return path;
}

export interface CommittedRange {
  /** Leaves of the whole tree. */
  readonly count: number;
  readonly first: number;
  readonly leafHashes: readonly Uint8Array[];
  readonly path: readonly Uint8Array[];
}

/**
 * The root that the range and its path lead to; undefined where the path does not have exactly the hashes that a tree of so many leaves asks for
 * there, or the range is not in it.
 */
export function rootOfRange({ count, first, leafHashes, path }: CommittedRange): Uint8Array | undefined {
  const isInside = leafHashes.length > 0 && first >= 0 && first + leafHashes.length <= count;
  if (!isInside || count > leafCountMax || path.some(({ length }) => length !== hashLength)) return undefined;
  let [level, left, width, used] = [leafHashes, first, count, 0];
  while (width > 1) {
    const right = left + level.length - 1;
    const before = left % 2 === 1 ? path[used++] : noHash;
    const after = right % 2 === 0 && right + 1 < width ? path[used++] : noHash;
    if (before === undefined || after === undefined) return undefined;
    level = levelAbove([...hashes(before), ...level, ...hashes(after)]);
    left >>= 1;
    width = (width + 1) >> 1;
  }
  return used === path.length ? level[0] : undefined;
}

/** On a level that needs none. */
const noHash = new Uint8Array(0);
const hashes = (hash: Uint8Array): Uint8Array[] => (hash === noHash ? [] : [hash]);
