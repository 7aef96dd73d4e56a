import { describe, expect, it } from "vitest";
import { parseDec } from "../../chain/dec.ts";
import { storedReading } from "../../test/helpers/readings.ts";
import { attestationKind } from "./attestationbytes.ts";
import {
  type DisputedReadings,
  disputeRecordLength,
  disputeVerdict,
  isOutlier,
  withDispute,
} from "./disputesverdict.ts";

const rules = { badBelow: parseDec("0.8"), backgroundShare: parseDec("0.1"), bandShare: parseDec("0.1") };
const committee = Array.from({ length: 18 }, (_, index) => BigInt(index + 1));
const second = (bps: bigint, count = 18) =>
  committee.slice(0, count).map((oracle) => storedReading(oracle, bps, { kind: attestationKind.remeasurement }));
const dispute = (changes: Partial<DisputedReadings> = {}): DisputedReadings => ({
  claimBps: 100n,
  wasBad: true,
  isThirdParty: false,
  firstMedianBps: 50n,
  firstBandBps: 5n,
  firstReadings: [50n, 55n, 56n, 45n, 44n].map((measuredBps, index) => ({ oracle: BigInt(index + 1), measuredBps })),
  committee,
  ...changes,
});
const verdict = (changes: Partial<DisputedReadings>, readings = second(100n)) =>
  disputeVerdict(dispute(changes), readings, rules);

describe("a re-measurement", () => {
  it("lifts a pending slash where the relay carries what it must, and the challenger has its bond back", () => {
    expect(verdict({})).toMatchObject({
      outcome: "lifted",
      isBondReturned: true,
      secondMedianBps: 100n,
      shortfall: 0n,
    });
    expect(verdict({}, second(80n)).outcome).toBe("lifted");
    expect(verdict({ isThirdParty: true }).outcome).toBe("lifted");
  });

  it("confirms it where the relay does not, whoever asked, and the bond is gone", () => {
    const found = verdict({}, second(79n));
    expect(found).toMatchObject({ outcome: "confirmed", isBondReturned: false, shortfall: parseDec("0.21") });
    expect(verdict({ isThirdParty: true }, second(10n))).toMatchObject({ outcome: "confirmed", isBondReturned: false });
  });

  it("makes a good epoch bad for a third party alone", () => {
    const good = { wasBad: false };
    const found = verdict({ ...good, isThirdParty: true }, second(50n));
    expect(found).toMatchObject({ outcome: "madeBad", isBondReturned: true, shortfall: parseDec("0.5") });
    expect(verdict(good, second(50n))).toMatchObject({ outcome: "confirmed", isBondReturned: false });
    expect(verdict({ ...good, isThirdParty: true }, second(100n))).toMatchObject({
      outcome: "confirmed",
      isBondReturned: false,
    });
  });

  it("counts background in the relay's defence", () => {
    const busy = second(75n).map((one) => ({ ...one, backgroundBps: 50n }));
    expect(verdict({}, busy)).toMatchObject({ outcome: "lifted", secondMedianBps: 75n });
  });

  it("changes nothing where too few of the second committee could tell: then nobody loses a bond", () => {
    expect(verdict({}, second(100n, 11))).toMatchObject({ outcome: "inconclusive", isBondReturned: true, outside: [] });
    expect(verdict({}, second(100n, 12)).outcome).toBe("lifted");
    expect(verdict({}, [])).toMatchObject({ outcome: "inconclusive", isBondReturned: true });
    const few = { committee: committee.slice(0, 2) };
    expect(verdict(few, second(100n, 2))).toMatchObject({ outcome: "inconclusive", isBondReturned: true });
    expect(verdict({ committee: committee.slice(0, 3) }, second(100n, 3)).outcome).toBe("lifted");
  });

  it("of a relay that is not there lifts nothing, and takes the bond of who asked for it on the relay's side", () => {
    expect(verdict({}, second(0n))).toMatchObject({ outcome: "inconclusive", isBondReturned: false, outside: [] });
    expect(verdict({ isThirdParty: true }, second(0n))).toMatchObject({
      outcome: "inconclusive",
      isBondReturned: true,
    });
  });

  it("notes who was outside both bands on the same side, and slashes nobody by itself", () => {
    const outside = (bps: bigint) =>
      verdict({}, second(bps))
        .outside.filter(({ isOutside }) => isOutside)
        .map(({ oracle }) => oracle);
    // First band 45 to 55; second 90 to 110, 46 to 56, 27 to 33.
    expect(outside(100n)).toEqual([5n]);
    expect(outside(51n)).toEqual([5n]);
    expect(outside(50n)).toEqual([3n, 5n]);
    expect(outside(30n)).toEqual([3n]);
    expect(verdict({}).outside).toHaveLength(5);
  });
});

describe("an oracle's disputes", () => {
  it("make it an outlier with three of the last thirty", () => {
    let record: boolean[] = [];
    for (const isOutside of [true, false, true, ...new Array<boolean>(20).fill(false)])
      record = withDispute(record, isOutside);
    expect(isOutlier(record)).toBe(false);
    expect(isOutlier(withDispute(record, true))).toBe(true);
    expect(withDispute(record, true).at(-1)).toBe(true);
  });

  it("are forgotten one by one behind the thirtieth", () => {
    let record = [true, true];
    for (let index = 0; index < disputeRecordLength - 1; index++) record = withDispute(record, false);
    expect(record).toHaveLength(30);
    expect(record[0]).toBe(true);
    expect(isOutlier(withDispute(record, true))).toBe(false);
  });
});
