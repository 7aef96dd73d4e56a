/** The inflation curve of cosmos-sdk x/mint/types/minter.go, with its roundings. Pure. */
import {
  type Dec,
  decAdd,
  decFromInt,
  decFromProto,
  decMul,
  decMulInt,
  decOne,
  decQuo,
  decQuoInt,
  decSub,
  decTruncateInt,
} from "../../chain/dec.ts";
import type { Params } from "../../proto/gen/cosmos/mint/v1beta1/mint.ts";

export interface Minter {
  readonly inflation: Dec;
  readonly annualProvisions: Dec;
}

/** Moves by up to inflation_rate_change a year: up while less than the goal is bonded, down while more is. */
export function nextInflation(inflation: Dec, params: Params, bondedRatio: Dec): Dec {
  const distance = decSub(decOne, decQuo(bondedRatio, decFromProto(params.goalBonded)));
  const changePerYear = decMul(distance, decFromProto(params.inflationRateChange));
  const next = decAdd(inflation, decQuo(changePerYear, decFromInt(params.blocksPerYear)));
  const [max, min] = [decFromProto(params.inflationMax), decFromProto(params.inflationMin)];
  const below = next > max ? max : next;
  return below < min ? min : below;
}

export const annualProvisions = (inflation: Dec, supply: bigint): Dec => decMulInt(inflation, supply);

/** Rounded down twice: to a decimal, then to a whole. */
export const blockProvision = (provisions: Dec, blocksPerYear: bigint): bigint =>
  decTruncateInt(decQuoInt(provisions, blocksPerYear));
