/** What is always true of the market. */
import { moduleAddress } from "../../chain/address.ts";
import { formatCoins } from "../../chain/coins.ts";
import type { ReadContext } from "../../chain/context.ts";
import { decFromProto } from "../../chain/dec.ts";
import type { Invariant } from "../../chain/module.ts";
import { rangeProblem } from "../../chain/parameters.ts";
import { balancesOf } from "../bank/index.ts";
import {
  contractProblem,
  planProblem,
  sessionProblem,
  settlementProblem,
  subscriptionProblem,
} from "./genesischecks.ts";
import { escrowed, walletsTotal } from "./holdings.ts";
import { parameters } from "./parameters.ts";
import { getParams, paramsProblem, paramsToProto } from "./params.ts";
import { splitNames } from "./split.ts";
import * as stored from "./state.ts";

function walletsAreCovered(ctx: ReadContext): string | undefined {
  const [found, owed] = [balancesOf(ctx, moduleAddress(stored.walletsName)), walletsTotal(ctx)].map(formatCoins);
  return found === owed ? undefined : `${stored.walletsName} has ${found}, wallets are ${owed}`;
}

function escrowIsCovered(ctx: ReadContext): string | undefined {
  const [found, owed] = [balancesOf(ctx, moduleAddress(stored.escrowName)), escrowed(ctx)].map(formatCoins);
  return found === owed ? undefined : `${stored.escrowName} has ${found}, locks are ${owed}`;
}

/** Settled is within what is locked, and is what the counted bytes cost. */
function sessionsAreWhole(ctx: ReadContext): string | undefined {
  const count = stored.sessionCount.peek(ctx);
  for (const [id, session] of stored.sessions.iterate(ctx)) {
    const problem = session.id !== id || id > count ? "another number" : sessionProblem(session);
    if (problem !== undefined) return `session ${id} has ${problem}`;
  }
  return undefined;
}

function countBy<T>(entries: Iterable<readonly [unknown, T]>, keyOf: (value: T) => bigint): Map<bigint, T[]> {
  const found = new Map<bigint, T[]>();
  for (const [, value] of entries) {
    const key = keyOf(value);
    if (key !== 0n) found.set(key, [...(found.get(key) ?? []), value]);
  }
  return found;
}

function contractsAreWhole(ctx: ReadContext): string | undefined {
  const open = countBy(stored.sessions.iterate(ctx), ({ contract }) => contract);
  const taken = new Map<bigint, bigint>();
  for (const [id, contract] of stored.contracts.iterate(ctx)) {
    const sessions = BigInt(open.get(id)?.length ?? 0);
    const problem =
      contract.openSessions === sessions
        ? contractProblem(contract)
        : `${contract.openSessions} sessions, not ${sessions}`;
    if (problem !== undefined) return `contract ${id} has ${problem}`;
    taken.set(contract.relay, (taken.get(contract.relay) ?? 0n) + contract.capacityBps);
  }
  for (const [relay, { bps }] of stored.reservations.iterate(ctx)) {
    if (taken.get(relay) !== bps)
      return `contracts of relay ${relay} reserve ${taken.get(relay) ?? 0n}, not ${bps} bps`;
    taken.delete(relay);
  }
  return taken.size === 0 ? undefined : "a relay's contracts are not counted";
}

/** What is used, what sessions may still use and what nobody has taken are the quota. */
function quotasAddUp(ctx: ReadContext): string | undefined {
  const open = countBy(stored.sessions.iterate(ctx), ({ subscription }) => subscription);
  const ofPlans = countBy(stored.subscriptions.iterate(ctx), ({ plan }) => plan);
  for (const [id, subscription] of stored.subscriptions.iterate(ctx)) {
    const problem = subscriptionProblem(subscription);
    if (problem !== undefined) return `subscription ${id} has ${problem}`;
    const sessions = open.get(id) ?? [];
    if (BigInt(sessions.length) !== subscription.openSessions)
      return `subscription ${id} has ${sessions.length} sessions`;
    const inSessions = sessions.reduce((sum, { bytesMax, bytes }) => sum + bytesMax - bytes, 0n);
    const shared = subscription.shares.reduce((sum, { bytesLeft }) => sum + bytesLeft, 0n);
    const sum = subscription.usedBytes + subscription.bytesLeft + shared + inSessions;
    if (sum !== subscription.quotaBytes) return `subscription ${id} has ${sum} bytes of ${subscription.quotaBytes}`;
  }
  for (const [id, plan] of stored.plans.iterate(ctx)) {
    const count = BigInt(ofPlans.get(id)?.length ?? 0);
    const problem =
      plan.subscriptions === count ? planProblem(plan) : `${plan.subscriptions} subscriptions, not ${count}`;
    if (problem !== undefined) return `plan ${id} has ${problem}`;
  }
  return undefined;
}

/** An epoch's records of relays, of cells and of all together say the same. */
function settlementsAddUp(ctx: ReadContext): string | undefined {
  const totals = (entries: Iterable<readonly [bigint, { readonly value: string }]>) => {
    const sums = new Map<bigint, bigint>();
    for (const [epoch, { value }] of entries) sums.set(epoch, (sums.get(epoch) ?? 0n) + BigInt(value));
    return sums;
  };
  const relays = totals([...stored.relaySettlements.iterate(ctx)].map(([[epoch], of]) => [epoch, of]));
  const cells = totals([...stored.cellSettlements.iterate(ctx)].map(([[epoch], of]) => [epoch, of]));
  for (const [epoch, settlement] of stored.epochSettlements.iterate(ctx)) {
    const problem = settlementProblem(settlement);
    if (problem !== undefined) return `epoch ${epoch} has ${problem}`;
    // While old records go, relays' first, an epoch may have lost some of them.
    const [ofRelays, ofCells] = [relays.get(epoch) ?? 0n, cells.get(epoch) ?? 0n];
    const value = BigInt(settlement.value);
    if (ofRelays > value || ofCells > value) return `epoch ${epoch} settled ${value}, its relays ${ofRelays}`;
  }
  return undefined;
}

function pricesAreBounded(ctx: ReadContext): string | undefined {
  const problem =
    paramsProblem(paramsToProto(getParams(ctx))) ?? rangeProblem(parameters, paramsToProto(getParams(ctx)));
  if (problem !== undefined) return problem;
  for (const [[cell], { price }] of stored.spotPrices.iterate(ctx)) {
    if (decFromProto(price) <= 0n) return `the price of ${cell} is ${price}`;
  }
  const { split } = getParams(ctx);
  return splitNames.some((name) => split[name] < 0n) ? "a share of the split is below nothing" : undefined;
}

export const invariants: Readonly<Record<string, Invariant>> = {
  walletsAreCovered,
  escrowIsCovered,
  sessionsAreWhole,
  contractsAreWhole,
  quotasAddUp,
  settlementsAddUp,
  pricesAreBounded,
};
