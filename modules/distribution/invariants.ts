/** What is always true of rewards (the SDK's four invariants of x/distribution, where it had them). */
import { accountAddress, moduleAddress, validatorAddress } from "../../chain/address.ts";
import { coinsEqual, formatCoins } from "../../chain/coins.ts";
import type { ReadContext } from "../../chain/context.ts";
import { type DecCoins, decCoinsProblem, formatDecCoins } from "../../chain/deccoins.ts";
import { addDecCoins, noDecCoins, truncateDecCoins, trySubtractDecCoins } from "../../chain/deccoinsets.ts";
import type { Invariant } from "../../chain/module.ts";
import { balancesOf } from "../bank/index.ts";
import { getDelegation, getValidator, iterateDelegations, iterateValidators, operatorOf } from "../staking/index.ts";
import { rewardsNow } from "./delegations.ts";
import { getAccumulatedCommission, getOutstandingRewards } from "./periods.ts";
import { distributionAccountName, getCommunityPool } from "./pool.ts";
import { currentRewards, historicalRewards, outstandingRewards, slashEvents, startingInfos } from "./state.ts";

function rewardsAreNeverNegative(ctx: ReadContext): string | undefined {
  for (const [operator, rewards] of outstandingRewards.iterate(ctx)) {
    const problem = decCoinsProblem(rewards);
    if (problem !== undefined) return `outstanding rewards of ${validatorAddress.encode(operator)}: ${problem}`;
  }
  const problem = decCoinsProblem(getCommunityPool(ctx));
  return problem === undefined ? undefined : `community pool: ${problem}`;
}

/** If every delegator and every validator withdrew now, there would be enough, and the newest period of each can be ended. */
function everybodyCanWithdraw(ctx: ReadContext): string | undefined {
  const owed = new Map<string, DecCoins>();
  for (const validator of iterateValidators(ctx)) {
    owed.set(validator.operatorAddress, getAccumulatedCommission(ctx, operatorOf(validator)));
  }
  for (const delegation of iterateDelegations(ctx)) {
    const operator = validatorAddress.decode(delegation.validatorAddress);
    const delegator = accountAddress.decode(delegation.delegatorAddress);
    const rewards = rewardsNow(ctx, delegator, operator, getValidator(ctx, operator)!, delegation);
    owed.set(delegation.validatorAddress, addDecCoins(owed.get(delegation.validatorAddress) ?? noDecCoins, rewards));
  }
  for (const [validator, coins] of owed) {
    const outstanding = getOutstandingRewards(ctx, validatorAddress.decode(validator));
    if (trySubtractDecCoins(outstanding, coins) !== undefined) continue;
    return `${validator} owes ${formatDecCoins(coins)}, but has ${formatDecCoins(outstanding)} outstanding`;
  }
  return undefined;
}

/** One for each validator's newest period, one for each delegation, one for each slash. */
function referencesAreCounted(ctx: ReadContext): string | undefined {
  const expected = count(currentRewards.keys(ctx)) + count(startingInfos.keys(ctx)) + count(slashEvents.keys(ctx));
  let references = 0;
  for (const [, historical] of historicalRewards.iterate(ctx)) references += historical.references;
  if (references === expected) return undefined;
  return `${references} references are counted, but ${expected} are held by validators, delegations and slashes`;
}

function count(entries: Iterable<unknown>): number {
  let total = 0;
  for (const _entry of entries) total++;
  return total;
}

/** The account holds the whole coins of all that is owed. */
function accountHoldsWhatIsOwed(ctx: ReadContext): string | undefined {
  let owed = getCommunityPool(ctx);
  for (const [, rewards] of outstandingRewards.iterate(ctx)) owed = addDecCoins(owed, rewards);
  const { whole } = truncateDecCoins(owed);
  const balance = balancesOf(ctx, moduleAddress(distributionAccountName));
  if (coinsEqual(whole, balance)) return undefined;
  return `${formatCoins(whole)} is owed, but the account holds ${formatCoins(balance)}`;
}

/** Rewards of a validator or delegation that is not there could never be withdrawn. */
function recordsFollowStaking(ctx: ReadContext): string | undefined {
  const validators = new Set<string>();
  for (const { operatorAddress } of iterateValidators(ctx)) {
    validators.add(operatorAddress);
    if (!currentRewards.has(ctx, validatorAddress.decode(operatorAddress))) return `${operatorAddress} has no rewards`;
  }
  const rewarded = count(currentRewards.keys(ctx));
  if (rewarded !== validators.size) return `${rewarded} validators have rewards, but there are ${validators.size}`;
  for (const [operator, delegator] of startingInfos.keys(ctx)) {
    if (getDelegation(ctx, delegator, operator) !== undefined) continue;
    return `${accountAddress.encode(delegator)} earns at ${validatorAddress.encode(operator)}, but has no delegation`;
  }
  const delegations = count(iterateDelegations(ctx));
  const starting = count(startingInfos.keys(ctx));
  return starting === delegations ? undefined : `${starting} of ${delegations} delegations earn rewards`;
}

export const invariants: Readonly<Record<string, Invariant>> = {
  recordsFollowStaking,
  rewardsAreNeverNegative,
  referencesAreCounted,
  accountHoldsWhatIsOwed,
  everybodyCanWithdraw,
};
