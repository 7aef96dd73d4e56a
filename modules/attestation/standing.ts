/**
 * Coming and going: pause, drain, resume, leave. Owns which step follows which, and when what was announced acts; what a record holds is in
 * relays.ts and oracles.ts.
 */
import { accountAddress } from "../../chain/address.ts";
import type { Context, ReadContext, Timestamp } from "../../chain/context.ts";
import { addDuration, compareTimes } from "../../chain/time.ts";
import { type Oracle, type Relay, Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
import { currentEpoch } from "../beacon/index.ts";
import { oracleBond, poolOf } from "./bonds.ts";
import { isDenied, requireNotDenied, servesWhen } from "./denials.ts";
import { epochsRead } from "./epochvalues.ts";
import { bondTooSmall, invalidField, notJailed, stillJailed, wrongStanding } from "./errors.ts";
import { left as leftEvent, standingChanged } from "./events.ts";
import { forgetEvidence } from "./evidence.ts";
import { afterRelayRemoved } from "./hooks.ts";
import { getParams } from "./params.ts";
import {
  announcedTerms,
  epochNow,
  nextEpoch,
  oracle,
  relay,
  requireOwnOracle,
  requireOwnRelay,
  setOracle,
  setRelay,
  withOracleTerms,
  withTerms,
} from "./records.ts";
import { changeOperator } from "./stage.ts";
import * as state from "./state.ts";
import { isRelay, oracleSubject, relaySubject, type Subject, subjectText } from "./subject.ts";
import { forgetTies } from "./ties.ts";
import { isUnbonding } from "./unbonding.ts";

/** Those who leave, and whose record goes, in one block; the rest waits for the next. */
export const departuresPerBlockMax = 100;

const words: Readonly<Record<Standing, string>> = {
  [Standing.STANDING_UNSPECIFIED]: "nothing",
  [Standing.STANDING_ACTIVE]: "active",
  [Standing.STANDING_PAUSED]: "paused",
  [Standing.STANDING_DRAINING]: "draining",
  [Standing.STANDING_LEAVING]: "leaving",
  [Standing.STANDING_LEFT]: "gone",
  [Standing.STANDING_JAILED]: "jailed",
};

export const standingText = (standing: Standing): string => words[standing];

/** A drain that is over is a pause. */
export function standingNow(of: Relay, epoch: bigint): Standing {
  const { untilEpoch } = announcedTerms(of);
  const isDrained = of.standing === Standing.STANDING_DRAINING && untilEpoch !== 0n && untilEpoch <= epoch;
  return isDrained ? Standing.STANDING_PAUSED : of.standing;
}

function requireStanding(subject: Subject, found: Standing, allowed: readonly Standing[]): void {
  if (allowed.includes(found)) return;
  throw wrongStanding(subjectText(subject), standingText(found), allowed.map(standingText).join(" or "));
}

interface Step {
  readonly standing: Standing;
  readonly untilEpoch?: bigint;
  readonly leaveTime?: Timestamp | undefined;
  /** Only of those who are not denied. */
  readonly serves: boolean;
}

function moveRelay(ctx: Context, of: Relay, { standing, untilEpoch = 0n, leaveTime, serves }: Step): bigint {
  const isServing = serves && !isDenied(ctx, accountAddress.decode(of.operator));
  setRelay(ctx, of, { ...withTerms(ctx, of, { serves: isServing, untilEpoch }), standing, leaveTime });
  ctx.emit(standingChanged(relaySubject(of.id), standingText(standing), nextEpoch(ctx)));
  return nextEpoch(ctx);
}

function moveOracle(ctx: Context, of: Oracle, { standing, leaveTime, serves }: Step): bigint {
  const isServing = serves && !isDenied(ctx, accountAddress.decode(of.operator));
  setOracle(ctx, of, { ...withOracleTerms(ctx, of, { serves: isServing }), standing, leaveTime });
  ctx.emit(standingChanged(oracleSubject(of.id), standingText(standing), nextEpoch(ctx)));
  return nextEpoch(ctx);
}

// -------------------------------------------------------------------------------------------------------- pause and drain

/** Returns the first epoch in which it takes no part. */
export function pause(ctx: Context, subject: Subject, operator: string): bigint {
  const step = { standing: Standing.STANDING_PAUSED, serves: false };
  if (isRelay(subject)) {
    const found = requireOwnRelay(ctx, subject.id, operator);
    requireStanding(subject, standingNow(found, epochNow(ctx)), [Standing.STANDING_ACTIVE, Standing.STANDING_DRAINING]);
    return moveRelay(ctx, found, step);
  }
  const found = requireOwnOracle(ctx, subject.id, operator);
  requireStanding(subject, found.standing, [Standing.STANDING_ACTIVE]);
  return moveOracle(ctx, found, step);
}

/** Takes no new sessions from now on, and serves those that it has for so many whole epochs more. */
export function drain(ctx: Context, id: bigint, operator: string, epochs: bigint): bigint {
  const found = requireOwnRelay(ctx, id, operator);
  const most = getParams(ctx).drainEpochsMax;
  if (epochs < 1n || epochs > most) throw invalidField(`a drain of ${epochs} epochs; expected 1 to ${most}`);
  requireStanding(relaySubject(id), found.standing, [Standing.STANDING_ACTIVE]);
  const untilEpoch = nextEpoch(ctx) + epochs;
  moveRelay(ctx, found, { standing: Standing.STANDING_DRAINING, untilEpoch, serves: true });
  return untilEpoch;
}

/** Returns the first epoch in which it takes part again. */
export function resume(ctx: Context, subject: Subject, operator: string): bigint {
  requireNotDenied(ctx, operator);
  const step = { standing: Standing.STANDING_ACTIVE, serves: true };
  const ended = [Standing.STANDING_PAUSED, Standing.STANDING_LEAVING];
  if (isRelay(subject)) {
    const found = requireOwnRelay(ctx, subject.id, operator);
    requireStanding(subject, found.standing, [...ended, Standing.STANDING_DRAINING]);
    takeBackLeaving(ctx, subject, found);
    return moveRelay(ctx, found, step);
  }
  const found = requireOwnOracle(ctx, subject.id, operator);
  requireStanding(subject, found.standing, ended);
  if (found.jailedUntil > 0n) requireServed(ctx, found);
  takeBackLeaving(ctx, subject, found);
  return moveOracle(ctx, { ...found, jailedUntil: 0n }, step);
}

/** Its time in jail is over, and its bond is whole again. */
function requireServed(ctx: ReadContext, { id, jailedUntil }: Oracle): void {
  if (jailedUntil > epochNow(ctx)) throw stillJailed(id, jailedUntil);
  const least = getParams(ctx).oracleBondMin;
  if (oracleBond(ctx, id) < least) throw bondTooSmall(oracleBond(ctx, id), least);
}

/** Returns the first epoch in which it takes part again. */
export function unjail(ctx: Context, id: bigint, operator: string): bigint {
  const found = requireOwnOracle(ctx, id, operator);
  if (found.standing !== Standing.STANDING_JAILED) throw notJailed(id);
  requireNotDenied(ctx, operator);
  requireServed(ctx, found);
  return moveOracle(ctx, { ...found, jailedUntil: 0n }, { standing: Standing.STANDING_ACTIVE, serves: true });
}

// ------------------------------------------------------------------------------------------------------------------ leaving

/** Whether it gives notice now, or did until so lately that its word holds. */
export function promisesNotice(ctx: ReadContext, of: Relay): boolean {
  if (of.givesNotice) return true;
  return of.noticeDropped !== undefined && compareTimes(noticeEnd(ctx, of.noticeDropped), ctx.block.time) > 0;
}

const noticeEnd = (ctx: ReadContext, from: Timestamp): Timestamp => addDuration(from, getParams(ctx).leaveNotice);

/** When the epoch that is open is planned to end. */
function epochEnd(ctx: ReadContext): Timestamp {
  const current = currentEpoch(ctx);
  return current === undefined ? ctx.block.time : addDuration(current.openTime, current.duration);
}

function relayLeaveTime(ctx: ReadContext, of: Relay): Timestamp {
  if (of.givesNotice) return noticeEnd(ctx, ctx.block.time);
  const end = epochEnd(ctx);
  const promised = of.noticeDropped === undefined ? end : noticeEnd(ctx, of.noticeDropped);
  return compareTimes(promised, end) > 0 ? promised : end;
}

const mayLeave = [
  Standing.STANDING_ACTIVE,
  Standing.STANDING_PAUSED,
  Standing.STANDING_DRAINING,
  Standing.STANDING_JAILED,
] as const;

function queueDeparture(ctx: Context, subject: Subject, time: Timestamp): void {
  state.departures.set(ctx, [time, subject], true);
}

function takeBackLeaving(
  ctx: Context,
  subject: Subject,
  { leaveTime }: { readonly leaveTime: Timestamp | undefined },
): void {
  if (leaveTime !== undefined) state.departures.delete(ctx, [leaveTime, subject]);
}

/** A relay that gives notice serves until it is over; all others take no part from the next open on. */
export function leave(ctx: Context, subject: Subject, operator: string): Timestamp {
  if (isRelay(subject)) {
    const found = requireOwnRelay(ctx, subject.id, operator);
    requireStanding(subject, standingNow(found, epochNow(ctx)), mayLeave);
    const leaveTime = relayLeaveTime(ctx, found);
    const serves = promisesNotice(ctx, found) && servesWhen(standingNow(found, epochNow(ctx)));
    moveRelay(ctx, found, { standing: Standing.STANDING_LEAVING, leaveTime, serves });
    queueDeparture(ctx, subject, leaveTime);
    return leaveTime;
  }
  const found = requireOwnOracle(ctx, subject.id, operator);
  requireStanding(subject, found.standing, mayLeave);
  const leaveTime = epochEnd(ctx);
  moveOracle(ctx, found, { standing: Standing.STANDING_LEAVING, leaveTime, serves: false });
  queueDeparture(ctx, subject, leaveTime);
  return leaveTime;
}

/** From then on its operator may take its own stake out; the record stays until nothing is bonded and no epoch reads it. */
function depart(ctx: Context, subject: Subject): void {
  const leaveTime = nextLook(ctx);
  const changed = { standing: Standing.STANDING_LEFT, leftEpoch: epochNow(ctx), leaveTime };
  if (isRelay(subject)) {
    const found = relay(ctx, subject.id)!;
    setRelay(ctx, found, { ...withTerms(ctx, found, { serves: false, untilEpoch: 0n }), ...changed });
    const { claimedBps } = announcedTerms(found);
    changeOperator(ctx, accountAddress.decode(found.operator), { relays: -1n, oracles: 0n, claimedBps: -claimedBps });
  } else {
    const found = oracle(ctx, subject.id)!;
    setOracle(ctx, found, { ...withOracleTerms(ctx, found, { serves: false }), ...changed });
    changeOperator(ctx, accountAddress.decode(found.operator), { relays: 0n, oracles: -1n, claimedBps: 0n });
    state.activeOracles.set(ctx, (state.activeOracles.get(ctx) ?? 0n) - 1n);
  }
  queueDeparture(ctx, subject, leaveTime);
  ctx.emit(leftEvent(subject));
}

/** Of who is gone: when it is looked whether its record can go too. */
const nextLook = (ctx: ReadContext): Timestamp => addDuration(ctx.block.time, getParams(ctx).unbondingTime);

function isDone(ctx: ReadContext, subject: Subject, leftEpoch: bigint): boolean {
  const hasBond = poolOf(ctx, subject).shares > 0n || isUnbonding(ctx, subject);
  return !hasBond && epochNow(ctx) > leftEpoch + epochsRead;
}

function removeRelay(ctx: Context, of: Relay): void {
  const subject = relaySubject(of.id);
  for (const { transportKey } of of.terms) state.keys.delete(ctx, transportKey);
  forgetTies(ctx, of.id);
  setRelay(ctx, of, undefined);
  state.trusts.delete(ctx, of.id);
  state.bonds.delete(ctx, subject);
  forgetEvidence(ctx, subject);
  afterRelayRemoved(ctx, of.id);
}

function removeOracle(ctx: Context, of: Oracle): void {
  for (const { transportKey } of of.terms) state.keys.delete(ctx, transportKey);
  for (const { publicKey } of of.vrfKeys) state.keys.delete(ctx, publicKey);
  setOracle(ctx, of, undefined);
  state.bonds.delete(ctx, oracleSubject(of.id));
  forgetEvidence(ctx, oracleSubject(of.id));
}

/** Looks again after as long as an unbonding takes, as often as somebody has something bonded still. */
function remove(ctx: Context, subject: Subject, of: Relay | Oracle): void {
  const isOver = isDone(ctx, subject, of.leftEpoch);
  const leaveTime = nextLook(ctx);
  if (isRelay(subject)) {
    if (isOver) removeRelay(ctx, of as Relay);
    else setRelay(ctx, of as Relay, { ...(of as Relay), leaveTime });
  } else if (isOver) removeOracle(ctx, of as Oracle);
  else setOracle(ctx, of as Oracle, { ...(of as Oracle), leaveTime });
  if (!isOver) queueDeparture(ctx, subject, leaveTime);
}

/** At the beginning of a block, after the epoch has opened. */
export function departWhenDue(ctx: Context): void {
  for (const [[time, subject]] of [...state.departures.due(ctx, ctx.block.time, departuresPerBlockMax)]) {
    state.departures.delete(ctx, [time, subject]);
    const found = isRelay(subject) ? relay(ctx, subject.id) : oracle(ctx, subject.id);
    if (found === undefined) continue;
    if (found.standing === Standing.STANDING_LEFT) {
      remove(ctx, subject, found);
      continue;
    }
    depart(ctx, subject);
  }
}
