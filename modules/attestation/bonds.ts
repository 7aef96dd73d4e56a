/**
 * Bonds of relays and oracles: who holds which shares, and the coins behind them. Owns what may be bonded, what may be taken out again, and
 * which operators of oracles are tied to a relay by that; the waiting is unbonding.ts, the arithmetic bondpool.ts.
 */
import { accountAddress } from "../../chain/address.ts";
import type { Coins } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { type Dec, decMulInt } from "../../chain/dec.ts";
import { Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
import { isBlocked, sendToModule } from "../bank/index.ts";
import { bondDenom } from "../staking/index.ts";
import {
  type BondPool,
  emptyPool,
  isInsolvent,
  leastTokensIn,
  payout,
  sharesFor,
  sharesToTake,
  tokensAtOpen,
  withTokens,
} from "./bondpool.ts";
import { requireNotDenied } from "./denials.ts";
import {
  bondTooSmall,
  delegationTooSmall,
  dustLeft,
  foreignOracleBond,
  insolventBond,
  moduleDelegator,
  noDelegation,
  ownStakeNeeded,
  wrongStanding,
} from "./errors.ts";
import { bonded } from "./events.ts";
import { afterRelaySharesModified, beforeRelaySharesModified, requiredBondRate } from "./hooks.ts";
import { getParams } from "./params.ts";
import { epochNow, requireOracle, requireRelay } from "./records.ts";
import * as state from "./state.ts";
import { isOracle, isRelay, oracleSubject, relaySubject, type Subject, subjectText } from "./subject.ts";
import { closeTie, openTie } from "./ties.ts";

export const bondsAccount = "attestation_bonds";

export const bondCoins = (ctx: ReadContext, amount: bigint): Coins => [{ denom: bondDenom(ctx), amount }];

// ------------------------------------------------------------------------------------------------------------------ reading

export const poolOf = (ctx: ReadContext, subject: Subject): BondPool => state.bonds.get(ctx, subject) ?? emptyPool;

export const delegationShares = (ctx: ReadContext, subject: Subject, delegator: Uint8Array): Dec =>
  state.delegations.get(ctx, [subject, delegator]) ?? 0n;

export const delegationWorth = (ctx: ReadContext, subject: Subject, delegator: Uint8Array): bigint =>
  payout(poolOf(ctx, subject), delegationShares(ctx, subject, delegator));

/** Now, what is unbonding left out. */
export const relayBond = (ctx: ReadContext, id: bigint): bigint => poolOf(ctx, relaySubject(id)).tokens;
export const oracleBond = (ctx: ReadContext, id: bigint): bigint => poolOf(ctx, oracleSubject(id)).tokens;

/** The least there was in the epoch: what is bonded for a moment counts for nothing. */
export const minimumBondIn = (ctx: ReadContext, epoch: bigint, id: bigint): bigint =>
  leastTokensIn(poolOf(ctx, relaySubject(id)), epoch);

export const bondAtOpen = (ctx: ReadContext, epoch: bigint, subject: Subject): bigint =>
  tokensAtOpen(poolOf(ctx, subject), epoch);

/** Of all delegators together. */
export const relayShares = (ctx: ReadContext, id: bigint): Dec => poolOf(ctx, relaySubject(id)).shares;

export const sharesOf = (ctx: ReadContext, id: bigint, delegator: string): Dec =>
  delegationShares(ctx, relaySubject(id), accountAddress.decode(delegator));

/** Relays that one account has shares of, in order of id, at most `limit`. */
export function relaysOf(ctx: ReadContext, delegator: string, limit: number): bigint[] {
  const found: bigint[] = [];
  if (limit <= 0) return found;
  const leading = [accountAddress.decode(delegator)] as const;
  for (const [, subject] of state.delegationsByDelegator.keys(ctx, { leading })) {
    if (!isRelay(subject)) break;
    found.push(subject.id);
    if (found.length === limit) break;
  }
  return found;
}

/** What a claim that oracles can see asks for, rounded up; the rate is rewards'. */
export function requiredBondFor(ctx: ReadContext, visibleBps: bigint): bigint {
  const least = getParams(ctx).relayBondMin;
  const asked = (decMulInt(requiredBondRate(ctx), visibleBps) + 10n ** 18n - 1n) / 10n ** 18n;
  return asked > least ? asked : least;
}

interface Party {
  readonly operator: string;
  readonly standing: Standing;
}

export const partyOf = (ctx: ReadContext, subject: Subject): Party =>
  isOracle(subject) ? requireOracle(ctx, subject.id) : requireRelay(ctx, subject.id);

/** What its operator must leave in while it is registered. */
export const ownStakeMin = (ctx: ReadContext, subject: Subject): bigint =>
  isOracle(subject) ? getParams(ctx).oracleBondMin : getParams(ctx).relayBondMin;

// ------------------------------------------------------------------------------------------------------------------ writing

/** Followers of a relay's shares are told before and after. */
function changeShares(ctx: Context, subject: Subject, delegator: Uint8Array, change: () => void): void {
  const name = accountAddress.encode(delegator);
  if (isRelay(subject)) beforeRelaySharesModified(ctx, subject.id, name);
  change();
  if (isRelay(subject)) afterRelaySharesModified(ctx, subject.id, name);
}

export function setPool(ctx: Context, subject: Subject, pool: BondPool, tokens: bigint, shares: Dec): void {
  state.bonds.set(ctx, subject, { ...withTokens(pool, tokens, epochNow(ctx)), shares });
}

/** Its index stands with it. */
export function setDelegation(ctx: Context, subject: Subject, delegator: Uint8Array, shares: Dec): void {
  if (shares > 0n) {
    state.delegations.set(ctx, [subject, delegator], shares);
    state.delegationsByDelegator.add(ctx, [delegator, subject]);
    return;
  }
  state.delegations.delete(ctx, [subject, delegator]);
  state.delegationsByDelegator.delete(ctx, [delegator, subject]);
}

export interface Bonding {
  readonly subject: Subject;
  readonly delegator: Uint8Array;
  readonly amount: bigint;
}

/** Shares for coins, which leave the delegator's account. */
export function bond(ctx: Context, { subject, delegator, amount }: Bonding): Dec {
  const { operator, standing } = partyOf(ctx, subject);
  const name = accountAddress.encode(delegator);
  const least = getParams(ctx).delegationMin;
  if (standing === Standing.STANDING_LEFT) throw wrongStanding(subjectText(subject), "gone", "one that has not left");
  if (isOracle(subject) && name !== operator) throw foreignOracleBond(subject.id, operator);
  if (amount < least) throw bondTooSmall(amount, least);
  requireNotDenied(ctx, operator);
  // What is paid back at the end of a block must have where to go.
  if (isBlocked(delegator)) throw moduleDelegator(name);
  const pool = poolOf(ctx, subject);
  if (isInsolvent(pool)) throw insolventBond(subjectText(subject));
  const issued = sharesFor(pool, amount);
  changeShares(ctx, subject, delegator, () => {
    sendToModule(ctx, delegator, bondsAccount, bondCoins(ctx, amount));
    const held = delegationShares(ctx, subject, delegator);
    setDelegation(ctx, subject, delegator, held + issued);
    setPool(ctx, subject, pool, pool.tokens + amount, pool.shares + issued);
    if (isRelay(subject) && held === 0n) openTie(ctx, subject.id, delegator);
  });
  ctx.emit(bonded(subject, name, amount, issued));
  return issued;
}

export interface RelayDelegation {
  readonly relayId: bigint;
  readonly delegator: string;
  readonly amount: bigint;
}

/** For who restakes what was earned. */
export const delegateToRelay = (ctx: Context, { relayId, delegator, amount }: RelayDelegation): Dec =>
  bond(ctx, { subject: relaySubject(relayId), delegator: accountAddress.decode(delegator), amount });

/** Shares for an amount: all of them where nothing would be left. */
function sharesLeaving(pool: BondPool, held: Dec, amount: bigint): Dec {
  const has = payout(pool, held);
  if (amount > has) throw delegationTooSmall(amount, has);
  const shares = sharesToTake(pool, amount);
  return shares >= held || payout(pool, shares) >= has ? held : shares;
}

function requireRest(ctx: ReadContext, { subject, delegator }: Bonding, has: bigint, left: bigint): void {
  const { operator, standing } = partyOf(ctx, subject);
  const least = getParams(ctx).delegationMin;
  if (left > 0n && left < least) throw dustLeft(left, least, has);
  if (standing === Standing.STANDING_LEFT || accountAddress.encode(delegator) !== operator) return;
  const own = ownStakeMin(ctx, subject);
  if (left < own) throw ownStakeNeeded(subjectText(subject), left, own);
}

/** Takes shares back; the coins stay in the account, for who waits for them. Returns how many. */
export function takeOut(ctx: Context, bonding: Bonding): bigint {
  const { subject, delegator, amount } = bonding;
  const pool = poolOf(ctx, subject);
  const held = delegationShares(ctx, subject, delegator);
  if (held === 0n) throw noDelegation(accountAddress.encode(delegator), subjectText(subject));
  const shares = sharesLeaving(pool, held, amount);
  const paid = payout(pool, shares);
  requireRest(ctx, bonding, payout(pool, held), payout(pool, held) - paid);
  changeShares(ctx, subject, delegator, () => {
    setDelegation(ctx, subject, delegator, held - shares);
    setPool(ctx, subject, pool, pool.tokens - paid, pool.shares - shares);
    if (isRelay(subject) && held === shares) closeTie(ctx, subject.id, delegator);
  });
  return paid;
}
