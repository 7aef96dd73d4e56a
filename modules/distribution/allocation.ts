/**
 * Sharing out what the last block collected: fees, and what was minted into them. Owns who gets how much of it; work is by validator,
 * however many delegations there are.
 */
import { moduleAddress } from "../../chain/address.ts";
import type { Context, EngineReport, LastVote } from "../../chain/context.ts";
import {
  type Dec,
  decAdd,
  decFromInt,
  decMulTruncate,
  decOne,
  decQuo,
  decQuoTruncate,
  decSub,
} from "../../chain/dec.ts";
import { type DecCoins, formatDecCoins } from "../../chain/deccoins.ts";
import {
  addDecCoins,
  decCoinsFromCoins,
  multiplyDecCoins,
  multiplyDecCoinsDown,
  subtractDecCoins,
} from "../../chain/deccoinsets.ts";
import { feeCollectorName } from "../auth/index.ts";
import { balancesOf, sendBetweenModules } from "../bank/index.ts";
import { getValidatorByConsAddr, operatorOf, type Validator } from "../staking/index.ts";
import { commissioned, proposerRewarded, rewarded } from "./events.ts";
import { communityTaxOf, givesProposers, proposerRewardOf } from "./params.ts";
import { getAccumulatedCommission, getCurrentRewards, getOutstandingRewards } from "./periods.ts";
import { addToCommunityPool, distributionAccountName, getParams } from "./pool.ts";
import { accumulatedCommissions, currentRewards, outstandingRewards, previousProposer } from "./state.ts";

const feeCollector = moduleAddress(feeCollectorName);

const powerOf = (votes: readonly LastVote[]): bigint => votes.reduce((sum, { power }) => sum + power, 0n);

/** To a validator: first its commission, then all who delegated to it. */
export function allocateToValidator(ctx: Context, validator: Validator, coins: DecCoins): void {
  const operator = operatorOf(validator);
  const commission = multiplyDecCoins(coins, validator.commission.rate);
  const shared = subtractDecCoins(coins, commission);
  ctx.emit(commissioned(formatDecCoins(commission), validator.operatorAddress));
  accumulatedCommissions.set(ctx, operator, addDecCoins(getAccumulatedCommission(ctx, operator), commission));
  const current = getCurrentRewards(ctx, operator);
  currentRewards.set(ctx, operator, { ...current, rewards: addDecCoins(current.rewards, shared) });
  ctx.emit(rewarded(formatDecCoins(coins), validator.operatorAddress));
  outstandingRewards.set(ctx, operator, addDecCoins(getOutstandingRewards(ctx, operator), coins));
}

/** Gives the last proposer its part, and returns what part that was and what is left. Nothing, unless genesis says otherwise. */
function payProposer(
  ctx: Context,
  collected: DecCoins,
  votes: readonly LastVote[],
  totalPower: bigint,
): { readonly share: Dec; readonly remaining: DecCoins } {
  const params = getParams(ctx);
  if (!givesProposers(params)) return { share: 0n, remaining: collected };
  const { base, bonus } = proposerRewardOf(params);
  const signedPower = powerOf(votes.filter(({ isAbsent }) => !isAbsent));
  const signed = decQuo(decFromInt(signedPower), decFromInt(totalPower));
  const share = decAdd(base, decMulTruncate(bonus, signed));
  const address = previousProposer.get(ctx);
  const proposer = address === undefined ? undefined : getValidatorByConsAddr(ctx, address);
  if (proposer === undefined) return { share, remaining: collected };
  const reward = multiplyDecCoinsDown(collected, share);
  ctx.emit(proposerRewarded(formatDecCoins(reward), proposer.operatorAddress));
  allocateToValidator(ctx, proposer, reward);
  return { share, remaining: subtractDecCoins(collected, reward) };
}

/** By voting power of the last commit, whether they voted or not; tax and remainders to the community pool. */
function allocate(ctx: Context, votes: readonly LastVote[]): void {
  const fees = balancesOf(ctx, feeCollector);
  if (fees.length === 0) return;
  sendBetweenModules(ctx, feeCollectorName, distributionAccountName, fees);
  const collected = decCoinsFromCoins(fees);
  const totalPower = powerOf(votes);
  if (totalPower === 0n) {
    addToCommunityPool(ctx, collected);
    return;
  }
  const proposer = payProposer(ctx, collected, votes, totalPower);
  const forVotes = decSub(decSub(decOne, proposer.share), communityTaxOf(getParams(ctx)));
  const shared = multiplyDecCoinsDown(collected, forVotes);
  let { remaining } = proposer;
  for (const { address, power } of votes) {
    const validator = getValidatorByConsAddr(ctx, address);
    // The engine's set lags by two blocks: of a validator that is gone, the part stays with the community.
    if (validator === undefined) continue;
    const fraction = decQuoTruncate(decFromInt(power), decFromInt(totalPower));
    const reward = multiplyDecCoinsDown(shared, fraction);
    if (reward.length === 0) continue;
    allocateToValidator(ctx, validator, reward);
    remaining = subtractDecCoins(remaining, reward);
  }
  addToCommunityPool(ctx, remaining);
}

/** In the first block there is no commit to share by: what genesis collected waits for the second. */
export function beginBlock(ctx: Context, { lastVotes }: EngineReport): void {
  if (ctx.block.height > 1n) allocate(ctx, lastVotes);
  if (givesProposers(getParams(ctx))) previousProposer.set(ctx, ctx.block.proposerAddress);
}
