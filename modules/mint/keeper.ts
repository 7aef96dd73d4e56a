/**
 * What may be minted, and minting it: the one place that decides. Owns the caps; who gets the coins is the caller's affair.
 *
 * By genesis' choice a chain either mints every block by the SDK's inflation curve (beginBlock), or never by itself: then an emission
 * schedule says how much there may be, and other modules mint it by mintScheduled and mintFurther.
 */
import { type Coins, newCoins } from "../../chain/coins.ts";
import type { Context, ReadContext, Timestamp } from "../../chain/context.ts";
import { type Dec, decFromProto, decToProto, formatDec } from "../../chain/dec.ts";
import type { ChainError } from "../../chain/errors.ts";
import { event } from "../../chain/events.ts";
import { addDuration } from "../../chain/time.ts";
import type { Minter, Params } from "../../proto/gen/cosmos/mint/v1beta1/mint.ts";
import type { Emission as ProtoEmission } from "../../proto/gen/weir/mint/v1/state.ts";
import { feeCollectorName } from "../auth/index.ts";
import { mintCoins, sendBetweenModules, supplyOf } from "../bank/index.ts";
import { bondedRatio, stakingTokenSupply } from "../staking/index.ts";
import { beyondCeiling, beyondSchedule, noSchedule } from "./errors.ts";
import { annualProvisions, blockProvision, nextInflation } from "./inflation.ts";
import { defaultParams } from "./params.ts";
import { emittedBetween, emittedUntil, type Schedule, secondsPerDay } from "./schedule.ts";
import { emission, minter, params } from "./state.ts";

/** As of the bank's account of the same name, which alone may mint. */
export const mintAccountName = "mint";

export const getParams = (ctx: ReadContext): Params => params.get(ctx) ?? defaultParams;

export const defaultMinter: Minter = { inflation: decToProto(130_000_000_000_000_000n), annualProvisions: "0" };

export const getMinter = (ctx: ReadContext): Minter => minter.get(ctx) ?? defaultMinter;

// ------------------------------------------------------------------------------------------------------ the emission schedule

export interface Emission {
  readonly schedule: Schedule;
  readonly genesisSupply: bigint;
  readonly scheduledMinted: bigint;
  readonly scheduledForfeited: bigint;
  readonly furtherMinted: bigint;
}

export const emissionToProto = (value: Emission): ProtoEmission => ({
  schedule: {
    start: { ...value.schedule.start },
    firstDayAmount: `${value.schedule.firstDayAmount}`,
    decay: decToProto(value.schedule.decay),
    supplyCap: `${value.schedule.supplyCap}`,
  },
  genesisSupply: `${value.genesisSupply}`,
  scheduledMinted: `${value.scheduledMinted}`,
  scheduledForfeited: `${value.scheduledForfeited}`,
  furtherMinted: `${value.furtherMinted}`,
});

/** Undefined on a chain that mints by inflation. */
export function getEmission(ctx: ReadContext): Emission | undefined {
  const stored = emission.get(ctx);
  if (stored === undefined) return undefined;
  const { start, firstDayAmount, decay, supplyCap } = stored.schedule!;
  return {
    schedule: {
      start: start!,
      firstDayAmount: BigInt(firstDayAmount),
      decay: decFromProto(decay),
      supplyCap: BigInt(supplyCap),
    },
    genesisSupply: BigInt(stored.genesisSupply),
    scheduledMinted: BigInt(stored.scheduledMinted),
    scheduledForfeited: BigInt(stored.scheduledForfeited),
    furtherMinted: BigInt(stored.furtherMinted),
  };
}

/** Else it mints by inflation, every block and by itself. */
export const emitsBySchedule = (ctx: ReadContext): boolean => emission.get(ctx) !== undefined;

/** What there can be at most, ever; undefined on a chain that mints by inflation. */
export const supplyCap = (ctx: ReadContext): bigint | undefined => getEmission(ctx)?.schedule.supplyCap;

/** What is minted. */
export const mintDenom = (ctx: ReadContext): string => getParams(ctx).mintDenom;

export const setEmission = (ctx: Context, value: Emission): void => emission.set(ctx, emissionToProto(value));

function requireEmission(ctx: ReadContext): Emission {
  const current = getEmission(ctx);
  if (current === undefined) throw noSchedule();
  return current;
}

/** S(until) − S(from). */
export const scheduledEmission = (ctx: ReadContext, from: Timestamp, until: Timestamp): bigint =>
  emittedBetween(requireEmission(ctx).schedule, from, until);

/** Days of the year that blocks_per_year counts, as 1461 in four. */
const daysInFourYears = 1_461n;

/** What a block of the usual length mints, whoever gets it: of the schedule as it is now, or of the inflation curve. Rounded down. */
export function blockEmission(ctx: ReadContext): bigint {
  const { blocksPerYear } = getParams(ctx);
  const current = getEmission(ctx);
  if (current === undefined) return blockProvision(decFromProto(getMinter(ctx).annualProvisions), blocksPerYear);
  const { time } = ctx.block;
  const dayLater = addDuration(time, { seconds: secondsPerDay, nanos: 0 });
  return (emittedBetween(current.schedule, time, dayLater) * daysInFourYears) / (4n * blocksPerYear);
}

export interface MintingRoom {
  /** What the schedule emitted until now, and nobody minted or forfeited. */
  readonly scheduled: bigint;
  /** What may be minted beside the schedule. What the schedule still owes is kept free, so that paying it never fails. */
  readonly further: bigint;
  /** Genesis and schedule until now: what the supply may be at most. */
  readonly ceiling: bigint;
}

export function roomOf(ctx: ReadContext, current: Emission): MintingRoom {
  const emitted = emittedUntil(current.schedule, ctx.block.time);
  const scheduled = emitted - current.scheduledMinted - current.scheduledForfeited;
  const ceiling = current.genesisSupply + emitted;
  return { scheduled, ceiling, further: ceiling - scheduled - supplyOf(ctx, getParams(ctx).mintDenom) };
}

export const mintingRoom = (ctx: ReadContext): MintingRoom => roomOf(ctx, requireEmission(ctx));

/** Callers count: a negative amount is a defect of theirs. */
function requireAmount(amount: bigint, left: bigint, refuse: (amount: bigint, left: bigint) => ChainError): void {
  if (amount < 0n) throw new Error(`${amount}: an amount to mint or forfeit cannot be negative`);
  if (amount > left) throw refuse(amount, left);
}

/** What the schedule emitted, made and given to a module's account. */
export function mintScheduled(ctx: Context, amount: bigint, toModule: string): void {
  const current = requireEmission(ctx);
  const { scheduled } = roomOf(ctx, current);
  requireAmount(amount, scheduled, beyondSchedule);
  setEmission(ctx, { ...current, scheduledMinted: current.scheduledMinted + amount });
  mintTo(ctx, amount, toModule);
}

/** Part of what the schedule emitted will not be minted by it: room for minting beside it. */
export function forfeitScheduled(ctx: Context, amount: bigint): void {
  const current = requireEmission(ctx);
  const { scheduled } = roomOf(ctx, current);
  requireAmount(amount, scheduled, beyondSchedule);
  setEmission(ctx, { ...current, scheduledForfeited: current.scheduledForfeited + amount });
}

/** In place of coins that were burned or forfeited: re-mint, net emission, sale at the ceiling. */
export function mintFurther(ctx: Context, amount: bigint, toModule: string): void {
  const current = requireEmission(ctx);
  const { further } = roomOf(ctx, current);
  requireAmount(amount, further, beyondCeiling);
  setEmission(ctx, { ...current, furtherMinted: current.furtherMinted + amount });
  mintTo(ctx, amount, toModule);
}

function mintTo(ctx: Context, amount: bigint, toModule: string): void {
  const coins: Coins = newCoins([{ denom: getParams(ctx).mintDenom, amount }]);
  if (coins.length === 0) return;
  mintCoins(ctx, mintAccountName, coins);
  sendBetweenModules(ctx, mintAccountName, toModule, coins);
}

// ------------------------------------------------------------------------------------------------------------- the inflation curve

/** A block's provision by the SDK's curve, into the fees that distribution shares out. */
function mintByInflation(ctx: Context): void {
  const current = getParams(ctx);
  const supply = stakingTokenSupply(ctx);
  const ratio = bondedRatio(ctx);
  const inflation = nextInflation(decFromProto(getMinter(ctx).inflation), current, ratio);
  const provisions = annualProvisions(inflation, supply);
  minter.set(ctx, { inflation: decToProto(inflation), annualProvisions: decToProto(provisions) });
  const amount = blockProvision(provisions, current.blocksPerYear);
  const coins = newCoins([{ denom: current.mintDenom, amount }]);
  if (coins.length > 0) mintCoins(ctx, mintAccountName, coins);
  sendBetweenModules(ctx, mintAccountName, feeCollectorName, coins);
  ctx.emit(minted(ratio, inflation, provisions, amount));
}

const minted = (ratio: Dec, inflation: Dec, provisions: Dec, amount: bigint) =>
  event("mint", {
    bonded_ratio: formatDec(ratio),
    inflation: formatDec(inflation),
    annual_provisions: formatDec(provisions),
    amount: `${amount}`,
  });

/** A chain with a schedule does nothing here, not even a write. */
export function beginBlock(ctx: Context): void {
  if (emission.get(ctx) === undefined) mintByInflation(ctx);
}
