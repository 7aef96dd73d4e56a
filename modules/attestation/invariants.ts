/** What is always true of relays, oracles and their bonds: what points to a record points to what it says, and every coin is somebody's. */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import type { ReadMap } from "../../chain/collections.ts";
import type { ReadContext } from "../../chain/context.ts";
import { type Dec, decFromProto } from "../../chain/dec.ts";
import type { Invariant } from "../../chain/module.ts";
import { type Operator, Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
import { balanceOf } from "../bank/index.ts";
import { bondDenom } from "../staking/index.ts";
import { sharedFromProto } from "./bondpool.ts";
import { bondsAccount } from "./bonds.ts";
import { epochsRead, type FromEpoch, oracleEpochsRead } from "./epochvalues.ts";
import { familyMembersMax } from "./families.ts";
import { provenEpochs } from "./oracles.ts";
import { challengeBondsHeld } from "./readingsinvariants.ts";
import { announcedOracleTerms, announcedTerms, isIndexedAs, nextEpoch } from "./records.ts";
import * as state from "./state.ts";
import { oracleSubject, relaySubject, type Subject, subjectText } from "./subject.ts";

const nameOf = (address: Uint8Array): string => accountAddress.encode(address);

function countOf<K, V>(ctx: ReadContext, collection: ReadMap<K, V>): number {
  let count = 0;
  for (const _key of collection.keys(ctx)) count++;
  return count;
}

// ------------------------------------------------------------------------------------------------------------------- bonds

function bondsAreCovered(ctx: ReadContext): string | undefined {
  let owed = challengeBondsHeld(ctx);
  for (const [subject, { tokens }] of state.bonds.iterate(ctx)) {
    if (tokens < 0n) return `the bond of ${subjectText(subject)} is ${tokens}`;
    owed += tokens;
  }
  for (const [[subject], pool] of state.unbondingPools.iterate(ctx)) {
    const { tokens } = sharedFromProto(pool);
    if (tokens < 0n) return `${tokens} are leaving ${subjectText(subject)}`;
    owed += tokens;
  }
  const held = balanceOf(ctx, moduleAddress(bondsAccount), bondDenom(ctx));
  return held === owed ? undefined : `${bondsAccount} has ${held} and owes ${owed}`;
}

/** What is held by many adds up to what a pool says. */
function addUp(held: ReadonlyMap<string, Dec>, pools: Iterable<readonly [string, Dec]>): string | undefined {
  let count = 0;
  for (const [name, shares] of pools) {
    const sum = held.get(name) ?? 0n;
    if (sum !== shares) return `${name} has shares of ${shares}, of which ${sum} are held`;
    if (sum > 0n) count++;
  }
  return count === held.size ? undefined : `shares are held of ${held.size} pools, of which there are ${count}`;
}

function sharesAddUp(ctx: ReadContext): string | undefined {
  const held = new Map<string, Dec>();
  let count = 0;
  for (const [[subject, delegator], shares] of state.delegations.iterate(ctx)) {
    const name = subjectText(subject);
    if (shares <= 0n) return `${nameOf(delegator)} has ${shares} shares of ${name}`;
    if (!state.delegationsByDelegator.has(ctx, [delegator, subject]))
      return `${nameOf(delegator)} is not listed by ${name}`;
    held.set(name, (held.get(name) ?? 0n) + shares);
    count++;
  }
  if (countOf(ctx, state.delegationsByDelegator) !== count) return "delegations are listed that there are not";
  return addUp(
    held,
    [...state.bonds.iterate(ctx)].map(([subject, { shares }]) => [subjectText(subject), shares] as const),
  );
}

function unbondingsAddUp(ctx: ReadContext): string | undefined {
  const held = new Map<string, Dec>();
  const name = (subject: Subject, epoch: bigint) => `what left ${subjectText(subject)} in ${epoch}`;
  let count = 0;
  for (const [key, { shares, completionTime }] of state.unbondings.iterate(ctx)) {
    const [delegator, subject, epoch] = key;
    if (!state.unbondingQueue.has(ctx, [completionTime!, key]))
      return `${nameOf(delegator)} waits without being queued`;
    const pool = name(subject, epoch);
    held.set(pool, (held.get(pool) ?? 0n) + decFromProto(shares));
    count++;
  }
  if (countOf(ctx, state.unbondingQueue) !== count) return "unbondings are queued that there are not";
  return addUp(
    held,
    [...state.unbondingPools.iterate(ctx)].map(
      ([[subject, epoch], { shares }]) => [name(subject, epoch), decFromProto(shares)] as const,
    ),
  );
}

/** An oracle's operator is tied to just the relays that it delegates to. */
function tiesFollowDelegations(ctx: ReadContext): string | undefined {
  const open = new Set<string>();
  for (const [[relay, operator], { ties }] of state.ties.iterate(ctx)) {
    const last = ties.at(-1);
    if (last === undefined) return `${nameOf(operator)} has an empty tie to relay ${relay}`;
    if (last.untilEpoch === 0n) open.add(`${relay} ${nameOf(operator)}`);
  }
  for (const [[delegator, subject]] of state.delegationsByDelegator.iterate(ctx)) {
    const isTied = open.delete(`${subject.id} ${nameOf(delegator)}`) || subject.kind !== relaySubject(0n).kind;
    if (isTied || state.oraclesByOperator.keys(ctx, { leading: [delegator] }).next().done === true) continue;
    return `${nameOf(delegator)} has oracles and delegates to ${subjectText(subject)}, untied`;
  }
  const [without] = open;
  return without === undefined ? undefined : `a tie without a delegation: relay ${without}`;
}

// ----------------------------------------------------------------------------------------------------------------- records

/** Ascending, at most one for each epoch that is read, and one before them. */
function valuesProblem(values: readonly FromEpoch[], read: bigint, announced: bigint): string | undefined {
  if (BigInt(values.length) > read + announced + 2n) return `${values.length} values`;
  for (const [index, { fromEpoch }] of values.entries()) {
    if (index > 0 && fromEpoch <= values[index - 1]!.fromEpoch) return `values out of order at epoch ${fromEpoch}`;
  }
  return undefined;
}

function valuesAreBounded(ctx: ReadContext): string | undefined {
  for (const [id, { terms }] of state.relays.iterate(ctx)) {
    const problem = valuesProblem(terms, epochsRead, 0n);
    if (terms.length === 0 || problem !== undefined) return `relay ${id} has ${problem ?? "no terms"}`;
    if (announcedTerms({ terms }).fromEpoch > nextEpoch(ctx)) return `relay ${id} has terms of a later epoch`;
  }
  for (const [id, { trusts }] of state.trusts.iterate(ctx)) {
    const problem = valuesProblem(trusts, epochsRead, 0n);
    if (problem !== undefined) return `the trust in relay ${id} has ${problem}`;
  }
  for (const [id, { terms, proven, vrfKeys }] of state.oracles.iterate(ctx)) {
    const problem =
      valuesProblem(terms, oracleEpochsRead, 0n) ??
      valuesProblem(proven, oracleEpochsRead + provenEpochs, 0n) ??
      valuesProblem(vrfKeys, oracleEpochsRead, 100n);
    if (terms.length === 0 || problem !== undefined) return `oracle ${id} has ${problem ?? "no terms"}`;
  }
  for (const [subject, { spans, tokens }] of state.bonds.iterate(ctx)) {
    const ordered = spans.map(({ epoch }) => ({ fromEpoch: epoch }));
    const problem = valuesProblem(ordered, epochsRead, 0n);
    if (problem !== undefined) return `the bond of ${subjectText(subject)} has ${problem}`;
    for (const { first, least, last } of spans) {
      if (least > first || least > last || least < 0n)
        return `the bond of ${subjectText(subject)} was ${least} at least`;
    }
    if (spans.length > 0 && spans.at(-1)!.last !== tokens) return `the bond of ${subjectText(subject)} changed unseen`;
  }
  return undefined;
}

/** By cell, by what is searched, by key. */
function recordsAreIndexed(ctx: ReadContext): string | undefined {
  let members = 0;
  let searched = 0;
  const keys = new Set<string>();
  const addKey = (key: Uint8Array) => keys.add(Array.from(key).join());
  for (const [id, relay] of state.relays.iterate(ctx)) {
    const { isSearched, problem } = isIndexedAs(ctx, relay);
    if (problem !== undefined) return problem;
    if (isSearched) searched++;
    members++;
    for (const { transportKey } of relay.terms) {
      addKey(transportKey);
      if (!isOwned(ctx, transportKey, relaySubject(id))) return `a key of relay ${id} is not its own`;
    }
  }
  for (const [id, oracle] of state.oracles.iterate(ctx)) {
    const { cell } = announcedOracleTerms(oracle);
    if (!state.cellMembers.has(ctx, [cell, oracleSubject(id)])) return `oracle ${id} is not listed in ${cell}`;
    members++;
    for (const key of [...oracle.terms.map((of) => of.transportKey), ...oracle.vrfKeys.map((of) => of.publicKey)]) {
      addKey(key);
      if (!isOwned(ctx, key, oracleSubject(id))) return `a key of oracle ${id} is not its own`;
    }
  }
  if (countOf(ctx, state.cellMembers) !== members) return "cells list relays or oracles that there are not";
  if (countOf(ctx, state.search) !== searched) return "relays are searched that cannot be found";
  return countOf(ctx, state.keys) === keys.size ? undefined : "keys are kept that nobody has";
}

const isOwned = (ctx: ReadContext, key: Uint8Array, { kind, id }: Subject): boolean => {
  const owner = state.keys.get(ctx, key);
  return owner?.kind === kind && owner.id === id;
};

function operatorsAreCounted(ctx: ReadContext): string | undefined {
  const counted = new Map<string, Operator>();
  const add = (operator: string, more: Operator) => {
    const before = counted.get(operator) ?? { relays: 0n, oracles: 0n, claimedBps: 0n };
    counted.set(operator, {
      relays: before.relays + more.relays,
      oracles: before.oracles + more.oracles,
      claimedBps: before.claimedBps + more.claimedBps,
    });
  };
  let oracles = 0n;
  for (const [, relay] of state.relays.iterate(ctx)) {
    if (relay.standing === Standing.STANDING_LEFT) continue;
    add(relay.operator, { relays: 1n, oracles: 0n, claimedBps: announcedTerms(relay).claimedBps });
  }
  for (const [, oracle] of state.oracles.iterate(ctx)) {
    if (oracle.standing === Standing.STANDING_LEFT) continue;
    add(oracle.operator, { relays: 0n, oracles: 1n, claimedBps: 0n });
    oracles++;
  }
  for (const [operator, { relays, oracles: own, claimedBps }] of state.operators.iterate(ctx)) {
    const found = counted.get(nameOf(operator));
    if (found?.relays !== relays || found.oracles !== own || found.claimedBps !== claimedBps) {
      return `${nameOf(operator)} has other relays, oracles and claims than are counted`;
    }
  }
  if (countOf(ctx, state.operators) !== counted.size) return "an operator is not counted";
  const active = state.activeOracles.get(ctx) ?? 0n;
  return active === oracles ? undefined : `${oracles} oracles are counted as ${active}`;
}

/** Who leaves, and whose record will go, is queued at just the time that its record says. */
function departuresAreQueued(ctx: ReadContext): string | undefined {
  let going = 0;
  const records = [
    ...Array.from(state.relays.iterate(ctx), ([id, of]) => [relaySubject(id), of] as const),
    ...Array.from(state.oracles.iterate(ctx), ([id, of]) => [oracleSubject(id), of] as const),
  ];
  for (const [subject, { standing, leaveTime }] of records) {
    const isGoing = standing === Standing.STANDING_LEAVING || standing === Standing.STANDING_LEFT;
    if (isGoing !== (leaveTime !== undefined)) return `${subjectText(subject)} leaves at no time, or stays at one`;
    if (leaveTime === undefined) continue;
    if (!state.departures.has(ctx, [leaveTime, subject])) return `${subjectText(subject)} leaves without being queued`;
    going++;
  }
  return countOf(ctx, state.departures) === going ? undefined : "departures are queued of who stays";
}

// ---------------------------------------------------------------------------------------------------------------- families

function familiesAreWhole(ctx: ReadContext): string | undefined {
  for (const [id, { members }] of state.families.iterate(ctx)) {
    const listed = [...state.familyMembers.keys(ctx, { leading: [id] })].length;
    if (listed !== members || listed === 0 || listed > familyMembersMax)
      return `family ${id} has ${listed} of ${members} members`;
  }
  for (const [family, operator] of state.familyMembers.keys(ctx)) {
    const last = state.memberships.get(ctx, operator)?.memberships.at(-1);
    if (last?.family !== family)
      return `${nameOf(operator)} is listed in family ${family}, and of ${last?.family ?? "none"}`;
  }
  for (const [operator, { memberships }] of state.memberships.iterate(ctx)) {
    const { family } = memberships.at(-1)!;
    if (family !== 0n && !state.familyMembers.has(ctx, [family, operator]))
      return `${nameOf(operator)} is not listed in ${family}`;
  }
  for (const [family, invited] of state.invitations.keys(ctx)) {
    if (!state.families.has(ctx, family)) return `family ${family} invites and is not there`;
    if (!state.invitationsByOperator.has(ctx, [invited, family]))
      return `an invitation of ${nameOf(invited)} is not listed`;
  }
  const isEven = countOf(ctx, state.invitations) === countOf(ctx, state.invitationsByOperator);
  return isEven ? undefined : "invitations are listed that there are not";
}

export const registryInvariants: Readonly<Record<string, Invariant>> = {
  bondsAreCovered,
  sharesAddUp,
  unbondingsAddUp,
  tiesFollowDelegations,
  valuesAreBounded,
  recordsAreIndexed,
  operatorsAreCounted,
  departuresAreQueued,
  familiesAreWhole,
};
