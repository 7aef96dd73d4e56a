/** What relays of a cell that can leave any day count together: f(G) (economics, class). Splitting an identity gains nothing. Pure. */
import { least, mulDivDown, rootDown } from "./ratio.ts";

const bpsPerMbps = 1_000_000n;
/** Above it the tenth root's argument would not fit 256 bits. */
export const groupMbpsMax = 1_000_000_000n;

/** f(G) in whole Mbps: G up to G₀, then ⌊(G⁷ · G₀³)^(1/10)⌋. */
export function countedMbps(groupMbps: bigint, fullMbps: bigint): bigint {
  if (groupMbps <= fullMbps) return groupMbps;
  return rootDown(least(groupMbps, groupMbpsMax) ** 7n * fullMbps ** 3n, 10n);
}

/** The same of a sum in bps: up to G₀ to the last bit, above it in whole Mbps of a sum that is cut down to whole Mbps. */
export function countedBps(groupBps: bigint, fullMbps: bigint): bigint {
  const mbps = groupBps / bpsPerMbps;
  if (mbps <= fullMbps) return least(groupBps, fullMbps * bpsPerMbps);
  return countedMbps(mbps, fullMbps) * bpsPerMbps;
}

/** A part of a whole that counts for less: weight · counted / whole, rounded down. */
export const reduced = (
  weight: bigint,
  { whole, counted }: { readonly whole: bigint; readonly counted: bigint },
): bigint => (counted >= whole ? weight : mulDivDown(weight, counted, whole));
