/** What the market asks of the registry: the one file that reads modules/attestation. Owns nothing. */
import type { ReadContext } from "../../chain/context.ts";
import { type Dec, decFromInt } from "../../chain/dec.ts";
import type { Relay } from "../../proto/gen/weir/attestation/v1/state.ts";
import { announcedTerms, latestTrust, relay as registered, servesIn, termsOf } from "../attestation/records.ts";
import { search } from "../attestation/state.ts";
import { epochNow } from "./clock.ts";
import { noSuchRelay } from "./errors.ts";

export interface MarketRelay {
  readonly id: bigint;
  readonly operator: string;
  readonly cell: string;
  readonly transportKey: Uint8Array;
  /** Of a GiB. */
  readonly priceFloor: Dec;
  /** It takes new sessions. */
  readonly serves: boolean;
  readonly isStable: boolean;
  readonly claimedBps: bigint;
  /** Last; 0 before the first time. */
  readonly measuredBps: bigint;
  readonly uptime: Dec;
  readonly reputation: Dec;
}

/** Of STANDING_ACTIVE: who drains, pauses or leaves takes nothing new. */
const activeStanding = 1;

function marketRelay(ctx: ReadContext, of: Relay): MarketRelay {
  const epoch = epochNow(ctx);
  const now = termsOf(of, epoch);
  const terms = now ?? announcedTerms(of);
  const { reputation, lastMedianBps, uptime, stable } = latestTrust(ctx, of.id);
  return {
    id: of.id,
    operator: of.operator,
    cell: terms.cell,
    transportKey: terms.transportKey,
    priceFloor: decFromInt(terms.priceFloor),
    serves: of.standing === activeStanding && servesIn(now, epoch),
    isStable: stable,
    claimedBps: terms.claimedBps,
    measuredBps: lastMedianBps,
    uptime,
    reputation,
  };
}

export function relayOf(ctx: ReadContext, id: bigint): MarketRelay | undefined {
  const found = registered(ctx, id);
  return found === undefined ? undefined : marketRelay(ctx, found);
}

export function requireRelay(ctx: ReadContext, id: bigint): MarketRelay {
  const found = relayOf(ctx, id);
  if (found === undefined) throw noSuchRelay(id);
  return found;
}

/** At most `limit`, the best measured first. */
export function relaysOfCell(ctx: ReadContext, cell: string, limit: number): MarketRelay[] {
  const found: MarketRelay[] = [];
  const start = { cell, bpsRank: 0, reputationRank: 0, exit: 0, price: 0n, id: 0n };
  for (const key of search.keys(ctx, { start })) {
    if (key.cell !== cell || found.length === limit) break;
    const relay = relayOf(ctx, key.id);
    if (relay !== undefined) found.push(relay);
  }
  return found;
}

/** While the roll-out admits listed buyers only. */
export function requireBuyer(_ctx: ReadContext, _buyer: string): void {}
