/** Mint's parameters: their defaults and what is wrong with others, in the words of cosmos-sdk x/mint/types/params.go. Pure. */
import { denomProblem } from "../../chain/coins.ts";
import { type Dec, decFromProto, decOne, decToProto, formatDec, parseDec } from "../../chain/dec.ts";
import type { Params } from "../../proto/gen/cosmos/mint/v1beta1/mint.ts";

const dec = (text: string): string => decToProto(parseDec(text));

/** The SDK's, but for the denomination: blocks of five seconds. */
export const defaultParams: Params = {
  mintDenom: "uweir",
  inflationRateChange: dec("0.13"),
  inflationMax: dec("0.20"),
  inflationMin: dec("0.07"),
  goalBonded: dec("0.67"),
  blocksPerYear: (60n * 60n * 8766n) / 5n,
};

const blocksPerYearMax = (1n << 63n) - 1n;

/** Not there is Go's nil, which the SDK tells from zero. */
const readDec = (text: string): Dec | undefined => (text === "" ? undefined : decFromProto(text));

/** Names as the SDK's texts begin; `isZeroLow` where zero is too low. */
function shareProblem(name: string, text: string, isZeroLow = false): string | undefined {
  const value = readDec(text);
  if (value === undefined) return `${name} cannot be nil: <nil>`;
  if (isZeroLow && value <= 0n) return `${name} must be positive: ${formatDec(value)}`;
  if (value < 0n) return `${name} cannot be negative: ${formatDec(value)}`;
  return value > decOne ? `${name} too large: ${formatDec(value)}` : undefined;
}

function blocksProblem(blocks: bigint): string | undefined {
  if (blocks === 0n) return "blocks per year must be positive: 0";
  if (blocks <= blocksPerYearMax) return undefined;
  return `blocks per year too large: ${blocks}, maximum value is: ${blocksPerYearMax}`;
}

/** Undefined when all is well. */
export function paramsProblem(params: Params): string | undefined {
  const { mintDenom, inflationMax, inflationMin } = params;
  if (mintDenom.trim() === "") return "mint denom cannot be blank";
  const problem =
    denomProblem(mintDenom) ??
    shareProblem("inflation rate change", params.inflationRateChange) ??
    shareProblem("max inflation", inflationMax) ??
    shareProblem("min inflation", inflationMin) ??
    shareProblem("goal bonded", params.goalBonded, true) ??
    blocksProblem(params.blocksPerYear);
  if (problem !== undefined) return problem;
  const [max, min] = [decFromProto(inflationMax), decFromProto(inflationMin)];
  if (max >= min) return undefined;
  return `max inflation (${formatDec(max)}) must be greater than or equal to min inflation (${formatDec(min)})`;
}
