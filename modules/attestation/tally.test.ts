import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decOne, parseDec } from "../../chain/dec.ts";
import { storedReading } from "../../test/helpers/readings.ts";
import { attestationKind } from "./attestationbytes.ts";
import {
  bandOf,
  creditedBps,
  lowerMedian,
  quorum,
  type StoredReading,
  shortfallOf,
  type TallyInput,
  tallyOfReadings,
} from "./tally.ts";

const rules = { badBelow: parseDec("0.8"), backgroundShare: parseDec("0.1"), bandShare: parseDec("0.1") };
const mbps = (number: number): bigint => BigInt(number) * 1_000_000n;
const committee = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n];

/** What the committee's members read, in Mbit/s, in their order; undefined of who gave nothing. */
const overt = (values: readonly (number | undefined)[], changes: Partial<StoredReading> = {}): StoredReading[] =>
  values.flatMap((value, index) =>
    value === undefined ? [] : [storedReading(BigInt(index + 1), mbps(value), changes)],
  );
const nine = (value: number) => overt(new Array<number>(9).fill(value));

const tally = (readings: readonly StoredReading[], changes: Partial<TallyInput> = {}) =>
  tallyOfReadings({
    isVoid: false,
    isAudited: true,
    committee,
    readings,
    claimBps: mbps(100),
    claimedRttMicros: 10_000n,
    cell: "eu",
    placeOf: (oracle) => ({ cell: "eu", kin: `kin ${oracle}`, leastRttMicros: undefined }),
    rules,
    ...changes,
  });

describe("a lower median", () => {
  it("has at most half of the values on either side of it, and is the lower one where two are in the middle", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(0n, 100n), { minLength: 1, maxLength: 30 }), (values) => {
        const median = lowerMedian(values)!;
        expect(values).toContain(median);
        expect(values.filter((value) => value < median).length * 2).toBeLessThan(values.length);
        expect(values.filter((value) => value > median).length * 2).toBeLessThanOrEqual(values.length);
      }),
    );
    expect(lowerMedian([4n, 1n, 3n, 2n])).toBe(2n);
    expect(lowerMedian([10n, 9n])).toBe(9n);
    expect(lowerMedian([])).toBeUndefined();
  });

  it("leaves what it is given as it was", () => {
    const values = [3n, 1n, 2n];
    lowerMedian(values);
    expect(values).toEqual([3n, 1n, 2n]);
  });
});

describe("a tally", () => {
  it("is conclusive with two thirds of the committee, rounded up", () => {
    expect([3, 4, 5, 6, 7, 8, 9, 18].map(quorum)).toEqual([2, 3, 4, 4, 5, 6, 6, 12]);
    const six = tally(overt([100, 100, 100, 100, 100, 100]));
    expect(six).toMatchObject({ status: "conclusive", present: 6, missing: [7n, 8n, 9n], medianBps: mbps(100) });
    const five = tally(overt([100, 100, 100, 100, 100]));
    expect(five).toMatchObject({ status: "inconclusive", present: 5, bad: false, uptime: undefined, loss: undefined });
  });

  it("of three oracles, as a small network has, is conclusive with two", () => {
    const three = { committee: [1n, 2n, 3n] };
    expect(tally(overt([100, 90]), three)).toMatchObject({
      status: "conclusive",
      medianBps: mbps(90),
      committeeSize: 3,
    });
    expect(tally(overt([100]), three).status).toBe("inconclusive");
    expect(tally(overt([10, 10]), three).bad).toBe(true);
  });

  it("is void where fewer than three may measure, and in an epoch that nobody measured", () => {
    expect(tally(overt([10, 10]), { committee: [1n, 2n] })).toMatchObject({
      status: "void",
      bad: false,
      shortfall: 0n,
    });
    expect(tally(overt([10, 10]), { committee: [1n, 2n] }).accepted).toEqual([1n, 2n]);
    const idle = tally(nine(10), { isVoid: true });
    expect(idle).toMatchObject({ status: "void", bad: false, missing: [], accepted: [], present: 0, medianBps: 0n });
    expect(tally([], { committee: [] })).toMatchObject({ status: "void", missing: [] });
  });

  it("hears the committee alone, and of it overt readings alone", () => {
    const strangers = [storedReading(10n, mbps(1)), storedReading(11n, mbps(1)), storedReading(12n, mbps(1))];
    const others = overt([1, 1, 1, 1, 1], { kind: attestationKind.remeasurement });
    const covert = storedReading(20n, mbps(60), { kind: attestationKind.covert });
    const found = tally([...strangers, ...nine(100), ...others, covert]);
    expect(found).toMatchObject({ present: 9, medianBps: mbps(100), bad: false, covert: [mbps(60)] });
  });

  it("counts zeros for the median and what is paid, and not for what is bad", () => {
    const found = tally(overt([0, 0, 0, 0, 0, 100, 100, 100, 100]));
    expect(found).toMatchObject({ medianBps: 0n, nonZeroMedianBps: mbps(100), zeros: 5, bad: false, shortfall: 0n });
    const silent = tally(nine(0));
    expect(silent).toMatchObject({ status: "conclusive", zeros: 9, medianBps: 0n, bad: false, shortfall: 0n });
    // Five zeros and four that say half: too few who saw it carry too little.
    expect(tally(overt([0, 0, 0, 0, 0, 50, 50, 50, 50])).bad).toBe(false);
    expect(tally(overt([0, 0, 0, 50, 50, 50, 50, 50, 50])).bad).toBe(true);
  });

  it("is bad when two thirds of the committee read below four fifths of the claim", () => {
    expect(tally(overt([79, 79, 79, 79, 79, 79, 100, 100, 100]))).toMatchObject({ bad: true, medianBps: mbps(79) });
    expect(tally(overt([79, 79, 79, 79, 79, 80, 100, 100, 100])).bad).toBe(false);
    expect(tally(nine(80)).bad).toBe(false);
    expect(tally(overt([79, 79, 79, 79, 79, 79])).bad).toBe(true);
    expect(tally(overt([79, 79, 79, 79, 79])).bad).toBe(false);
  });

  it("says what the claim lacks: nine tenths of a relay that claims ten times what it has", () => {
    expect(tally(nine(10)).shortfall).toBe(parseDec("0.9"));
    expect(tally(nine(100)).shortfall).toBe(0n);
    expect(tally(nine(120)).shortfall).toBe(0n);
    expect(tally(nine(10), { claimBps: 0n })).toMatchObject({ shortfall: 0n, bad: false });
    expect(shortfallOf(1n, 3n)).toBe(666666666666666666n);
  });

  it("credits background in the relay's defence only, up to a ninth of what was measured", () => {
    const values = nine(72).map((one) => ({ ...one, backgroundBps: mbps(50) }));
    const found = tally(values);
    expect(found).toMatchObject({
      medianBps: mbps(72),
      backgroundBps: mbps(8),
      bad: false,
      shortfall: parseDec("0.2"),
    });
    const honest = nine(72).map((one) => ({ ...one, backgroundBps: mbps(3) }));
    expect(tally(honest)).toMatchObject({ backgroundBps: mbps(3), bad: true, shortfall: parseDec("0.25") });
    const one = storedReading(1n, 100n, { backgroundBps: 1_000n });
    expect(creditedBps(one, rules)).toBe(11n);
    expect(creditedBps(one, { ...rules, backgroundShare: 0n })).toBe(0n);
    expect(creditedBps(one, { ...rules, backgroundShare: decOne })).toBe(1_000n);
  });

  it("accepts as work what is within a tenth of the median, or twice the usual distance from it", () => {
    const close = tally(overt([90, 89, 100, 100, 100, 100, 100, 110, 111]));
    expect(close).toMatchObject({ bandBps: mbps(10), accepted: [1n, 3n, 4n, 5n, 6n, 7n, 8n] });
    const wide = tally(overt([60, 70, 80, 90, 100, 110, 120, 130, 141]));
    // Distances from 100: 40 30 20 10 0 10 20 30 41; their median is 20.
    expect(wide).toMatchObject({ medianBps: mbps(100), bandBps: mbps(40) });
    expect(wide.accepted).toEqual([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]);
    expect(bandOf([5n], 5n, rules)).toBe(1n);
    expect(bandOf([], 0n, rules)).toBe(0n);
  });

  it("keeps a zero out of the band of a relay that others reached, and in that of one that nobody did", () => {
    expect(tally(overt([0, 100, 100, 100, 100, 100, 100, 100, 100])).accepted).not.toContain(1n);
    expect(tally(nine(0)).accepted).toEqual(committee);
    expect(tally(overt([100, 100, 60])).accepted).toEqual([1n, 2n]);
  });
});

describe("a relay's line", () => {
  it("has the lower median of the shares of checks that passed as uptime, zeros included", () => {
    const checks = [4, 4, 3, 3, 2, 2, 1, 0, 0];
    const readings = nine(100).map((one, index) => ({ ...one, checksPassed: checks[index]! }));
    expect(tally(readings).uptime).toBe(parseDec("0.5"));
    expect(tally(nine(0)).uptime).toBe(decOne);
  });

  it("loses what those lost who reached it", () => {
    const readings = overt([0, 0, 0, 100, 100, 100, 100, 100, 100]).map((one, index) => ({
      ...one,
      lossPpm: index < 3 ? 0 : index * 1_000,
    }));
    expect(tally(readings).loss).toBe(parseDec("0.005"));
    expect(tally(nine(0)).loss).toBeUndefined();
  });

  it("has a round-trip time to oracles of its own cell, none where there are none", () => {
    const times = [9_000, 12_000, 15_000, 1, 1, 1, 1, 1, 1];
    const readings = nine(100).map((one, index) => ({ ...one, rttP50Micros: times[index]! }));
    const placeOf = (oracle: bigint) => ({
      cell: oracle <= 3n ? "eu" : "us",
      kin: `${oracle}`,
      leastRttMicros: undefined,
    });
    expect(tally(readings, { placeOf })).toMatchObject({ rttMicros: 12_000n, rttRatio: parseDec("1.2") });
    expect(tally(readings, { placeOf, claimedRttMicros: 0n })).toMatchObject({
      rttMicros: 12_000n,
      rttRatio: undefined,
    });
    expect(tally(readings, { placeOf, cell: "as" })).toMatchObject({ rttMicros: undefined, rttRatio: undefined });
    const unknown = readings.map((one) => (one.oracle <= 2n ? { ...one, rttP50Micros: 0 } : one));
    expect(tally(unknown, { placeOf }).rttMicros).toBe(15_000n);
    expect(tally(readings, { placeOf: () => undefined }).rttRatio).toBeUndefined();
  });

  it("is refuted by three oracles of two families and two cells that are nearer than light allows", () => {
    const near = (count: number) =>
      nine(100).map((one, index) => ({ ...one, rttP50Micros: index < count ? 4_999 : 5_000 }));
    const place = (cellOf: (oracle: bigint) => string, kinOf: (oracle: bigint) => string) => (oracle: bigint) => ({
      cell: cellOf(oracle),
      kin: kinOf(oracle),
      leastRttMicros: 5_000n,
    });
    const odd = (oracle: bigint) => (oracle % 2n === 0n ? "us" : "as");
    expect(tally(near(3), { placeOf: place(odd, odd) }).rttRefuted).toBe(true);
    expect(tally(near(2), { placeOf: place(odd, odd) }).rttRefuted).toBe(false);
    expect(tally(near(3), { placeOf: place(odd, () => "one family") }).rttRefuted).toBe(false);
    expect(tally(near(3), { placeOf: place(() => "us", odd) }).rttRefuted).toBe(false);
    const unknown = (oracle: bigint) => ({ ...place(odd, odd)(oracle), leastRttMicros: undefined });
    expect(tally(near(3), { placeOf: unknown }).rttRefuted).toBe(false);
    const silent = near(3).map((one) => ({ ...one, rttP50Micros: one.rttP50Micros === 4_999 ? 0 : 5_000 }));
    expect(tally(silent, { placeOf: place(odd, odd) }).rttRefuted).toBe(false);
    const zeros = near(3).map((one, index) => (index < 3 ? { ...one, measuredBps: 0n } : one));
    expect(tally(zeros, { placeOf: place(odd, odd) }).rttRefuted).toBe(false);
  });
});

describe("an epoch without an audit", () => {
  const checked = (checks: readonly number[]) =>
    checks.map((checksPassed, index) =>
      storedReading(BigInt(index + 1), 0n, { kind: attestationKind.liveness, checksPassed }),
    );
  const unaudited = { isAudited: false };

  it("has the uptime that the first three of the committee saw, and no median", () => {
    const found = tally(checked([4, 3, 0]), unaudited);
    expect(found).toMatchObject({ status: "unaudited", uptime: parseDec("0.75"), medianBps: 0n, bad: false });
    expect(found).toMatchObject({ committeeSize: 9, present: 3, missing: [] });
    // Within one check of the median.
    expect(found.accepted).toEqual([1n, 2n]);
  });

  it("needs two of the three, and hears nobody else", () => {
    expect(tally(checked([4, 2]), unaudited)).toMatchObject({ uptime: parseDec("0.5"), missing: [3n] });
    expect(tally(checked([4]), unaudited)).toMatchObject({ uptime: undefined, missing: [2n, 3n], status: "unaudited" });
    const others = checked([4, 4, 4, 0, 0, 0, 0, 0, 0]);
    expect(tally(others, unaudited)).toMatchObject({ present: 3, uptime: decOne });
    expect(tally(nine(100), unaudited)).toMatchObject({ present: 0, missing: [1n, 2n, 3n] });
    expect(tally(checked([4, 4, 4]))).toMatchObject({ status: "inconclusive", present: 0 });
  });
});
