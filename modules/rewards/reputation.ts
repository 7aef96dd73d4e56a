/** How a relay's past counts: reputation ρ, and the class that uptime earns (economics, Availability weight). Pure. */
import { type Dec, decOne } from "../../chain/dec.ts";
import { clamp, least, mulDivDown } from "./ratio.ts";

export const reputationMin: Dec = decOne / 10n;
/** Of what is new: an epoch's score moves the mean by a sixteenth of the difference. */
const weightOfNew = 16n;

/** What an audited and conclusive epoch says: min(1, measured / claim′) · u, rounded down once. */
export const scoreOf = (measuredBps: bigint, claimBps: bigint, uptime: Dec): Dec =>
  mulDivDown(least(measuredBps, claimBps), uptime, claimBps);

/** The mean moves towards the score; the step is rounded toward zero. Never below its least. */
export const nextReputation = (before: Dec, score: Dec): Dec =>
  clamp(before + (score - before) / weightOfNew, reputationMin, decOne);

/** In probation, the epoch that is counted last included, the least one: whatever is known already. */
export const shownReputation = (reputation: Dec, auditedEpochs: bigint, probationEpochs: bigint): Dec =>
  auditedEpochs <= probationEpochs ? reputationMin : reputation;

/** Uptimes are remembered in percent, rounded down, the oldest first. */
export function rememberUptime(uptimes: Uint8Array, uptime: Dec, kept: bigint): Uint8Array {
  const percent = Number((least(uptime, decOne) * 100n) / decOne);
  return Uint8Array.from([...uptimes, percent].slice(-Number(kept)));
}

/** A class is earned: by uptime in the mean of so many epochs, and by giving notice. Nobody is stable before them. */
export function isStable(
  uptimes: Uint8Array,
  { stableEpochs, stableUptime }: StableRule,
  givesNotice: boolean,
): boolean {
  if (!givesNotice || BigInt(uptimes.length) < stableEpochs) return false;
  const sum = uptimes.reduce((total, percent) => total + percent, 0);
  return BigInt(sum) * decOne >= stableUptime * 100n * BigInt(uptimes.length);
}

export interface StableRule {
  readonly stableEpochs: bigint;
  readonly stableUptime: Dec;
}
