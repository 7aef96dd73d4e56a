/** Staking's part of genesis.json, with the SDK's JSON and one number more. Owns its reading and writing, and what starts from it. */
import { moduleAddress } from "../../chain/address.ts";
import { coinsEqual, formatCoins } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Genesis, ValidatorUpdate } from "../../chain/module.ts";
import { fieldError, fromJson, refusedAs, shown, toJson } from "../../chain/protojson.ts";
import { encodeUtf8, readUtf8 } from "../../chain/utf8.ts";
import { GenesisState } from "../../proto/gen/cosmos/staking/v1beta1/genesis.ts";
import { balancesOf } from "../bank/index.ts";
import { setDelegation } from "./delegate.ts";
import * as records from "./delegation.ts";
import { checkGenesis, type Parties, partiesOf, type StakingGenesis } from "./genesischecks.ts";
import * as hooks from "./hooks.ts";
import {
  getLastTotalPower,
  getParams,
  iterateDelegations,
  iterateValidators,
  lastValidators,
  setByConsensusAddress,
  setByPower,
  setValidator,
  storedValidator,
} from "./keeper.ts";
import { defaultParams } from "./params.ts";
import { bondedPoolName, notBondedPoolName } from "./pools.ts";
import { enqueueRedelegation, setRedelegation } from "./redelegation.ts";
import * as state from "./state.ts";
import { enqueueUnbonding, setUnbondingDelegation } from "./unbonding.ts";
import { indexRedelegation, indexUnbonding, indexValidator } from "./unbondingid.ts";
import {
  isBonded,
  isUnbonding,
  operatorOf,
  type Validator,
  validatorFromProto,
  validatorToProto,
  validatorUpdate,
} from "./validator.ts";
import { enqueueValidator } from "./validatorqueue.ts";
import { applyValidatorSet } from "./validatorset.ts";

const section = "app_state.staking";

// ------------------------------------------------------------------------------------------------------------------- parsing

const numberField = "last_unbonding_id";
const uint64Max = (1n << 64n) - 1n;

function readNumber(json: unknown): bigint {
  const value = typeof json === "string" && /^(?:0|[1-9][0-9]{0,19})$/.test(json) ? BigInt(json) : -1n;
  if (value >= 0n && value <= uint64Max) return value;
  throw fieldError(`${section}.${numberField}`, shown(json), "a whole number as text");
}

/** Each record, in the shape in which the module holds it. */
function readAll<P, R>(list: readonly P[], name: string, read: (record: P) => R): R[] {
  return list.map((record, index) =>
    refusedAs(`${section}.${name}[${index}]`, "a number out of range", "numbers as the SDK has them", () =>
      read(record),
    ),
  );
}

function parse(json: unknown): StakingGenesis {
  const isObject = typeof json === "object" && json !== null && !Array.isArray(json);
  const { [numberField]: number, ...fields } = isObject ? (json as Record<string, unknown>) : {};
  const proto = fromJson<GenesisState>(GenesisState.$type, isObject ? fields : json, section);
  const genesis: StakingGenesis = {
    params: proto.params ?? defaultParams,
    lastTotalPower: BigInt(readUtf8(proto.lastTotalPower, 0, proto.lastTotalPower.length) || "0"),
    lastValidatorPowers: proto.lastValidatorPowers,
    validators: readAll(proto.validators, "validators", validatorFromProto),
    delegations: readAll(proto.delegations, "delegations", records.delegationFromProto),
    unbondingDelegations: readAll(proto.unbondingDelegations, "unbonding_delegations", records.unbondingFromProto),
    redelegations: readAll(proto.redelegations, "redelegations", records.redelegationFromProto),
    exported: proto.exported,
    lastUnbondingId: number === undefined ? 0n : readNumber(number),
  };
  checkGenesis(genesis, section);
  return genesis;
}

function toGenesisJson(genesis: StakingGenesis): unknown {
  const proto: GenesisState = {
    ...genesis,
    lastTotalPower: encodeUtf8(`${genesis.lastTotalPower}`),
    lastValidatorPowers: [...genesis.lastValidatorPowers],
    validators: genesis.validators.map(validatorToProto),
    delegations: genesis.delegations.map(records.delegationToProto),
    unbondingDelegations: genesis.unbondingDelegations.map(records.unbondingToProto),
    redelegations: genesis.redelegations.map(records.redelegationToProto),
  };
  const json = toJson(GenesisState.$type, proto) as Record<string, unknown>;
  return genesis.lastUnbondingId === 0n ? json : { ...json, [numberField]: `${genesis.lastUnbondingId}` };
}

// --------------------------------------------------------------------------------------------------------------------- start

/** Followers have their own part of an exported genesis; of any other they are told as if it happened now. */
function initValidator(ctx: Context, validator: Validator, exported: boolean): void {
  setValidator(ctx, validator);
  setByConsensusAddress(ctx, validator);
  setByPower(ctx, validator);
  for (const id of validator.unbondingIds) indexValidator(ctx, id, operatorOf(validator));
  if (!exported) hooks.afterValidatorCreated(ctx, operatorOf(validator));
  if (isUnbonding(validator)) enqueueValidator(ctx, validator);
}

function initDelegation(ctx: Context, delegation: records.Delegation, exported: boolean): void {
  const { delegator, operator } = partiesOf(delegation);
  if (!exported) hooks.beforeDelegationCreated(ctx, delegator, operator);
  setDelegation(ctx, delegator, operator, delegation);
  if (!exported) hooks.afterDelegationModified(ctx, delegator, operator);
}

function initUnbonding(ctx: Context, unbonding: records.UnbondingDelegation): void {
  const { delegator, operator }: Parties = partiesOf(unbonding);
  setUnbondingDelegation(ctx, unbonding);
  for (const entry of unbonding.entries) {
    enqueueUnbonding(ctx, unbonding, entry);
    indexUnbonding(ctx, entry.unbondingId, delegator, operator);
  }
}

function initRedelegation(ctx: Context, redelegation: records.Redelegation): void {
  const route = setRedelegation(ctx, redelegation);
  for (const entry of redelegation.entries) {
    enqueueRedelegation(ctx, redelegation, entry);
    indexRedelegation(ctx, entry.unbondingId, route);
  }
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

/** The pools hold what their validators and unbondings add up to, or nobody could be paid. */
function requirePools(ctx: ReadContext, { params, validators, unbondingDelegations }: StakingGenesis): void {
  const unbondings = unbondingDelegations.flatMap(({ entries }) => entries.map(({ balance }) => balance));
  const tokensOf = (list: readonly Validator[]) => sum(list.map(({ tokens }) => tokens));
  const expected = [
    [bondedPoolName, tokensOf(validators.filter(isBonded))],
    [notBondedPoolName, tokensOf(validators.filter((validator) => !isBonded(validator))) + sum(unbondings)],
  ] as const;
  for (const [pool, amount] of expected) {
    const coins = amount === 0n ? [] : [{ denom: params.bondDenom, amount }];
    const held = balancesOf(ctx, moduleAddress(pool));
    if (coinsEqual(held, coins)) continue;
    throw fieldError(
      `app_state.bank.balances of ${pool}`,
      shown(formatCoins(held)),
      `${shown(formatCoins(coins))}, what ${section} adds up to`,
    );
  }
}

/** The powers that the last block gave: tokens may have changed since, which the next block tells of. */
function exportedValidatorSet(ctx: Context, genesis: StakingGenesis): ValidatorUpdate[] {
  return genesis.lastValidatorPowers.map(({ address, power }) => {
    const operator = operatorOf({ operatorAddress: address });
    state.lastValidatorPowers.set(ctx, operator, power);
    return validatorUpdate(storedValidator(ctx, operator), power);
  });
}

/** Of a genesis that the SDK made, the highest number in use: it does not say how far it had counted. */
function highestUnbondingId({
  lastUnbondingId,
  unbondingDelegations,
  redelegations,
  validators,
}: StakingGenesis): bigint {
  let highest = lastUnbondingId;
  const see = (id: bigint) => {
    if (id > highest) highest = id;
  };
  for (const { entries } of unbondingDelegations) for (const { unbondingId } of entries) see(unbondingId);
  for (const { entries } of redelegations) for (const { unbondingId } of entries) see(unbondingId);
  for (const { unbondingIds } of validators) for (const id of unbondingIds) see(id);
  return highest;
}

function init(ctx: Context, genesis: StakingGenesis): readonly ValidatorUpdate[] {
  state.params.set(ctx, genesis.params);
  state.lastTotalPower.set(ctx, genesis.lastTotalPower);
  const unbondingId = highestUnbondingId(genesis);
  if (unbondingId > 0n) state.lastUnbondingId.set(ctx, unbondingId);
  for (const validator of genesis.validators) initValidator(ctx, validator, genesis.exported);
  for (const delegation of genesis.delegations) initDelegation(ctx, delegation, genesis.exported);
  for (const unbonding of genesis.unbondingDelegations) initUnbonding(ctx, unbonding);
  for (const redelegation of genesis.redelegations) initRedelegation(ctx, redelegation);
  requirePools(ctx, genesis);
  return genesis.exported ? exportedValidatorSet(ctx, genesis) : applyValidatorSet(ctx);
}

const noGenesis: StakingGenesis = {
  params: defaultParams,
  lastTotalPower: 0n,
  lastValidatorPowers: [],
  validators: [],
  delegations: [],
  unbondingDelegations: [],
  redelegations: [],
  exported: false,
  lastUnbondingId: 0n,
};

export const genesis: Genesis<StakingGenesis> = {
  default: () => noGenesis,
  parse,
  toJson: toGenesisJson,
  init,
  export: (ctx) => ({
    params: getParams(ctx),
    lastTotalPower: getLastTotalPower(ctx),
    lastValidatorPowers: [...lastValidators(ctx)].map(([operator, power]) => ({
      address: storedValidator(ctx, operator).operatorAddress,
      power,
    })),
    validators: [...iterateValidators(ctx)],
    delegations: [...iterateDelegations(ctx)],
    unbondingDelegations: [...state.unbondingDelegations.iterate(ctx)].map(([, unbonding]) => unbonding),
    redelegations: [...state.redelegations.iterate(ctx)].map(([, redelegation]) => redelegation),
    exported: true,
    lastUnbondingId: state.lastUnbondingId.get(ctx) ?? 0n,
  }),
};
