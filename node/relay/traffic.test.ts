import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Clock } from "../clock.ts";
import { leaseBytes, type MonthMark, Traffic, type TrafficLimits } from "./traffic.ts";

const unlimited: TrafficLimits = { bpsMax: undefined, monthBytesMax: undefined, claimBps: 100_000_000n };
const november = Date.UTC(2026, 10, 21);

/** Time goes by when the test says so. */
function handClock(): Clock & { advance(millis: number): void } {
  let now = 0;
  return {
    now: () => now,
    after: () => () => undefined,
    advance: (millis) => {
      now += millis;
    },
  };
}

function made(changes: Partial<TrafficLimits> = {}, mark?: MonthMark) {
  const clock = handClock();
  const kept: MonthMark[] = [];
  let wall = november;
  const traffic = new Traffic({
    limits: { ...unlimited, ...changes },
    clock,
    wallMillis: () => wall,
    mark,
    keep: async (one) => {
      kept.push(one);
    },
  });
  const setWall = (millis: number) => {
    wall = millis;
  };
  return { traffic, clock, kept, setWall };
}

/** Carries chunks, waiting as long as is asked for; what went in how many milliseconds. */
function carryFor(
  millis: number,
  clock: ReturnType<typeof handClock>,
  carry: (bytes: number) => number,
  chunk: number,
) {
  let bytes = 0;
  const until = clock.now() + millis;
  while (clock.now() < until) {
    const pause = carry(chunk);
    bytes += chunk;
    clock.advance(pause === 0 ? 0.05 : pause);
  }
  return bytes;
}

describe("a relay's traffic", () => {
  it("goes as fast as the cap, whatever the chunks are", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1400, max: 65_536 }), (mbps, chunk) => {
        const { traffic, clock } = made({ bpsMax: BigInt(mbps) * 1_000_000n });
        const bytes = carryFor(1_000, clock, (count) => traffic.carried(count), chunk);
        const allowed = (mbps * 1_000_000) / 8;
        expect(bytes).toBeLessThanOrEqual(allowed * 1.11 + 2 * chunk);
        expect(bytes).toBeGreaterThanOrEqual(allowed * 0.97);
      }),
      { numRuns: 20 },
    );
  });

  it("is not held back where there is no cap", () => {
    const { traffic } = made();
    expect(traffic.carried(1 << 30)).toBe(0);
    expect(traffic.measured(1 << 30)).toBe(0);
  });

  it("shares the cap between buyers and oracles, and obeys a cap that was changed", () => {
    const { traffic, clock } = made({ bpsMax: 8_000_000n });
    expect(traffic.carried(100_000)).toBe(0);
    expect(traffic.measured(100_000)).toBe(100);
    clock.advance(1_000);
    traffic.setLimits({ ...unlimited, bpsMax: 80_000_000n });
    expect(traffic.measured(2_000_000)).toBe(100);
  });

  it("leaves a tenth of the claim to buyers while it is measured, reports what they got, and all of it afterwards", () => {
    const { traffic, clock } = made({ claimBps: 80_000_000n });
    const background = traffic.measurementBegins();
    const bytes = carryFor(10_000, clock, (count) => traffic.carried(count), 10_000);
    expect(bytes).toBeLessThanOrEqual(10_000_000 * 1.01 + 20_000);
    const bps = traffic.measurementEnds(background);
    expect(Number(bps)).toBeGreaterThan(7_900_000);
    expect(Number(bps)).toBeLessThan(8_100_000);
    clock.advance(1_000);
    expect(traffic.carried(100_000_000)).toBe(0);
    expect(traffic.figures.measurements).toBe(0);
  });

  it("does not count what oracles get as background", () => {
    const { traffic, clock } = made();
    const background = traffic.measurementBegins();
    traffic.measured(1_000_000);
    clock.advance(1_000);
    expect(traffic.measurementEnds(background)).toBe(0n);
  });
});

describe("a month's volume", () => {
  it("is counted on disk before it is carried, so that a kill -9 never makes it more", async () => {
    const { traffic, kept } = made({ monthBytesMax: 1n << 40n });
    expect(traffic.carried(1000)).toBeGreaterThan(0);
    await Promise.resolve();
    await Promise.resolve();
    expect(kept).toEqual([{ month: "2026-11", bytes: 1000n + leaseBytes }]);
    expect(traffic.carried(1000)).toBe(0);
    const again = made({ monthBytesMax: 1n << 40n }, kept[0]);
    expect(again.traffic.figures.monthBytes).toBe(1000n + leaseBytes);
  });

  it("ends paid traffic a little before it ends measuring, and begins anew with the month", () => {
    const { traffic, setWall } = made({ monthBytesMax: 1_000_000n });
    traffic.carried(949_999);
    expect(traffic.closedReason).toBeUndefined();
    traffic.carried(1);
    expect(traffic.closedReason).toContain("used up");
    expect(traffic.measuringClosedReason).toBeUndefined();
    traffic.measured(50_000);
    expect(traffic.measuringClosedReason).toContain("used up");
    setWall(Date.UTC(2026, 11, 1));
    expect(traffic.closedReason).toBeUndefined();
    traffic.carried(10);
    expect(traffic.figures).toMatchObject({ month: "2026-12", monthBytes: 10n });
  });

  it("forgets a mark of another month, and keeps the exact count in a clean stop", async () => {
    const { traffic, kept } = made({ monthBytesMax: 1n << 40n }, { month: "2026-10", bytes: 77n });
    traffic.carried(5);
    await traffic.close();
    expect(kept.at(-1)).toEqual({ month: "2026-11", bytes: 5n });
  });

  it("takes nothing new where the count cannot be written", async () => {
    const traffic = new Traffic({
      limits: { ...unlimited, monthBytesMax: 1n << 40n },
      clock: handClock(),
      wallMillis: () => november,
      mark: undefined,
      keep: () => Promise.reject(new Error("no space left on device")),
    });
    traffic.carried(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(traffic.closedReason).toBe("the month's count cannot be written: no space left on device");
  });
});
