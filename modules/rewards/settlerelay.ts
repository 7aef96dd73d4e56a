/**
 * One relay's part of a settlement, in the order of the economics: what the epoch before left for it, slashes, reputation, weight. Owns what is read
 * and written for it; arithmetic is in files of pure functions, sums over relays are sweep.ts'.
 */
import type { Context } from "../../chain/context.ts";
import { type Dec, decOne } from "../../chain/dec.ts";
import type { Relay } from "../../proto/gen/weir/attestation/v1/state.ts";
import type { RelayResult } from "../../proto/gen/weir/rewards/v1/state.ts";
import { relay as attestedRelay, changeTrust, forgetReadings, resetClaim, type Tally } from "../attestation/index.ts";
import { currentEpoch } from "../beacon/index.ts";
import { type Accruals, broughtUp, relayRecord, setRelayRecord } from "./accrual.ts";
import { covertFactor, covertRatio, covertShare, rememberCovert, type Traffic } from "./covert.ts";
import { afterDisputes, isDisputed } from "./disputes.ts";
import { relayWarned } from "./events.ts";
import {
  nextDown,
  overclaimDue,
  overclaimNear,
  overclaimSlash,
  qualityDue,
  qualityNear,
  remember,
  withoutBadQuality,
} from "./judgement.ts";
import { expire, owed } from "./liquid.ts";
import { type Measured, measuredIn } from "./measured.ts";
import { getParams, type Params } from "./params.ts";
import { punish, type Reason } from "./punish.ts";
import { least } from "./ratio.ts";
import { newRecord, type RelayRecord } from "./record.ts";
import { isStable, nextReputation, rememberUptime, scoreOf, shownReputation } from "./reputation.ts";
import { relays, results } from "./state.ts";
import { trafficOf } from "./traffic.ts";
import { bondCover, type Factors, isBadQuality, qualityOf, weightOf } from "./weight.ts";

/** What is the same for all relays of a sweep. */
export interface Round {
  readonly epoch: bigint;
  readonly isVoid: boolean;
  /** How long the epoch counts for. */
  readonly seconds: bigint;
  readonly accruals: Accruals;
  tallyOf(relay: bigint): Tally | undefined;
  scarcityOf(cell: string): Dec;
}

/** What a relay adds to the sums of its epoch. */
export interface Settled {
  readonly weight: bigint;
  readonly measuredBps: bigint;
  readonly isTransient: boolean;
  readonly cell: string;
  readonly family: string;
  readonly settledValue: bigint;
  readonly slashed: bigint;
  readonly expired: bigint;
}

/** Audited epochs for which a last median stands. */
const medianAgeMax = 3n;

/** While a relay is settled: its record as it becomes, and what was found on the way. */
interface Course {
  record: RelayRecord;
  readonly id: bigint;
  readonly epoch: bigint;
  readonly rules: Params;
  readonly warnings: string[];
  readonly slashedFor: Reason[];
  slashed: bigint;
}

// ------------------------------------------------------------------------------------------------------------------ judging

interface Punishment {
  readonly reason: Reason;
  readonly fraction: Dec;
  readonly sinceEpoch: bigint;
  readonly challenger?: string;
}

function take(ctx: Context, course: Course, { reason, fraction, sinceEpoch, challenger = "" }: Punishment): void {
  const slash = { epoch: course.epoch, reason, fraction, sinceEpoch, challenger };
  const { record, taken } = punish(ctx, course.id, course.record, slash);
  course.record = record;
  course.slashed += taken;
  course.slashedFor.push(reason);
}

function warn(ctx: Context, course: Course, rule: string): void {
  course.warnings.push(rule);
  ctx.emit(relayWarned(course.id, course.epoch, rule));
}

/** What a relay carried for others meanwhile speaks for it. */
const isOverclaim = ({ bad, shortfall }: Tally, rules: Params): boolean => bad && shortfall > rules.overclaimTolerance;

/** Only a conclusive epoch is judged; of epochs that nobody audited, and of those that too few measured, nothing is said. */
function judge(ctx: Context, course: Course, measured: Measured): void {
  const { id, epoch } = course;
  const { tally } = measured;
  let judgements = afterDisputes(ctx, id, course.record.judgements);
  if (tally.status === "conclusive") {
    judgements = remember(judgements, {
      epoch,
      bad: epoch >= course.record.judgedFrom && isOverclaim(tally, course.rules),
      shortfall: tally.shortfall,
      medianBps: tally.nonZeroMedianBps,
      badQuality: isBadQuality(measured),
      disputed: isDisputed(ctx, epoch, id),
      challenger: "",
    });
  }
  course.record = { ...course.record, judgements };
}

/** The window is empty. Epochs that opened before the new claim holds were measured by the old one, which is paid for. */
function beginAnew(ctx: Context, course: Course): void {
  course.record = { ...course.record, judgements: [], judgedFrom: (currentEpoch(ctx)?.number ?? course.epoch) + 1n };
}

function punishOverclaim(ctx: Context, course: Course): void {
  const due = overclaimDue(course.record.judgements);
  if (due === undefined) {
    if (overclaimNear(course.record.judgements)) warn(ctx, course, "over-claim");
    return;
  }
  const fraction = overclaimSlash(due.shortfall, course.rules);
  take(ctx, course, { reason: "over-claim", fraction, sinceEpoch: due.sinceEpoch, challenger: due.challenger });
  resetClaim(ctx, course.id, due.medianBps);
  beginAnew(ctx, course);
}

function punishQuality(ctx: Context, course: Course): void {
  const { epoch, rules } = course;
  const { judgements, qualitySlashed } = course.record;
  const since = qualityDue(judgements, epoch, qualitySlashed, rules.qualityIntervalEpochs);
  if (since === undefined) {
    if (qualityNear(judgements)) warn(ctx, course, "quality");
    return;
  }
  take(ctx, course, { reason: "quality", fraction: rules.qualitySlash, sinceEpoch: since });
  const cleared = withoutBadQuality(course.record.judgements);
  course.record = { ...course.record, judgements: cleared, qualitySlashed: epoch };
}

function punishDowntime(ctx: Context, course: Course, uptime: Dec | undefined): void {
  const { epoch, rules } = course;
  if (uptime === undefined) return;
  const downEpochs = nextDown(course.record.downEpochs, uptime, rules.downtimeUptime);
  course.record = { ...course.record, downEpochs };
  if (downEpochs + 1n === rules.downtimeEpochs) warn(ctx, course, "downtime");
  if (downEpochs < rules.downtimeEpochs) return;
  const sinceEpoch = epoch + 1n > downEpochs ? epoch + 1n - downEpochs : 0n;
  take(ctx, course, { reason: "downtime", fraction: rules.downtimeSlash, sinceEpoch });
  course.record = { ...course.record, downEpochs: 0n };
}

/** Remembers the epoch's readings; too little of what was shown to the committee is an over-claim. */
function punishCovert(ctx: Context, course: Course, tally: Tally, traffic: Traffic): void {
  const { rules, record, epoch } = course;
  const overt = tally.status === "conclusive" ? tally.medianBps : record.lastMedianBps;
  const ratios = tally.covert.flatMap((bps) => covertRatio(bps, overt, traffic) ?? []);
  const covert = rememberCovert(record.covert, ratios, rules.covertReadings);
  course.record = { ...record, covert };
  const share = covertShare(covert, rules.covertReadings);
  if (share === undefined) return;
  if (share >= rules.covertSlashBelow) {
    if (share < rules.covertFull) warn(ctx, course, "covert over-claim");
    return;
  }
  const sinceEpoch = epoch > rules.covertReadings ? epoch - rules.covertReadings : 0n;
  const fraction = overclaimSlash(decOne - share, rules);
  take(ctx, course, { reason: "covert over-claim", fraction, sinceEpoch });
  resetClaim(ctx, course.id, (overt * share) / decOne);
  beginAnew(ctx, course);
  course.record = { ...course.record, covert: [] };
}

// ----------------------------------------------------------------------------------------------------------------- standing

/** Undefined where there is none that stands. */
function medianOf(course: Course, { status, medianBps }: Tally): bigint | undefined {
  const { record } = course;
  if (status === "void") return undefined;
  if (status === "conclusive") {
    course.record = { ...record, lastMedianBps: medianBps, medianAge: 0n, auditedEpochs: record.auditedEpochs + 1n };
    return medianBps;
  }
  const medianAge = status === "inconclusive" ? record.medianAge + 1n : record.medianAge;
  course.record = { ...record, medianAge };
  return medianAge > medianAgeMax || record.auditedEpochs === 0n ? undefined : record.lastMedianBps;
}

/** Uptime where nobody could tell is what it was last, and whole for who has no past. */
function uptimeOf(course: Course, { uptime }: Tally): Dec {
  const { record, rules } = course;
  if (uptime !== undefined) {
    course.record = { ...record, uptimes: rememberUptime(record.uptimes, uptime, rules.stableEpochs) };
    return uptime;
  }
  const last = record.uptimes.at(-1);
  return last === undefined ? decOne : (BigInt(last) * decOne) / 100n;
}

function learn(course: Course, { tally, claimBps }: Measured, uptime: Dec): void {
  if (tally.status !== "conclusive") return;
  const { record } = course;
  const score = scoreOf(tally.medianBps, claimBps, uptime);
  course.record = { ...record, reputation: nextReputation(record.reputation, score) };
}

function factorsOf(course: Course, measured: Measured, uptime: Dec, scarcity: Dec): Factors {
  const { record, rules } = course;
  const isOutdated = measured.lagEpochs >= rules.outdatedEpochs;
  const quality = qualityOf(measured);
  return {
    bondCover: bondCover(measured.bond, measured.requiredBond),
    quality: isOutdated ? (quality * rules.outdatedFactor) / decOne : quality,
    uptime,
    scarcity,
    reputation: shownReputation(record.reputation, record.auditedEpochs, rules.probationEpochs),
    covert: covertFactor(covertShare(record.covert, rules.covertReadings), rules.covertFull),
  };
}

function unpaidBecause(bps: bigint | undefined, { status, rttRefuted }: Tally, rules: Params): string {
  if (status === "void") return "too few oracles could measure it";
  if (bps === undefined) return "no measurement of it stands";
  if (rttRefuted) return "it answers from another cell than it says; register it anew in its own";
  return bps < rules.relayBpsMin ? `it carries less than ${rules.relayBpsMin} bps` : "";
}

// --------------------------------------------------------------------------------------------------------------- the relay

const nothing: Omit<Settled, "expired" | "slashed"> = {
  weight: 0n,
  measuredBps: 0n,
  isTransient: true,
  cell: "",
  family: "",
  settledValue: 0n,
};

function settleMeasured(ctx: Context, round: Round, course: Course, relay: Relay, measured: Measured): Settled {
  const { rules, id, epoch } = course;
  const { tally } = measured;
  const traffic = { ...trafficOf(ctx, epoch, id), seconds: round.seconds };
  judge(ctx, course, measured);
  punishOverclaim(ctx, course);
  punishCovert(ctx, course, tally, traffic);
  punishQuality(ctx, course);
  punishDowntime(ctx, course, tally.uptime);
  const median = medianOf(course, tally);
  const uptime = uptimeOf(course, tally);
  learn(course, measured, uptime);
  const factors = factorsOf(course, measured, uptime, round.scarcityOf(measured.cell));
  const bps = median === undefined ? undefined : least(measured.claimBps, median);
  const because = unpaidBecause(bps, tally, rules);
  const weight = because === "" ? weightOf(bps!, factors) : 0n;
  const isTransient = !isStable(course.record.uptimes, rules, measured.givesNotice);
  const { cell, family } = measured;
  const settledValue = traffic.value;
  const pending = { epochPlusOne: epoch + 1n, epoch, weight, transient: isTransient, cell, family, settledValue };
  course.record = { ...course.record, pending, weight };
  changeTrust(ctx, relay.id, {
    reputation: factors.reputation,
    lastMedianBps: course.record.lastMedianBps,
    uptime,
    stable: !isTransient,
  });
  results.set(ctx, [id, epoch], resultOf(course, measured, factors, { weight, isTransient, settledValue, because }));
  const settled = { weight, isTransient, cell, family, settledValue, measuredBps: bps ?? 0n };
  return { ...settled, slashed: course.slashed, expired: 0n };
}

interface Outcome {
  readonly weight: bigint;
  readonly isTransient: boolean;
  readonly settledValue: bigint;
  readonly because: string;
}

function resultOf(course: Course, measured: Measured, factors: Factors, outcome: Outcome): RelayResult {
  const { tally } = measured;
  return {
    ...factors,
    status: tally.status,
    claimBps: measured.claimBps,
    measuredBps: tally.status === "conclusive" ? tally.medianBps : course.record.lastMedianBps,
    committee: tally.committeeSize,
    present: tally.present,
    zeros: tally.zeros,
    bond: `${measured.bond}`,
    requiredBond: `${measured.requiredBond}`,
    loss: measured.loss,
    rttRatio: measured.rttRatio ?? 0n,
    weight: outcome.weight,
    transient: outcome.isTransient,
    cell: measured.cell,
    family: measured.family,
    backgroundBps: tally.backgroundBps,
    bad: isOverclaim(tally, course.rules),
    shortfall: tally.shortfall,
    badQuality: tally.status === "conclusive" && isBadQuality(measured),
    slashed: course.slashed,
    slashedFor: course.slashedFor,
    warnings: course.warnings,
    settledValue: outcome.settledValue,
    unpaidBecause: outcome.because,
  };
}

/** Nothing vests, and nothing can be claimed. */
const isSpent = ({ pending, vesting, liquid }: RelayRecord): boolean =>
  pending === undefined && vesting.buckets.length === 0 && owed(liquid) === 0n;

function forgetRelay(ctx: Context, id: bigint): void {
  relays.delete(ctx, id);
  for (const key of [...results.keys(ctx, { leading: [id] })]) results.delete(ctx, key);
}

/** Whether or not it is there still: what a relay that left is owed, and owes, outlives it. Undefined where there never was one. */
export function settleRelay(ctx: Context, round: Round, id: bigint): Settled | undefined {
  const { epoch, accruals } = round;
  const rules = getParams(ctx);
  const relay = attestedRelay(ctx, id);
  const before = relayRecord(ctx, id) ?? (relay && newRecord(relay.operator, ctx.block.time.seconds));
  if (before === undefined) return undefined;
  const commissionRate = relay === undefined ? before.commissionRate : commissionOf(relay);
  const brought = broughtUp(ctx, id, { ...before, commissionRate }, accruals);
  const { liquid, expired } = expire(brought.liquid, epoch, rules.claimWindowEpochs);
  if (epoch >= rules.resultsKeptEpochs) results.delete(ctx, [id, epoch - rules.resultsKeptEpochs]);
  const record = { ...brought, liquid, weight: 0n };
  const course: Course = { record, id, epoch, rules, warnings: [], slashedFor: [], slashed: 0n };
  const measured = relay === undefined || round.isVoid ? undefined : measuredIn(ctx, epoch, relay, round.tallyOf);
  if (relay === undefined && isSpent(record)) {
    forgetRelay(ctx, id);
    return { ...nothing, slashed: 0n, expired };
  }
  if (measured === undefined) {
    if (!round.isVoid) course.record = { ...record, downEpochs: 0n };
    setRelayRecord(ctx, id, course.record);
    return { ...nothing, slashed: 0n, expired };
  }
  const settled = settleMeasured(ctx, round, course, relay!, measured);
  forgetReadings(ctx, epoch, id);
  setRelayRecord(ctx, id, course.record);
  return { ...settled, expired };
}

const commissionOf = ({ commission }: Relay): Dec => BigInt(commission?.rate ?? "0");
