/** How a spot price follows demand. Pure. */
import { type Dec, decOne } from "../../chain/dec.ts";

export interface PriceRules {
  /** Of a GiB, when nothing was settled yet. */
  readonly genesisPrice: Dec;
  readonly targetUtilization: Dec;
  readonly priceStepMax: Dec;
  readonly priceRange: bigint;
}

export interface Demand {
  readonly settledBytes: bigint;
  readonly measuredBps: bigint;
  /** That the epoch counts for. */
  readonly nanos: bigint;
}

const bitsPerByte = 8n;
const nanosPerSecond = 1_000_000_000n;

/** Settled bits over those that the measured capacity could have carried, from 0 to 1, rounded down; undefined without capacity. */
export function utilization({ settledBytes, measuredBps, nanos }: Demand): Dec | undefined {
  const possible = measuredBps * nanos;
  if (possible <= 0n) return undefined;
  const used = (settledBytes * bitsPerByte * nanosPerSecond * decOne) / possible;
  return used > decOne ? decOne : used;
}

/** P · (1 + step · (utilization − target) / target), the step bounded on both sides. Each division rounds toward zero. */
export function movedPrice(price: Dec, used: Dec, rules: PriceRules): Dec {
  const { targetUtilization, priceStepMax } = rules;
  const wanted = (priceStepMax * (used - targetUtilization)) / targetUtilization;
  const step = wanted > priceStepMax ? priceStepMax : wanted < -priceStepMax ? -priceStepMax : wanted;
  return boundedPrice(price + (price * step) / decOne, rules);
}

/** Within the range about the first price; the lower bound is rounded down and is never nothing. */
export function boundedPrice(price: Dec, { genesisPrice, priceRange }: PriceRules): Dec {
  const low = genesisPrice / priceRange;
  const high = genesisPrice * priceRange;
  const least = low > 0n ? low : 1n;
  return price < least ? least : price > high ? high : price;
}
