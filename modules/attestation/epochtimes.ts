/** Times of an epoch as planned, in the milliseconds that oracles' clocks count. Pure, for the chain and the daemons alike; owns no state. */
import { covertWindowMillis } from "./covert.ts";
import { measuringEndNanos } from "./slots.ts";

export const nanosPerMilli = 1_000_000n;

/** From inclusive, until exclusive. */
export interface MillisRange {
  readonly fromMillis: bigint;
  readonly untilMillis: bigint;
}

/** The milliseconds that begin in a time, or in which it begins: clocks of oracles count no finer. */
export const millisRange = (fromNanos: bigint, untilNanos: bigint): MillisRange => ({
  fromMillis: fromNanos / nanosPerMilli,
  untilMillis: (untilNanos + nanosPerMilli - 1n) / nanosPerMilli,
});

export interface PlannedTimes {
  readonly openNanos: bigint;
  /** As planned. */
  readonly lengthNanos: bigint;
}

export function covertTime(view: PlannedTimes, atMillis: bigint): MillisRange {
  const fromMillis = view.openNanos / nanosPerMilli + atMillis;
  return { fromMillis, untilMillis: fromMillis + covertWindowMillis(view.lengthNanos / nanosPerMilli) + 1n };
}

/** Each member of a second committee has its part of the time for measuring, in the order in which they were drawn. */
export function remeasurementTime(view: PlannedTimes, round: number, rounds: number): MillisRange {
  const times = { openNanos: view.openNanos, epochNanos: view.lengthNanos };
  const length = measuringEndNanos(times) - times.openNanos;
  const begin = (of: number) => times.openNanos + (length * BigInt(of)) / BigInt(rounds);
  return millisRange(begin(round), begin(round + 1));
}
