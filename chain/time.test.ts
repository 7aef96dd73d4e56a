import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDuration, compareTimes, isPositiveDuration, nanosBetween } from "./time.ts";

const time = fc.record({ seconds: fc.bigInt(-(10n ** 11n), 10n ** 11n), nanos: fc.nat(999_999_999) });
/** Seconds and nanoseconds of a duration have one sign. */
const duration = fc
  .record({ seconds: fc.bigInt(0n, 10n ** 10n), nanos: fc.nat(999_999_999), negative: fc.boolean() })
  .map(({ seconds, nanos, negative }) => (negative ? { seconds: -seconds, nanos: -nanos } : { seconds, nanos }));

const nanosOf = ({ seconds, nanos }: { seconds: bigint; nanos: number }) => seconds * 1_000_000_000n + BigInt(nanos);

describe("times", () => {
  it("and a duration make a time whose nanoseconds are of its second", () =>
    fc.assert(
      fc.property(time, duration, (start, length) => {
        const end = addDuration(start, length);
        expect(end.nanos).toBeGreaterThanOrEqual(0);
        expect(end.nanos).toBeLessThan(1_000_000_000);
        expect(nanosBetween(start, end)).toBe(nanosOf(length));
        expect(Math.sign(compareTimes(end, start))).toBe(nanosOf(length) > 0n ? 1 : nanosOf(length) < 0n ? -1 : 0);
        expect(isPositiveDuration(length)).toBe(nanosOf(length) > 0n);
      }),
    ));
});
