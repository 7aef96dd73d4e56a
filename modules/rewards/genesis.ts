/** The rewards' part of genesis.json. Owns what is refused before the chain starts; that coins cover what is owed is an invariant's to say. */
import { accountAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Genesis } from "../../chain/module.ts";
import { rangeProblem } from "../../chain/parameters.ts";
import { fieldError, fromJson, refusedAs, shown, toJson } from "../../chain/protojson.ts";
import { type GenesisReduction, type GenesisRelay, GenesisState } from "../../proto/gen/weir/rewards/v1/genesis.ts";
import type { EpochRecord } from "../../proto/gen/weir/rewards/v1/state.ts";
import { getModuleAccount } from "../auth/index.ts";
import { supplyCap } from "../mint/index.ts";
import { epochRecordsKept } from "./epochrecord.ts";
import { judgementsKept } from "./judgement.ts";
import { parameters } from "./parameters.ts";
import { defaultParams, paramsProblem, paramsToProto } from "./params.ts";
import { rewardsAccountName } from "./punish.ts";
import * as stored from "./state.ts";
import { bucketCount } from "./vesting.ts";

const at = "app_state.rewards";

const empty = (): GenesisState => ({
  params: paramsToProto(defaultParams),
  clock: undefined,
  settlement: undefined,
  relays: [],
  oracles: [],
  shares: [],
  cells: [],
  results: [],
  epochs: [],
  curves: [],
  caps: [],
  cellTotals: [],
  familyParts: [],
  unaccrued: undefined,
  withdrawAddresses: [],
});

// ------------------------------------------------------------------------------------------------------------------- parsing

function parse(json: unknown): GenesisState {
  const state = fromJson<GenesisState>(GenesisState.$type, json, at);
  if (state.params === undefined) throw fieldError(`${at}.params`, "nothing", "the rewards' parameters");
  const problem = paramsProblem(state.params) ?? rangeProblem(parameters, state.params);
  if (problem !== undefined) throw fieldError(`${at}.params`, problem, "parameters in their bounds");
  for (const [index, entry] of state.relays.entries()) checkRelay(entry, `${at}.relays[${index}]`);
  checkAscending(
    state.relays.map(({ id }) => id),
    "relays",
  );
  for (const [index, { record }] of state.oracles.entries()) {
    requireAddress(record?.operator ?? "", `${at}.oracles[${index}].record.operator`);
  }
  checkAscending(
    state.oracles.map(({ id }) => id),
    "oracles",
  );
  for (const [index, { delegator, index: start }] of state.shares.entries()) {
    requireAddress(delegator, `${at}.shares[${index}].delegator`);
    requireCount(start, `${at}.shares[${index}].index`);
  }
  checkEpochs(state);
  for (const [name, list] of [
    ["curves", state.curves],
    ["caps", state.caps],
  ] as const)
    checkReductions(name, list);
  for (const [index, { owner, withdrawAddress }] of state.withdrawAddresses.entries()) {
    requireAddress(owner, `${at}.withdraw_addresses[${index}].owner`);
    requireAddress(withdrawAddress, `${at}.withdraw_addresses[${index}].withdraw_address`);
  }
  return state;
}

function requireAddress(text: string, path: string): void {
  refusedAs(path, shown(text), "an account's address", () => accountAddress.decode(text));
}

function requireCount(text: string, path: string): void {
  if (text === "" || BigInt(text) < 0n) throw fieldError(path, shown(text), "a whole number, 0 or more");
}

function checkRelay({ record }: GenesisRelay, path: string): void {
  if (record === undefined) throw fieldError(`${path}.record`, "nothing", "what is kept of the relay");
  requireAddress(record.operator, `${path}.record.operator`);
  if (record.vesting.length !== 0 && BigInt(record.vesting.length) !== bucketCount) {
    throw fieldError(`${path}.record.vesting`, `${record.vesting.length} buckets`, `none or ${bucketCount}`);
  }
  if (record.judgements.length > judgementsKept) {
    throw fieldError(`${path}.record.judgements`, `${record.judgements.length}`, `at most ${judgementsKept}`);
  }
  requireCount(record.index, `${path}.record.index`);
  requireCount(record.indexFloor, `${path}.record.index_floor`);
  for (const [index, { indexEnd }] of record.generations.entries()) {
    requireCount(indexEnd, `${path}.record.generations[${index}].index_end`);
  }
  if (record.commissionRate === "")
    throw fieldError(`${path}.record.commission_rate`, "nothing", "a share from 0 to 1");
}

function checkAscending(ids: readonly bigint[], name: string): void {
  const wrong = ids.findIndex((id, index) => index > 0 && id <= ids[index - 1]!);
  if (wrong !== -1) throw fieldError(`${at}.${name}[${wrong}].id`, `${ids[wrong]}`, `more than ${ids[wrong - 1]}`);
}

function checkEpochs({ epochs, clock, settlement }: GenesisState): void {
  if (BigInt(epochs.length) > epochRecordsKept) {
    throw fieldError(`${at}.epochs`, `${epochs.length}`, `at most ${epochRecordsKept}`);
  }
  const next = clock?.nextEpoch ?? 0n;
  for (const [index, { epoch, closedAt }] of epochs.entries()) {
    const expected = next - BigInt(epochs.length - index);
    if (epoch !== expected) throw fieldError(`${at}.epochs[${index}].epoch`, `${epoch}`, `${expected}`);
    if (closedAt === undefined) throw fieldError(`${at}.epochs[${index}].closed_at`, "nothing", "a time");
  }
  if (settlement !== undefined && settlement.epoch !== next) {
    throw fieldError(`${at}.settlement.epoch`, `${settlement.epoch}`, `${next}`);
  }
}

function checkReductions(name: string, list: readonly GenesisReduction[]): void {
  for (const [index, { reduction }] of list.entries()) {
    const path = `${at}.${name}[${index}].reduction`;
    if (reduction === undefined) throw fieldError(path, "nothing", "a whole and what of it counts");
    requireCount(reduction.whole, `${path}.whole`);
    requireCount(reduction.counted, `${path}.counted`);
  }
}

// ------------------------------------------------------------------------------------------------------------- start and end

function initEpochs(ctx: Context, { epochs, curves, caps, cellTotals, familyParts }: GenesisState): void {
  for (const record of epochs) stored.epochRecords.set(ctx, record.epoch, record);
  for (const { epoch, name, reduction } of curves) stored.curves.set(ctx, [epoch, name], reduction!);
  for (const { epoch, name, reduction } of caps) stored.caps.set(ctx, [epoch, name], reduction!);
  for (const { cell, totals } of cellTotals) stored.cellTotals.set(ctx, cell, totals!);
  for (const { family, cell, part } of familyParts) stored.familyParts.set(ctx, [family, cell], part!);
}

/** Amounts of relays are kept in 64 bits: one of them can have all that there is. */
const amountMax = (1n << 63n) - 1n;

function requireCountable(ctx: ReadContext): void {
  const cap = supplyCap(ctx) ?? 0n;
  if (cap > amountMax)
    throw fieldError("app_state.mint.emission.schedule.supply_cap", `${cap}`, `at most ${amountMax}`);
}

function init(ctx: Context, genesis: GenesisState): undefined {
  const { params, clock, settlement, unaccrued } = genesis;
  requireCountable(ctx);
  getModuleAccount(ctx, rewardsAccountName);
  stored.params.set(ctx, params!);
  if (clock !== undefined) stored.clock.set(ctx, clock);
  if (settlement !== undefined) stored.settlement.set(ctx, settlement);
  if (unaccrued !== undefined) stored.unaccrued.set(ctx, unaccrued);
  for (const { id, record } of genesis.relays) stored.relays.set(ctx, id, record!);
  for (const { id, record } of genesis.oracles) stored.oracles.set(ctx, id, record!);
  for (const { relay, delegator, index } of genesis.shares) {
    stored.shares.set(ctx, [relay, accountAddress.decode(delegator)], BigInt(index));
  }
  for (const { name, cell } of genesis.cells) stored.cells.set(ctx, name, cell!);
  for (const { relay, epoch, result } of genesis.results) stored.results.set(ctx, [relay, epoch], result!);
  initEpochs(ctx, genesis);
  for (const { owner, withdrawAddress } of genesis.withdrawAddresses) {
    stored.withdrawAddresses.set(ctx, accountAddress.decode(owner), accountAddress.decode(withdrawAddress));
  }
}

const epochsOf = (ctx: ReadContext): EpochRecord[] => [...stored.epochRecords.iterate(ctx)].map(([, record]) => record);

function exportState(ctx: ReadContext): GenesisState {
  return {
    params: stored.params.get(ctx) ?? paramsToProto(defaultParams),
    clock: stored.clock.get(ctx),
    settlement: stored.settlement.get(ctx),
    unaccrued: stored.unaccrued.get(ctx),
    relays: [...stored.relays.iterate(ctx)].map(([id, record]) => ({ id, record })),
    oracles: [...stored.oracles.iterate(ctx)].map(([id, record]) => ({ id, record })),
    shares: [...stored.shares.iterate(ctx)].map(([[relay, delegator], index]) => ({
      relay,
      delegator: accountAddress.encode(delegator),
      index: `${index}`,
    })),
    cells: [...stored.cells.iterate(ctx)].map(([name, cell]) => ({ name, cell })),
    results: [...stored.results.iterate(ctx)].map(([[relay, epoch], result]) => ({ relay, epoch, result })),
    epochs: epochsOf(ctx),
    curves: [...stored.curves.iterate(ctx)].map(([[epoch, name], reduction]) => ({ epoch, name, reduction })),
    caps: [...stored.caps.iterate(ctx)].map(([[epoch, name], reduction]) => ({ epoch, name, reduction })),
    cellTotals: [...stored.cellTotals.iterate(ctx)].map(([cell, totals]) => ({ cell, totals })),
    familyParts: [...stored.familyParts.iterate(ctx)].map(([[family, cell], part]) => ({ family, cell, part })),
    withdrawAddresses: [...stored.withdrawAddresses.iterate(ctx)].map(([owner, address]) => ({
      owner: accountAddress.encode(owner),
      withdrawAddress: accountAddress.encode(address),
    })),
  };
}

export const genesis: Genesis<GenesisState> = {
  default: empty,
  parse,
  toJson: (state) => toJson(GenesisState.$type, state),
  init,
  export: exportState,
};
