/**
 * Mint's part of genesis.json: the SDK's minter and parameters, and beside them `emission`. Owns the choice of the supply's schedule:
 * without an emission, as in a genesis of simd, the chain mints by inflation.
 */
import { isValidDenom } from "../../chain/coins.ts";
import type { Context } from "../../chain/context.ts";
import { type Dec, decFromProto, formatDec, parseDec } from "../../chain/dec.ts";
import type { Genesis } from "../../chain/module.ts";
import { fieldError, fromJson, shown, toJson } from "../../chain/protojson.ts";
import { GenesisState } from "../../proto/gen/cosmos/mint/v1beta1/genesis.ts";
import type { Minter, Params } from "../../proto/gen/cosmos/mint/v1beta1/mint.ts";
import { Emission as ProtoEmission } from "../../proto/gen/weir/mint/v1/state.ts";
import { getModuleAccount } from "../auth/index.ts";
import { supplyOf } from "../bank/index.ts";
import {
  defaultMinter,
  emissionToProto,
  getEmission,
  getMinter,
  getParams,
  mintAccountName,
  setEmission,
} from "./keeper.ts";
import { defaultParams, paramsProblem } from "./params.ts";
import { emittedUntil, type Schedule, scheduleProblem, totalEmission } from "./schedule.ts";
import { minter, params } from "./state.ts";

type Optional<T, K extends keyof T> = Omit<T, K> & { readonly [P in K]?: T[P] | undefined };

/** What the chain itself fills in at its start may be left out. */
export interface GenesisEmission {
  readonly schedule: Optional<Schedule, "start">;
  readonly genesisSupply?: bigint | undefined;
  readonly scheduledMinted: bigint;
  readonly scheduledForfeited: bigint;
  readonly furtherMinted: bigint;
}

export interface MintGenesis {
  readonly minter: Minter;
  readonly params: Params;
  /** Undefined on a chain that mints by inflation. */
  readonly emission: GenesisEmission | undefined;
}

const at = "app_state.mint";

/** 600 million WEIR at genesis, and by this schedule 399,999,562.765998 more, ever. */
export const weirEmission: GenesisEmission = {
  schedule: {
    firstDayAmount: 379_626_000_000n,
    // 2^(-1/730), cut off: half after two years.
    decay: parseDec("0.999050933962625668"),
    supplyCap: 1_000_000_000_000_000n,
  },
  scheduledMinted: 0n,
  scheduledForfeited: 0n,
  furtherMinted: 0n,
};

// ------------------------------------------------------------------------------------------------------------------- parsing

/** Emission stands beside the SDK's fields, so that a genesis of simd is one of ours. */
function split(json: unknown): { readonly standard: unknown; readonly emission: unknown } {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return { standard: json, emission: undefined };
  const { emission, ...standard } = json as Readonly<Record<string, unknown>>;
  return { standard, emission: emission ?? undefined };
}

function parse(json: unknown): MintGenesis {
  const { standard, emission } = split(json);
  const state = fromJson<GenesisState>(GenesisState.$type, standard, at);
  if (state.params === undefined) throw fieldError(`${at}.params`, "nothing", "mint's parameters");
  if (state.minter === undefined) throw fieldError(`${at}.minter`, "nothing", "the minter");
  const problem = paramsProblem(state.params);
  if (problem !== undefined) throw fieldError(`${at}.params`, problem, "parameters of mint");
  checkMinter(state.minter);
  return { minter: state.minter, params: state.params, emission: emission === undefined ? undefined : read(emission) };
}

function checkMinter({ inflation, annualProvisions }: Minter): void {
  requireDec(inflation, `${at}.minter.inflation`);
  requireDec(annualProvisions, `${at}.minter.annual_provisions`);
}

function requireDec(text: string, path: string): void {
  if (text === "") throw fieldError(path, "nothing", "a decimal number as text");
  const value: Dec = decFromProto(text);
  if (value < 0n) throw fieldError(path, formatDec(value), "0 or more");
}

function read(json: unknown): GenesisEmission {
  const path = `${at}.emission`;
  const { schedule, genesisSupply, ...counts } = fromJson<ProtoEmission>(ProtoEmission.$type, json, path);
  if (schedule === undefined) throw fieldError(`${path}.schedule`, "nothing", "the schedule of the emission");
  const numbers = {
    firstDayAmount: requireAmount(schedule.firstDayAmount, `${path}.schedule.first_day_amount`),
    decay: schedule.decay === "" ? 0n : decFromProto(schedule.decay),
    supplyCap: requireAmount(schedule.supplyCap, `${path}.schedule.supply_cap`),
  };
  const problem = scheduleProblem(numbers);
  if (problem !== undefined) throw fieldError(`${path}.schedule`, problem, "an emission schedule");
  return {
    schedule: { ...numbers, start: schedule.start },
    genesisSupply: genesisSupply === "" ? undefined : readAmount(genesisSupply, `${path}.genesis_supply`),
    scheduledMinted: readAmount(counts.scheduledMinted, `${path}.scheduled_minted`),
    scheduledForfeited: readAmount(counts.scheduledForfeited, `${path}.scheduled_forfeited`),
    furtherMinted: readAmount(counts.furtherMinted, `${path}.further_minted`),
  };
}

function requireAmount(text: string, path: string): bigint {
  if (text === "") throw fieldError(path, "nothing", "a whole number as text");
  return readAmount(text, path);
}

/** Left out is 0. */
function readAmount(text: string, path: string): bigint {
  const amount = BigInt(text);
  if (amount < 0n) throw fieldError(path, shown(text), "0 or more");
  return amount;
}

// ------------------------------------------------------------------------------------------------------------- start and end

function init(ctx: Context, genesis: MintGenesis): undefined {
  minter.set(ctx, genesis.minter);
  params.set(ctx, genesis.params);
  getModuleAccount(ctx, mintAccountName);
  if (genesis.emission !== undefined) initEmission(ctx, genesis.emission, genesis.params.mintDenom);
}

function initEmission(ctx: Context, emission: GenesisEmission, denom: string): void {
  const supply = supplyOf(ctx, denom);
  const schedule: Schedule = { ...emission.schedule, start: emission.schedule.start ?? ctx.block.time };
  const genesisSupply = emission.genesisSupply ?? supply;
  const most = genesisSupply + totalEmission(schedule);
  if (most > schedule.supplyCap) {
    throw fieldError(
      `${at}.emission.schedule.supply_cap`,
      `${schedule.supplyCap}`,
      `at least ${most}${denom}: ${genesisSupply} of genesis and ${most - genesisSupply} of the schedule`,
    );
  }
  const { scheduledMinted, scheduledForfeited } = emission;
  const emitted = emittedUntil(schedule, ctx.block.time);
  if (scheduledMinted + scheduledForfeited > emitted) {
    const found = `${scheduledMinted} minted and ${scheduledForfeited} forfeited`;
    throw fieldError(`${at}.emission`, found, `at most the ${emitted} that the schedule emitted until now`);
  }
  if (supply > genesisSupply + emitted) {
    throw fieldError("app_state.bank.supply", `${supply}${denom}`, `at most ${genesisSupply + emitted}`);
  }
  setEmission(ctx, { ...emission, schedule, genesisSupply });
}

function emissionToJson(emission: GenesisEmission): unknown {
  const { schedule, genesisSupply } = emission;
  const proto = emissionToProto({
    ...emission,
    schedule: { ...schedule, start: schedule.start ?? { seconds: 0n, nanos: 0 } },
    genesisSupply: genesisSupply ?? 0n,
  });
  const json = toJson(ProtoEmission.$type, proto) as { schedule: Record<string, unknown> } & Record<string, unknown>;
  if (schedule.start === undefined) json.schedule.start = null;
  if (genesisSupply === undefined) json.genesis_supply = null;
  return json;
}

export const genesis: Genesis<MintGenesis> = {
  default: () => ({ minter: defaultMinter, params: defaultParams, emission: weirEmission }),
  parse,
  toJson({ minter, params, emission }) {
    const standard = toJson(GenesisState.$type, { minter, params }) as object;
    return { ...standard, emission: emission === undefined ? null : emissionToJson(emission) };
  },
  init,
  export: (ctx) => ({ minter: getMinter(ctx), params: getParams(ctx), emission: getEmission(ctx) }),
};

/** For a chain of the SDK's kind: minting by its inflation curve, in a denomination of its own. */
export function inflationGenesis(mintDenom: string): MintGenesis {
  if (!isValidDenom(mintDenom)) throw new Error(`${mintDenom} is no denomination; expected for example stake`);
  return { minter: defaultMinter, params: { ...defaultParams, mintDenom }, emission: undefined };
}
