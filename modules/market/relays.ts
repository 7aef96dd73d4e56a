/** What the market asks of the registry: the one file that reads modules/attestation. Owns nothing. */
import type { ReadContext } from "../../chain/context.ts";
import { type Dec, decFromInt } from "../../chain/dec.ts";
import type { ExitPolicy } from "../../proto/gen/weir/attestation/v1/state.ts";
import {
  announcedTerms,
  relaysOfCell as idsOfCell,
  latestTrust,
  type Relay,
  relay as registered,
  servesIn,
  standingNow,
  termsOf,
} from "../attestation/index.ts";
import { epochNow } from "./clock.ts";
import { noSuchRelay } from "./errors.ts";

export interface MarketRelay {
  readonly id: bigint;
  readonly operator: string;
  readonly cell: string;
  readonly transportKey: Uint8Array;
  readonly exitPolicy: ExitPolicy;
  /** Of a GiB. */
  readonly priceFloor: Dec;
  /** It takes new sessions. */
  readonly serves: boolean;
  readonly isStable: boolean;
  readonly isPaidInToken: boolean;
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
    exitPolicy: terms.exitPolicy!,
    priceFloor: decFromInt(terms.priceFloor),
    serves: standingNow(of, epoch) === activeStanding && servesIn(now, epoch),
    isStable: stable,
    isPaidInToken: of.paidInWeir,
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
  for (const id of idsOfCell(ctx, cell, limit)) {
    const relay = relayOf(ctx, id);
    if (relay !== undefined) found.push(relay);
  }
  return found;
}
