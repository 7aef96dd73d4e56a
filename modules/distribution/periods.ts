/**
 * The periods of a validator: begun, ended, counted, forgotten. Owns current, historical and outstanding rewards and slash events; the
 * arithmetic is records.ts, what a delegation earned in a period is delegations.ts.
 */
import { validatorAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { type Dec, decOne, formatDec } from "../../chain/dec.ts";
import type { DecCoins } from "../../chain/deccoins.ts";
import { addDecCoins, noDecCoins, subtractDecCoins } from "../../chain/deccoinsets.ts";
import { requireValidator, type Validator } from "../staking/index.ts";
import { noValidatorDistInfo } from "./errors.ts";
import { addToCommunityPool } from "./pool.ts";
import { type CurrentRewards, type HistoricalRewards, ratioOfPeriod, referencesMax } from "./records.ts";
import * as state from "./state.ts";

/** A period that has ended, and how the ratio stands there. */
export interface EndedPeriod {
  readonly period: bigint;
  readonly ratio: DecCoins;
}

// ------------------------------------------------------------------------------------------------------------------- reading

const nothingYet: CurrentRewards = { rewards: noDecCoins, period: 0n };

export const getCurrentRewards = (ctx: ReadContext, operator: Uint8Array): CurrentRewards =>
  state.currentRewards.get(ctx, operator) ?? nothingYet;

export const getOutstandingRewards = (ctx: ReadContext, operator: Uint8Array): DecCoins =>
  state.outstandingRewards.get(ctx, operator) ?? noDecCoins;

export const getAccumulatedCommission = (ctx: ReadContext, operator: Uint8Array): DecCoins =>
  state.accumulatedCommissions.get(ctx, operator) ?? noDecCoins;

export function requireHistoricalRewards(ctx: ReadContext, operator: Uint8Array, period: bigint): HistoricalRewards {
  const historical = state.historicalRewards.get(ctx, [operator, period]);
  if (historical !== undefined) return historical;
  const validator = validatorAddress.encode(operator);
  throw noValidatorDistInfo(`no historical rewards for validator ${validator} period ${period}`);
}

/** How the ratio would stand if the running period ended now: what queries go by, which cannot end it. */
export function ratioNow(ctx: ReadContext, operator: Uint8Array, { tokens }: Pick<Validator, "tokens">): DecCoins {
  const { rewards, period } = getCurrentRewards(ctx, operator);
  const { ratio } = requireHistoricalRewards(ctx, operator, period - 1n);
  return addDecCoins(ratio, ratioOfPeriod(rewards, tokens));
}

// ---------------------------------------------------------------------------------------------------------------- references

export function addReference(ctx: Context, operator: Uint8Array, period: bigint): void {
  const { ratio, references } = requireHistoricalRewards(ctx, operator, period);
  if (references >= referencesMax)
    throw new Error(`period ${period} has ${references} references and would get one more`);
  state.historicalRewards.set(ctx, [operator, period], { ratio, references: references + 1 });
}

/** A period that nobody refers to is forgotten. */
export function removeReference(ctx: Context, operator: Uint8Array, period: bigint): void {
  removeReferenceFrom(ctx, operator, period, requireHistoricalRewards(ctx, operator, period));
}

function removeReferenceFrom(
  ctx: Context,
  operator: Uint8Array,
  period: bigint,
  { ratio, references }: HistoricalRewards,
): void {
  if (references === 0) throw new Error(`period ${period} has no references and would lose one`);
  if (references === 1) state.historicalRewards.delete(ctx, [operator, period]);
  else state.historicalRewards.set(ctx, [operator, period], { ratio, references: references - 1 });
}

// ------------------------------------------------------------------------------------------------------------------- periods

/** Period 0 has ended with nothing, period 1 runs. */
export function beginValidator(ctx: Context, operator: Uint8Array): void {
  state.historicalRewards.set(ctx, [operator, 0n], { ratio: noDecCoins, references: 1 });
  state.currentRewards.set(ctx, operator, { rewards: noDecCoins, period: 1n });
  state.accumulatedCommissions.set(ctx, operator, noDecCoins);
  state.outstandingRewards.set(ctx, operator, noDecCoins);
}

/** Ends the running period and begins the next. What came in for a validator without tokens goes to the community pool. */
export function endPeriod(ctx: Context, operator: Uint8Array, { tokens }: Pick<Validator, "tokens">): EndedPeriod {
  const { rewards, period } = getCurrentRewards(ctx, operator);
  if (tokens === 0n && rewards.length > 0) {
    addToCommunityPool(ctx, rewards);
    state.outstandingRewards.set(ctx, operator, subtractDecCoins(getOutstandingRewards(ctx, operator), rewards));
  }
  const last = requireHistoricalRewards(ctx, operator, period - 1n);
  const ratio = addDecCoins(last.ratio, ratioOfPeriod(rewards, tokens));
  removeReferenceFrom(ctx, operator, period - 1n, last);
  state.historicalRewards.set(ctx, [operator, period], { ratio, references: 1 });
  state.currentRewards.set(ctx, operator, { rewards: noDecCoins, period: period + 1n });
  return { period, ratio };
}

/** Ends a period, because from now on each stake in the validator is worth less by `fraction`. */
export function recordSlash(ctx: Context, operator: Uint8Array, fraction: Dec): void {
  if (fraction < 0n || fraction > decOne) {
    throw new Error(`fraction must be >=0 and <=1, current fraction: ${formatDec(fraction)}`);
  }
  const { period } = endPeriod(ctx, operator, requireValidator(ctx, operator));
  addReference(ctx, operator, period);
  state.slashEvents.set(ctx, [operator, ctx.block.height, period], { period, fraction });
}

/** All that is kept of a validator, once nobody has a delegation to it. */
export function forgetValidator(ctx: Context, operator: Uint8Array): void {
  state.outstandingRewards.delete(ctx, operator);
  state.accumulatedCommissions.delete(ctx, operator);
  // As many as slashes, each of which took an infraction; deleting what was just read is safe.
  for (const key of state.slashEvents.keys(ctx, { leading: [operator] })) state.slashEvents.delete(ctx, key);
  for (const key of state.historicalRewards.keys(ctx, { leading: [operator] }))
    state.historicalRewards.delete(ctx, key);
  state.currentRewards.delete(ctx, operator);
}
