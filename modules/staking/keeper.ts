/** Validators and delegations: read, written, indexed. Owns that records and their indexes agree; what changes them is in other files. */
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Delegation } from "./delegation.ts";
import { noDelegation, noValidatorFound } from "./errors.ts";
import { defaultParams, type Params } from "./params.ts";
import * as state from "./state.ts";
import { consensusAddressOf, isBonded, operatorOf, potentialPower, type Validator } from "./validator.ts";

export const getParams = (ctx: ReadContext): Params => state.params.get(ctx) ?? defaultParams;

export const bondDenom = (ctx: ReadContext): string => getParams(ctx).bondDenom;

// ---------------------------------------------------------------------------------------------------------------- validators

/** By the operator's address. */
export const getValidator = (ctx: ReadContext, operator: Uint8Array): Validator | undefined =>
  state.validators.get(ctx, operator);

export function requireValidator(ctx: ReadContext, operator: Uint8Array): Validator {
  const validator = getValidator(ctx, operator);
  if (validator === undefined) throw noValidatorFound();
  return validator;
}

export function getValidatorByConsAddr(ctx: ReadContext, consensusAddress: Uint8Array): Validator | undefined {
  const operator = state.validatorsByConsensusAddress.get(ctx, consensusAddress);
  return operator === undefined ? undefined : getValidator(ctx, operator);
}

/** What its tokens make of it changes its place among the others. The jailed have none. */
export function setByPower(ctx: Context, validator: Validator): void {
  if (validator.jailed) return;
  const operator = operatorOf(validator);
  state.validatorsByPower.set(ctx, [potentialPower(validator), operator], operator);
}

export const deleteByPower = (ctx: Context, validator: Validator): void =>
  state.validatorsByPower.delete(ctx, [potentialPower(validator), operatorOf(validator)]);

export const setValidator = (ctx: Context, validator: Validator): void =>
  state.validators.set(ctx, operatorOf(validator), validator);

export const setByConsensusAddress = (ctx: Context, validator: Validator): void =>
  state.validatorsByConsensusAddress.set(ctx, consensusAddressOf(validator), operatorOf(validator));

/** Stores it with its place by power; `previous` is what stood there. */
export function replaceValidator(ctx: Context, previous: Validator, next: Validator): void {
  deleteByPower(ctx, previous);
  setValidator(ctx, next);
  setByPower(ctx, next);
}

/** Every validator, bonded or not, in order of operator. Not for hooks: anyone may create one. */
export function* iterateValidators(ctx: ReadContext): Generator<Validator> {
  for (const [, validator] of state.validators.iterate(ctx)) yield validator;
}

/** From the strongest; at most the parameter's number, whatever their status. */
export function* candidatesByPower(ctx: ReadContext): Generator<Validator> {
  let left = getParams(ctx).maxValidators;
  // Every block walks it: what is stored is the operator, and the keys need not be read.
  for (const [, operator] of state.validatorsByPower.iterateRaw(ctx, { reverse: true })) {
    if (left-- === 0) return;
    yield storedValidator(ctx, operator);
  }
}

/** The bonded, from the strongest; as in the SDK, those who just fell out stay among them until the end of the block. */
export function* bondedValidatorsByPower(ctx: ReadContext): Generator<Validator> {
  const { maxValidators } = getParams(ctx);
  let count = 0;
  for (const [, operator] of state.validatorsByPower.iterate(ctx, { reverse: true })) {
    if (count === maxValidators) return;
    const validator = storedValidator(ctx, operator);
    if (!isBonded(validator)) continue;
    count++;
    yield validator;
  }
}

/** The validator set that the last block gave to the engine: operators and their powers. */
export function* lastValidators(ctx: ReadContext): Generator<readonly [operator: Uint8Array, power: bigint]> {
  yield* state.lastValidatorPowers.iterate(ctx);
}

export const getLastTotalPower = (ctx: ReadContext): bigint => state.lastTotalPower.get(ctx) ?? 0n;

export function storedValidator(ctx: ReadContext, operator: Uint8Array): Validator {
  const validator = getValidator(ctx, operator);
  if (validator !== undefined) return validator;
  throw new Error(`validator ${operator} is in an index of staking but is not stored`);
}

// --------------------------------------------------------------------------------------------------------------- delegations

export const getDelegation = (ctx: ReadContext, delegator: Uint8Array, operator: Uint8Array): Delegation | undefined =>
  state.delegations.get(ctx, [delegator, operator]);

export function requireDelegation(ctx: ReadContext, delegator: Uint8Array, operator: Uint8Array): Delegation {
  const delegation = getDelegation(ctx, delegator, operator);
  if (delegation === undefined) throw noDelegation();
  return delegation;
}

/** Of one delegator, in order of validator, at most `limit`. */
export function* delegatorDelegations(ctx: ReadContext, delegator: Uint8Array, limit: number): Generator<Delegation> {
  let left = limit;
  for (const [, delegation] of state.delegations.iterate(ctx, { leading: [delegator] })) {
    if (left-- === 0) return;
    yield delegation;
  }
}

/** Of one validator, in order of delegator, at most `limit`. */
export function* validatorDelegations(ctx: ReadContext, operator: Uint8Array, limit: number): Generator<Delegation> {
  let left = limit;
  for (const [, delegator] of state.delegationsByValidator.keys(ctx, { leading: [operator] })) {
    if (left-- === 0) return;
    const delegation = getDelegation(ctx, delegator, operator);
    if (delegation === undefined) throw new Error(`a delegation of ${operator} is indexed but is not stored`);
    yield delegation;
  }
}

/** All there are: for genesis, invariants and simulations, never in a block. */
export function* iterateDelegations(ctx: ReadContext): Generator<Delegation> {
  for (const [, delegation] of state.delegations.iterate(ctx)) yield delegation;
}
