/**
 * Accounts whose coins are theirs at once and theirs to spend by and by, with the arithmetic of cosmos-sdk x/auth/vesting/types. Owns
 * what has vested when, and what delegating does to it. Pure; making such accounts is modules/vesting's.
 */
import {
  addCoins,
  amountOf,
  type Coins,
  coinsEqual,
  formatCoins,
  isAllGte,
  minCoins,
  subtractCoins,
  sumCoins,
} from "../../chain/coins.ts";
import { decFromInt, decMul, decQuo, decRoundInt } from "../../chain/dec.ts";

export interface VestingPeriod {
  readonly lengthSeconds: bigint;
  readonly amount: Coins;
}

/** Each kind of account is a schedule. */
export type Schedule =
  /** Every second a little. */
  | { readonly kind: "continuous"; readonly startTime: bigint }
  /** All at the end. */
  | { readonly kind: "delayed" }
  /** A part at the end of each period. */
  | { readonly kind: "periodic"; readonly startTime: bigint; readonly periods: readonly VestingPeriod[] }
  /** Never: to be delegated, not to be spent. */
  | { readonly kind: "permanent" };

export interface VestingPart {
  readonly schedule: Schedule;
  readonly originalVesting: Coins;
  /** Delegated although it could have been spent. */
  readonly delegatedFree: Coins;
  /** Delegated while it was vesting. */
  readonly delegatedVesting: Coins;
  /** Seconds since 1970; 0 where there is no end. */
  readonly endTime: bigint;
}

/** Periods of one account: each transfer from it goes through them, and pays for their bytes. */
export const vestingPeriodsMax = 4_096;

const nothing: Coins = [];

// ------------------------------------------------------------------------------------------------------------------ schedules

export function vestedCoins({ schedule, originalVesting, endTime }: VestingPart, now: bigint): Coins {
  switch (schedule.kind) {
    case "permanent":
      return nothing;
    case "delayed":
      return now >= endTime ? originalVesting : nothing;
    default:
      if (now <= schedule.startTime) return nothing;
      if (now >= endTime) return originalVesting;
      if (schedule.kind === "periodic") return vestedPeriods(schedule.startTime, schedule.periods, now);
      return vestedShare(originalVesting, now - schedule.startTime, endTime - schedule.startTime);
  }
}

/** The time's share with 18 digits, and of each amount the nearest whole number: both round half to even. */
function vestedShare(originalVesting: Coins, elapsed: bigint, whole: bigint): Coins {
  const share = decQuo(decFromInt(elapsed), decFromInt(whole));
  return originalVesting
    .map(({ denom, amount }) => ({ denom, amount: decRoundInt(decMul(decFromInt(amount), share)) }))
    .filter(({ amount }) => amount > 0n);
}

function vestedPeriods(startTime: bigint, periods: readonly VestingPeriod[], now: bigint): Coins {
  const over: Coins[] = [];
  let periodStart = startTime;
  for (const { lengthSeconds, amount } of periods) {
    if (now - periodStart < lengthSeconds) break;
    over.push(amount);
    periodStart += lengthSeconds;
  }
  return sumCoins(over);
}

export const vestingCoins = (part: VestingPart, now: bigint): Coins =>
  subtractCoins(part.originalVesting, vestedCoins(part, now));

/** What may not be spent: what is vesting and not delegated. */
export function lockedVesting(part: VestingPart, now: bigint): Coins {
  const vesting = vestingCoins(part, now);
  return subtractCoins(vesting, minCoins(vesting, part.delegatedVesting));
}

// ----------------------------------------------------------------------------------------------------------------- delegating

/** Coins that are vesting are delegated first. */
export function trackDelegation(part: VestingPart, now: bigint, amount: Coins): VestingPart {
  const vesting = vestingCoins(part, now);
  const fromVesting = minCoins(amount, positiveDifference(vesting, part.delegatedVesting));
  return {
    ...part,
    delegatedVesting: addCoins(part.delegatedVesting, fromVesting),
    delegatedFree: addCoins(part.delegatedFree, subtractCoins(amount, fromVesting)),
  };
}

/** Free coins come back first; more may come back than was delegated, because shares are rounded. */
export function trackUndelegation(part: VestingPart, amount: Coins): VestingPart {
  const free = minCoins(amount, part.delegatedFree);
  const vesting = minCoins(subtractCoins(amount, free), part.delegatedVesting);
  return {
    ...part,
    delegatedFree: subtractCoins(part.delegatedFree, free),
    delegatedVesting: subtractCoins(part.delegatedVesting, vesting),
  };
}

const positiveDifference = (a: Coins, b: Coins): Coins =>
  a.map(({ denom, amount }) => ({ denom, amount: amount - amountOf(b, denom) })).filter(({ amount }) => amount > 0n);

// ------------------------------------------------------------------------------------------------------------------ what is wrong

/** In the SDK's words and order, or undefined; coins are valid sets already. */
export function vestingProblem(part: VestingPart): string | undefined {
  return scheduleProblem(part) ?? baseProblem(part);
}

function baseProblem({ originalVesting, delegatedVesting, endTime }: VestingPart): string | undefined {
  if (endTime < 0n) return "end time cannot be negative";
  if (originalVesting.length === 0) return "invalid coins: ";
  return isAllGte(originalVesting, delegatedVesting)
    ? undefined
    : "delegated vesting amount cannot be greater than original vesting amount";
}

function scheduleProblem({ schedule, originalVesting, endTime }: VestingPart): string | undefined {
  if (schedule.kind === "permanent")
    return endTime > 0n ? "permanently vested accounts cannot have an end-time" : undefined;
  // A continuous one may have been made with an end that had passed already: all of it has vested since.
  if (schedule.kind !== "periodic") return undefined;
  if (schedule.startTime >= endTime) return startNotBeforeEnd;
  return periodsProblem(schedule.startTime, schedule.periods, originalVesting, endTime);
}

/** The SDK's own words. */
export const startNotBeforeEnd = "vesting start-time cannot be before end-time";

function periodsProblem(
  startTime: bigint,
  periods: readonly VestingPeriod[],
  originalVesting: Coins,
  endTime: bigint,
): string | undefined {
  if (periods.length > vestingPeriodsMax) return `${periods.length} periods, expected at most ${vestingPeriodsMax}`;
  const negative = periods.findIndex(({ lengthSeconds }) => lengthSeconds < 0n);
  if (negative !== -1) return `period #${negative} has a negative length: ${periods[negative]!.lengthSeconds}`;
  const empty = periods.findIndex(({ amount }) => amount.length === 0);
  if (empty !== -1) return `period #${empty} has invalid coins: `;
  if (periodsEnd(startTime, periods) !== endTime)
    return "vesting end time does not match length of all vesting periods";
  const sum = sumOfPeriods(periods);
  return coinsEqual(sum, originalVesting)
    ? undefined
    : `original vesting coins (${formatCoins(originalVesting)}) does not match the sum of all coins in vesting periods (${formatCoins(sum)})`;
}

/** Go's int64, which turns over; what has turned over ends before it starts, and is refused for that. */
export const periodsEnd = (startTime: bigint, periods: readonly VestingPeriod[]): bigint =>
  periods.reduce((end, { lengthSeconds }) => BigInt.asIntN(64, end + lengthSeconds), startTime);

export const sumOfPeriods = (periods: readonly VestingPeriod[]): Coins => sumCoins(periods.map(({ amount }) => amount));
