/** Stakes and who validates: what other modules and the chain may use of staking. */
import type { Module } from "../../chain/module.ts";
import { commands } from "./commands.ts";
import { endBlock } from "./endblock.ts";
import { genesis } from "./genesis.ts";
import { trackHistoricalInfo } from "./historical.ts";
import { invariants } from "./invariants.ts";
import { messages } from "./messages.ts";
import { parameters } from "./parameters.ts";
import { queries } from "./queries.ts";
import { state, storeName } from "./state.ts";

export { decodedAddress, operatorAccount } from "./addresses.ts";
export { delegate, requireUnbondShares, unbond } from "./delegate.ts";
export type { Delegation, Redelegation, UnbondingDelegation, UnbondingEntry } from "./delegation.ts";
export type { Cause } from "./hooks.ts";
export { jail, unjail } from "./jail.ts";
export {
  bondDenom,
  bondedValidatorsByPower,
  delegatorDelegations,
  getDelegation,
  getLastTotalPower,
  getParams,
  getValidator,
  getValidatorByConsAddr,
  iterateDelegations,
  iterateValidators,
  lastValidators,
  requireDelegation,
  requireValidator,
  validatorDelegations,
} from "./keeper.ts";
export {
  bondedPoolName,
  bondedRatio,
  notBondedPoolName,
  stakingTokenSupply,
  totalBondedTokens,
  totalNotBondedTokens,
} from "./pools.ts";
export { beginRedelegation, delegatorRedelegations, getRedelegation } from "./redelegation.ts";
export { slash } from "./slash.ts";
export { delegatorUnbondings, getUnbondingDelegation, undelegate } from "./unbonding.ts";
export {
  type BondStatus,
  bonded,
  bondedTokensOf,
  consensusAddressOf,
  consensusAddressText,
  consensusKeyOf,
  isBonded,
  isUnbonded,
  isUnbonding,
  operatorOf,
  potentialPower,
  powerOf,
  powerReduction,
  powerToTokens,
  tokensFromShares,
  tokensFromSharesTruncated,
  tokensToPower,
  unbonded,
  unbonding,
  type Validator,
  validatorUpdate,
} from "./validator.ts";
export { applyValidatorSet } from "./validatorset.ts";
export { forgetStakingHeights } from "./zeroheight.ts";

export const staking: Module = {
  name: "staking",
  storeName,
  state,
  messages,
  queries,
  genesis,
  invariants,
  exits: ["/cosmos.staking.v1beta1.MsgUndelegate"],
  parameters: [parameters],
  commands,
  beginBlock: trackHistoricalInfo,
  endBlock,
};
