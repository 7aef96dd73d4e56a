/**
 * When a relay is slashed, and how much (economics, Bond and slashing). Owns windows of audited epochs; nothing is taken here. Pure.
 *
 * Over-claim and quality look at any three audited epochs in a row. More than three are remembered, because a slash waits while one of
 * its epochs is measured again, and that takes three epochs more.
 */
import { type Dec, decOne } from "../../chain/dec.ts";
import { clamp, least, mulDivDown } from "./ratio.ts";

/** What an audited and conclusive epoch said. */
export interface Judgement {
  readonly epoch: bigint;
  readonly bad: boolean;
  readonly shortfall: Dec;
  readonly medianBps: bigint;
  readonly badQuality: boolean;
  readonly disputed: boolean;
  /** Whose challenge made it bad; empty where the committee did. */
  readonly challenger: string;
}

export const judgementsKept = 8;
/** Two bad of three. */
const windowEpochs = 3;

export const remember = (judgements: readonly Judgement[], next: Judgement): Judgement[] =>
  [...judgements, next].slice(-judgementsKept);

/** The first two within a window that `matches`; nothing that is older than what is remembered counts. */
function pairWithin(
  judgements: readonly Judgement[],
  matches: (judgement: Judgement) => boolean,
): readonly [Judgement, Judgement] | undefined {
  for (let first = 0; first < judgements.length; first++) {
    if (!matches(judgements[first]!)) continue;
    const window = judgements.slice(first + 1, first + windowEpochs);
    const second = window.find(matches);
    if (second !== undefined) return [judgements[first]!, second];
  }
  return undefined;
}

export interface OverclaimRule {
  readonly overclaimSlashMin: Dec;
  readonly overclaimSlashMax: Dec;
  readonly overclaimTolerance: Dec;
}

/** .10 + .20 · (d − .2) / .8, rounded down: ten times too much delivered as a tenth is .275. */
export function overclaimSlash(shortfall: Dec, rule: OverclaimRule): Dec {
  const { overclaimSlashMin, overclaimSlashMax, overclaimTolerance } = rule;
  const range = decOne - overclaimTolerance;
  const beyond = clamp(shortfall - overclaimTolerance, 0n, range);
  return overclaimSlashMin + mulDivDown(overclaimSlashMax - overclaimSlashMin, beyond, range);
}

export interface DueSlash {
  readonly shortfall: Dec;
  /** The bond is liable from here on. */
  readonly sinceEpoch: bigint;
  /** What the relay's claim is reset to: what was measured in the later of the two. */
  readonly medianBps: bigint;
  readonly challenger: string;
}

/** Two bad ones, by the smaller shortfall. Of those that wait for a dispute nothing is said yet. */
export function overclaimDue(judgements: readonly Judgement[]): DueSlash | undefined {
  const pair = pairWithin(judgements, ({ bad, disputed }) => bad && !disputed);
  if (pair === undefined) return undefined;
  const [first, second] = pair;
  return {
    shortfall: least(first.shortfall, second.shortfall),
    sinceEpoch: first.epoch,
    medianBps: second.medianBps,
    challenger: second.challenger || first.challenger,
  };
}

/** One more bad epoch would be enough. */
export const overclaimNear = (judgements: readonly Judgement[]): boolean =>
  judgements.slice(1 - windowEpochs).some(({ bad }) => bad);

export const qualityNear = (judgements: readonly Judgement[]): boolean =>
  judgements.slice(1 - windowEpochs).some(({ badQuality }) => badQuality);

/** Since when, of two epochs of bad quality; none where the last slash for it was too lately. */
export function qualityDue(
  judgements: readonly Judgement[],
  epoch: bigint,
  lastSlashed: bigint | undefined,
  interval: bigint,
): bigint | undefined {
  if (lastSlashed !== undefined && epoch < lastSlashed + interval) return undefined;
  return pairWithin(judgements, ({ badQuality }) => badQuality)?.[0].epoch;
}

export const withoutBadQuality = (judgements: readonly Judgement[]): Judgement[] =>
  judgements.map((judgement) => ({ ...judgement, badQuality: false }));

/** Epochs down in a row. */
export const nextDown = (before: bigint, uptime: Dec, downtimeUptime: Dec): bigint =>
  uptime < downtimeUptime ? before + 1n : 0n;

export interface MissRule {
  readonly oracleMissShare: Dec;
  readonly oracleMissSlash: Dec;
  readonly oracleSilenceShare: Dec;
  readonly oracleSilenceSlash: Dec;
}

export interface Misses {
  readonly isPaid: boolean;
  readonly slash: Dec;
}

/** More than a tenth missed: unpaid and .1%; two thirds: 1%. Who had nothing to do missed nothing. */
export function judgeMisses(assigned: bigint, missing: bigint, rule: MissRule): Misses {
  const missed = missing * decOne;
  if (assigned > 0n && missed >= assigned * rule.oracleSilenceShare) {
    return { isPaid: false, slash: rule.oracleSilenceSlash };
  }
  if (missed > assigned * rule.oracleMissShare) return { isPaid: false, slash: rule.oracleMissSlash };
  return { isPaid: true, slash: 0n };
}
