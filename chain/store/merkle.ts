/**
 * CometBFT's simple Merkle tree (the shape of RFC 6962) over a list of byte strings: roots and proofs of membership.
 *
 *   leaf SHA-256(0x00 · item)    inner SHA-256(0x01 · left · right)    no items: SHA-256 of nothing
 *
 * A node over n items splits at the largest power of two below n. That is the same as pairing each level from the left and lifting the
 * odd one out unchanged, which is how it is computed here. Owns no meaning of the items (apphash.ts, and the engine's headers).
 */

import { createHash, hash as digest } from "node:crypto";

export interface MerkleProof {
  readonly total: number;
  readonly index: number;
  readonly leafHash: Uint8Array;
  /** Hashes of the siblings on the way up, lowest first. */
  readonly aunts: readonly Uint8Array[];
}

/** Items up to here are hashed from a buffer at hand. */
const shortItemMax = 1024;
const leafMessage = Buffer.alloc(1 + shortItemMax);
const innerMessage = Buffer.alloc(1 + 32 + 32);
innerMessage[0] = 1;

export function merkleRoot(items: readonly Uint8Array[]): Uint8Array {
  if (items.length === 0) return new Uint8Array(digest("sha256", "", "buffer"));
  let level = items.map(leafHash);
  while (level.length > 1) level = levelAbove(level);
  return level[0]!;
}

export function merkleProof(items: readonly Uint8Array[], index: number): MerkleProof {
  if (!Number.isInteger(index) || index < 0 || index >= items.length) {
    throw new RangeError(`no item ${index} among ${items.length}: expected 0 to ${items.length - 1}`);
  }
  let level = items.map(leafHash);
  const proof = { total: items.length, index, leafHash: level[index]!, aunts: [] as Uint8Array[] };
  for (let position = index; level.length > 1; position >>= 1) {
    const aunt = level[position ^ 1];
    if (aunt !== undefined) proof.aunts.push(aunt);
    level = levelAbove(level);
  }
  return proof;
}

/** From the leaf up: whether the proven node is the left of each pair, so that its aunt stands right. */
export function auntsOnTheRight(total: number, index: number): boolean[] {
  const sides: boolean[] = [];
  let width = total;
  for (let position = index; width > 1; position >>= 1) {
    if ((position ^ 1) < width) sides.push((position & 1) === 0);
    width = (width + 1) >> 1;
  }
  return sides;
}

function leafHash(item: Uint8Array): Uint8Array {
  if (item.length > shortItemMax) {
    return new Uint8Array(createHash("sha256").update(leafMessage.subarray(0, 1)).update(item).digest());
  }
  leafMessage.set(item, 1);
  return new Uint8Array(digest("sha256", leafMessage.subarray(0, 1 + item.length), "buffer"));
}

function levelAbove(level: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let i = 0; i + 1 < level.length; i += 2) {
    innerMessage.set(level[i]!, 1);
    innerMessage.set(level[i + 1]!, 33);
    above.push(new Uint8Array(digest("sha256", innerMessage, "buffer")));
  }
  if (level.length % 2 === 1) above.push(level.at(-1)!);
  return above;
}
