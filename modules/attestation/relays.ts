/** Registration of relays, and changes of what they offer. Owns what is checked before; coming and going is standing.ts. */
import { accountAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { decFromProto, decToProto } from "../../chain/dec.ts";
import { parseIntText } from "../../chain/int.ts";
import { type Relay, type RelayTerms, Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
import { type MsgRegisterRelay, type MsgUpdateRelay, Notice, Payout } from "../../proto/gen/weir/attestation/v1/tx.ts";
import { bond } from "./bonds.ts";
import { requireCell } from "./cells.ts";
import { requireNotDenied } from "./denials.ts";
import { endpointsProblem } from "./endpoints.ts";
import { bondTooSmall, invalidEndpoint, invalidField, wrongStanding } from "./errors.ts";
import { registered, termsChanged } from "./events.ts";
import { changedRate, claimBpsMax, claimBpsMin } from "./fields.ts";
import { releaseKeys, requireTransportKey, takeKey } from "./keys.ts";
import { getParams } from "./params.ts";
import { announcedTerms, epochNow, nextEpoch, relay, requireOwnRelay, setRelay, withTerms } from "./records.ts";
import { changeOperator, requireRoom } from "./stage.ts";
import * as state from "./state.ts";
import { relaySubject, subjectText } from "./subject.ts";

export function requireEndpoints(ctx: ReadContext, endpoints: readonly string[], literal: boolean): void {
  const problem = endpointsProblem(endpoints, { literal, publicOnly: getParams(ctx).prefixRules });
  if (problem !== undefined) throw invalidEndpoint(problem);
}

const termsFrom = (msg: MsgRegisterRelay, fromEpoch: bigint): RelayTerms => ({
  fromEpoch,
  serves: true,
  untilEpoch: 0n,
  endpoints: msg.endpoints,
  transportKey: msg.transportKey!.publicKey,
  claimedBps: msg.claimedBps,
  rttMicros: msg.rttMicros,
  cell: msg.cell,
  exitPolicy: msg.exitPolicy,
  priceFloor: msg.priceFloor,
});

const recordFrom = (ctx: ReadContext, id: bigint, msg: MsgRegisterRelay): Relay => ({
  id,
  operator: msg.operator,
  moniker: msg.moniker,
  standing: Standing.STANDING_ACTIVE,
  registeredEpoch: epochNow(ctx),
  paidInWeir: msg.payout === Payout.PAYOUT_WEIR,
  givesNotice: msg.notice === Notice.NOTICE_LONG,
  noticeDropped: undefined,
  leaveTime: undefined,
  softwareVersion: msg.softwareVersion,
  leftEpoch: 0n,
  commission: {
    rate: msg.commissionRate,
    rateMax: msg.commissionRateMax,
    changeMax: msg.commissionChangeMax,
    changedEpoch: epochNow(ctx),
  },
  terms: [termsFrom(msg, nextEpoch(ctx))],
});

export interface Registered {
  readonly id: bigint;
  /** The first epoch in which it takes part. */
  readonly fromEpoch: bigint;
}

export function registerRelay(ctx: Context, msg: MsgRegisterRelay): Registered {
  const operator = accountAddress.decode(msg.operator);
  const amount = parseIntText(msg.bond);
  const least = getParams(ctx).relayBondMin;
  requireNotDenied(ctx, msg.operator);
  requireRoom(ctx, operator, { relays: 1n, oracles: 0n, claimedBps: msg.claimedBps });
  requireCell(ctx, msg.cell);
  requireEndpoints(ctx, msg.endpoints, false);
  requireTransportKey(ctx, operator, msg.transportKey!);
  if (amount < least) throw bondTooSmall(amount, least);
  const id = state.relayCount.next(ctx) + 1n;
  const subject = relaySubject(id);
  takeKey(ctx, subject, msg.transportKey!.publicKey);
  setRelay(ctx, undefined, recordFrom(ctx, id, msg));
  changeOperator(ctx, operator, { relays: 1n, oracles: 0n, claimedBps: msg.claimedBps });
  bond(ctx, { subject, delegator: operator, amount });
  ctx.emit(registered(subject, msg.operator, nextEpoch(ctx)));
  return { id, fromEpoch: nextEpoch(ctx) };
}

// ----------------------------------------------------------------------------------------------------------------- changes

/** What the message changes of the terms, checked against the state. */
function changedTerms(ctx: Context, msg: MsgUpdateRelay, before: RelayTerms): Partial<RelayTerms> {
  const operator = accountAddress.decode(msg.operator);
  const changes: Partial<RelayTerms> = {};
  if (msg.endpoints !== undefined) {
    requireEndpoints(ctx, msg.endpoints.endpoints, false);
    changes.endpoints = msg.endpoints.endpoints;
  }
  if (msg.transportKey !== undefined) {
    requireTransportKey(ctx, operator, msg.transportKey);
    takeKey(ctx, relaySubject(msg.id), msg.transportKey.publicKey);
    changes.transportKey = msg.transportKey.publicKey;
  }
  if (msg.claim !== undefined) {
    const { claimedBps, rttMicros } = msg.claim;
    if (claimedBps > 0n) changes.claimedBps = claimedBps;
    if (rttMicros > 0n) changes.rttMicros = rttMicros;
    const more = claimedBps > before.claimedBps ? claimedBps - before.claimedBps : 0n;
    requireRoom(ctx, operator, { relays: 0n, oracles: 0n, claimedBps: more });
  }
  if (msg.cell !== "") {
    requireCell(ctx, msg.cell);
    changes.cell = msg.cell;
  }
  if (msg.exitPolicy !== undefined) changes.exitPolicy = msg.exitPolicy;
  if (msg.priceFloor !== undefined) changes.priceFloor = msg.priceFloor.priceFloor;
  return changes;
}

/** What it changes of the rest, which acts at once. */
function changedRecord(ctx: ReadContext, msg: MsgUpdateRelay, before: Relay): Partial<Relay> {
  const changes: Partial<Relay> = {};
  if (msg.moniker !== "") changes.moniker = msg.moniker;
  if (msg.payout !== Payout.PAYOUT_UNSPECIFIED) changes.paidInWeir = msg.payout === Payout.PAYOUT_WEIR;
  if (msg.notice === Notice.NOTICE_LONG) {
    changes.givesNotice = true;
    changes.noticeDropped = undefined;
  }
  if (msg.notice === Notice.NOTICE_NONE && before.givesNotice) {
    changes.givesNotice = false;
    changes.noticeDropped = { ...ctx.block.time };
  }
  if (msg.commissionRate !== "") changes.commission = changedCommission(ctx, before, msg.commissionRate);
  return changes;
}

function changedCommission(ctx: ReadContext, { commission }: Relay, text: string): Relay["commission"] {
  const { rate, rateMax, changeMax, changedEpoch } = commission!;
  const asked = decFromProto(text);
  const rates = { rate: decFromProto(rate), rateMax: decFromProto(rateMax), changeMax: decFromProto(changeMax) };
  changedRate({ ...rates, changedEpoch }, asked, epochNow(ctx));
  return { rate: decToProto(asked), rateMax, changeMax, changedEpoch: epochNow(ctx) };
}

const transportKeysOf = ({ terms }: Relay): Uint8Array[] => terms.map(({ transportKey }) => transportKey);

/** Puts other terms in force from the next open on, and keeps in step what follows them. */
function changeTerms(ctx: Context, before: Relay, after: Relay): void {
  setRelay(ctx, before, after);
  releaseKeys(ctx, transportKeysOf(before), transportKeysOf(after));
  const more = announcedTerms(after).claimedBps - announcedTerms(before).claimedBps;
  if (more === 0n) return;
  changeOperator(ctx, accountAddress.decode(after.operator), { relays: 0n, oracles: 0n, claimedBps: more });
}

export function updateRelay(ctx: Context, msg: MsgUpdateRelay): bigint {
  const before = requireOwnRelay(ctx, msg.id, msg.operator);
  if (before.standing === Standing.STANDING_LEFT) {
    throw wrongStanding(subjectText(relaySubject(msg.id)), "gone", "one that has not left");
  }
  requireNotDenied(ctx, msg.operator);
  const terms = changedTerms(ctx, msg, announcedTerms(before));
  const record = changedRecord(ctx, msg, before);
  const changed = [...Object.keys(terms), ...Object.keys(record)];
  if (changed.length === 0) throw invalidField("nothing is changed; name what should be");
  const after = { ...(Object.keys(terms).length === 0 ? before : withTerms(ctx, before, terms)), ...record };
  changeTerms(ctx, before, after);
  ctx.emit(termsChanged(relaySubject(msg.id), nextEpoch(ctx), changed));
  return nextEpoch(ctx);
}

/** What a relay is judged to carry, after it claimed more. From the next open on. */
export function resetClaim(ctx: Context, id: bigint, bps: bigint): void {
  const before = relay(ctx, id);
  if (before === undefined || before.standing === Standing.STANDING_LEFT) return;
  const claimedBps = bps < claimBpsMin ? claimBpsMin : bps > claimBpsMax ? claimBpsMax : bps;
  changeTerms(ctx, before, withTerms(ctx, before, { claimedBps }));
  ctx.emit(termsChanged(relaySubject(id), nextEpoch(ctx), ["claimedBps"]));
}

/** From now on. */
export function reportRelaySoftware(ctx: Context, id: bigint, operator: string, softwareVersion: string): void {
  const before = requireOwnRelay(ctx, id, operator);
  setRelay(ctx, before, { ...before, softwareVersion });
}
