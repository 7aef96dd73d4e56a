/**
 * What a second committee's readings make of a dispute, and of those who read first. Pure: owns the rule and moves no money.
 *
 * A re-measurement speaks of the present only. It lifts a pending slash or lets it stand; where a third party asked for it, it makes an epoch bad;
 * it never slashes an oracle by itself.
 */
import type { Dec } from "../../chain/dec.ts";
import { committeeSizeMin, isBelow, quorum, type StoredReading, type TallyRules, verdictOf } from "./tally.ts";

export interface DisputedReadings {
  readonly claimBps: bigint;
  readonly wasBad: boolean;
  /** Neither the relay's operator nor of its family. */
  readonly isThirdParty: boolean;
  readonly firstMedianBps: bigint;
  readonly firstBandBps: bigint;
  readonly firstReadings: readonly { readonly oracle: bigint; readonly measuredBps: bigint }[];
  /** Of the second committee. */
  readonly committee: readonly bigint[];
}

export type DisputeOutcome = "lifted" | "confirmed" | "madeBad" | "inconclusive";

export interface DisputeVerdict {
  readonly outcome: DisputeOutcome;
  readonly secondMedianBps: bigint;
  readonly shortfall: Dec;
  /** Whether the challenger has its bond back. */
  readonly isBondReturned: boolean;
  /** Of each who read first, whether it was outside both bands on the same side; nobody where the second committee could not tell. */
  readonly outside: readonly { readonly oracle: bigint; readonly isOutside: boolean }[];
}

export function disputeVerdict(
  dispute: DisputedReadings,
  second: readonly StoredReading[],
  rules: TallyRules,
): DisputeVerdict {
  const { committee, claimBps, isThirdParty } = dispute;
  const verdict = verdictOf(second, claimBps, rules);
  const isTold = committee.length >= committeeSizeMin && second.length >= quorum(committee.length);
  const isReached = second.length > verdict.zeros;
  const shown = { secondMedianBps: verdict.medianBps, shortfall: verdict.shortfall };
  if (!isTold || !isReached) {
    // Who asks to be measured again and is not there has shown nothing.
    return { ...shown, outcome: "inconclusive", isBondReturned: isThirdParty || !isTold, outside: [] };
  }
  const outcome = outcomeOf(dispute, isBelow(verdict.defendedBps, claimBps, rules));
  const isOutside = (bps: bigint) => isOutsideBoth(bps, dispute, verdict.medianBps, verdict.bandBps);
  return {
    ...shown,
    outcome,
    isBondReturned: outcome !== "confirmed",
    outside: dispute.firstReadings.map(({ oracle, measuredBps }) => ({ oracle, isOutside: isOutside(measuredBps) })),
  };
}

function outcomeOf({ wasBad, isThirdParty }: DisputedReadings, isBelowNow: boolean): DisputeOutcome {
  if (wasBad) return isBelowNow ? "confirmed" : "lifted";
  return isBelowNow && isThirdParty ? "madeBad" : "confirmed";
}

function isOutsideBoth(
  bps: bigint,
  { firstMedianBps, firstBandBps }: DisputedReadings,
  secondMedianBps: bigint,
  secondBandBps: bigint,
): boolean {
  const isAbove = bps > firstMedianBps + firstBandBps && bps > secondMedianBps + secondBandBps;
  return isAbove || (bps < firstMedianBps - firstBandBps && bps < secondMedianBps - secondBandBps);
}

/** Of so many of its last disputed relays. */
export const disputeRecordLength = 30;
export const outsideMax = 3;

/** With one more, the newest last. */
export const withDispute = (record: readonly boolean[], isOutside: boolean): boolean[] =>
  [...record, isOutside].slice(-disputeRecordLength);

export const isOutlier = (record: readonly boolean[]): boolean => record.filter(Boolean).length >= outsideMax;
