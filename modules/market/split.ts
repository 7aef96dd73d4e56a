/** How a settled amount is shared out, to the unit. Pure. */
import { type Dec, decOne } from "../../chain/dec.ts";

export interface Split {
  readonly burn: Dec;
  readonly direct: Dec;
  readonly reserve: Dec;
  readonly oracles: Dec;
  readonly stakers: Dec;
}

export interface SplitAmounts {
  readonly burn: bigint;
  readonly direct: bigint;
  readonly reserve: bigint;
  readonly oracles: bigint;
  readonly stakers: bigint;
}

export const splitNames = ["burn", "direct", "reserve", "oracles", "stakers"] as const;

/** Each part is rounded down; what is left, less than a unit a part, goes to the reserve, where it is everybody's. */
export function splitAmount(amount: bigint, split: Split): SplitAmounts {
  const part = (share: Dec): bigint => (amount * share) / decOne;
  const [burn, direct, oracles, stakers] = [split.burn, split.direct, split.oracles, split.stakers].map(part) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  return { burn, direct, oracles, stakers, reserve: amount - burn - direct - oracles - stakers };
}

export const sumOfShares = (split: Split): Dec => splitNames.reduce((sum, name) => sum + split[name], 0n);
