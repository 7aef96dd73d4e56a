/** Distribution's part of genesis.json, with the SDK's JSON. Owns what is refused before the chain starts; reading is genesisread.ts. */
import { accountAddress, consensusAddress, validatorAddress } from "../../chain/address.ts";
import { coinsEqual, formatCoins } from "../../chain/coins.ts";
import type { CollectionMap } from "../../chain/collections.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { addDecCoins, decCoinsToProto, truncateDecCoins } from "../../chain/deccoinsets.ts";
import type { Genesis } from "../../chain/module.ts";
import { fieldError, toJson } from "../../chain/protojson.ts";
import { GenesisState } from "../../proto/gen/cosmos/distribution/v1beta1/genesis.ts";
import { getModuleAccount } from "../auth/index.ts";
import { balancesOf } from "../bank/index.ts";
import { type DistributionGenesis, type Entries, parse, section } from "./genesisread.ts";
import { defaultParams } from "./params.ts";
import { distributionAccountName, getCommunityPool, getParams } from "./pool.ts";
import * as records from "./records.ts";
import * as state from "./state.ts";

const noBytes = new Uint8Array(0);

function setAll<K, V>(ctx: Context, map: CollectionMap<K, V>, entries: Entries<K, V>): void {
  for (const [key, value] of entries) map.set(ctx, key, value);
}

function init(ctx: Context, genesis: DistributionGenesis): undefined {
  state.communityPool.set(ctx, genesis.communityPool);
  state.params.set(ctx, genesis.params);
  if (genesis.previousProposer.length > 0) state.previousProposer.set(ctx, genesis.previousProposer);
  setAll(ctx, state.withdrawAddresses, genesis.withdrawAddresses);
  setAll(ctx, state.outstandingRewards, genesis.outstandingRewards);
  setAll(ctx, state.accumulatedCommissions, genesis.accumulatedCommissions);
  setAll(ctx, state.historicalRewards, genesis.historicalRewards);
  setAll(ctx, state.currentRewards, genesis.currentRewards);
  setAll(ctx, state.startingInfos, genesis.startingInfos);
  setAll(ctx, state.slashEvents, genesis.slashEvents);
  requireBalance(ctx, genesis);
}

/** What is owed lies in the account, to the last whole coin. */
function requireBalance(ctx: Context, { communityPool, outstandingRewards }: DistributionGenesis): void {
  let owed = communityPool;
  for (const [, rewards] of outstandingRewards) owed = addDecCoins(owed, rewards);
  const { whole } = truncateDecCoins(owed);
  const account = getModuleAccount(ctx, distributionAccountName).base.address;
  const balance = balancesOf(ctx, accountAddress.decode(account));
  if (coinsEqual(whole, balance)) return;
  throw fieldError(
    section,
    `"${formatCoins(whole)}" in outstanding_rewards and fee_pool`,
    `"${formatCoins(balance)}", the balance of ${account}, the account of this module`,
  );
}

function toState(genesis: DistributionGenesis): GenesisState {
  const operator = (key: Uint8Array) => ({ validatorAddress: validatorAddress.encode(key) });
  return {
    params: genesis.params,
    feePool: { communityPool: decCoinsToProto(genesis.communityPool) },
    delegatorWithdrawInfos: genesis.withdrawAddresses.map(([delegator, address]) => ({
      delegatorAddress: accountAddress.encode(delegator),
      withdrawAddress: accountAddress.encode(address),
    })),
    previousProposer: consensusAddress.encode(genesis.previousProposer),
    outstandingRewards: genesis.outstandingRewards.map(([key, coins]) => ({
      ...operator(key),
      outstandingRewards: decCoinsToProto(coins),
    })),
    validatorAccumulatedCommissions: genesis.accumulatedCommissions.map(([key, coins]) => ({
      ...operator(key),
      accumulated: { commission: decCoinsToProto(coins) },
    })),
    validatorHistoricalRewards: genesis.historicalRewards.map(([[key, period], rewards]) => ({
      ...operator(key),
      period,
      rewards: records.historicalToProto(rewards),
    })),
    validatorCurrentRewards: genesis.currentRewards.map(([key, rewards]) => ({
      ...operator(key),
      rewards: records.currentToProto(rewards),
    })),
    delegatorStartingInfos: genesis.startingInfos.map(([[key, delegator], info]) => ({
      delegatorAddress: accountAddress.encode(delegator),
      ...operator(key),
      startingInfo: records.startingToProto(info),
    })),
    validatorSlashEvents: genesis.slashEvents.map(([[key, height, period], slash]) => ({
      ...operator(key),
      height,
      period,
      validatorSlashEvent: records.slashToProto(slash),
    })),
  };
}

export const genesis: Genesis<DistributionGenesis> = {
  default: () => ({
    params: defaultParams,
    communityPool: [],
    previousProposer: noBytes,
    withdrawAddresses: [],
    outstandingRewards: [],
    accumulatedCommissions: [],
    historicalRewards: [],
    currentRewards: [],
    startingInfos: [],
    slashEvents: [],
  }),
  parse,
  toJson: (value) => toJson(GenesisState.$type, toState(value)),
  init,
  export: (ctx: ReadContext) => ({
    params: getParams(ctx),
    communityPool: getCommunityPool(ctx),
    previousProposer: state.previousProposer.get(ctx) ?? noBytes,
    withdrawAddresses: [...state.withdrawAddresses.iterate(ctx)],
    outstandingRewards: [...state.outstandingRewards.iterate(ctx)],
    accumulatedCommissions: [...state.accumulatedCommissions.iterate(ctx)],
    historicalRewards: [...state.historicalRewards.iterate(ctx)],
    currentRewards: [...state.currentRewards.iterate(ctx)],
    startingInfos: [...state.startingInfos.iterate(ctx)],
    slashEvents: [...state.slashEvents.iterate(ctx)],
  }),
};
