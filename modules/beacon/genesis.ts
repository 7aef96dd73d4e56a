/** The beacon's part of genesis.json. Owns what is refused before the chain starts. */
import { validatorAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Genesis } from "../../chain/module.ts";
import { fieldError, fromJson, refusedAs, shown, toJson } from "../../chain/protojson.ts";
import { compareTimes, isPositiveDuration } from "../../chain/time.ts";
import { type GenesisProposer, GenesisState, type GenesisTicks } from "../../proto/gen/weir/beacon/v1/genesis.ts";
import type { Beacon, Epoch, Proposer } from "../../proto/gen/weir/beacon/v1/state.ts";
import { getValidator } from "../staking/index.ts";
import { epochsKept, tickCount, tickEpochsKept } from "./epochs.ts";
import { keysProblem, newProposer } from "./keys.ts";
import { defaultParams, paramsProblem, paramsToProto } from "./params.ts";
import { beaconLength, firstBeacon } from "./proof.ts";
import * as stored from "./state.ts";

const at = "app_state.beacon";
const seedLengths: readonly number[] = [0, beaconLength];

const empty = (): GenesisState => ({
  params: paramsToProto(defaultParams),
  beacon: undefined,
  proposers: [],
  epochs: [],
  ticks: [],
});

// ------------------------------------------------------------------------------------------------------------------- parsing

function parse(json: unknown): GenesisState {
  const state = fromJson<GenesisState>(GenesisState.$type, json, at);
  if (state.params === undefined) throw fieldError(`${at}.params`, "nothing", "the beacon's parameters");
  const problem = paramsProblem(state.params);
  if (problem !== undefined) throw fieldError(`${at}.params`, problem, "parameters in their bounds");
  checkBeacon(state.beacon);
  checkProposers(state.proposers);
  checkEpochs(state.epochs);
  for (const [index, ticks] of state.ticks.entries()) checkTicks(ticks, state.epochs, `${at}.ticks[${index}]`);
  return state;
}

function checkBeacon(found: Beacon | undefined): void {
  if (found === undefined) return;
  const { value, height } = found;
  if (value.length !== beaconLength)
    throw fieldError(`${at}.beacon.value`, `${value.length} bytes`, `${beaconLength} bytes`);
  if (height < 0n) throw fieldError(`${at}.beacon.height`, `${height}`, "0 or more");
}

function checkProposers(list: readonly GenesisProposer[]): void {
  const seen = new Set<string>();
  for (const [index, { operator, proposer, fineDue }] of list.entries()) {
    const path = `${at}.proposers[${index}]`;
    refusedAs(`${path}.operator`, shown(operator), "a validator's operator", () => validatorAddress.decode(operator));
    if (seen.has(operator)) throw fieldError(`${path}.operator`, `${operator} again`, "each validator once");
    seen.add(operator);
    const { keys = [], fined = "", proposed = 0n, proven = 0n, withheld = 0n } = proposer ?? {};
    const problem = keysProblem(keys);
    if (problem !== undefined) throw fieldError(`${path}.proposer.keys`, problem, "at most two usable keys");
    if (proven + withheld > proposed) {
      throw fieldError(
        `${path}.proposer.proposed`,
        `${proposed}`,
        `at least the ${proven + withheld} proven and withheld`,
      );
    }
    requireAmount(fined, `${path}.proposer.fined`);
    requireAmount(fineDue, `${path}.fine_due`);
  }
}

/** Left out is 0. */
function requireAmount(text: string, path: string): void {
  if (text !== "" && BigInt(text) < 0n) throw fieldError(path, text, "0 or more");
}

function checkEpochs(list: readonly Epoch[]): void {
  if (BigInt(list.length) > epochsKept) throw fieldError(`${at}.epochs`, `${list.length}`, `at most ${epochsKept}`);
  for (const [index, found] of list.entries()) {
    const path = `${at}.epochs[${index}]`;
    const before = list[index - 1];
    if (found.openTime === undefined) throw fieldError(`${path}.open_time`, "nothing", "a time");
    if (found.duration === undefined || !isPositiveDuration(found.duration)) {
      throw fieldError(`${path}.duration`, shown(found.duration?.seconds), "more than nothing");
    }
    if (found.openHeight < 0n) throw fieldError(`${path}.open_height`, `${found.openHeight}`, "0 or more");
    if (!seedLengths.includes(found.seed.length)) {
      throw fieldError(`${path}.seed`, `${found.seed.length} bytes`, `${beaconLength} bytes, or nothing`);
    }
    const isLast = index === list.length - 1;
    if ((found.counted === undefined) !== isLast) {
      throw fieldError(
        `${path}.counted`,
        isLast ? "a time" : "nothing",
        "the time that it counts for, but of the last",
      );
    }
    if (before === undefined) continue;
    if (found.number !== before.number + 1n)
      throw fieldError(`${path}.number`, `${found.number}`, `${before.number + 1n}`);
    if (compareTimes(found.openTime, before.openTime!) <= 0) {
      throw fieldError(`${path}.open_time`, `${found.openTime.seconds}s`, "later than the one before");
    }
  }
}

function checkTicks({ epoch, ticks }: GenesisTicks, epochs: readonly Epoch[], path: string): void {
  const newest = epochs.at(-1)?.number ?? -1n;
  if (!epochs.some(({ number }) => number === epoch) || epoch + tickEpochsKept <= newest) {
    throw fieldError(`${path}.epoch`, `${epoch}`, `one of the last ${tickEpochsKept} epochs`);
  }
  let last = -1n;
  for (const [index, { number, beacon }] of ticks.entries()) {
    const here = `${path}.ticks[${index}]`;
    if (number <= last || number >= tickCount) {
      throw fieldError(`${here}.number`, `${number}`, `more than ${last} and less than ${tickCount}`);
    }
    if (beacon.length !== beaconLength)
      throw fieldError(`${here}.beacon`, `${beacon.length} bytes`, `${beaconLength} bytes`);
    last = number;
  }
}

// ------------------------------------------------------------------------------------------------------------- start and end

/** Validators are there, those of genesis transactions too. */
function init(ctx: Context, genesis: GenesisState): undefined {
  const { params, beacon, proposers, epochs, ticks } = genesis;
  stored.params.set(ctx, params!);
  stored.beacon.set(ctx, beacon ?? { value: firstBeacon(ctx.block.chainId), height: 0n });
  for (const { operator: text, proposer, fineDue } of proposers) {
    const operator = validatorAddress.decode(text);
    if (getValidator(ctx, operator) === undefined) throw fieldError(`${at}.proposers`, text, "validators");
    stored.proposers.set(ctx, operator, storable(proposer));
    if (fineDue !== "" && fineDue !== "0") stored.finesDue.set(ctx, operator, BigInt(fineDue));
  }
  for (const found of epochs) stored.epochs.set(ctx, found.number, found);
  const newest = epochs.at(-1);
  if (newest !== undefined) stored.epochCount.set(ctx, newest.number + 1n);
  for (const { epoch, ticks: list } of ticks) {
    for (const tick of list) stored.ticks.set(ctx, [epoch, tick.number], tick.beacon);
  }
}

/** Written by hand, a genesis names the keys alone. */
function storable(found: Proposer | undefined): Proposer {
  const proposer = found ?? newProposer();
  return proposer.fined === "" ? { ...proposer, fined: "0" } : proposer;
}

function exportState(ctx: ReadContext): GenesisState {
  const epochs = [...stored.epochs.iterate(ctx)].map(([, found]) => found);
  const ticksOf = (epoch: bigint) =>
    [...stored.ticks.iterate(ctx, { leading: [epoch] })].map(([[, number], beacon]) => ({ number, beacon }));
  return {
    params: stored.params.get(ctx) ?? paramsToProto(defaultParams),
    beacon: stored.beacon.get(ctx),
    proposers: [...stored.proposers.iterate(ctx)].map(([operator, proposer]) => ({
      operator: validatorAddress.encode(operator),
      proposer,
      fineDue: `${stored.finesDue.get(ctx, operator) ?? 0n}`,
    })),
    epochs,
    ticks: epochs
      .map(({ number: epoch }) => ({ epoch, ticks: ticksOf(epoch) }))
      .filter(({ ticks }) => ticks.length > 0),
  };
}

export const genesis: Genesis<GenesisState> = {
  default: empty,
  parse,
  toJson: (state) => toJson(GenesisState.$type, state),
  init,
  export: exportState,
};
