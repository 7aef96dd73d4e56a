/** What a delegation earned, and its withdrawal. Owns starting infos; the validator's side is periods.ts. */
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import { type Coins, formatCoins } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Dec } from "../../chain/dec.ts";
import type { DecCoins } from "../../chain/deccoins.ts";
import {
  addDecCoins,
  decCoinsFromCoins,
  lesserDecCoins,
  noDecCoins,
  subtractDecCoins,
  truncateDecCoins,
} from "../../chain/deccoinsets.ts";
import {
  bondDenom,
  type Delegation,
  requireDelegation,
  requireValidator,
  tokensFromShares,
  tokensFromSharesTruncated,
  type Validator,
} from "../staking/index.ts";
import { emptyDelegationDistInfo, noValidatorCommission } from "./errors.ts";
import { commissionWithdrawn, rewardsWithdrawn } from "./events.ts";
import {
  addReference,
  endPeriod,
  getAccumulatedCommission,
  getCurrentRewards,
  getOutstandingRewards,
  ratioNow,
  removeReference,
  requireHistoricalRewards,
} from "./periods.ts";
import { chosenDestination, type Destination, payOut } from "./pool.ts";
import { reconciledStake, rewardsBetween, type StartingInfo, stakeAfterSlash } from "./records.ts";
import { accumulatedCommissions, outstandingRewards, slashEvents, startingInfos } from "./state.ts";

/** From the period that has just ended on. */
export function beginDelegation(ctx: Context, delegator: Uint8Array, operator: Uint8Array): void {
  const previousPeriod = getCurrentRewards(ctx, operator).period - 1n;
  addReference(ctx, operator, previousPeriod);
  const { shares } = requireDelegation(ctx, delegator, operator);
  const stake = tokensFromSharesTruncated(requireValidator(ctx, operator), shares);
  startingInfos.set(ctx, [operator, delegator], { previousPeriod, stake, height: ctx.block.height });
}

/**
 * Piece by piece from slash to slash, each lowering the stake. Slashes of the starting height count too where their period is later: a
 * redelegation can come to a validator and be slashed in one BeginBlock.
 */
function earnedSince(
  ctx: ReadContext,
  operator: Uint8Array,
  starting: StartingInfo,
  endingRatio: DecCoins,
  currentStake: Dec,
): DecCoins {
  const { height } = ctx.block;
  if (starting.height === height) return noDecCoins;
  let { previousPeriod: period, stake } = starting;
  let { ratio } = requireHistoricalRewards(ctx, operator, period);
  let earned = noDecCoins;
  const range = { start: [operator, starting.height, 0n], end: [operator, height + 1n, 0n] } as const;
  for (const [, slash] of slashEvents.iterate(ctx, range)) {
    if (slash.period <= period) continue;
    const next = requireHistoricalRewards(ctx, operator, slash.period).ratio;
    earned = addDecCoins(earned, rewardsBetween(ratio, next, stake));
    stake = stakeAfterSlash(stake, slash.fraction);
    period = slash.period;
    ratio = next;
  }
  return addDecCoins(earned, rewardsBetween(ratio, endingRatio, reconciledStake(stake, currentStake)));
}

/** What a delegation could withdraw now: as a withdrawal would find it, without ending a period. */
export function rewardsNow(
  ctx: ReadContext,
  delegator: Uint8Array,
  operator: Uint8Array,
  validator: Validator,
  { shares }: Delegation,
): DecCoins {
  const starting = startingInfos.get(ctx, [operator, delegator]);
  if (starting === undefined) throw emptyDelegationDistInfo();
  return earnedSince(ctx, operator, starting, ratioNow(ctx, operator, validator), tokensFromShares(validator, shares));
}

/** Ends the period and the delegation's share in it; whoever calls begins the delegation anew, or removes it. */
export function settleDelegation(
  ctx: Context,
  delegator: Uint8Array,
  operator: Uint8Array,
  destination: Destination,
): Coins {
  const validator = requireValidator(ctx, operator);
  const { shares } = requireDelegation(ctx, delegator, operator);
  const starting = startingInfos.get(ctx, [operator, delegator]);
  if (starting === undefined) throw emptyDelegationDistInfo();
  const { ratio } = endPeriod(ctx, operator, validator);
  const earned = earnedSince(ctx, operator, starting, ratio, tokensFromShares(validator, shares));
  const outstanding = getOutstandingRewards(ctx, operator);
  // On the very last digits, roundings in another order might ask for more than is there.
  const rewards = lesserDecCoins(earned, outstanding);
  const paid = payOut(ctx, rewards, destination);
  outstandingRewards.set(ctx, operator, subtractDecCoins(outstanding, rewards));
  removeReference(ctx, operator, starting.previousPeriod);
  startingInfos.delete(ctx, [operator, delegator]);
  // Wallets expect a coin even of nothing.
  const shown = paid.length > 0 ? paid : [{ denom: bondDenom(ctx), amount: 0n }];
  const delegatorText = accountAddress.encode(delegator);
  ctx.emit(rewardsWithdrawn(formatCoins(shown), validatorAddress.encode(operator), delegatorText));
  return shown;
}

export function withdrawRewards(ctx: Context, delegator: Uint8Array, operator: Uint8Array): Coins {
  requireValidator(ctx, operator);
  requireDelegation(ctx, delegator, operator);
  const paid = settleDelegation(ctx, delegator, operator, chosenDestination(ctx, delegator));
  beginDelegation(ctx, delegator, operator);
  return paid;
}

/** Whole coins; what is below one stays to be withdrawn later. */
export function withdrawCommission(ctx: Context, operator: Uint8Array): Coins {
  const accumulated = getAccumulatedCommission(ctx, operator);
  if (accumulated.length === 0) throw noValidatorCommission();
  const { whole, rest } = truncateDecCoins(accumulated);
  accumulatedCommissions.set(ctx, operator, rest);
  const paid = decCoinsFromCoins(whole);
  outstandingRewards.set(ctx, operator, subtractDecCoins(getOutstandingRewards(ctx, operator), paid));
  if (whole.length > 0) payOut(ctx, paid, chosenDestination(ctx, operator));
  ctx.emit(commissionWithdrawn(formatCoins(whole)));
  return whole;
}
