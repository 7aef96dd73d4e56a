/** The end of a block: who validates from now on, then what has fallen due, in the SDK's order. */
import type { Context } from "../../chain/context.ts";
import type { ValidatorUpdate } from "../../chain/module.ts";
import { completeRedelegations, completeUnbondings } from "./maturing.ts";
import { completeValidators } from "./validatorqueue.ts";
import { applyValidatorSet } from "./validatorset.ts";

export function endBlock(ctx: Context): readonly ValidatorUpdate[] {
  const updates = applyValidatorSet(ctx);
  completeValidators(ctx);
  completeUnbondings(ctx);
  completeRedelegations(ctx);
  return updates;
}
