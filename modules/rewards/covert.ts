/** What buyers got who were no buyers, against what a relay showed its committee: κ (economics, Availability weight). Pure. */
import { type Dec, decOne } from "../../chain/dec.ts";
import { least, lowerMedian, most, mulDivDown } from "./ratio.ts";

/** Ratios are remembered in millionths. */
export const covertOne = 1_000_000n;
/** A reading far above the overt one says no more than this. */
const ratioMax = 10n * covertOne;

export interface Traffic {
  /** What was settled for the epoch, and how long it lasted. */
  readonly bits: bigint;
  readonly seconds: bigint;
}

/**
 * covert / (overt · (1 − min(½, 3 · util))), util being settled bits of what the median carries in the epoch: who is busy with paying users is
 * not punished for it. In millionths, rounded down. Undefined where nothing was shown to compare with.
 */
export function covertRatio(covertBps: bigint, overtBps: bigint, { bits, seconds }: Traffic): bigint | undefined {
  if (overtBps === 0n) return undefined;
  const whole = overtBps * seconds;
  // 1 − min(½, 3 · bits / whole), as left / (2 · whole).
  const left = most(whole, 2n * whole - 6n * bits);
  const ratio =
    whole === 0n ? (covertBps * covertOne) / overtBps : (covertBps * covertOne * 2n * whole) / (overtBps * left);
  return least(ratio, ratioMax);
}

export const rememberCovert = (ratios: readonly number[], added: readonly bigint[], kept: bigint): number[] =>
  [...ratios, ...added.map(Number)].slice(-Number(kept));

/** The lower median, in 10^-18; undefined while there are too few readings. */
export function covertShare(ratios: readonly number[], needed: bigint): Dec | undefined {
  if (BigInt(ratios.length) < needed) return undefined;
  return mulDivDown(lowerMedian(ratios.map(BigInt)), decOne, covertOne);
}

/** min(1, κ / .8), rounded down; 1 while there are too few readings. */
export const covertFactor = (share: Dec | undefined, full: Dec): Dec =>
  share === undefined || full === 0n ? decOne : least(decOne, mulDivDown(share, decOne, full));
