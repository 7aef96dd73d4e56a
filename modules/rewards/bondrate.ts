/** What a bps of claim takes as bond now. Owns what it is before the first settlement. */
import type { ReadContext } from "../../chain/context.ts";
import type { Dec } from "../../chain/dec.ts";
import { addDuration } from "../../chain/time.ts";
import { currentEpoch } from "../beacon/index.ts";
import { emitsBySchedule, scheduledEmission } from "../mint/index.ts";
import { bondRateTarget } from "./bond.ts";
import { getClock } from "./clock.ts";
import { getParams } from "./params.ts";
import { poolsOf } from "./pools.ts";

/** In 10^-18 of the smallest coin per bps. Before the first settlement it is that of the epoch that is open, with nothing measured yet. */
export function requiredBondRate(ctx: ReadContext): Dec {
  const { bondRate } = getClock(ctx);
  if (bondRate > 0n) return bondRate;
  const current = currentEpoch(ctx);
  if (current === undefined || !emitsBySchedule(ctx)) return 0n;
  const rules = getParams(ctx);
  const emission = scheduledEmission(ctx, current.openTime, addDuration(current.openTime, current.duration));
  return bondRateTarget(poolsOf(emission, 0n, rules).availability, 0n, rules);
}

/** The validators' part of an emission: what a block reward is counted by. */
export const validatorShare = (ctx: ReadContext): Dec => getParams(ctx).validatorsShare;
