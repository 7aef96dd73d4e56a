/** The market's part of genesis.json. Owns what is refused before the chain starts. */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { coinsFromProto, coinsProblem, coinsToProto, formatCoins } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Genesis } from "../../chain/module.ts";
import { rangeProblem } from "../../chain/parameters.ts";
import { fieldError, fromJson, refusedAs, shown, toJson } from "../../chain/protojson.ts";
import { GenesisState, type Wallet } from "../../proto/gen/weir/market/v1/genesis.ts";
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
import { defaultParams, paramsProblem, paramsToProto } from "./params.ts";
import * as stored from "./state.ts";

const at = "app_state.market";

const empty = (): GenesisState => ({
  ...GenesisState.fromPartial({}),
  params: paramsToProto(defaultParams),
});

// ------------------------------------------------------------------------------------------------------------------- parsing

/** Ascending by what `keyOf` gives: numbers. */
function checkIds<T>(list: readonly T[], name: string, last: bigint, idOf: (item: T) => bigint): void {
  let before = 0n;
  for (const [index, item] of list.entries()) {
    const id = idOf(item);
    if (id <= before || id > last) {
      throw fieldError(`${at}.${name}[${index}].id`, `${id}`, `more than ${before} and at most ${last}`);
    }
    before = id;
  }
}

function checkEach<T>(list: readonly T[], name: string, problemOf: (item: T) => string | undefined): void {
  for (const [index, item] of list.entries()) {
    const path = `${at}.${name}[${index}]`;
    const problem = refusedAs(path, "an entry", "one that is whole", () => problemOf(item));
    if (problem !== undefined) throw fieldError(path, problem, "an entry that is whole");
  }
}

function walletProblem({ owner, coins }: Wallet): string | undefined {
  accountAddress.decode(owner);
  return coins.length === 0 ? "no coins" : coinsProblem(coinsFromProto(coins));
}

function checkOnce<T>(list: readonly T[], name: string, keyOf: (item: T) => string): void {
  const seen = new Set<string>();
  for (const [index, item] of list.entries()) {
    const key = keyOf(item);
    if (seen.has(key)) throw fieldError(`${at}.${name}[${index}]`, `${shown(key)} again`, "each once");
    seen.add(key);
  }
}

/** They are what the contracts have reserved. */
function checkReservations({ contracts, reservations }: GenesisState): void {
  checkOnce(reservations, "reservations", ({ relay }) => `${relay}`);
  const taken = new Map<bigint, bigint>();
  for (const { relay, capacityBps } of contracts) taken.set(relay, (taken.get(relay) ?? 0n) + capacityBps);
  for (const [index, { relay, bps }] of reservations.entries()) {
    const expected = taken.get(relay) ?? 0n;
    if (bps !== expected || bps === 0n) throw fieldError(`${at}.reservations[${index}].bps`, `${bps}`, `${expected}`);
    taken.delete(relay);
  }
  for (const [relay, bps] of taken) throw fieldError(`${at}.reservations`, `nothing of relay ${relay}`, `${bps} bps`);
}

function parse(json: unknown): GenesisState {
  const state = fromJson<GenesisState>(GenesisState.$type, json, at);
  if (state.params === undefined) throw fieldError(`${at}.params`, "nothing", "the market's parameters");
  const problem = refusedAs(
    `${at}.params`,
    "a value",
    "parameters in their bounds",
    () => paramsProblem(state.params!) ?? rangeProblem(parameters, state.params!),
  );
  if (problem !== undefined) throw fieldError(`${at}.params`, problem, "parameters in their bounds");
  checkEach(state.wallets, "wallets", walletProblem);
  checkOnce(state.wallets, "wallets", ({ owner }) => owner);
  checkEach(state.frozen, "frozen", ({ until }) => (until === undefined ? "no time in until" : undefined));
  checkOnce(state.frozen, "frozen", ({ denom }) => denom);
  checkIds(state.sessions, "sessions", state.nextSession, ({ id }) => id);
  checkEach(state.sessions, "sessions", sessionProblem);
  checkIds(state.offers, "offers", state.nextOffer, ({ id }) => id);
  checkIds(state.contracts, "contracts", state.nextContract, ({ id }) => id);
  checkEach(state.contracts, "contracts", contractProblem);
  checkIds(state.plans, "plans", state.nextPlan, ({ id }) => id);
  checkEach(state.plans, "plans", planProblem);
  checkIds(state.subscriptions, "subscriptions", state.nextSubscription, ({ id }) => id);
  checkEach(state.subscriptions, "subscriptions", subscriptionProblem);
  checkOnce(state.prices, "prices", ({ cell, stable }) => `${cell} ${stable}`);
  checkEach(state.relaySettlements, "relay_settlements", ({ settlement }) => settlementProblem(settlement));
  checkOnce(state.relaySettlements, "relay_settlements", ({ epoch, relay }) => `${epoch} ${relay}`);
  checkEach(state.cellSettlements, "cell_settlements", ({ settlement }) => settlementProblem(settlement));
  checkOnce(state.cellSettlements, "cell_settlements", ({ epoch, cell, stable }) => `${epoch} ${stable} ${cell}`);
  checkEach(state.epochSettlements, "epoch_settlements", ({ settlement }) => settlementProblem(settlement));
  checkOnce(state.epochSettlements, "epoch_settlements", ({ epoch }) => `${epoch}`);
  checkReservations(state);
  checkEach(state.metering, "metering", ({ metering }) => (metering === undefined ? "no counts" : undefined));
  return state;
}

// ------------------------------------------------------------------------------------------------------------- start and end

function init(ctx: Context, genesis: GenesisState): undefined {
  stored.params.set(ctx, genesis.params!);
  for (const { owner, coins } of genesis.wallets) {
    const address = accountAddress.decode(owner);
    for (const { denom, amount } of coinsFromProto(coins)) stored.wallets.set(ctx, [address, denom], amount);
  }
  for (const freeze of genesis.frozen) stored.frozen.set(ctx, freeze.denom, freeze);
  initCounts(ctx, genesis);
  for (const session of genesis.sessions) stored.sessions.replace(ctx, session.id, undefined, session);
  for (const offer of genesis.offers) stored.offers.replace(ctx, offer.id, undefined, offer);
  for (const contract of genesis.contracts) stored.contracts.replace(ctx, contract.id, undefined, contract);
  for (const reservation of genesis.reservations) stored.reservations.set(ctx, reservation.relay, reservation);
  for (const { contract, epoch, bytes } of genesis.contractUses) stored.contractUses.set(ctx, [contract, epoch], bytes);
  for (const plan of genesis.plans) stored.plans.set(ctx, plan.id, plan);
  for (const subscription of genesis.subscriptions) {
    stored.subscriptions.replace(ctx, subscription.id, undefined, subscription);
  }
  initRecords(ctx, genesis);
  requireCovered(ctx);
}

/** A sequence that nothing was counted by is not stored, in a chain that goes on from an export as in the one before. */
function initCounts(ctx: Context, genesis: GenesisState): void {
  const { nextSession, nextOffer, nextContract, nextPlan, nextSubscription } = genesis;
  if (nextSession > 0n) stored.sessionCount.set(ctx, nextSession);
  if (nextOffer > 0n) stored.offerCount.set(ctx, nextOffer);
  if (nextContract > 0n) stored.contractCount.set(ctx, nextContract);
  if (nextPlan > 0n) stored.planCount.set(ctx, nextPlan);
  if (nextSubscription > 0n) stored.subscriptionCount.set(ctx, nextSubscription);
}

function initRecords(ctx: Context, genesis: GenesisState): void {
  for (const price of genesis.prices) stored.spotPrices.set(ctx, [price.cell, price.stable], price);
  for (const { epoch, relay, settlement } of genesis.relaySettlements) {
    stored.relaySettlements.set(ctx, [epoch, relay], settlement!);
  }
  for (const { epoch, cell, stable, settlement } of genesis.cellSettlements) {
    stored.cellSettlements.set(ctx, [epoch, cell, stable], settlement!);
  }
  for (const { epoch, settlement } of genesis.epochSettlements) stored.epochSettlements.set(ctx, epoch, settlement!);
  for (const { relay, metering } of genesis.metering) stored.meterings.set(ctx, relay, metering!);
  if (genesis.sweep !== undefined) stored.sweep.set(ctx, genesis.sweep);
  if (genesis.heldUntilEpoch > 0n) stored.heldUntil.set(ctx, genesis.heldUntilEpoch);
}

/** The coins are bank's: what wallets and locks say must lie in the module's accounts. */
function requireCovered(ctx: ReadContext): void {
  const owed = [
    ["wallets", stored.walletsName, walletsTotal(ctx)],
    ["sessions, contracts and subscriptions", stored.escrowName, escrowed(ctx)],
  ] as const;
  for (const [what, name, coins] of owed) {
    const [found, expected] = [balancesOf(ctx, moduleAddress(name)), coins].map(formatCoins);
    if (found !== expected)
      throw fieldError(`${at}: ${what}`, `${found || "nothing"} in ${name}`, expected || "nothing");
  }
}

function exportState(ctx: ReadContext): GenesisState {
  const values = <V>(pairs: Iterable<readonly [unknown, V]>): V[] => [...pairs].map(([, value]) => value);
  return {
    params: stored.params.get(ctx) ?? paramsToProto(defaultParams),
    wallets: exportWallets(ctx),
    frozen: values(stored.frozen.iterate(ctx)),
    nextSession: stored.sessionCount.peek(ctx),
    sessions: values(stored.sessions.iterate(ctx)),
    nextOffer: stored.offerCount.peek(ctx),
    offers: values(stored.offers.iterate(ctx)),
    nextContract: stored.contractCount.peek(ctx),
    contracts: values(stored.contracts.iterate(ctx)),
    contractUses: [...stored.contractUses.iterate(ctx)].map(([[contract, epoch], bytes]) => ({
      contract,
      epoch,
      bytes,
    })),
    nextPlan: stored.planCount.peek(ctx),
    plans: values(stored.plans.iterate(ctx)),
    nextSubscription: stored.subscriptionCount.peek(ctx),
    subscriptions: values(stored.subscriptions.iterate(ctx)),
    prices: values(stored.spotPrices.iterate(ctx)),
    relaySettlements: [...stored.relaySettlements.iterate(ctx)].map(([[epoch, relay], settlement]) => ({
      epoch,
      relay,
      settlement,
    })),
    cellSettlements: [...stored.cellSettlements.iterate(ctx)].map(([[epoch, cell, stable], settlement]) => ({
      epoch,
      cell,
      stable,
      settlement,
    })),
    epochSettlements: [...stored.epochSettlements.iterate(ctx)].map(([epoch, settlement]) => ({ epoch, settlement })),
    metering: [...stored.meterings.iterate(ctx)].map(([relay, metering]) => ({ relay, metering })),
    sweep: stored.sweep.get(ctx),
    reservations: values(stored.reservations.iterate(ctx)),
    heldUntilEpoch: stored.heldUntil.get(ctx) ?? 0n,
  };
}

function exportWallets(ctx: ReadContext): Wallet[] {
  const found = new Map<string, { denom: string; amount: bigint }[]>();
  for (const [[address, denom], amount] of stored.wallets.iterate(ctx)) {
    const owner = accountAddress.encode(address);
    const coins = found.get(owner) ?? [];
    coins.push({ denom, amount });
    found.set(owner, coins);
  }
  return [...found].map(([owner, coins]) => ({ owner, coins: coinsToProto(coins) }));
}

export const genesis: Genesis<GenesisState> = {
  default: empty,
  parse,
  toJson: (state) => toJson(GenesisState.$type, state),
  init,
  export: exportState,
};
