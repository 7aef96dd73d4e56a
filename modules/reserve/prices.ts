/** The corridor and the reference price. Pure. A price is stable units for a unit of the token, as a decimal. */
import { type Dec, decOne } from "../../chain/dec.ts";

/** V = R/S, rounded down; 0 of no supply. */
export const floorOf = (principal: bigint, supply: bigint): Dec => (supply === 0n ? 0n : (principal * decOne) / supply);

/** C = V/F out of R and S themselves, rounded down. */
export const ceilingOf = (principal: bigint, supply: bigint, corridorShare: Dec): Dec =>
  supply === 0n ? 0n : (principal * decOne * decOne) / (supply * corridorShare);

/** What so much costs at the ceiling; rounded up, so that a buyer never pays less than it. */
export function costAtCeiling(quantity: bigint, principal: bigint, supply: bigint, corridorShare: Dec): bigint {
  const divisor = supply * corridorShare;
  return (quantity * principal * decOne + divisor - 1n) / divisor;
}

export interface CapRules {
  readonly auctionCeilingShare: Dec;
  readonly referenceFactorMax: Dec;
}

/** The most that an auction pays; rounded down. */
export function capOf(ceiling: Dec, reference: Dec, rules: CapRules): Dec {
  const byCeiling = (ceiling * rules.auctionCeilingShare) / decOne;
  const byReference = (reference * rules.referenceFactorMax) / decOne;
  return byCeiling < byReference ? byCeiling : byReference;
}

export const clamp = (value: Dec, low: Dec, high: Dec): Dec => (value < low ? low : value > high ? high : value);

/** By a part of the difference, rounded toward zero. */
export const movedReference = (reference: Dec, price: Dec, weight: Dec): Dec =>
  reference + ((price - reference) * weight) / decOne;
