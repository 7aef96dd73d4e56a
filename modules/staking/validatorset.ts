/**
 * Who validates: the strongest candidates, up to the parameter's number (cosmos-sdk x/staking/keeper/val_state_change.go). Owns the
 * changes of status at the end of a block, the pools that follow them, and what the engine is told.
 */
import { validatorAddress } from "../../chain/address.ts";
import type { Context } from "../../chain/context.ts";
import type { ValidatorUpdate } from "../../chain/module.ts";
import { addDuration } from "../../chain/time.ts";
import * as hooks from "./hooks.ts";
import { candidatesByPower, getParams, lastValidators, replaceValidator, storedValidator } from "./keeper.ts";
import { bondedToNotBonded, notBondedToBonded } from "./pools.ts";
import * as state from "./state.ts";
import { deleteUnbondingId, indexValidator, nextUnbondingId } from "./unbondingid.ts";
import {
  bonded,
  consensusAddressOf,
  isBonded,
  operatorOf,
  potentialPower,
  unbonding,
  type Validator,
  validatorUpdate,
} from "./validator.ts";
import { dequeueValidator, enqueueValidator } from "./validatorqueue.ts";

function bond(ctx: Context, validator: Validator): Validator {
  // Unlike the SDK, which keeps them for ever, the numbers of an unbonding that ends here are forgotten.
  for (const id of validator.unbondingIds) deleteUnbondingId(ctx, id);
  const next: Validator = { ...validator, status: bonded, unbondingIds: [] };
  replaceValidator(ctx, validator, next);
  if (validator.status === unbonding) dequeueValidator(ctx, validator);
  hooks.afterValidatorBonded(ctx, consensusAddressOf(next), operatorOf(next));
  return next;
}

function beginUnbonding(ctx: Context, validator: Validator): Validator {
  if (!isBonded(validator)) throw new Error(`${validator.operatorAddress} was in the validator set but is not bonded`);
  const id = nextUnbondingId(ctx);
  const next: Validator = {
    ...validator,
    status: unbonding,
    unbondingTime: addDuration(ctx.block.time, getParams(ctx).unbondingTime!),
    unbondingHeight: ctx.block.height,
    unbondingIds: [...validator.unbondingIds, id],
  };
  replaceValidator(ctx, validator, next);
  enqueueValidator(ctx, next);
  hooks.afterValidatorBeginUnbonding(ctx, consensusAddressOf(next), operatorOf(next));
  indexValidator(ctx, id, operatorOf(next));
  return next;
}

function movePools(ctx: Context, toBonded: bigint): void {
  if (toBonded > 0n) notBondedToBonded(ctx, toBonded);
  if (toBonded < 0n) bondedToNotBonded(ctx, -toBonded);
}

/** Makes the validator set of the next block but one, and returns what changed in it. At most the parameter's number twice of work. */
export function applyValidatorSet(ctx: Context): readonly ValidatorUpdate[] {
  const updates: ValidatorUpdate[] = [];
  const last = new Map<string, bigint>();
  for (const [operator, power] of lastValidators(ctx)) last.set(validatorAddress.encode(operator), power);
  let totalPower = 0n;
  let toBonded = 0n;

  // The list is taken whole first: changes of status write the index that it is read from.
  for (const candidate of [...candidatesByPower(ctx)]) {
    const power = potentialPower(candidate);
    if (candidate.jailed) throw new Error(`${candidate.operatorAddress} is jailed, but has a place by power`);
    if (power === 0n) break;
    const validator = isBonded(candidate) ? candidate : bond(ctx, candidate);
    if (validator !== candidate) toBonded += validator.tokens;
    const { operatorAddress } = validator;
    if (last.get(operatorAddress) !== power) {
      updates.push(validatorUpdate(validator, power));
      state.lastValidatorPowers.set(ctx, operatorOf(validator), power);
    }
    last.delete(operatorAddress);
    totalPower += power;
  }

  // What is left was in the set and is no longer, in order of operator: so it was read from the store.
  for (const operatorAddress of last.keys()) {
    const operator = validatorAddress.decode(operatorAddress);
    const validator = beginUnbonding(ctx, storedValidator(ctx, operator));
    toBonded -= validator.tokens;
    state.lastValidatorPowers.delete(ctx, operator);
    updates.push(validatorUpdate(validator, 0n));
  }

  movePools(ctx, toBonded);
  if (updates.length > 0) state.lastTotalPower.set(ctx, totalPower);
  return updates;
}
