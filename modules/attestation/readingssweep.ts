/**
 * Counting the epochs that are over, a page a block: relays (warnings, where they are seen), then disputes that were measured in the epoch, then
 * oracles. An epoch is counted when two more have opened, since its readings are taken while the next one is open. Owns how far it has come, and
 * that nothing stays for ever.
 */
import type { Context, ReadContext } from "../../chain/context.ts";
import { formatDec } from "../../chain/dec.ts";
import { TallyStage, type TallySweep } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { attestationKind } from "./attestationbytes.ts";
import { unpackPrefix } from "./attestationprefix.ts";
import { drawSecondCommittees, endDispute } from "./disputes.ts";
import { measuredAfter } from "./disputesstate.ts";
import { closeOracleTally, isCovert, OracleCounts } from "./oracletallies.ts";
import { cellRefuted, slashWarning, tallied } from "./readingsevents.ts";
import { pruneReadings } from "./readingspruning.ts";
import { type RelayInEpoch, relaysFrom, setObservedPrefix } from "./readingsregistry.ts";
import { sweepPlans } from "./readingsslots.ts";
import { disputes, readings, refutations, tallySweep } from "./readingsstate.ts";
import { type EpochView, epochNow, epochView, isVoidEpoch } from "./readingsview.ts";
import { relayTally } from "./tallies.ts";
import { quorum, type StoredReading, type Tally } from "./tally.ts";

const talliedAfter = 2n;
/** Of a block. */
const disputesPerPage = 50;
const oraclesPerPage = 100;

const firstSweep: TallySweep = { epoch: 0n, stage: TallyStage.TALLY_STAGE_RELAYS, next: 0n };

export const sweepState = (ctx: ReadContext): TallySweep => tallySweep.get(ctx) ?? firstSweep;

/** All of it is counted. */
export const isTallied = (ctx: ReadContext, epoch: bigint): boolean => epoch < sweepState(ctx).epoch;

export function readingsEndBlock(ctx: Context): void {
  const current = epochNow(ctx);
  if (current < 0n) return;
  sweepPlans(ctx, current);
  drawSecondCommittees(ctx, current);
  sweepTallies(ctx, current);
  pruneReadings(ctx, current);
}

function sweepTallies(ctx: Context, current: bigint): void {
  const sweep = sweepState(ctx);
  if (sweep.epoch + talliedAfter > current) return;
  const view = epochView(ctx, sweep.epoch);
  // One that is forgotten is void: the chain fell behind by more epochs than are kept.
  const isVoid = view === undefined || isVoidEpoch(ctx, sweep.epoch);
  const next = view === undefined ? undefined : nextPage(ctx, view, sweep, isVoid);
  tallySweep.set(ctx, next ?? { ...firstSweep, epoch: sweep.epoch + 1n });
  if (next === undefined) ctx.emit(tallied(sweep.epoch, isVoid));
}

/** What to do in the next block; undefined when the epoch is counted. */
function nextPage(ctx: Context, view: EpochView, sweep: TallySweep, isVoid: boolean): TallySweep | undefined {
  switch (sweep.stage) {
    case TallyStage.TALLY_STAGE_DISPUTES:
      return disputesPage(ctx, view, sweep);
    case TallyStage.TALLY_STAGE_ORACLES:
      return isVoid ? undefined : oraclesPage(ctx, view, sweep);
    default:
      return isVoid ? toStage(sweep, TallyStage.TALLY_STAGE_DISPUTES) : relaysPage(ctx, view, sweep);
  }
}

const toStage = ({ epoch }: TallySweep, stage: TallyStage): TallySweep => ({ epoch, stage, next: 0n });

// ------------------------------------------------------------------------------------------------------------------- relays

function relaysPage(ctx: Context, view: EpochView, sweep: TallySweep): TallySweep {
  const { sweepPage } = view.params;
  const page = relaysFrom(ctx, sweep.next, sweepPage);
  const counts = new OracleCounts(view);
  for (const { id } of page) {
    const relay = view.relay(id);
    if (relay !== undefined) countRelay(ctx, view, relay, counts);
  }
  counts.store(ctx);
  const isLast = page.length < sweepPage;
  return isLast ? toStage(sweep, TallyStage.TALLY_STAGE_DISPUTES) : { ...sweep, next: page.at(-1)!.id };
}

function countRelay(ctx: Context, view: EpochView, relay: RelayInEpoch, counts: OracleCounts): void {
  const record = view.readings(relay.id);
  const tally = relayTally(view, relay, record);
  counts.add(relay, record, tally);
  for (const reading of record.readings) if (isCovert(reading)) counts.addCovert(reading.oracle);
  if (tally.status !== "conclusive") return;
  warn(ctx, view.number, relay.id, tally);
  if (tally.rttRefuted && refutations.get(ctx, relay.id) !== relay.cell) {
    refutations.set(ctx, relay.id, relay.cell);
    ctx.emit(cellRefuted(relay.id, view.number, relay.cell));
  }
  const prefix = observedPrefix(record.readings);
  if (prefix !== undefined) setObservedPrefix(ctx, relay.id, prefix);
}

/** An operator hears of it an epoch before anything is taken. */
function warn(ctx: Context, epoch: bigint, relay: bigint, { bad, shortfall, committeeSize, zeros }: Tally): void {
  if (!bad) return;
  const reason = `bad epoch: at least ${quorum(committeeSize)} of ${committeeSize} readings (${zeros} of them zeros, left out) are below what is claimed; ${formatDec(shortfall)} of it is lacking`;
  ctx.emit(slashWarning(relay, epoch, reason));
}

/** The one that most saw; of those that as many saw, the one that was seen first. */
export function observedPrefix(list: readonly StoredReading[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { kind, observedPrefix: packed } of list) {
    const prefix = unpackPrefix(packed);
    if (kind === attestationKind.overt && prefix !== undefined) counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
  }
  let most: string | undefined;
  for (const [prefix, count] of counts) if (most === undefined || count > counts.get(most)!) most = prefix;
  return most;
}

// ------------------------------------------------------------------------------------------------------- disputes and oracles

function disputesPage(ctx: Context, view: EpochView, sweep: TallySweep): TallySweep {
  const disputed = sweep.epoch - measuredAfter;
  if (disputed < 0n) return toStage(sweep, TallyStage.TALLY_STAGE_ORACLES);
  const counts = new OracleCounts(view);
  const range = { leading: [disputed] as const, start: [disputed, sweep.next + 1n] as const };
  const page = [...disputes.iterate(ctx, range).take(disputesPerPage)].map(([, dispute]) => dispute);
  for (const dispute of page) {
    const given = readings.get(ctx, [view.number, dispute.relay])?.readings ?? [];
    for (const oracle of dispute.committee) {
      const isThere = given.some((one) => one.kind === attestationKind.remeasurement && one.oracle === oracle);
      counts.addRemeasurement(oracle, !isThere);
    }
    endDispute(ctx, view, dispute);
  }
  counts.store(ctx);
  const isLast = page.length < disputesPerPage;
  return isLast ? toStage(sweep, TallyStage.TALLY_STAGE_ORACLES) : { ...sweep, next: page.at(-1)!.relay };
}

/** Undefined after the last one. */
function oraclesPage(ctx: Context, view: EpochView, sweep: TallySweep): TallySweep | undefined {
  const rest = view.oracles().filter(({ id }) => id > sweep.next);
  for (const { id, provenBps } of rest.slice(0, oraclesPerPage)) closeOracleTally(ctx, view, id, provenBps);
  return rest.length <= oraclesPerPage ? undefined : { ...sweep, next: rest[oraclesPerPage - 1]!.id };
}
