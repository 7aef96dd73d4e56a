/**
 * What relays are searched by, as one key: cell, measured bandwidth, reputation, exit policy, price. Reputation and bandwidth are coarse, so
 * that the key of a relay changes seldom; the best come first. Pure.
 */

import { type Dec, decOne } from "../../chain/dec.ts";
import { type KeyCodec, type KeyPart, stringKey, uint64Key } from "../../chain/keycodec.ts";

export interface SearchKey {
  readonly cell: string;
  readonly bpsRank: number;
  readonly reputationRank: number;
  /** Its number in the protobuf enum. */
  readonly exit: number;
  readonly price: bigint;
  readonly id: bigint;
}

const reputationSteps = 16n;
export const rankMax = 255;

/** 0 is the best: sixteenths of one, rounded down. */
export function reputationRank(reputation: Dec): number {
  const steps = (reputation * reputationSteps) / decOne;
  return rankMax - Number(steps > reputationSteps ? reputationSteps : steps);
}

/** Two steps to each doubling, so that a rank holds what differs by less than half. The fastest come first. */
export function bpsRank(bps: bigint): number {
  if (bps <= 0n) return rankMax;
  const bits = bps.toString(2).length;
  const isUpperHalf = bits > 1 && ((bps >> BigInt(bits - 2)) & 1n) === 1n;
  const rank = rankMax - 2 * bits - (isUpperHalf ? 1 : 0);
  return rank < 0 ? 0 : rank;
}

const byte: KeyPart<number> = {
  size: () => 1,
  write(target, offset, value) {
    target[offset] = value;
    return offset + 1;
  },
  read(cursor) {
    const value = cursor.bytes[cursor.offset];
    if (value === undefined)
      throw new Error("stored key is damaged: it ends too early; restore the store from a snapshot");
    cursor.offset++;
    return value;
  },
};

const part: KeyPart<SearchKey> = {
  size: ({ cell }) => stringKey.inner.size(cell) + 3 + 16,
  write(target, offset, { cell, bpsRank, reputationRank, exit, price, id }) {
    let at = stringKey.inner.write(target, offset, cell);
    for (const value of [bpsRank, reputationRank, exit]) at = byte.write(target, at, value);
    at = uint64Key.inner.write(target, at, price);
    return uint64Key.last.write(target, at, id);
  },
  read(cursor) {
    const cell = stringKey.inner.read(cursor);
    const [bps, reputation, exit] = [byte.read(cursor), byte.read(cursor), byte.read(cursor)];
    const price = uint64Key.inner.read(cursor);
    return { cell, bpsRank: bps, reputationRank: reputation, exit, price, id: uint64Key.last.read(cursor) };
  },
};

export const searchKey: KeyCodec<SearchKey> = { last: part, inner: part };
