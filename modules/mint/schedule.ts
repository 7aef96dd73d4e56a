/**
 * Weir's emission (docs: economics, Emission): day n emits ⌊first · decayⁿ⌋, evenly over the day. Owns the arithmetic from a schedule to
 * an amount; what was minted of it is keeper.ts'. Pure.
 */
import type { Timestamp } from "../../chain/context.ts";
import { type Dec, decOne } from "../../chain/dec.ts";
import { addDuration, nanosBetween } from "../../chain/time.ts";

export interface Schedule {
  /** When day 0 begins. */
  readonly start: Timestamp;
  readonly firstDayAmount: bigint;
  readonly decay: Dec;
  /** What genesis and the whole schedule together may not exceed. */
  readonly supplyCap: bigint;
}

export const secondsPerDay = 86_400n;
const nanosPerDay = secondsPerDay * 1_000_000_000n;

/** A hundred years: whatever the decay, nothing is emitted on later days. */
export const emissionDaysMax = 36_525;

/**
 * Powers of the decay are carried with 36 digits, each product rounded down: enough for every day of Weir's schedule to be the exact
 * ⌊first · decayⁿ⌋, where 18 digits miss it by one on sixteen days.
 */
const powerOne = decOne * decOne;

/** Amounts of the days, and before each day the sum of all earlier ones; the last sum is the total. */
interface Days {
  readonly amounts: readonly bigint[];
  readonly sums: readonly bigint[];
}

function listDays(firstDayAmount: bigint, decay: Dec): Days {
  const amounts: bigint[] = [];
  const sums: bigint[] = [0n];
  let power = powerOne;
  let sum = 0n;
  while (amounts.length < emissionDaysMax) {
    const amount = (firstDayAmount * power) / powerOne;
    if (amount === 0n) break;
    amounts.push(amount);
    sum += amount;
    sums.push(sum);
    power = (power * decay) / decOne;
  }
  return { amounts, sums };
}

/** A chain has one schedule, which is asked for every epoch: the last one listed is kept. */
let listed: { readonly firstDayAmount: bigint; readonly decay: Dec; readonly days: Days } | undefined;

function daysOf({ firstDayAmount, decay }: Schedule): Days {
  if (listed?.firstDayAmount !== firstDayAmount || listed.decay !== decay) {
    listed = { firstDayAmount, decay, days: listDays(firstDayAmount, decay) };
  }
  return listed.days;
}

export const dayCount = (schedule: Schedule): number => daysOf(schedule).amounts.length;

/** Of all days. */
export const totalEmission = (schedule: Schedule): bigint => daysOf(schedule).sums.at(-1)!;

export interface Day {
  readonly number: number;
  readonly start: Timestamp;
  readonly amount: bigint;
  readonly emittedBefore: bigint;
}

/** Undefined beyond the last day. */
export function dayOf(schedule: Schedule, number: number): Day | undefined {
  const { amounts, sums } = daysOf(schedule);
  const amount = amounts[number];
  if (amount === undefined) return undefined;
  const start = addDuration(schedule.start, { seconds: BigInt(number) * secondsPerDay, nanos: 0 });
  return { number, start, amount, emittedBefore: sums[number]! };
}

/** S(t): everything from the start until `time`. Within a day it grows evenly and is rounded down. */
export function emittedUntil(schedule: Schedule, time: Timestamp): bigint {
  const elapsed = nanosBetween(schedule.start, time);
  if (elapsed <= 0n) return 0n;
  const { amounts, sums } = daysOf(schedule);
  const day = elapsed / nanosPerDay;
  if (day >= BigInt(amounts.length)) return totalEmission(schedule);
  const index = Number(day);
  return sums[index]! + (amounts[index]! * (elapsed % nanosPerDay)) / nanosPerDay;
}

/** S(until) − S(from); adjoining periods add up to the whole, with nothing lost between them. */
export const emittedBetween = (schedule: Schedule, from: Timestamp, until: Timestamp): bigint =>
  emittedUntil(schedule, until) - emittedUntil(schedule, from);

/** What is wrong with the numbers, or undefined. */
export function scheduleProblem({ firstDayAmount, decay, supplyCap }: Omit<Schedule, "start">): string | undefined {
  if (firstDayAmount < 0n) return `first_day_amount cannot be negative: ${firstDayAmount}`;
  if (decay <= 0n || decay >= decOne) return "decay must be above 0 and below 1";
  return supplyCap <= 0n ? `supply_cap must be positive: ${supplyCap}` : undefined;
}
