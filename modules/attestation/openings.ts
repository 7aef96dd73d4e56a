/**
 * How things stood when an epoch opened: what its draws are made from, out of what holds from an epoch on. Owns who takes part, and the few
 * figures that are noted at the open because they are about all.
 */
import { accountAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Opening, Oracle, RelayTerms } from "../../proto/gen/weir/attestation/v1/state.ts";
import { currentEpoch, epoch as epochAt, epochOpenedNow } from "../beacon/index.ts";
import { prefixOf } from "./attestationprefix.ts";
import { fractionOf } from "./bondpool.ts";
import { bondAtOpen, requiredBondFor } from "./bonds.ts";
import {
  type CommitteeRules,
  drawCommittee,
  eligibleOracles,
  isAudited,
  type OracleAtOpen,
  type RelayAtOpen,
  visibleClaimMax,
} from "./committee.ts";
import { parseEndpoint } from "./endpoints.ts";
import { valueAt } from "./epochvalues.ts";
import { isEvidenced } from "./evidence.ts";
import { familyOf } from "./families.ts";
import { provenCapacityAt } from "./oracles.ts";
import { getParams, type Params, paramsFromProto, paramsToProto } from "./params.ts";
import { relay, servesIn, termsOf, trustAt } from "./records.ts";
import { epochsBehind } from "./software.ts";
import * as state from "./state.ts";
import { oracleSubject, relaySubject } from "./subject.ts";
import { tiedOperators } from "./ties.ts";

/** As many as the beacon keeps. */
export const openingsKept = 16n;

/** Undefined before the epoch has opened, and of those that are forgotten. */
export const openingOf = (ctx: ReadContext, epoch: bigint): Opening | undefined => state.openings.get(ctx, epoch);

/** The rules of an epoch: those that held when it opened. */
export function paramsAt(ctx: ReadContext, epoch: bigint): Params {
  const opening = openingOf(ctx, epoch);
  return opening === undefined ? getParams(ctx) : paramsFromProto(opening.params!);
}

export function committeeRules(ctx: ReadContext, epoch: bigint): CommitteeRules {
  const { committeeSize, oracleBondMin, prefixRules } = paramsAt(ctx, epoch);
  return { size: committeeSize, oracleBondMin, prefixRules };
}

// ------------------------------------------------------------------------------------------------------------------ oracles

const familyName = (ctx: ReadContext, epoch: bigint, operator: string): string | undefined => {
  const family = familyOf(ctx, epoch, accountAddress.decode(operator));
  return family === 0n ? undefined : `${family}`;
};

function prefixesOf(endpoints: readonly string[]): string[] {
  const prefixes = endpoints.map((text) => prefixOf(parseEndpoint(text)?.address ?? new Uint8Array(0)));
  return prefixes.filter((prefix) => prefix !== undefined);
}

function oracleAtOpen(ctx: ReadContext, epoch: bigint, of: Oracle, rules: Params): OracleAtOpen | undefined {
  const terms = valueAt(of.terms, epoch);
  if (terms?.serves !== true) return undefined;
  const bond = bondAtOpen(ctx, epoch, oracleSubject(of.id));
  if (bond < fractionOf(rules.oracleBondMin, rules.bondFloor)) return undefined;
  return {
    id: of.id,
    operator: of.operator,
    family: familyName(ctx, epoch, of.operator),
    prefixes: prefixesOf(terms.endpoints),
    bond,
    provenBps: provenCapacityAt(of, epoch, rules.unprovenBps),
  };
}

/** Those that could be drawn, in ascending order of id: at most `oracles_max`. For many relays of an epoch, ask once. */
export function oraclesAtOpen(ctx: ReadContext, epoch: bigint): OracleAtOpen[] {
  const found: OracleAtOpen[] = [];
  const rules = paramsAt(ctx, epoch);
  for (const [, of] of state.oracles.iterate(ctx)) {
    const atOpen = oracleAtOpen(ctx, epoch, of, rules);
    if (atOpen !== undefined) found.push(atOpen);
  }
  return found;
}

// ------------------------------------------------------------------------------------------------------------- at each open

/** In the first block of an epoch, before its transactions. */
export function noteOpening(ctx: Context): void {
  if (!epochOpenedNow(ctx)) return;
  const { number } = currentEpoch(ctx)!;
  const oracles = oraclesAtOpen(ctx, number);
  const rules = getParams(ctx);
  state.openings.set(ctx, number, {
    epoch: number,
    nextRelay: state.relayCount.peek(ctx) + 1n,
    nextOracle: state.oracleCount.peek(ctx) + 1n,
    visibleBpsMax: visibleClaimMax(oracles, rules.committeeSize),
    capacityBps: oracles.reduce((sum, { provenBps }) => sum + provenBps, 0n),
    oracles: BigInt(oracles.length),
    params: paramsToProto(rules),
  });
  if (number >= openingsKept) state.openings.delete(ctx, number - openingsKept);
}

/** Ids of relays that were given out when the epoch opened: 1 to this one. */
export const relayIdCountAt = (ctx: ReadContext, epoch: bigint): bigint =>
  (openingOf(ctx, epoch)?.nextRelay ?? 1n) - 1n;

// ------------------------------------------------------------------------------------------------------------------- relays

/** The relay's own; undefined where it was not registered yet. */
export function termsAt(ctx: ReadContext, epoch: bigint, id: bigint): RelayTerms | undefined {
  const found = relay(ctx, id);
  return found === undefined ? undefined : termsOf(found, epoch);
}

/** Whether it took part: it served, and had not lost most of its least bond. */
export function tookPart(
  ctx: ReadContext,
  epoch: bigint,
  id: bigint,
  terms: RelayTerms | undefined,
): terms is RelayTerms {
  if (!servesIn(terms, epoch)) return false;
  const { relayBondMin, bondFloor } = paramsAt(ctx, epoch);
  return bondAtOpen(ctx, epoch, relaySubject(id)) >= fractionOf(relayBondMin, bondFloor);
}

const visible = (ctx: ReadContext, epoch: bigint, claimedBps: bigint): bigint => {
  const most = openingOf(ctx, epoch)?.visibleBpsMax ?? 0n;
  return claimedBps < most ? claimedBps : most;
};

/** The claim as far as oracles could see it when the epoch opened. */
export const visibleClaimAt = (ctx: ReadContext, epoch: bigint, id: bigint): bigint =>
  visible(ctx, epoch, termsAt(ctx, epoch, id)?.claimedBps ?? 0n);

/** What its visible claim asks for, by the epoch that is open. */
export const requiredBond = (ctx: ReadContext, id: bigint): bigint =>
  requiredBondFor(ctx, visibleClaimAt(ctx, currentEpoch(ctx)?.number ?? 0n, id));

/** Undefined where it took no part. */
export function relayAtOpen(ctx: ReadContext, epoch: bigint, id: bigint): RelayAtOpen | undefined {
  const found = relay(ctx, id);
  const terms = found === undefined ? undefined : termsOf(found, epoch);
  if (found === undefined || !tookPart(ctx, epoch, id, terms)) return undefined;
  const { prefix } = trustAt(ctx, epoch, id);
  return {
    id,
    operator: found.operator,
    family: familyName(ctx, epoch, found.operator),
    prefix: prefix === "" ? undefined : prefix,
    claimBps: visible(ctx, epoch, terms.claimedBps),
    delegatingOperators: tiedOperators(ctx, epoch, id),
  };
}

/** All that a settled epoch reads of a relay's registration. */
export interface RelayEpoch {
  readonly serves: boolean;
  /** As far as oracles could see it. */
  readonly claimBps: bigint;
  readonly rttMicros: bigint;
  readonly cell: string;
  /** 0 is none. */
  readonly family: bigint;
  readonly epochsBehind: bigint;
}

/** Undefined where it was not registered yet. */
export function relayEpoch(ctx: ReadContext, epoch: bigint, id: bigint): RelayEpoch | undefined {
  const found = relay(ctx, id);
  const terms = found === undefined ? undefined : termsOf(found, epoch);
  if (found === undefined || terms === undefined) return undefined;
  return {
    serves: tookPart(ctx, epoch, id, terms),
    claimBps: visible(ctx, epoch, terms.claimedBps),
    rttMicros: terms.rttMicros,
    cell: terms.cell,
    family: familyOf(ctx, epoch, accountAddress.decode(found.operator)),
    epochsBehind: epochsBehind(ctx, found.softwareVersion, epoch),
  };
}

// ------------------------------------------------------------------------------------------------------------------- draws

const seedOf = (ctx: ReadContext, epoch: bigint): Uint8Array => epochAt(ctx, epoch)?.seed ?? new Uint8Array(0);

/** Who measures it in the epoch, in the order of their rounds; nobody before the seed is known, and where the relay took no part. */
export function committeeOf(
  ctx: ReadContext,
  epoch: bigint,
  id: bigint,
  oracles: readonly OracleAtOpen[] = oraclesAtOpen(ctx, epoch),
): bigint[] {
  const seed = seedOf(ctx, epoch);
  const subject = relayAtOpen(ctx, epoch, id);
  if (seed.length === 0 || subject === undefined) return [];
  return drawCommittee({ seed, epoch }, subject, oracles, committeeRules(ctx, epoch));
}

/** Those of whom it was drawn. */
export function eligibleFor(
  ctx: ReadContext,
  epoch: bigint,
  id: bigint,
  oracles: readonly OracleAtOpen[] = oraclesAtOpen(ctx, epoch),
): bigint[] {
  const subject = relayAtOpen(ctx, epoch, id);
  if (subject === undefined) return [];
  return eligibleOracles(subject, oracles, committeeRules(ctx, epoch)).map((oracle) => oracle.id);
}

/** One epoch in so many. */
export function auditOneIn(ctx: ReadContext, epoch: bigint, id: bigint): bigint {
  const { trustedReputation, auditOneIn: usual, auditOneInEvidenced } = paramsAt(ctx, epoch);
  if (trustAt(ctx, epoch, id).reputation < trustedReputation) return 1n;
  return isEvidenced(ctx, epoch, relaySubject(id)) ? auditOneInEvidenced : usual;
}

/** Whether the relay is measured in the epoch; not before the seed is known. */
export function isAuditedIn(ctx: ReadContext, epoch: bigint, id: bigint): boolean {
  const seed = seedOf(ctx, epoch);
  return seed.length > 0 && isAudited(seed, epoch, id, auditOneIn(ctx, epoch, id));
}

/** What it takes of the oracles' capacity at once: its claim, or a quarter more than it carried last; the first time, what its bond covers. */
export function countedBpsAt(ctx: ReadContext, epoch: bigint, id: bigint): bigint {
  const claim = visibleClaimAt(ctx, epoch, id);
  const { lastMedianBps } = trustAt(ctx, epoch, id);
  if (lastMedianBps > 0n) {
    const most = (lastMedianBps * 5n) / 4n;
    return claim < most ? claim : most;
  }
  const bond = bondAtOpen(ctx, epoch, relaySubject(id));
  const required = requiredBondFor(ctx, claim);
  // Rounded down.
  return bond >= required ? claim : (claim * bond) / required;
}
