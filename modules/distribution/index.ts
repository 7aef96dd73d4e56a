/** Rewards of validators and delegators, and the community pool: what other modules and the chain may use of distribution. */
import type { Module } from "../../chain/module.ts";
import { beginBlock } from "./allocation.ts";
import { commands } from "./commands.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { messages } from "./messages.ts";
import { parameters } from "./parameters.ts";
import { queries } from "./queries.ts";
import { state, storeName } from "./state.ts";

export {
  afterDelegationModified,
  afterValidatorCreated,
  afterValidatorRemoved,
  beforeDelegationCreated,
  beforeDelegationSharesModified,
  beforeValidatorSlashed,
} from "./hooks.ts";
export { addToCommunityPool, fundCommunityPool, getCommunityPool, spendCommunityPool } from "./pool.ts";
export { beginRewardsAnew } from "./zeroheight.ts";

export const distribution: Module = {
  name: "distribution",
  storeName,
  state,
  messages,
  queries,
  genesis,
  invariants,
  exits: [
    "/cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward",
    "/cosmos.distribution.v1beta1.MsgWithdrawValidatorCommission",
  ],
  parameters: [parameters],
  commands,
  beginBlock,
};
