/**
 * What the readings of one relay in one epoch come to: the median, whether it is conclusive, how far below its claim the relay is, its uptime,
 * loss and round-trip time, and whose readings count as work. Pure arithmetic in integers; owns no state and nobody's money.
 *
 * Medians are lower medians: of an even number the lower of the two in the middle, so that a tie is never to the relay's gain.
 */
import { type Dec, decOne } from "../../chain/dec.ts";
import { attestationKind, checksOfLiveness, lossPpmMax } from "./attestationbytes.ts";

/** What is kept of an attestation. */
export interface StoredReading {
  readonly oracle: bigint;
  readonly kind: number;
  readonly measuredBps: bigint;
  readonly backgroundBps: bigint;
  readonly rttP50Micros: number;
  readonly lossPpm: number;
  readonly checksPassed: number;
  readonly isCountersigned: boolean;
  /** As packPrefix has it. */
  readonly observedPrefix: Uint8Array;
}

export interface TallyRules {
  /** A reading below this share of the claim speaks against it. */
  readonly badBelow: Dec;
  /** Of what a relay carries while it is measured, what may be paid traffic. */
  readonly backgroundShare: Dec;
  /** Readings within this share of the median count as work, whatever the spread is. */
  readonly bandShare: Dec;
}

/** Of an oracle when the epoch opened. */
export interface OraclePlace {
  readonly cell: string;
  /** Whom it belongs to: its family, or itself where it has none. */
  readonly kin: string;
  /** The least time that light needs between its cell and the relay's; undefined where the table does not say. */
  readonly leastRttMicros: bigint | undefined;
}

export interface TallyInput {
  /** Nobody could measure in this epoch. */
  readonly isVoid: boolean;
  readonly isAudited: boolean;
  /** Whoever was to measure: k′ of them, in the order of the rounds. */
  readonly committee: readonly bigint[];
  readonly readings: readonly StoredReading[];
  /** As far as oracles can see it. */
  readonly claimBps: bigint;
  readonly claimedRttMicros: bigint;
  readonly cell: string;
  readonly placeOf: (oracle: bigint) => OraclePlace | undefined;
  readonly rules: TallyRules;
}

export type TallyStatus = "conclusive" | "inconclusive" | "void" | "unaudited";

export interface Tally {
  readonly status: TallyStatus;
  readonly committee: readonly bigint[];
  /** k′. */
  readonly committeeSize: number;
  readonly present: number;
  readonly missing: readonly bigint[];
  readonly zeros: number;
  readonly medianBps: bigint;
  readonly nonZeroMedianBps: bigint;
  /** Beside the median of the non-zeros, in the relay's defence only. */
  readonly backgroundBps: bigint;
  /** Readings this far from the median are still within the band. */
  readonly bandBps: bigint;
  /** Whose readings count as work. */
  readonly accepted: readonly bigint[];
  /** Shares; undefined where too few could tell. */
  readonly uptime: Dec | undefined;
  readonly loss: Dec | undefined;
  /** To oracles of the relay's own cell. */
  readonly rttMicros: bigint | undefined;
  /** Measured by claimed. */
  readonly rttRatio: Dec | undefined;
  readonly covert: readonly bigint[];
  readonly bad: boolean;
  /** d: what the claim lacks, as a share of it. */
  readonly shortfall: Dec;
  /** It answers faster than light could from the cell that it says it is in. */
  readonly rttRefuted: boolean;
}

/** Fewer cannot tell, whatever they read. */
export const committeeSizeMin = 3;
/** In an epoch in which a relay is not measured, so many of its committee look whether it is there. */
export const livenessCommitteeSize = 3;
const refutingOracles = 3;
const refutingKin = 2;
const refutingCells = 2;

/** ⌈2k′/3⌉. */
export const quorum = (size: number): number => Math.ceil((2 * size) / 3);

const ascending = (left: bigint, right: bigint): number => (left === right ? 0 : left < right ? -1 : 1);

/** Undefined of nothing. */
export function lowerMedian(values: readonly bigint[]): bigint | undefined {
  const sorted = [...values].sort(ascending);
  return sorted[(sorted.length - 1) >> 1];
}

const distance = (left: bigint, right: bigint): bigint => (left < right ? right - left : left - right);
const most = (left: bigint, right: bigint): bigint => (left > right ? left : right);
const least = (left: bigint, right: bigint): bigint => (left < right ? left : right);

/** Of what was carried in all, r may be paid traffic: measured · r / (1 − r), rounded down. Without end where r is 1. */
export function creditedBps({ measuredBps, backgroundBps }: StoredReading, { backgroundShare }: TallyRules): bigint {
  if (backgroundShare >= decOne) return backgroundBps;
  return least(backgroundBps, (measuredBps * backgroundShare) / (decOne - backgroundShare));
}

/** max(share of the median, rounded up, 2 · the median absolute deviation). */
export function bandOf(values: readonly bigint[], median: bigint, { bandShare }: TallyRules): bigint {
  const share = (median * bandShare + decOne - 1n) / decOne;
  const deviation = lowerMedian(values.map((value) => distance(value, median))) ?? 0n;
  return most(share, 2n * deviation);
}

/** What a committee's readings say of a claim: the same for the first and for a second committee. */
export interface Verdict {
  readonly medianBps: bigint;
  readonly nonZeroMedianBps: bigint;
  /** The lower median of the non-zeros, each with its credited background. */
  readonly defendedBps: bigint;
  readonly bandBps: bigint;
  readonly zeros: number;
  /** Non-zeros below what the claim asks for. */
  readonly below: number;
  readonly shortfall: Dec;
}

export function verdictOf(readings: readonly StoredReading[], claimBps: bigint, rules: TallyRules): Verdict {
  const values = readings.map(({ measuredBps }) => measuredBps);
  const nonZeros = readings.filter(({ measuredBps }) => measuredBps > 0n);
  const defended = nonZeros.map((reading) => reading.measuredBps + creditedBps(reading, rules));
  const medianBps = lowerMedian(values) ?? 0n;
  const defendedBps = lowerMedian(defended) ?? 0n;
  return {
    medianBps,
    nonZeroMedianBps: lowerMedian(nonZeros.map(({ measuredBps }) => measuredBps)) ?? 0n,
    defendedBps,
    bandBps: bandOf(values, medianBps, rules),
    zeros: values.length - nonZeros.length,
    below: defended.filter((value) => isBelow(value, claimBps, rules)).length,
    shortfall: nonZeros.length === 0 ? 0n : shortfallOf(defendedBps, claimBps),
  };
}

export const isBelow = (bps: bigint, claimBps: bigint, { badBelow }: TallyRules): boolean =>
  bps * decOne < badBelow * claimBps;

/** 1 − carried / claim, at least 0, rounded down: to the relay's gain. */
export function shortfallOf(carriedBps: bigint, claimBps: bigint): Dec {
  if (carriedBps >= claimBps) return 0n;
  return ((claimBps - carriedBps) * decOne) / claimBps;
}

/** Of those who may speak, each once: the state keeps one reading of a kind. */
function readingsOf(input: TallyInput, kind: number, members: readonly bigint[]): StoredReading[] {
  const allowed = new Set(members);
  return input.readings.filter((reading) => reading.kind === kind && allowed.has(reading.oracle));
}

const unknown = {
  present: 0,
  zeros: 0,
  medianBps: 0n,
  nonZeroMedianBps: 0n,
  backgroundBps: 0n,
  bandBps: 0n,
  accepted: [],
  uptime: undefined,
  loss: undefined,
  rttMicros: undefined,
  rttRatio: undefined,
  bad: false,
  shortfall: 0n,
  rttRefuted: false,
} as const;

export function tallyOfReadings(input: TallyInput): Tally {
  const { committee, isVoid, isAudited } = input;
  const covert = input.readings
    .filter(({ kind }) => kind === attestationKind.covert)
    .map(({ measuredBps }) => measuredBps);
  const base = { ...unknown, committee, committeeSize: committee.length, covert };
  if (isVoid) return { ...base, status: "void", missing: [] };
  const members = isAudited ? committee : committee.slice(0, livenessCommitteeSize);
  const kind = isAudited ? attestationKind.overt : attestationKind.liveness;
  const given = readingsOf(input, kind, members);
  const givers = new Set(given.map(({ oracle }) => oracle));
  const missing = members.filter((oracle) => !givers.has(oracle));
  const found = { ...base, present: given.length, missing };
  if (committee.length < committeeSizeMin) return { ...found, status: "void", accepted: [...givers] };
  return isAudited ? auditedTally(input, given, found) : unauditedTally(given, found, members.length);
}

type Found = Omit<Tally, "status">;

function auditedTally(input: TallyInput, given: readonly StoredReading[], found: Found): Tally {
  const { claimBps, committee, rules } = input;
  const verdict = verdictOf(given, claimBps, rules);
  const { medianBps, nonZeroMedianBps, bandBps, zeros } = verdict;
  const accepted = given
    .filter(({ measuredBps }) => distance(measuredBps, medianBps) <= bandBps)
    .map(({ oracle }) => oracle);
  const needed = quorum(committee.length);
  const backgroundBps = verdict.defendedBps - nonZeroMedianBps;
  const read = { ...found, medianBps, nonZeroMedianBps, backgroundBps, bandBps, zeros, accepted };
  if (given.length < needed) return { ...read, status: "inconclusive" };
  return {
    ...read,
    status: "conclusive",
    uptime: uptimeOf(given),
    ...lineOf(input, given),
    bad: verdict.below >= needed,
    shortfall: verdict.shortfall,
    rttRefuted: isRefuted(input, given),
  };
}

function unauditedTally(given: readonly StoredReading[], found: Found, members: number): Tally {
  const median = lowerMedian(given.map(({ checksPassed }) => BigInt(checksPassed))) ?? 0n;
  const accepted = given
    .filter(({ checksPassed }) => distance(BigInt(checksPassed), median) <= 1n)
    .map(({ oracle }) => oracle);
  const uptime = given.length < quorum(members) ? undefined : uptimeOf(given);
  return { ...found, status: "unaudited", accepted, uptime };
}

/** The lower median of the shares of checks that passed. */
function uptimeOf(readings: readonly StoredReading[]): Dec | undefined {
  const passed = lowerMedian(readings.map(({ checksPassed }) => BigInt(checksPassed)));
  return passed === undefined ? undefined : (passed * decOne) / BigInt(checksOfLiveness);
}

/** Loss and round-trip time are of those who reached the relay; the time, of those near it. */
function lineOf(
  { cell, claimedRttMicros, placeOf }: TallyInput,
  given: readonly StoredReading[],
): Pick<Tally, "loss" | "rttMicros" | "rttRatio"> {
  const reached = given.filter(({ measuredBps }) => measuredBps > 0n);
  const lossPpm = lowerMedian(reached.map((reading) => BigInt(reading.lossPpm)));
  const local = reached.filter(({ oracle, rttP50Micros }) => rttP50Micros > 0 && placeOf(oracle)?.cell === cell);
  const rttMicros = lowerMedian(local.map(({ rttP50Micros }) => BigInt(rttP50Micros)));
  const isComparable = rttMicros !== undefined && claimedRttMicros > 0n;
  return {
    // A share of a million is exact.
    loss: lossPpm === undefined ? undefined : (lossPpm * decOne) / BigInt(lossPpmMax),
    rttMicros,
    // Rounded down.
    rttRatio: isComparable ? (rttMicros * decOne) / claimedRttMicros : undefined,
  };
}

/** At least three oracles of two families and two cells were nearer than light allows. */
function isRefuted({ placeOf }: TallyInput, given: readonly StoredReading[]): boolean {
  const kin = new Set<string>();
  const cells = new Set<string>();
  let oracles = 0;
  for (const { oracle, measuredBps, rttP50Micros } of given) {
    const place = placeOf(oracle);
    if (place?.leastRttMicros === undefined || measuredBps === 0n || rttP50Micros === 0) continue;
    if (BigInt(rttP50Micros) >= place.leastRttMicros) continue;
    oracles++;
    kin.add(place.kin);
    cells.add(place.cell);
  }
  return oracles >= refutingOracles && kin.size >= refutingKin && cells.size >= refutingCells;
}
