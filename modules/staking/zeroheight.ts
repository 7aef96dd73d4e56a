/** Stakes for a chain that begins again at height 1: what counts from a height counts from 0. What an export is prepared with, never a block. */
import type { Context } from "../../chain/context.ts";
import { jailValidator } from "./jail.ts";
import { iterateValidators, setValidator } from "./keeper.ts";
import { setRedelegation } from "./redelegation.ts";
import * as state from "./state.ts";
import { setUnbondingDelegation } from "./unbonding.ts";
import { isUnbonding } from "./validator.ts";
import { dequeueValidator, enqueueValidator } from "./validatorqueue.ts";
import { applyValidatorSet } from "./validatorset.ts";

/** With a list of operators, all others are jailed: so a few can start a chain of many. */
export function forgetStakingHeights(ctx: Context, allowed: ReadonlySet<string> | undefined): void {
  for (const validator of [...iterateValidators(ctx)]) {
    if (allowed !== undefined && !allowed.has(validator.operatorAddress) && !validator.jailed) {
      jailValidator(ctx, validator);
    }
  }
  applyValidatorSet(ctx);
  for (const validator of [...iterateValidators(ctx)]) {
    const next = { ...validator, unbondingHeight: 0n };
    if (isUnbonding(validator)) {
      dequeueValidator(ctx, validator);
      enqueueValidator(ctx, next);
    }
    setValidator(ctx, next);
  }
  for (const [, unbonding] of [...state.unbondingDelegations.iterate(ctx)]) {
    setUnbondingDelegation(ctx, { ...unbonding, entries: unbonding.entries.map(atZero) });
  }
  for (const [, redelegation] of [...state.redelegations.iterate(ctx)]) {
    setRedelegation(ctx, { ...redelegation, entries: redelegation.entries.map(atZero) });
  }
}

const atZero = <E extends { readonly creationHeight: bigint }>(entry: E): E => ({ ...entry, creationHeight: 0n });
