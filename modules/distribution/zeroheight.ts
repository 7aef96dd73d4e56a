/**
 * Rewards for a chain that begins again at height 1: all of them are paid out and every period begins anew. What an export is prepared
 * with, never a block; so the work is as much as there are delegations.
 */
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import type { Context } from "../../chain/context.ts";
import { decCoinsFromCoins, subtractDecCoins, truncateDecCoins } from "../../chain/deccoinsets.ts";
import { iterateDelegations, iterateValidators, operatorOf, requireValidator } from "../staking/index.ts";
import { beginDelegation, settleDelegation } from "./delegations.ts";
import { beginValidator, endPeriod, getAccumulatedCommission, getOutstandingRewards } from "./periods.ts";
import { addToCommunityPool, payOut, possibleDestination } from "./pool.ts";
import * as state from "./state.ts";

/** `zero` is the same state as `now` at height 0, from which starting infos count. */
export function beginRewardsAnew(now: Context, zero: Context): void {
  const validators = [...iterateValidators(now)];
  const delegations = [...iterateDelegations(now)].map(({ delegatorAddress, validatorAddress: operator }) => ({
    delegator: accountAddress.decode(delegatorAddress),
    operator: validatorAddress.decode(operator),
  }));
  for (const validator of validators) payCommission(now, operatorOf(validator));
  for (const { delegator, operator } of delegations) {
    settleDelegation(now, delegator, operator, possibleDestination(now, delegator));
  }
  forgetPeriods(now);
  for (const validator of validators) {
    const operator = operatorOf(validator);
    // What is below one coin of each.
    addToCommunityPool(now, getOutstandingRewards(now, operator));
    beginValidator(zero, operator);
  }
  for (const { delegator, operator } of delegations) {
    endPeriod(zero, operator, requireValidator(zero, operator));
    beginDelegation(zero, delegator, operator);
  }
}

/** Whole coins; the rest is left among the outstanding rewards. */
function payCommission(ctx: Context, operator: Uint8Array): void {
  const { whole } = truncateDecCoins(getAccumulatedCommission(ctx, operator));
  if (whole.length === 0) return;
  const paid = decCoinsFromCoins(whole);
  state.outstandingRewards.set(ctx, operator, subtractDecCoins(getOutstandingRewards(ctx, operator), paid));
  payOut(ctx, paid, possibleDestination(ctx, operator));
}

function forgetPeriods(ctx: Context): void {
  for (const key of [...state.slashEvents.keys(ctx)]) state.slashEvents.delete(ctx, key);
  for (const key of [...state.historicalRewards.keys(ctx)]) state.historicalRewards.delete(ctx, key);
}
