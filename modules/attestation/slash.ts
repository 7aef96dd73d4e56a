/**
 * What a relay or an oracle loses for what it did: a share of its bond, and of what began to leave it in that epoch or later. Owns what is taken
 * and where it goes; why is for who judges.
 */
import { accountAddress } from "../../chain/address.ts";
import type { Context } from "../../chain/context.ts";
import type { Dec } from "../../chain/dec.ts";
import { Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
import { burnCoins, isBlocked, sendFromModule } from "../bank/index.ts";
import { fractionOf } from "./bondpool.ts";
import { bondCoins, bondsAccount, poolOf, setPool } from "./bonds.ts";
import { jailed, slashed } from "./events.ts";
import { epochNow, oracle, setOracle, withOracleTerms } from "./records.ts";
import * as state from "./state.ts";
import { oracleSubject, relaySubject, type Subject } from "./subject.ts";
import { setUnbondingPool, unbondingPool } from "./unbonding.ts";

/** What was done longer ago cannot be slashed any more: a slash looks at one pool an epoch since. */
export const slashEpochsMax = 1_024n;

export interface Bounty {
  /** An account. */
  readonly to: string;
  readonly share: Dec;
}

export interface Slash {
  readonly fraction: Dec;
  /** What began to leave the bond in this epoch or later is slashed too. */
  readonly sinceEpoch: bigint;
  readonly reason: string;
  readonly bounty?: Bounty | undefined;
}

export interface Slashed {
  readonly burned: bigint;
  readonly bounty: bigint;
}

function takeFromBond(ctx: Context, subject: Subject, fraction: Dec): bigint {
  const pool = poolOf(ctx, subject);
  const taken = fractionOf(pool.tokens, fraction);
  if (taken > 0n) setPool(ctx, subject, pool, pool.tokens - taken, pool.shares);
  return taken;
}

function takeFromUnbondings(ctx: Context, subject: Subject, fraction: Dec, sinceEpoch: bigint): bigint {
  const oldest = epochNow(ctx) - slashEpochsMax;
  const first = [sinceEpoch, oldest, 0n].reduce((a, b) => (a > b ? a : b));
  let taken = 0n;
  const range = { leading: [subject] as const, start: [subject, first] as const };
  for (const [, epoch] of [...state.unbondingPools.keys(ctx, range)]) {
    const pool = unbondingPool(ctx, subject, epoch);
    const part = fractionOf(pool.tokens, fraction);
    setUnbondingPool(ctx, subject, epoch, { ...pool, tokens: pool.tokens - part });
    taken += part;
  }
  return taken;
}

/** Burned but for the bounty; of an account that takes no payments all is burned. */
function dispose(ctx: Context, taken: bigint, bounty: Bounty | undefined): Slashed {
  const to = bounty === undefined ? undefined : accountAddress.decode(bounty.to);
  const paid = to === undefined || isBlocked(to) ? 0n : fractionOf(taken, bounty!.share);
  if (paid > 0n) sendFromModule(ctx, bondsAccount, to!, bondCoins(ctx, paid));
  const burned = taken - paid;
  if (burned > 0n) burnCoins(ctx, bondsAccount, bondCoins(ctx, burned));
  return { burned, bounty: paid };
}

/** Each part rounded down, in the holder's favour. */
function slash(ctx: Context, subject: Subject, { fraction, sinceEpoch, reason, bounty }: Slash): Slashed {
  const taken = takeFromBond(ctx, subject, fraction) + takeFromUnbondings(ctx, subject, fraction, sinceEpoch);
  const disposed = dispose(ctx, taken, bounty);
  ctx.emit(slashed(subject, { fraction, ...disposed, reason }));
  return disposed;
}

export const slashRelay = (ctx: Context, id: bigint, of: Slash): Slashed => slash(ctx, relaySubject(id), of);
export const slashOracle = (ctx: Context, id: bigint, of: Slash): Slashed => slash(ctx, oracleSubject(id), of);

/** From the next open on; its operator ends it, not before `untilEpoch`. One that leaves goes on leaving. */
export function jailOracle(ctx: Context, id: bigint, untilEpoch: bigint, reason: string): void {
  const found = oracle(ctx, id);
  if (found === undefined || found.standing === Standing.STANDING_LEFT) return;
  const standing = found.standing === Standing.STANDING_LEAVING ? found.standing : Standing.STANDING_JAILED;
  const jailedUntil = found.jailedUntil > untilEpoch ? found.jailedUntil : untilEpoch;
  setOracle(ctx, found, { ...withOracleTerms(ctx, found, { serves: false }), standing, jailedUntil });
  ctx.emit(jailed(oracleSubject(id), reason));
}
