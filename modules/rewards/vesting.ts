/**
 * Rewards that vest: evenly from their epoch's end on, in 30 buckets by when they end (economics, Emission). Owns the buckets; what they become
 * when they have vested is liquid.ts. Pure.
 *
 * An end is cut down to a whole thirtieth of the duration, so that a reward vests over 87 to 90 days of 90, and rewards that end together
 * share a bucket: what is left of it vests evenly until then, whenever it was looked at before.
 */
import { mulDivDown } from "./ratio.ts";

export const bucketCount = 30n;

export interface Vesting {
  /** By the number of the period at whose beginning they end, in a ring. Empty while nothing vests. */
  readonly buckets: readonly bigint[];
  /** Until when what vested is taken out, in seconds. */
  readonly until: bigint;
}

export interface Step {
  readonly vesting: Vesting;
  readonly vested: bigint;
}

const periodOf = (duration: bigint): bigint => duration / bucketCount;

export const unvested = ({ buckets }: Vesting): bigint => buckets.reduce((sum, amount) => sum + amount, 0n);

/** Takes out what vested until `now`, each bucket rounded down: the rest vests later. */
export function vest({ buckets, until }: Vesting, now: bigint, duration: bigint): Step {
  if (buckets.length === 0 || now <= until)
    return { vesting: { buckets, until: now > until ? now : until }, vested: 0n };
  const period = periodOf(duration);
  const left = [...buckets];
  let vested = 0n;
  const first = until / period + 1n;
  for (let number = first; number < first + bucketCount; number++) {
    const slot = Number(number % bucketCount);
    const amount = left[slot]!;
    const end = number * period;
    const part = end <= now ? amount : mulDivDown(amount, now - until, end - until);
    left[slot] = amount - part;
    vested += part;
  }
  return { vesting: { buckets: left.every((amount) => amount === 0n) ? [] : left, until: now }, vested };
}

/** A reward of an epoch that ended at `start`, added to what is vested until `now` already. What of it has vested since then comes out. */
export function grant({ buckets, until: now }: Vesting, amount: bigint, start: bigint, duration: bigint): Step {
  const period = periodOf(duration);
  const number = (start + period * bucketCount) / period;
  const end = number * period;
  const vested = end <= now ? amount : mulDivDown(amount, now - start, end - start);
  if (vested === amount) return { vesting: { buckets, until: now }, vested };
  const left = buckets.length === 0 ? Array.from({ length: Number(bucketCount) }, () => 0n) : [...buckets];
  const slot = Number(number % bucketCount);
  left[slot] = left[slot]! + amount - vested;
  return { vesting: { buckets: left, until: now }, vested };
}

/** What a slash takes, each bucket rounded down. */
export function cut({ buckets, until }: Vesting, fraction: bigint, one: bigint): { vesting: Vesting; taken: bigint } {
  const taken = buckets.map((amount) => mulDivDown(amount, fraction, one));
  return {
    vesting: { buckets: buckets.map((amount, index) => amount - taken[index]!), until },
    taken: taken.reduce((sum, amount) => sum + amount, 0n),
  };
}
