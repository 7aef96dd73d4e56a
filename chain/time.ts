/** Arithmetic on the times and durations of protobuf, to the nanosecond. Pure. */
import type { Timestamp } from "./context.ts";

export interface Duration {
  readonly seconds: bigint;
  readonly nanos: number;
}

const nanosPerSecond = 1_000_000_000n;

const nanosOf = ({ seconds, nanos }: Timestamp | Duration): bigint => seconds * nanosPerSecond + BigInt(nanos);

/** Below 0 when `a` is earlier. */
export function compareTimes(a: Timestamp, b: Timestamp): number {
  if (a.seconds !== b.seconds) return a.seconds < b.seconds ? -1 : 1;
  return a.nanos - b.nanos;
}

export function addDuration(time: Timestamp, duration: Duration): Timestamp {
  const sum = nanosOf(time) + nanosOf(duration);
  const nanos = ((sum % nanosPerSecond) + nanosPerSecond) % nanosPerSecond;
  return { seconds: (sum - nanos) / nanosPerSecond, nanos: Number(nanos) };
}

/** Nanoseconds from `earlier` to `later`. */
export const nanosBetween = (earlier: Timestamp, later: Timestamp): bigint => nanosOf(later) - nanosOf(earlier);

export const isPositiveDuration = (duration: Duration): boolean => nanosOf(duration) > 0n;
