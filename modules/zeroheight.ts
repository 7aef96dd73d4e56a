/**
 * Makes a state ready to begin a chain at height 1 (`weir export --for-zero-height`), in the order of simd: rewards are paid out while
 * their heights still mean something, then heights are forgotten. A module that stores heights joins with a line.
 */
import type { Context } from "../chain/context.ts";
import { forgetEpochHeights } from "./beacon/index.ts";
import { beginRewardsAnew } from "./distribution/index.ts";
import { forgetSigningHeights } from "./slashing/index.ts";
import { forgetStakingHeights } from "./staking/index.ts";

export interface ZeroHeightOptions {
  /** Operators; all other validators are jailed. Without it nobody is. */
  readonly allowed?: ReadonlySet<string>;
}

/** `zero` is the same state as `now`, at height 0. */
export function toZeroHeight(now: Context, zero: Context, { allowed }: ZeroHeightOptions = {}): void {
  beginRewardsAnew(now, zero);
  forgetStakingHeights(now, allowed);
  forgetSigningHeights(now);
  forgetEpochHeights(now);
}
