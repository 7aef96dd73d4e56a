/**
 * Coins become shares of a validator and shares become tokens again (cosmos-sdk x/staking/keeper/delegation.go Delegate and Unbond).
 * Owns both directions; when tokens are free is unbonding.ts and redelegation.ts.
 */
import { accountAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { type Dec, decAdd, decSub, decTruncateInt, formatDec } from "../../chain/dec.ts";
import { sdk } from "../../chain/errors.ts";
import { delegateCoins } from "../bank/index.ts";
import type { Delegation } from "./delegation.ts";
import { invalidExchangeRate, noDelegatorForAddress, notEnoughDelegationShares, tooMuchStake } from "./errors.ts";
import * as hooks from "./hooks.ts";
import { jailValidator } from "./jail.ts";
import {
  bondDenom,
  deleteByPower,
  getDelegation,
  getParams,
  replaceValidator,
  requireDelegation,
  requireValidator,
  storedValidator,
} from "./keeper.ts";
import {
  bondedPoolName,
  bondedToNotBonded,
  notBondedPoolName,
  notBondedToBonded,
  totalBondedTokens,
  totalNotBondedTokens,
} from "./pools.ts";
import * as state from "./state.ts";
import {
  type BondStatus,
  bonded,
  consensusAddressOf,
  hasInvalidExchangeRate,
  isBonded,
  operatorOf,
  powerToTokens,
  sharesFromTokens,
  sharesFromTokensTruncated,
  tokensFromShares,
  totalPowerMax,
  unbonded,
  type Validator,
  withSharesRemoved,
  withTokensAdded,
} from "./validator.ts";

// ----------------------------------------------------------------------------------------------------------------- delegating

/** Half of what the engine can count, so that two roundings of the rule below cannot meet it. */
const stakeMax = powerToTokens(totalPowerMax / 2n);

/** Small validators cannot add up to too much; for a large one, all that is staked is counted. */
function requireCountable(ctx: ReadContext, { tokens }: Validator, amount: bigint): void {
  if (tokens + amount <= stakeMax / BigInt(getParams(ctx).maxValidators)) return;
  if (totalBondedTokens(ctx) + totalNotBondedTokens(ctx) + amount > stakeMax) throw tooMuchStake();
}

/** Opens the delegation: those who follow it settle what the shares earned so far. */
function openDelegation(ctx: Context, delegator: Uint8Array, validator: Validator): Delegation {
  const operator = operatorOf(validator);
  const delegation = getDelegation(ctx, delegator, operator);
  if (delegation !== undefined) {
    hooks.beforeDelegationSharesModified(ctx, delegator, operator, "message");
    return delegation;
  }
  hooks.beforeDelegationCreated(ctx, delegator, operator);
  return {
    delegatorAddress: accountAddress.encode(delegator),
    validatorAddress: validator.operatorAddress,
    shares: 0n,
  };
}

export function setDelegation(ctx: Context, delegator: Uint8Array, operator: Uint8Array, delegation: Delegation): void {
  const isNew = !state.delegations.has(ctx, [delegator, operator]);
  state.delegations.set(ctx, [delegator, operator], delegation);
  if (isNew) state.delegationsByValidator.add(ctx, [operator, delegator]);
}

/** `bring` puts the tokens into the pool in which the validator's are. */
function addDelegation(
  ctx: Context,
  delegator: Uint8Array,
  amount: bigint,
  validator: Validator,
  bring: () => void,
): Dec {
  if (hasInvalidExchangeRate(validator)) throw invalidExchangeRate();
  requireCountable(ctx, validator, amount);
  const operator = operatorOf(validator);
  const delegation = openDelegation(ctx, delegator, validator);
  bring();
  const { validator: next, shares } = withTokensAdded(validator, amount);
  replaceValidator(ctx, validator, next);
  setDelegation(ctx, delegator, operator, { ...delegation, shares: decAdd(delegation.shares, shares) });
  hooks.afterDelegationModified(ctx, delegator, operator);
  return shares;
}

/** From the delegator's account, locked coins too. Returns the new shares. */
export function delegate(ctx: Context, delegator: Uint8Array, amount: bigint, validator: Validator): Dec {
  return addDelegation(ctx, delegator, amount, validator, () => {
    const pool = isBonded(validator) ? bondedPoolName : notBondedPoolName;
    delegateCoins(ctx, delegator, pool, [{ denom: bondDenom(ctx), amount }]);
  });
}

/** Of tokens that are staked already: from the pool in which a validator of that status has them. Returns the new shares. */
export function delegateStaked(
  ctx: Context,
  delegator: Uint8Array,
  amount: bigint,
  source: BondStatus,
  validator: Validator,
): Dec {
  return addDelegation(ctx, delegator, amount, validator, () => {
    const wasBonded = source === bonded;
    if (wasBonded && !isBonded(validator)) bondedToNotBonded(ctx, amount);
    if (!wasBonded && isBonded(validator)) notBondedToBonded(ctx, amount);
  });
}

// ------------------------------------------------------------------------------------------------------------------ unbonding

/** The shares that an amount is: all of the delegation where rounding asks for a little more than it has. */
export function requireUnbondShares(
  ctx: ReadContext,
  delegator: Uint8Array,
  operator: Uint8Array,
  amount: bigint,
): Dec {
  const validator = requireValidator(ctx, operator);
  const delegation = requireDelegation(ctx, delegator, operator);
  const shares = sharesFromTokens(validator, amount);
  if (sharesFromTokensTruncated(validator, amount) > delegation.shares) {
    throw sdk.invalidRequest("invalid shares amount");
  }
  return shares > delegation.shares ? delegation.shares : shares;
}

/** An operator who leaves less of his own than he promised goes to jail. */
function jailForLowSelfDelegation(ctx: Context, delegator: Uint8Array, validator: Validator, shares: Dec): Validator {
  const operator = operatorOf(validator);
  const isOperator = delegator.length === operator.length && delegator.every((byte, i) => byte === operator[i]);
  if (!isOperator || validator.jailed) return validator;
  if (decTruncateInt(tokensFromShares(validator, shares)) >= validator.minSelfDelegation) return validator;
  jailValidator(ctx, validator);
  return storedValidator(ctx, operator);
}

/** Takes shares from a delegation and returns the tokens that they were; the caller moves those between the pools. */
export function unbond(
  ctx: Context,
  delegator: Uint8Array,
  operator: Uint8Array,
  shares: Dec,
  cause: hooks.Cause,
): bigint {
  const delegation = getDelegation(ctx, delegator, operator);
  if (delegation === undefined) throw noDelegatorForAddress();
  hooks.beforeDelegationSharesModified(ctx, delegator, operator, cause);
  if (delegation.shares < shares) throw notEnoughDelegationShares(formatDec(delegation.shares));
  const remaining = decSub(delegation.shares, shares);
  const validator = jailForLowSelfDelegation(ctx, delegator, requireValidator(ctx, operator), remaining);
  if (remaining === 0n) {
    hooks.beforeDelegationRemoved(ctx, delegator, operator);
    state.delegations.delete(ctx, [delegator, operator]);
    state.delegationsByValidator.delete(ctx, [operator, delegator]);
  } else {
    setDelegation(ctx, delegator, operator, { ...delegation, shares: remaining });
    hooks.afterDelegationModified(ctx, delegator, operator);
  }
  const { validator: next, tokens } = withSharesRemoved(validator, shares);
  replaceValidator(ctx, validator, next);
  // One that is not unbonded yet is removed when it is.
  if (next.delegatorShares === 0n && next.status === unbonded) removeValidator(ctx, operator, cause);
  return tokens;
}

/** Of an unbonded validator without tokens: everything of it, here and with those who follow. */
export function removeValidator(ctx: Context, operator: Uint8Array, cause: hooks.Cause): void {
  const validator = storedValidator(ctx, operator);
  if (validator.status !== unbonded || validator.tokens > 0n) {
    throw new Error(`${validator.operatorAddress} cannot be removed: ${validator.tokens} tokens, not unbonded`);
  }
  const consensusAddress = consensusAddressOf(validator);
  state.validators.delete(ctx, operator);
  state.validatorsByConsensusAddress.delete(ctx, consensusAddress);
  deleteByPower(ctx, validator);
  hooks.afterValidatorRemoved(ctx, consensusAddress, operator, cause);
}
