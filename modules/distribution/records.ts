/**
 * What is kept of a validator's rewards and of a delegation's share in them, and the arithmetic of F1 over it with the roundings of
 * cosmos-sdk v0.53 x/distribution. Owns the records and their protobuf; where they are stored is state.ts. Pure.
 *
 * F1: a validator's life is cut into periods; one ends whenever somebody's stake in it changes. At the end of each, the ratio "reward of
 * one staked token since the beginning" is written down. A delegation that began after period a and ends after period b has earned
 * stake · (ratio_b − ratio_a), however many others there are. A slash ends a period too, since it changes every stake at once.
 */
import {
  type Dec,
  decAdd,
  decFromInt,
  decFromProto,
  decMulTruncate,
  decOne,
  decSub,
  decToProto,
} from "../../chain/dec.ts";
import type { DecCoins } from "../../chain/deccoins.ts";
import {
  decCoinsFromProto,
  decCoinsToProto,
  divideDecCoinsDown,
  multiplyDecCoinsDown,
  noDecCoins,
  trySubtractDecCoins,
} from "../../chain/deccoinsets.ts";
import type * as proto from "../../proto/gen/cosmos/distribution/v1beta1/distribution.ts";

/** How one token's reward had grown when a period ended. */
export interface HistoricalRewards {
  readonly ratio: DecCoins;
  /** Delegations that began after this period, slashes that ended it, and one while it is the newest; at none it is forgotten. */
  readonly references: number;
}

/** What came in since the newest period ended. */
export interface CurrentRewards {
  readonly rewards: DecCoins;
  /** The number of the period that is running. */
  readonly period: bigint;
}

/** Where a delegation's rewards begin. */
export interface StartingInfo {
  readonly previousPeriod: bigint;
  /** In tokens, rounded down. */
  readonly stake: Dec;
  readonly height: bigint;
}

export interface SlashEvent {
  /** The period that it ended. */
  readonly period: bigint;
  readonly fraction: Dec;
}

/** A newest period and a slash, or a newest period and a delegation: no period is needed by more. */
export const referencesMax = 2;

// ---------------------------------------------------------------------------------------------------------------- arithmetic

/** What a period adds to the ratio. Rounded down, so that nobody can withdraw more than came in; without tokens, nothing. */
export const ratioOfPeriod = (rewards: DecCoins, tokens: bigint): DecCoins =>
  tokens === 0n ? noDecCoins : divideDecCoinsDown(rewards, decFromInt(tokens));

/** What a stake earned between two periods, rounded down. */
export function rewardsBetween(starting: DecCoins, ending: DecCoins, stake: Dec): DecCoins {
  if (stake < 0n) throw new Error(`a stake of ${stake}: it cannot be negative`);
  const difference = trySubtractDecCoins(ending, starting);
  if (difference === undefined) throw new Error("the ratio of a later period is below that of an earlier one");
  return multiplyDecCoinsDown(difference, stake);
}

/** Rounded down. */
export const stakeAfterSlash = (stake: Dec, fraction: Dec): Dec => decMulTruncate(stake, decSub(decOne, fraction));

/** Of 10^-18: what roundings of one slash after another may add up to. */
const stakeErrorMax = 3n;

/**
 * The stake carried through slashes can be a little more than what the shares are worth now, because each rounds on its own; then the
 * latter counts. More than a little is a defect.
 */
export function reconciledStake(carried: Dec, current: Dec): Dec {
  if (carried <= current) return carried;
  if (carried <= decAdd(current, stakeErrorMax)) return current;
  throw new Error(`a stake of ${carried} after its slashes is greater than the ${current} that its shares are worth`);
}

// ------------------------------------------------------------------------------------------------------------------- protobuf

export const historicalFromProto = (value: proto.ValidatorHistoricalRewards): HistoricalRewards => ({
  ratio: decCoinsFromProto(value.cumulativeRewardRatio),
  references: value.referenceCount,
});

export const historicalToProto = ({ ratio, references }: HistoricalRewards): proto.ValidatorHistoricalRewards => ({
  cumulativeRewardRatio: decCoinsToProto(ratio),
  referenceCount: references,
});

export const currentFromProto = ({ rewards, period }: proto.ValidatorCurrentRewards): CurrentRewards => ({
  rewards: decCoinsFromProto(rewards),
  period,
});

export const currentToProto = ({ rewards, period }: CurrentRewards): proto.ValidatorCurrentRewards => ({
  rewards: decCoinsToProto(rewards),
  period,
});

export const startingFromProto = (value: proto.DelegatorStartingInfo): StartingInfo => ({
  previousPeriod: value.previousPeriod,
  stake: decFromProto(value.stake),
  height: value.height,
});

export const startingToProto = ({ previousPeriod, stake, height }: StartingInfo): proto.DelegatorStartingInfo => ({
  previousPeriod,
  stake: decToProto(stake),
  height,
});

export const slashFromProto = (value: proto.ValidatorSlashEvent): SlashEvent => ({
  period: value.validatorPeriod,
  fraction: decFromProto(value.fraction),
});

export const slashToProto = ({ period, fraction }: SlashEvent): proto.ValidatorSlashEvent => ({
  validatorPeriod: period,
  fraction: decToProto(fraction),
});
