/**
 * Finding relays by what a buyer asks for: cell, exit policy, price, measured bandwidth, reputation. One index in the order cell, bandwidth,
 * reputation, exit, price; what does not match is jumped over, range by range, so that a page costs so many jumps and no more.
 */
import type { ReadContext } from "../../chain/context.ts";
import type { Dec } from "../../chain/dec.ts";
import { decodeKey, encodeKey } from "../../chain/keycodec.ts";
import type { ExitKind, Relay } from "../../proto/gen/weir/attestation/v1/state.ts";
import { latestTrust, requireRelay } from "./records.ts";
import { bpsRank, rankMax, reputationRank, type SearchKey, searchKey } from "./searchkey.ts";
import * as state from "./state.ts";
import type { RelayTrust } from "./trust.ts";

export interface Wanted {
  /** Undefined is any. */
  readonly cell: string | undefined;
  readonly exit: ExitKind | undefined;
  readonly priceMax: bigint | undefined;
  readonly measuredBpsMin: bigint;
  readonly reputationMin: Dec;
}

export interface Found {
  readonly relay: Relay;
  readonly trust: RelayTrust;
}

export interface FoundPage {
  readonly found: readonly Found[];
  /** Empty when there is no more. */
  readonly nextKey: Uint8Array;
}

/** Entries and jumps that one page may take; what is left then begins the next page. */
export const searchStepsMax = 1_000;
export const searchPageMax = 100;

/** The first key that is not before all that could match; undefined when there is none. */
function jump(key: SearchKey, wanted: Wanted): SearchKey | "match" | undefined {
  const first = { cell: key.cell, bpsRank: 0, reputationRank: 0, exit: 0, price: 0n, id: 0n };
  if (wanted.cell !== undefined && key.cell !== wanted.cell) {
    return key.cell < wanted.cell ? { ...first, cell: wanted.cell } : undefined;
  }
  // Behind the slowest that could match begins the next cell: a name with the least character behind it.
  const nextCell = wanted.cell === undefined ? { ...first, cell: `${key.cell}\u0001` } : undefined;
  if (key.bpsRank > bpsRank(wanted.measuredBpsMin)) return nextCell;
  const here = { ...first, bpsRank: key.bpsRank };
  const nextBps = key.bpsRank < rankMax ? { ...here, bpsRank: key.bpsRank + 1 } : nextCell;
  if (key.reputationRank > reputationRank(wanted.reputationMin)) return nextBps;
  const there = { ...here, reputationRank: key.reputationRank };
  const nextReputation = key.reputationRank < rankMax ? { ...there, reputationRank: key.reputationRank + 1 } : nextBps;
  if (wanted.exit !== undefined && key.exit !== wanted.exit) {
    return key.exit < wanted.exit ? { ...there, exit: wanted.exit } : nextReputation;
  }
  const { priceMax } = wanted;
  if (priceMax === undefined || key.price <= priceMax) return "match";
  return wanted.exit === undefined ? { ...there, exit: key.exit + 1 } : nextReputation;
}

const noPrefix = new Uint8Array(0);

/** Ranks are coarse: of the lowest that could match, the record says. */
const isWanted = ({ trust }: Found, wanted: Wanted): boolean =>
  trust.lastMedianBps >= wanted.measuredBpsMin && trust.reputation >= wanted.reputationMin;

/** From `start` on, which is a page's next key or empty. */
export function searchRelays(ctx: ReadContext, wanted: Wanted, start: Uint8Array, limit: number): FoundPage {
  const found: Found[] = [];
  let from = start;
  let steps = 0;
  for (;;) {
    let target: SearchKey | undefined;
    for (const [raw] of state.search.iterateRaw(ctx, { start: from })) {
      if (++steps > searchStepsMax || found.length === limit) return { found, nextKey: raw.slice() };
      const key = decodeKey(raw, 0, searchKey);
      const next = jump(key, wanted);
      if (next === undefined) return { found, nextKey: noPrefix };
      if (next !== "match") {
        target = next;
        break;
      }
      const relay = requireRelay(ctx, key.id);
      const entry = { relay, trust: latestTrust(ctx, key.id) };
      if (isWanted(entry, wanted)) found.push(entry);
    }
    if (target === undefined) return { found, nextKey: noPrefix };
    from = encodeKey(noPrefix, searchKey, target);
  }
}

/** Relays of a cell that take sessions, the best measured first. */
export function relaysOfCell(ctx: ReadContext, cell: string, limit: number): bigint[] {
  const ids: bigint[] = [];
  const start = encodeKey(noPrefix, searchKey, { cell, bpsRank: 0, reputationRank: 0, exit: 0, price: 0n, id: 0n });
  for (const [raw] of state.search.iterateRaw(ctx, { start })) {
    const key = decodeKey(raw, 0, searchKey);
    if (key.cell !== cell || ids.length === limit) break;
    ids.push(key.id);
  }
  return ids;
}
