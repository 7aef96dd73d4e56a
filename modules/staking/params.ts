/** Staking's parameters: their defaults and what is wrong with others, in the SDK's words. Pure. */
import { denomProblem } from "../../chain/coins.ts";
import { type Dec, decFromProto, decOne, formatDec } from "../../chain/dec.ts";
import { ChainError } from "../../chain/errors.ts";
import { isPositiveDuration } from "../../chain/time.ts";
import type { Params } from "../../proto/gen/cosmos/staking/v1beta1/staking.ts";

export type { Params };

/** The SDK's, but for the denomination, and for infos that only a chain of IBC reads: 10,000 validator sets are hundreds of megabytes. */
export const defaultParams: Params = {
  unbondingTime: { seconds: 1_814_400n, nanos: 0 },
  maxValidators: 100,
  maxEntries: 7,
  historicalEntries: 100,
  bondDenom: "uweir",
  minCommissionRate: "0",
};

export const minCommissionRateOf = ({ minCommissionRate }: Params): Dec => decFromProto(minCommissionRate || "0");

/** CometBFT's MaxVotesCount: a commit has a vote of each. */
export const validatorsMax = 10_000;
/** Of one delegator and validator: the record with all of them is read and written as one. */
export const entriesMax = 1_000;
/** The SDK's default. Each is a whole validator set. */
export const historicalEntriesMax = 10_000;
/** Go's time.Duration, in seconds: 292 years. */
export const unbondingSecondsMax = 9_223_372_036n;

/** Undefined when all is well. The upper bounds are ours. */
export function paramsProblem(params: Params): string | undefined {
  const { unbondingTime, maxValidators, maxEntries, historicalEntries, bondDenom } = params;
  const time = unbondingTime ?? { seconds: 0n, nanos: 0 };
  if (!isPositiveDuration(time)) {
    return `unbonding time must be positive: ${time.seconds * 1_000_000_000n + BigInt(time.nanos)}`;
  }
  if (time.seconds > unbondingSecondsMax) {
    return `unbonding time must be at most ${unbondingSecondsMax}s: ${time.seconds}s`;
  }
  if (maxValidators === 0) return "max validators must be positive: 0";
  if (maxValidators > validatorsMax) return `max validators must be at most ${validatorsMax}: ${maxValidators}`;
  if (maxEntries === 0) return "max entries must be positive: 0";
  if (maxEntries > entriesMax) return `max entries must be at most ${entriesMax}: ${maxEntries}`;
  if (historicalEntries > historicalEntriesMax) {
    return `historical entries must be at most ${historicalEntriesMax}: ${historicalEntries}`;
  }
  if (bondDenom.trim() === "") return "bond denom cannot be blank";
  return denomProblem(bondDenom) ?? rateProblem(params);
}

function rateProblem(params: Params): string | undefined {
  try {
    const rate = minCommissionRateOf(params);
    if (rate < 0n) return `minimum commission rate cannot be negative: ${formatDec(rate)}`;
    if (rate > decOne) return `minimum commission rate cannot be greater than 100%: ${formatDec(rate)}`;
    return undefined;
  } catch (error) {
    if (error instanceof ChainError) return error.message;
    throw error;
  }
}
