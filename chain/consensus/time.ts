/** Time of blocks and votes: protobuf timestamps, compared, written and read as Go does. Owns no clock but `now`. */
import type { Timestamp } from "../../proto/gen/google/protobuf/timestamp.ts";

export const nanosPerSecond = 1_000_000_000;
const nanosPerMilli = 1_000_000;
const zeroSeconds = -62_135_596_800n;

/** Go's zero time, the first second of year 1: what an absent vote carries. */
export const zeroTime: Timestamp = { seconds: zeroSeconds, nanos: 0 };

export const isZeroTime = (time: Timestamp): boolean => time.seconds === zeroSeconds && time.nanos === 0;

export const now = (): Timestamp => fromMillis(Date.now());

export const fromMillis = (millis: number): Timestamp => ({
  seconds: BigInt(Math.floor(millis / 1000)),
  nanos: (((millis % 1000) + 1000) % 1000) * nanosPerMilli,
});

export const toMillis = (time: Timestamp): number =>
  Number(time.seconds) * 1000 + Math.floor(time.nanos / nanosPerMilli);

export function compareTimes(a: Timestamp, b: Timestamp): number {
  if (a.seconds !== b.seconds) return a.seconds < b.seconds ? -1 : 1;
  return a.nanos - b.nanos;
}

export const laterOf = (a: Timestamp, b: Timestamp): Timestamp => (compareTimes(a, b) < 0 ? b : a);

export function addMillis(time: Timestamp, millis: number): Timestamp {
  const nanos = time.nanos + (millis % 1000) * nanosPerMilli;
  const carry = Math.floor(nanos / nanosPerSecond);
  return {
    seconds: time.seconds + BigInt(Math.floor(millis / 1000) + carry),
    nanos: nanos - carry * nanosPerSecond,
  };
}

/** RFC 3339 with nanoseconds as Go's time.RFC3339Nano: no trailing zeros, no point without a fraction. */
export function toRfc3339(time: Timestamp): string {
  if (isZeroTime(time)) return "0001-01-01T00:00:00Z";
  const whole = new Date(Number(time.seconds) * 1000).toISOString().slice(0, 19);
  if (time.nanos === 0) return `${whole}Z`;
  const fraction = String(time.nanos).padStart(9, "0").replace(/0+$/, "");
  return `${whole}.${fraction}Z`;
}

/** As Go prints a UTC time. */
export const goTime = (time: Timestamp): string => `${toRfc3339(time).replace("T", " ").replace("Z", "")} +0000 UTC`;

const rfc3339 = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/;

/** Undefined when the text is not a time. */
export function fromRfc3339(text: string): Timestamp | undefined {
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const [, date, clock, fraction = "", zone] = match;
  if (date === "0001-01-01" && clock === "00:00:00" && zone === "Z") return zeroTime;
  const millis = Date.parse(`${date}T${clock}${zone}`);
  if (Number.isNaN(millis)) return undefined;
  return { seconds: BigInt(millis / 1000), nanos: Number(fraction.padEnd(9, "0")) };
}

export interface WeightedTime {
  readonly time: Timestamp;
  readonly weight: bigint;
}

/** CometBFT's BFT time: the first time, in ascending order, whose weight passes half of the total. */
export function weightedMedian(times: readonly WeightedTime[]): Timestamp {
  const sorted = [...times].sort((a, b) => compareTimes(a.time, b.time));
  let median = times.reduce((sum, { weight }) => sum + weight, 0n) / 2n;
  for (const { time, weight } of sorted) {
    if (median <= weight) return time;
    median -= weight;
  }
  return zeroTime;
}
