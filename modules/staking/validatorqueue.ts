/** Validators that are unbonding, by the time and height at which they are unbonded. */
import { validatorAddress } from "../../chain/address.ts";
import type { Context } from "../../chain/context.ts";
import { compareTimes } from "../../chain/time.ts";
import { removeValidator } from "./delegate.ts";
import { setValidator, storedValidator } from "./keeper.ts";
import * as state from "./state.ts";
import { deleteUnbondingId } from "./unbondingid.ts";
import { unbonded, unbonding, type Validator } from "./validator.ts";

type Place = Pick<Validator, "operatorAddress" | "unbondingTime" | "unbondingHeight">;

export function enqueueValidator(ctx: Context, { operatorAddress, unbondingTime, unbondingHeight }: Place): void {
  const addresses = state.validatorQueue.get(ctx, [unbondingTime, unbondingHeight])?.addresses ?? [];
  state.validatorQueue.set(ctx, [unbondingTime, unbondingHeight], { addresses: [...addresses, operatorAddress] });
}

export function dequeueValidator(ctx: Context, { operatorAddress, unbondingTime, unbondingHeight }: Place): void {
  const addresses = state.validatorQueue.get(ctx, [unbondingTime, unbondingHeight])?.addresses ?? [];
  const left = addresses.filter((address) => address !== operatorAddress);
  if (left.length === 0) state.validatorQueue.delete(ctx, [unbondingTime, unbondingHeight]);
  else state.validatorQueue.set(ctx, [unbondingTime, unbondingHeight], { addresses: left });
}

/** Validators that become unbonded in one block, in the order of the queue; the others do so in the next ones. */
export const maturedValidatorsPerBlockMax = 500;

export function completeValidators(ctx: Context): void {
  for (const operatorAddress of maturedValidators(ctx)) {
    const validator = storedValidator(ctx, validatorAddress.decode(operatorAddress));
    if (validator.status !== unbonding)
      throw new Error(`${operatorAddress} is queued to be unbonded but is not unbonding`);
    if (validator.unbondingOnHoldRefCount === 0n) completeValidator(ctx, validator);
  }
}

function maturedValidators(ctx: Context): string[] {
  const { time, height } = ctx.block;
  const matured: string[] = [];
  for (const [[dueTime, dueHeight], { addresses }] of state.validatorQueue.iterate(ctx)) {
    if (compareTimes(dueTime, time) > 0) break;
    if (dueHeight > height) continue;
    for (const address of addresses) {
      if (matured.length === maturedValidatorsPerBlockMax) return matured;
      matured.push(address);
    }
  }
  return matured;
}

function completeValidator(ctx: Context, validator: Validator): void {
  for (const id of validator.unbondingIds) deleteUnbondingId(ctx, id);
  setValidator(ctx, { ...validator, status: unbonded, unbondingIds: [] });
  dequeueValidator(ctx, validator);
  if (validator.delegatorShares === 0n)
    removeValidator(ctx, validatorAddress.decode(validator.operatorAddress), "block");
}
