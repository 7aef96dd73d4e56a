/** The curve of a sale: the price rises in a straight line with what was sold. Pure; owns the roundings, which are all the reserve's gain. */
import { type Dec, decFromProto, decOne } from "../../chain/dec.ts";
import type { Sale } from "../../proto/gen/weir/reserve/v1/state.ts";

export interface Curve {
  readonly quantity: bigint;
  readonly start: Dec;
  readonly end: Dec;
}

export const curveOf = ({ quantity, priceStart, priceEnd }: Sale): Curve => ({
  quantity: BigInt(quantity),
  start: decFromProto(priceStart),
  end: decFromProto(priceEnd),
});

const divideUp = (dividend: bigint, divisor: bigint): bigint => (dividend + divisor - 1n) / divisor;

/** Of the unit after so many; rounded up. */
export const curvePrice = ({ quantity, start, end }: Curve, sold: bigint): Dec =>
  start + divideUp((end - start) * sold, quantity);

/** The area below the line from `sold` on; rounded up once, so that many small purchases never cost less than one. */
export function curveCost({ quantity, start, end }: Curve, sold: bigint, bought: bigint): bigint {
  const twice = 2n * start * quantity * bought + (end - start) * bought * (2n * sold + bought);
  return divideUp(twice, 2n * quantity * decOne);
}

/** What so much costs at the floor R/S, rounded up: by less the backing of each coin would fall. */
export const floorCost = (bought: bigint, principal: bigint, supply: bigint): bigint =>
  divideUp(bought * principal, supply);
