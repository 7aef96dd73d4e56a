/**
 * What leaves a bond and is free after the unbonding time; until then a slash takes its share. All that leave one bond in one epoch are one pool,
 * so that a slash touches as many records as there were epochs since, however many left. Owns the waiting and the payment.
 */
import { accountAddress } from "../../chain/address.ts";
import type { Context, ReadContext, Timestamp } from "../../chain/context.ts";
import { decFromProto, decToProto } from "../../chain/dec.ts";
import { addDuration, compareTimes } from "../../chain/time.ts";
import type { Unbonding } from "../../proto/gen/weir/attestation/v1/state.ts";
import { sendFromModule } from "../bank/index.ts";
import { isInsolvent, payout, type Shared, sharedFromProto, sharedToProto, sharesFor } from "./bondpool.ts";
import { type Bonding, bondCoins, bondsAccount, takeOut } from "./bonds.ts";
import { insolventBond, tooManyUnbondings } from "./errors.ts";
import { unbonded, unbonding } from "./events.ts";
import { getParams } from "./params.ts";
import { epochNow } from "./records.ts";
import * as state from "./state.ts";
import { type Subject, subjectText } from "./subject.ts";

/** Payments that one block makes; the rest waits for the next. */
export const paymentsPerBlockMax = 500;

const nobody: Shared = { tokens: 0n, shares: 0n };

export function unbondingPool(ctx: ReadContext, subject: Subject, epoch: bigint): Shared {
  const stored = state.unbondingPools.get(ctx, [subject, epoch]);
  return stored === undefined ? nobody : sharedFromProto(stored);
}

/** Gone with its last share. */
export function setUnbondingPool(ctx: Context, subject: Subject, epoch: bigint, pool: Shared): void {
  if (pool.shares === 0n) state.unbondingPools.delete(ctx, [subject, epoch]);
  else state.unbondingPools.set(ctx, [subject, epoch], sharedToProto(pool));
}

export function isUnbonding(ctx: ReadContext, subject: Subject): boolean {
  const { done } = state.unbondingPools.keys(ctx, { leading: [subject] }).next();
  return done !== true;
}

/** What an unbonding would be paid now. */
export const unbondingWorth = (ctx: ReadContext, subject: Subject, epoch: bigint, { shares }: Unbonding): bigint =>
  payout(unbondingPool(ctx, subject, epoch), decFromProto(shares));

function requireFewUnbondings(ctx: ReadContext, { delegator, subject }: Bonding): void {
  const most = getParams(ctx).unbondingsMax;
  let count = 0;
  for (const _key of state.unbondings.keys(ctx, { leading: [delegator, subject] })) {
    if (++count >= most) throw tooManyUnbondings(most);
  }
}

export interface Unbonded {
  readonly completionTime: Timestamp;
  readonly amount: bigint;
}

/** What begins in one epoch is one, and is paid when the last of it is due. */
export function unbond(ctx: Context, bonding: Bonding): Unbonded {
  const { subject, delegator } = bonding;
  const epoch = epochNow(ctx);
  const key = [delegator, subject, epoch] as const;
  const before = state.unbondings.get(ctx, key);
  if (before === undefined) requireFewUnbondings(ctx, bonding);
  const amount = takeOut(ctx, bonding);
  const pool = unbondingPool(ctx, subject, epoch);
  if (isInsolvent(pool)) throw insolventBond(subjectText(subject));
  const issued = sharesFor(pool, amount);
  setUnbondingPool(ctx, subject, epoch, { tokens: pool.tokens + amount, shares: pool.shares + issued });
  const completionTime = addDuration(ctx.block.time, getParams(ctx).unbondingTime);
  if (before !== undefined) state.unbondingQueue.delete(ctx, [before.completionTime!, key]);
  state.unbondings.set(ctx, key, {
    shares: decToProto(issued + (before === undefined ? 0n : decFromProto(before.shares))),
    initial: `${amount + BigInt(before?.initial ?? "0")}`,
    completionTime,
  });
  state.unbondingQueue.set(ctx, [completionTime, key], true);
  ctx.emit(unbonding(subject, accountAddress.encode(delegator), amount, completionTime));
  return { completionTime, amount };
}

/** At the end of a block. */
export function payUnbondings(ctx: Context): void {
  for (const [[time, key]] of [...state.unbondingQueue.due(ctx, ctx.block.time, paymentsPerBlockMax)]) {
    state.unbondingQueue.delete(ctx, [time, key]);
    const [delegator, subject, epoch] = key;
    const found = state.unbondings.get(ctx, key);
    if (found === undefined || compareTimes(found.completionTime!, time) !== 0) continue;
    const pool = unbondingPool(ctx, subject, epoch);
    const shares = decFromProto(found.shares);
    const amount = payout(pool, shares);
    setUnbondingPool(ctx, subject, epoch, { tokens: pool.tokens - amount, shares: pool.shares - shares });
    state.unbondings.delete(ctx, key);
    if (amount > 0n) sendFromModule(ctx, bondsAccount, delegator, bondCoins(ctx, amount));
    ctx.emit(unbonded(subject, accountAddress.encode(delegator), amount));
  }
}
