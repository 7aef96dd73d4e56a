/** The emission schedule against exact powers and against the figures that it was announced with. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Timestamp } from "../../chain/context.ts";
import { decOne, parseDec } from "../../chain/dec.ts";
import { addDuration } from "../../chain/time.ts";
import {
  dayCount,
  dayOf,
  emissionDaysMax,
  emittedBetween,
  emittedUntil,
  type Schedule,
  scheduleProblem,
  secondsPerDay,
  totalEmission,
} from "./schedule.ts";

const start: Timestamp = { seconds: 1_700_000_000n, nanos: 500_000_000 };
const weir: Schedule = {
  start,
  firstDayAmount: 379_626_000_000n,
  decay: parseDec("0.999050933962625668"),
  supplyCap: 10n ** 15n,
};
const later = (seconds: bigint, nanos = 0): Timestamp => addDuration(start, { seconds, nanos });
const million = 1_000_000n;

describe("Weir's emission", () => {
  it("is 399,999,563 WEIR in all, over 28,081 days", () => {
    expect(totalEmission(weir)).toBe(399_999_562_765_998n);
    expect((totalEmission(weir) + million / 2n) / million).toBe(399_999_563n);
    expect(dayCount(weir)).toBe(28_081);
    expect(dayOf(weir, 28_080)!.amount).toBe(1n);
    expect(dayOf(weir, 28_081)).toBeUndefined();
  });

  it("halves in 730 days: the decay is the 730th root of a half, cut off", () => {
    const { decay } = weir;
    expect(decay ** 730n * 2n < decOne ** 730n).toBe(true);
    expect((decay + 1n) ** 730n * 2n > decOne ** 730n).toBe(true);
    expect(dayOf(weir, 730)!.amount).toBe(weir.firstDayAmount / 2n - 1n);
  });

  it("is on every day the exact power, rounded down", () => {
    // 120 digits: what is cut off stays far below what could carry into a whole.
    const one = 10n ** 120n;
    let power = one;
    let sum = 0n;
    for (let day = 0; day < dayCount(weir); day++) {
      const amount = (weir.firstDayAmount * power) / one;
      const actual = dayOf(weir, day)!;
      if (actual.amount !== amount || actual.emittedBefore !== sum) expect(actual).toMatchObject({ day, amount, sum });
      sum += amount;
      power = (power * weir.decay) / decOne;
    }
    expect((weir.firstDayAmount * power) / one).toBe(0n);
    expect(sum).toBe(totalEmission(weir));
    // The first days without any rounding at all.
    for (const day of [1n, 2n, 3n, 100n, 500n]) {
      const exact = (weir.firstDayAmount * weir.decay ** day) / decOne ** day;
      expect(dayOf(weir, Number(day))!.amount).toBe(exact);
    }
  });

  it("grows evenly within a day, and from day to day without a gap", () => {
    expect(emittedUntil(weir, start)).toBe(0n);
    expect(emittedUntil(weir, later(-5n))).toBe(0n);
    expect(emittedUntil(weir, later(secondsPerDay / 2n))).toBe(189_813_000_000n);
    expect(emittedUntil(weir, later(secondsPerDay - 1n, 999_999_999))).toBe(379_625_999_999n);
    expect(emittedUntil(weir, later(secondsPerDay))).toBe(379_626_000_000n);
    const second = dayOf(weir, 1)!;
    expect(emittedUntil(weir, later(secondsPerDay + secondsPerDay / 4n))).toBe(379_626_000_000n + second.amount / 4n);
    expect(second.start).toEqual(later(secondsPerDay));
    expect(emittedUntil(weir, later(28_081n * secondsPerDay))).toBe(totalEmission(weir));
    expect(emittedUntil(weir, later(10n ** 11n))).toBe(totalEmission(weir));
  });

  it("adds up: however time is cut, the pieces are the whole, and it never falls", () => {
    const times = fc.array(fc.tuple(fc.bigInt({ min: -million, max: 3n * 10n ** 9n }), fc.nat(999_999_999)), {
      minLength: 2,
      maxLength: 20,
    });
    fc.assert(
      fc.property(times, (pieces) => {
        const points = pieces
          .map(([seconds, nanos]) => later(seconds, nanos))
          .sort((a, b) => (a.seconds === b.seconds ? a.nanos - b.nanos : a.seconds < b.seconds ? -1 : 1));
        let sum = 0n;
        for (let i = 1; i < points.length; i++) {
          const piece = emittedBetween(weir, points[i - 1]!, points[i]!);
          expect(piece >= 0n).toBe(true);
          sum += piece;
        }
        expect(sum).toBe(emittedBetween(weir, points[0]!, points.at(-1)!));
      }),
    );
  });

  it("ends after a hundred years even where it hardly decays", () => {
    const slow: Schedule = { ...weir, decay: decOne - 1n, firstDayAmount: million };
    expect(dayCount(slow)).toBe(emissionDaysMax);
    expect(totalEmission(slow)).toBe(million + BigInt(emissionDaysMax - 1) * (million - 1n));
    expect(totalEmission(weir)).toBe(399_999_562_765_998n);
  });

  it.each<readonly [Partial<Schedule>, string | undefined]>([
    [{}, undefined],
    [{ firstDayAmount: 0n }, undefined],
    [{ firstDayAmount: -1n }, "first_day_amount cannot be negative: -1"],
    [{ decay: 0n }, "decay must be above 0 and below 1"],
    [{ decay: decOne }, "decay must be above 0 and below 1"],
    [{ supplyCap: 0n }, "supply_cap must be positive: 0"],
  ])("of %o is judged: %s", (change, problem) => {
    expect(scheduleProblem({ ...weir, ...change })).toBe(problem);
  });
});
