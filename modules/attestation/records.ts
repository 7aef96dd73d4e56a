/**
 * Reading and writing of relays and oracles. Owns that whatever points to a record (by cell, by what is searched) follows it; the rules of who
 * may change what are in relays.ts, oracles.ts and standing.ts.
 */
import { accountAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import {
  type Oracle,
  type OracleTerms,
  type Relay,
  type RelayTerms,
  Standing,
} from "../../proto/gen/weir/attestation/v1/state.ts";
import { currentEpoch } from "../beacon/index.ts";
import { epochsRead, oracleEpochsRead, valueAt, withValue } from "./epochvalues.ts";
import { noSuchOracle, noSuchRelay, notTheOperator } from "./errors.ts";
import { bpsRank, reputationRank, type SearchKey } from "./searchkey.ts";
import * as state from "./state.ts";
import { oracleSubject, relaySubject, subjectText } from "./subject.ts";
import { type RelayTrust, type Shown, showsSame, trustFromProto, trustToProto, unknownTrust } from "./trust.ts";

// ------------------------------------------------------------------------------------------------------------------- epochs

/** 0 before the first one. */
export const epochNow = (ctx: ReadContext): bigint => currentEpoch(ctx)?.number ?? 0n;

/** From when on a change acts: the next open, which in genesis is the first one. */
export function nextEpoch(ctx: ReadContext): bigint {
  const current = currentEpoch(ctx);
  return current === undefined ? 0n : current.number + 1n;
}

// ------------------------------------------------------------------------------------------------------------------- relays

export const relay = (ctx: ReadContext, id: bigint): Relay | undefined => state.relays.get(ctx, id);

export function requireRelay(ctx: ReadContext, id: bigint): Relay {
  const found = relay(ctx, id);
  if (found === undefined) throw noSuchRelay(id);
  return found;
}

export function requireOwnRelay(ctx: ReadContext, id: bigint, operator: string): Relay {
  const found = requireRelay(ctx, id);
  if (found.operator !== operator) throw notTheOperator(subjectText(relaySubject(id)), found.operator);
  return found;
}

/** In ascending order of id, at most `limit`. */
export function relaysFrom(ctx: ReadContext, afterId: bigint, limit: number): Relay[] {
  const found: Relay[] = [];
  if (limit <= 0) return found;
  for (const [, value] of state.relays.iterate(ctx, { start: afterId + 1n })) {
    found.push(value);
    if (found.length === limit) break;
  }
  return found;
}

/** Of an operator, at most `limit`. */
export function relaysOfOperator(ctx: ReadContext, operator: string, limit: number): bigint[] {
  const ids: bigint[] = [];
  const leading = [accountAddress.decode(operator)] as const;
  for (const [, id] of state.relaysByOperator.keys(ctx, { leading })) {
    if (ids.length === limit) break;
    ids.push(id);
  }
  return ids;
}

/** What was announced last; it acts at the next open, if not yet. */
export const announcedTerms = ({ terms }: Pick<Relay, "terms">): RelayTerms => terms.at(-1)!;

export const termsOf = ({ terms }: Pick<Relay, "terms">, epoch: bigint): RelayTerms | undefined =>
  valueAt(terms, epoch);

/** Whether it can be measured and serves its sessions, bond aside. */
export const servesIn = (terms: RelayTerms | undefined, epoch: bigint): terms is RelayTerms =>
  terms?.serves === true && (terms.untilEpoch === 0n || epoch < terms.untilEpoch);

/** Buyers find it: it takes new sessions. */
const isListed = (of: Relay): boolean => of.standing === Standing.STANDING_ACTIVE && announcedTerms(of).serves;

function searchKeyOf(of: Relay | undefined, trust: RelayTrust): SearchKey | undefined {
  if (of === undefined || !isListed(of)) return undefined;
  const { cell, exitPolicy, priceFloor } = announcedTerms(of);
  const { reputation, lastMedianBps } = trust;
  return {
    cell,
    bpsRank: bpsRank(lastMedianBps),
    reputationRank: reputationRank(reputation),
    exit: exitPolicy!.kind,
    price: priceFloor,
    id: of.id,
  };
}

const sameSearchKey = (left: SearchKey | undefined, right: SearchKey | undefined): boolean =>
  left !== undefined &&
  right !== undefined &&
  left.cell === right.cell &&
  left.bpsRank === right.bpsRank &&
  left.reputationRank === right.reputationRank &&
  left.exit === right.exit &&
  left.price === right.price;

function moveSearchKey(ctx: Context, before: SearchKey | undefined, after: SearchKey | undefined): void {
  if (sameSearchKey(before, after)) return;
  if (before !== undefined) state.search.delete(ctx, before);
  if (after !== undefined) state.search.add(ctx, after);
}

function moveCell(ctx: Context, subject: ReturnType<typeof relaySubject>, before?: string, after?: string): void {
  if (before === after) return;
  if (before !== undefined) state.cellMembers.delete(ctx, [before, subject]);
  if (after !== undefined) state.cellMembers.add(ctx, [after, subject]);
}

/** `before` is what is stored, `after` what will be; undefined where there is none. */
export function setRelay(ctx: Context, before: Relay | undefined, after: Relay | undefined): void {
  const id = (after ?? before)!.id;
  const trust = latestTrust(ctx, id);
  moveSearchKey(ctx, searchKeyOf(before, trust), searchKeyOf(after, trust));
  const cellOf = (of: Relay | undefined) => (of === undefined ? undefined : announcedTerms(of).cell);
  moveCell(ctx, relaySubject(id), cellOf(before), cellOf(after));
  state.relays.replace(ctx, id, before, after);
}

/** Whether what points to a relay points to what it says, and whether a search finds it. */
export function isIndexedAs(ctx: ReadContext, of: Relay): { readonly isSearched: boolean; readonly problem?: string } {
  const { cell } = announcedTerms(of);
  const key = searchKeyOf(of, latestTrust(ctx, of.id));
  const isSearched = key !== undefined;
  if (!state.cellMembers.has(ctx, [cell, relaySubject(of.id)])) {
    return { isSearched, problem: `relay ${of.id} is not listed in ${cell}` };
  }
  return isSearched && !state.search.has(ctx, key)
    ? { isSearched, problem: `relay ${of.id} is searched by other values than it has` }
    : { isSearched };
}

/** With other terms from the next open on. */
export function withTerms(ctx: ReadContext, of: Relay, changes: Partial<RelayTerms>): Relay {
  const terms = { ...announcedTerms(of), ...changes, fromEpoch: nextEpoch(ctx) };
  return { ...of, terms: withValue(of.terms, terms, epochNow(ctx) - epochsRead) };
}

// -------------------------------------------------------------------------------------------------------------------- trust

const trustsOf = (ctx: ReadContext, id: bigint): readonly RelayTrust[] =>
  (state.trusts.get(ctx, id)?.trusts ?? []).map(trustFromProto);

/** What counts from the next open on. */
export const latestTrust = (ctx: ReadContext, id: bigint): RelayTrust => trustsOf(ctx, id).at(-1) ?? unknownTrust;

/** What counted when the epoch opened. */
export const trustAt = (ctx: ReadContext, epoch: bigint, id: bigint): RelayTrust =>
  valueAt(trustsOf(ctx, id), epoch) ?? unknownTrust;

/** From the next open on. What does not change is not written. */
export function changeTrust(ctx: Context, id: bigint, changes: Partial<Shown>): void {
  const found = relay(ctx, id);
  if (found === undefined) return;
  const before = trustsOf(ctx, id);
  const latest = before.at(-1) ?? unknownTrust;
  const after = { ...latest, ...changes, fromEpoch: nextEpoch(ctx) };
  if (showsSame(latest, after)) return;
  moveSearchKey(ctx, searchKeyOf(found, latest), searchKeyOf(found, after));
  const trusts = withValue(before, after, epochNow(ctx) - epochsRead);
  state.trusts.set(ctx, id, { trusts: trusts.map(trustToProto) });
}

// ------------------------------------------------------------------------------------------------------------------ oracles

export const oracle = (ctx: ReadContext, id: bigint): Oracle | undefined => state.oracles.get(ctx, id);

export function requireOracle(ctx: ReadContext, id: bigint): Oracle {
  const found = oracle(ctx, id);
  if (found === undefined) throw noSuchOracle(id);
  return found;
}

export function requireOwnOracle(ctx: ReadContext, id: bigint, operator: string): Oracle {
  const found = requireOracle(ctx, id);
  if (found.operator !== operator) throw notTheOperator(subjectText(oracleSubject(id)), found.operator);
  return found;
}

/** In ascending order of id, at most `limit`. */
export function oraclesFrom(ctx: ReadContext, afterId: bigint, limit: number): Oracle[] {
  const found: Oracle[] = [];
  if (limit <= 0) return found;
  for (const [, value] of state.oracles.iterate(ctx, { start: afterId + 1n })) {
    found.push(value);
    if (found.length === limit) break;
  }
  return found;
}

export const announcedOracleTerms = ({ terms }: Pick<Oracle, "terms">): OracleTerms => terms.at(-1)!;

export function setOracle(ctx: Context, before: Oracle | undefined, after: Oracle | undefined): void {
  const id = (after ?? before)!.id;
  const cellOf = (of: Oracle | undefined) => (of === undefined ? undefined : announcedOracleTerms(of).cell);
  moveCell(ctx, oracleSubject(id), cellOf(before), cellOf(after));
  state.oracles.replace(ctx, id, before, after);
}

export function withOracleTerms(ctx: ReadContext, of: Oracle, changes: Partial<OracleTerms>): Oracle {
  const terms = { ...announcedOracleTerms(of), ...changes, fromEpoch: nextEpoch(ctx) };
  return { ...of, terms: withValue(of.terms, terms, epochNow(ctx) - oracleEpochsRead) };
}
