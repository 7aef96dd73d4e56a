/** A staked chain that shares out what tests pay into it, and short words for withdrawals and amounts. */
import { accountAddress } from "../../chain/address.ts";
import { formatDecCoins, parseCoins } from "../../chain/deccoins.ts";
import type { ChainEvent } from "../../chain/events.ts";
import { balanceOf, mintCoins, sendBetweenModules } from "../../modules/bank/index.ts";
import { rewardsNow } from "../../modules/distribution/delegations.ts";
import { distribution } from "../../modules/distribution/index.ts";
import { getOutstandingRewards } from "../../modules/distribution/periods.ts";
import { getCommunityPool } from "../../modules/distribution/pool.ts";
import { inflationGenesis, mint } from "../../modules/mint/index.ts";
import { getDelegation, getValidator } from "../../modules/staking/index.ts";
import { type StakedChain, type StakedChainOptions, stakedChain } from "./stakedchain.ts";
import type { Outcome } from "./testchain.ts";

export const path = (name: string) => `/cosmos.distribution.v1beta1.${name}`;
export const denom = "uweir";
export const coins = (text: string) =>
  parseCoins(text).map(({ denom: unit, amount }) => ({ denom: unit, amount: `${amount}` }));

export const paramsJson = { community_tax: "0.02", base_proposer_reward: "0", bonus_proposer_reward: "0" };
export const emptyGenesis = distribution.genesis.toJson(distribution.genesis.default()) as object;
export const withParams = (changes: object) => ({
  ...emptyGenesis,
  params: { ...paramsJson, withdraw_addr_enabled: true, ...changes },
});

/** Minting by inflation, but in years so long that nothing comes of it: so that tests may make coins. */
export const inflation = mint.genesis.toJson({
  ...inflationGenesis(denom),
  params: { ...inflationGenesis(denom).params, blocksPerYear: (1n << 63n) - 1n },
});

export const rewarding = (options: StakedChainOptions = {}): StakedChain =>
  stakedChain({ ...options, appState: { mint: inflation, ...options.appState } });

export function payFees(chain: StakedChain, text: string): void {
  mintCoins(chain.context(), "mint", parseCoins(text));
  sendBetweenModules(chain.context(), "mint", "fee_collector", parseCoins(text));
}

/** A block that shares this out. */
export function share(chain: StakedChain, text: string): readonly ChainEvent[] {
  payFees(chain, text);
  return chain.live();
}

export const account = (chain: StakedChain, index: number) => accountAddress.encode(chain.accounts[index]!);
export const withdraw = (chain: StakedChain, who: number, validator: number): Outcome =>
  chain.message(path("MsgWithdrawDelegatorReward"), {
    delegatorAddress: account(chain, who),
    validatorAddress: chain.operator(validator),
  });
export const withdrawCommission = (chain: StakedChain, index: number): Outcome =>
  chain.message(path("MsgWithdrawValidatorCommission"), { validatorAddress: chain.operator(index) });
export const balance = (chain: StakedChain, index: number) => balanceOf(chain.context(), chain.accounts[index]!, denom);
export const pool = (chain: StakedChain) => formatDecCoins(getCommunityPool(chain.context()));
export const outstanding = (chain: StakedChain, index: number) =>
  formatDecCoins(getOutstandingRewards(chain.context(), chain.accounts[index]!));
export const earned = (chain: StakedChain, who: number, validator: number): string => {
  const [ctx, delegator, operator] = [chain.context(), chain.accounts[who]!, chain.accounts[validator]!];
  const delegation = getDelegation(ctx, delegator, operator)!;
  return formatDecCoins(rewardsNow(ctx, delegator, operator, getValidator(ctx, operator)!, delegation));
};
export const eventOf = (events: readonly ChainEvent[], type: string): Record<string, string> | undefined => {
  const found = events.find((event) => event.type === type);
  return found && Object.fromEntries(found.attributes.map(({ key, value }) => [key, value]));
};
