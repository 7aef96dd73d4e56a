/** How much a cell is in want of bandwidth: m (economics, Availability weight), by settled dollars and never by bytes. Pure. */
import { type Dec, decOne } from "../../chain/dec.ts";
import { clamp, mulDivDown } from "./ratio.ts";

/** Sums over the last epochs. */
export interface Settled {
  readonly measuredBps: bigint;
  /** In 10^-6 dollars. */
  readonly value: bigint;
}

export interface ScarcityRule {
  readonly scarcityMin: Dec;
  readonly scarcityMax: Dec;
  readonly scarcityFamiliesMin: bigint;
  readonly stepMax: Dec;
}

/** Epochs that are summed, from the first one on. */
export const scarcityEpochs = 7;

/** Dollars per measured Gbps of the cell against the network's, rounded down; 1 where there is nothing to compare. */
export function scarcityTarget(cell: Settled, network: Settled): Dec {
  if (cell.measuredBps === 0n || network.value === 0n) return decOne;
  return mulDivDown(cell.value * network.measuredBps, decOne, cell.measuredBps * network.value);
}

/** Moves by at most a share of itself, rounded down: of a rate in 10^-18 that is 0 only where it was 0. */
export function stepTowards(before: bigint, target: bigint, stepMax: Dec): bigint {
  const step = mulDivDown(before, stepMax, decOne);
  return clamp(target, before - step, before + step);
}

/** 1 while the cell has too few families to mean anything. */
export function nextScarcity(before: Dec, families: bigint, cell: Settled, network: Settled, rule: ScarcityRule): Dec {
  if (families < rule.scarcityFamiliesMin) return decOne;
  const target = clamp(scarcityTarget(cell, network), rule.scarcityMin, rule.scarcityMax);
  return clamp(stepTowards(before, target, rule.stepMax), rule.scarcityMin, rule.scarcityMax);
}
