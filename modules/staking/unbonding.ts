/** Tokens that leave a validator and are free after the unbonding time; until then they can be slashed. Owns entries and their queue. */
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import type { Context, ReadContext, Timestamp } from "../../chain/context.ts";
import type { Dec } from "../../chain/dec.ts";
import { addDuration, compareTimes } from "../../chain/time.ts";
import { undelegateCoins } from "../bank/index.ts";
import { unbond } from "./delegate.ts";
import { isMature, type UnbondingDelegation, type UnbondingEntry } from "./delegation.ts";
import { maxUnbondingDelegationEntries } from "./errors.ts";
import { getParams, requireValidator } from "./keeper.ts";
import { bondedToNotBonded, notBondedPoolName, stakeCoins } from "./pools.ts";
import * as state from "./state.ts";
import { deleteUnbondingId, indexUnbonding, nextUnbondingId } from "./unbondingid.ts";
import { isBonded } from "./validator.ts";

export const getUnbondingDelegation = (
  ctx: ReadContext,
  delegator: Uint8Array,
  operator: Uint8Array,
): UnbondingDelegation | undefined => state.unbondingDelegations.get(ctx, [delegator, operator]);

/** Removed when no entry is left. */
export function setUnbondingDelegation(ctx: Context, unbonding: UnbondingDelegation): void {
  const delegator = accountAddress.decode(unbonding.delegatorAddress);
  const operator = validatorAddress.decode(unbonding.validatorAddress);
  if (unbonding.entries.length === 0) {
    state.unbondingDelegations.delete(ctx, [delegator, operator]);
    state.unbondingsByValidator.delete(ctx, [operator, delegator]);
    return;
  }
  const isNew = !state.unbondingDelegations.has(ctx, [delegator, operator]);
  state.unbondingDelegations.set(ctx, [delegator, operator], unbonding);
  if (isNew) state.unbondingsByValidator.add(ctx, [operator, delegator]);
}

/** All that leave one validator, in order of delegator. */
export function* validatorUnbondings(ctx: ReadContext, operator: Uint8Array): Generator<UnbondingDelegation> {
  for (const [, delegator] of state.unbondingsByValidator.keys(ctx, { leading: [operator] })) {
    const unbonding = getUnbondingDelegation(ctx, delegator, operator);
    if (unbonding === undefined) throw new Error("an unbonding delegation is indexed but is not stored");
    yield unbonding;
  }
}

/** Of one delegator, in order of validator, at most `limit`. */
export function* delegatorUnbondings(
  ctx: ReadContext,
  delegator: Uint8Array,
  limit: number,
): Generator<UnbondingDelegation> {
  let left = limit;
  for (const [, unbonding] of state.unbondingDelegations.iterate(ctx, { leading: [delegator] })) {
    if (left-- === 0) return;
    yield unbonding;
  }
}

/** What begins in one block and ends at one time is one entry. */
function addEntry(
  ctx: Context,
  delegator: Uint8Array,
  operator: Uint8Array,
  completionTime: Timestamp,
  amount: bigint,
): void {
  const unbondingId = nextUnbondingId(ctx);
  const creationHeight = ctx.block.height;
  const unbonding = getUnbondingDelegation(ctx, delegator, operator) ?? {
    delegatorAddress: accountAddress.encode(delegator),
    validatorAddress: validatorAddress.encode(operator),
    entries: [],
  };
  const index = unbonding.entries.findIndex(
    (entry) => entry.creationHeight === creationHeight && compareTimes(entry.completionTime, completionTime) === 0,
  );
  const same = unbonding.entries[index];
  if (same !== undefined) {
    const grown = { ...same, balance: same.balance + amount, initialBalance: same.initialBalance + amount };
    setUnbondingDelegation(ctx, { ...unbonding, entries: unbonding.entries.with(index, grown) });
    return;
  }
  const entry = {
    creationHeight,
    completionTime,
    initialBalance: amount,
    balance: amount,
    unbondingId,
    unbondingOnHoldRefCount: 0n,
  };
  setUnbondingDelegation(ctx, { ...unbonding, entries: [...unbonding.entries, entry] });
  indexUnbonding(ctx, unbondingId, delegator, operator);
  enqueueUnbonding(ctx, unbonding, entry);
}

type Parties = Pick<UnbondingDelegation, "delegatorAddress" | "validatorAddress">;

export function enqueueUnbonding(ctx: Context, parties: Parties, entry: UnbondingEntry): void {
  const { delegatorAddress, validatorAddress: operatorAddress } = parties;
  const pair = { delegatorAddress, validatorAddress: operatorAddress };
  state.unbondingQueue.set(ctx, [entry.completionTime, entry.unbondingId], pair);
}

/** An entry that will not complete of itself is nowhere but in its record. */
export function forgetUnbondingEntry(ctx: Context, entry: UnbondingEntry): void {
  deleteUnbondingId(ctx, entry.unbondingId);
  state.unbondingQueue.delete(ctx, [entry.completionTime, entry.unbondingId]);
}

export interface Undelegated {
  readonly completionTime: Timestamp;
  readonly amount: bigint;
}

export function undelegate(ctx: Context, delegator: Uint8Array, operator: Uint8Array, shares: Dec): Undelegated {
  const validator = requireValidator(ctx, operator);
  const { maxEntries, unbondingTime } = getParams(ctx);
  const entries = getUnbondingDelegation(ctx, delegator, operator)?.entries ?? [];
  if (entries.length >= maxEntries) throw maxUnbondingDelegationEntries();
  const amount = unbond(ctx, delegator, operator, shares, "message");
  if (isBonded(validator)) bondedToNotBonded(ctx, amount);
  const completionTime = addDuration(ctx.block.time, unbondingTime!);
  addEntry(ctx, delegator, operator, completionTime, amount);
  return { completionTime, amount };
}

/** Pays out every entry of the two that is mature; undefined when there is none. */
export function completeUnbonding(ctx: Context, delegator: Uint8Array, operator: Uint8Array): bigint | undefined {
  const unbonding = getUnbondingDelegation(ctx, delegator, operator);
  if (unbonding === undefined) return undefined;
  let paid = 0n;
  const left: UnbondingEntry[] = [];
  for (const entry of unbonding.entries) {
    if (!isMature(entry, ctx.block.time)) {
      left.push(entry);
      continue;
    }
    forgetUnbondingEntry(ctx, entry);
    if (entry.balance > 0n) undelegateCoins(ctx, notBondedPoolName, delegator, stakeCoins(ctx, entry.balance));
    paid += entry.balance;
  }
  if (left.length === unbonding.entries.length) return undefined;
  setUnbondingDelegation(ctx, { ...unbonding, entries: left });
  return paid;
}
