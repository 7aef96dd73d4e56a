/** The jailed keep their tokens but not their place among the candidates: at the end of the block they begin to unbond. */

import { consensusAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { validatorJailed } from "./errors.ts";
import { deleteByPower, getValidatorByConsAddr, setByPower, setValidator } from "./keeper.ts";
import type { Validator } from "./validator.ts";

export function jailValidator(ctx: Context, validator: Validator): void {
  if (validator.jailed)
    throw validatorJailed(`cannot jail already jailed validator, validator: ${validator.operatorAddress}`);
  setValidator(ctx, { ...validator, jailed: true });
  deleteByPower(ctx, validator);
}

function storedByConsensusAddress(ctx: ReadContext, address: Uint8Array): Validator {
  const validator = getValidatorByConsAddr(ctx, address);
  if (validator === undefined) throw new Error(`validator ${consensusAddress.encode(address)} is not stored`);
  return validator;
}

/** The validator must exist and be free: ask first. */
export const jail = (ctx: Context, address: Uint8Array): void =>
  jailValidator(ctx, storedByConsensusAddress(ctx, address));

/** Whether it may is slashing's to say. The validator must exist and be jailed: ask first. */
export function unjail(ctx: Context, address: Uint8Array): void {
  const validator = storedByConsensusAddress(ctx, address);
  if (!validator.jailed) throw new Error(`cannot unjail ${validator.operatorAddress}, which is not jailed`);
  const free = { ...validator, jailed: false };
  setValidator(ctx, free);
  setByPower(ctx, free);
}
