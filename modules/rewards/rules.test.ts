/** The rules one by one, at their edges; random epochs against the exact model are in settlement.test.ts. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decOne, parseDec } from "../../chain/dec.ts";
import { bondForClaim, bondRateTarget, nextBondRate } from "./bond.ts";
import { familyCap } from "./caps.ts";
import { covertFactor, covertOne, covertRatio, covertShare, rememberCovert } from "./covert.ts";
import { countedBps, countedMbps, groupMbpsMax, reduced } from "./curve.ts";
import {
  type Judgement,
  judgeMisses,
  judgementsKept,
  nextDown,
  overclaimDue,
  overclaimNear,
  overclaimSlash,
  qualityDue,
  qualityNear,
  remember,
  withoutBadQuality,
} from "./judgement.ts";
import { defaultParams as rules } from "./params.ts";
import {
  availabilityPay,
  availabilityShare,
  divisorOf,
  netEmission,
  poolsOf,
  sumOf,
  usagePaid,
  utilization,
} from "./pools.ts";
import { clamp, lowerMedian, mulDivDown, mulDivUp, rootDown } from "./ratio.ts";
import { isStable, nextReputation, rememberUptime, reputationMin, scoreOf, shownReputation } from "./reputation.ts";
import { nextScarcity, scarcityTarget, stepTowards } from "./scarcity.ts";
import { bondCover, isBadQuality, qualityOf, weightOf } from "./weight.ts";

const dec = parseDec;
const weir = 1_000_000n;
const mbps = 1_000_000n;
const gbps = 1_000n * mbps;

describe("whole numbers", () => {
  it("are divided down or up, and nothing by nothing is nothing", () => {
    expect([mulDivDown(7n, 1n, 2n), mulDivUp(7n, 1n, 2n), mulDivUp(8n, 1n, 2n)]).toEqual([3n, 4n, 4n]);
    expect([mulDivDown(0n, 0n, 0n), mulDivUp(5n, 5n, 0n)]).toEqual([0n, 0n]);
    expect([clamp(5n, 1n, 3n), clamp(0n, 1n, 3n), clamp(2n, 1n, 3n)]).toEqual([3n, 1n, 2n]);
  });

  it("have a lower middle, which no order changes", () => {
    expect(lowerMedian([])).toBe(0n);
    expect(lowerMedian([9n])).toBe(9n);
    expect(lowerMedian([3n, 1n])).toBe(1n);
    expect(lowerMedian([9n, 1n, 5n])).toBe(5n);
    const list = [4n, 2n, 3n, 1n];
    expect(lowerMedian(list)).toBe(2n);
    expect(list).toEqual([4n, 2n, 3n, 1n]);
  });

  it("have a root that is the largest whose power is not larger", () => {
    expect([0n, 1n, 1023n, 1024n, 1025n, 59048n, 59049n].map((value) => rootDown(value, 10n))).toEqual([
      0n,
      1n,
      1n,
      2n,
      2n,
      2n,
      3n,
    ]);
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 256n) - 1n), fc.bigInt(2n, 12n), (value, degree) => {
        const root = rootDown(value, degree);
        expect(root ** degree <= value && (root + 1n) ** degree > value).toBe(true);
      }),
    );
  });
});

describe("a weight", () => {
  const whole = {
    bondCover: decOne,
    quality: decOne,
    uptime: decOne,
    scarcity: decOne,
    reputation: decOne,
    covert: decOne,
  };

  it("is the bandwidth where all factors are whole, and each factor takes its share of it", () => {
    expect(weightOf(100n * mbps, whole)).toBe(100n * mbps);
    for (const name of Object.keys(whole))
      expect(weightOf(100n * mbps, { ...whole, [name]: dec("0.25") })).toBe(25n * mbps);
    expect(weightOf(100n * mbps, { ...whole, scarcity: dec("1.5") })).toBe(150n * mbps);
  });

  it("is rounded down once, at the end", () => {
    const third = decOne / 3n;
    expect(weightOf(9n, { ...whole, uptime: third, quality: third })).toBe(0n);
    expect(weightOf(10n, { ...whole, uptime: third, quality: third })).toBe(1n);
  });

  it("counts bond up to what is required", () => {
    expect(bondCover(500n, 1000n)).toBe(dec("0.5"));
    expect(bondCover(1000n, 1000n)).toBe(decOne);
    expect(bondCover(5000n, 1000n)).toBe(decOne);
    expect(bondCover(0n, 0n)).toBe(decOne);
    expect(bondCover(1n, 3n)).toBe(dec("0.333333333333333333"));
  });

  it.each([
    ["0.005", "1"],
    ["0.0051", "0.75"],
    ["0.01", "0.75"],
    ["0.011", "0.5"],
    ["0.02", "0.5"],
    ["0.021", "0.25"],
    ["0.05", "0.25"],
    ["0.051", "0"],
  ])("has with a loss of %s the quality %s", (loss, quality) => {
    expect(qualityOf({ loss: dec(loss), rttRatio: undefined })).toBe(dec(quality));
    expect(qualityOf({ loss: dec(loss), rttRatio: decOne })).toBe(dec(quality));
  });

  it.each([
    ["1", "1"],
    ["1.01", "0.75"],
    ["1.25", "0.75"],
    ["1.26", "0.5"],
    ["1.5", "0.5"],
    ["1.6", "0.25"],
    ["2", "0.25"],
    ["2.01", "0"],
  ])("has with a round trip of %s times the claimed the quality %s", (ratio, quality) => {
    expect(qualityOf({ loss: 0n, rttRatio: dec(ratio) })).toBe(dec(quality));
  });

  it("is of bad quality above 2% of loss or twice the claimed round trip, and not at them", () => {
    expect(isBadQuality({ loss: dec("0.02"), rttRatio: dec("2") })).toBe(false);
    expect(isBadQuality({ loss: dec("0.020001"), rttRatio: undefined })).toBe(true);
    expect(isBadQuality({ loss: 0n, rttRatio: dec("2.000001") })).toBe(true);
  });
});

describe("reputation", () => {
  it("moves by a sixteenth of the difference and stays between a tenth and one", () => {
    expect(nextReputation(dec("0.1"), decOne)).toBe(dec("0.15625"));
    expect(nextReputation(dec("0.1"), 0n)).toBe(dec("0.1"));
    expect(nextReputation(decOne, decOne)).toBe(decOne);
    expect(nextReputation(dec("0.9"), 0n)).toBe(dec("0.84375"));
  });

  it("is scored by what was delivered of the claim, and by uptime", () => {
    expect(scoreOf(50n, 100n, decOne)).toBe(dec("0.5"));
    expect(scoreOf(200n, 100n, dec("0.75"))).toBe(dec("0.75"));
    expect(scoreOf(0n, 0n, decOne)).toBe(0n);
  });

  it("counts as the least one until probation is over", () => {
    expect(shownReputation(decOne, 15n, 15n)).toBe(reputationMin);
    expect(shownReputation(decOne, 16n, 15n)).toBe(decOne);
  });

  it("reaches trust from nothing in 24 flawless epochs, not in 23", () => {
    const reached = (epochs: number) =>
      Array.from({ length: epochs }).reduce<bigint>((value) => nextReputation(value, decOne), reputationMin);
    expect(reached(23) < dec("0.8")).toBe(true);
    expect(reached(24) >= dec("0.8")).toBe(true);
  });

  it("makes who is up for 30 epochs and gives notice stable, and nobody else", () => {
    const up = (epochs: number, uptime = decOne) =>
      Array.from({ length: epochs }).reduce<Uint8Array>((all) => rememberUptime(all, uptime, 30n), new Uint8Array(0));
    expect(isStable(up(30), rules, true)).toBe(true);
    expect(isStable(up(29), rules, true)).toBe(false);
    expect(isStable(up(30), rules, false)).toBe(false);
    expect(isStable(up(30, dec("0.95")), rules, true)).toBe(true);
    expect(isStable(up(30, dec("0.94")), rules, true)).toBe(false);
    expect(up(40)).toHaveLength(30);
    expect([...rememberUptime(Uint8Array.of(1, 2), dec("0.759"), 2n)]).toEqual([2, 75]);
    expect([...rememberUptime(Uint8Array.of(), dec("1.5"), 2n)]).toEqual([100]);
  });
});

describe("covert readings", () => {
  const idle = { bits: 0n, seconds: 86_400n };

  it("say what a buyer got of what oracles were shown", () => {
    expect(covertRatio(50n * mbps, 100n * mbps, idle)).toBe(covertOne / 2n);
    expect(covertRatio(0n, 100n * mbps, idle)).toBe(0n);
    expect(covertRatio(1n, 0n, idle)).toBeUndefined();
    expect(covertRatio(50n, 100n, { bits: 0n, seconds: 0n })).toBe(covertOne / 2n);
    expect(covertRatio(10n ** 12n, 1n, idle)).toBe(10n * covertOne);
  });

  it("do not punish who is busy: three times the use is taken off, up to a half", () => {
    const day = 86_400n;
    const used = (tenths: bigint) => ({ bits: (100n * mbps * day * tenths) / 10n, seconds: day });
    expect(covertRatio(70n * mbps, 100n * mbps, used(1n))).toBe(covertOne);
    expect(covertRatio(50n * mbps, 100n * mbps, used(2n))).toBe(covertOne);
    expect(covertRatio(50n * mbps, 100n * mbps, used(9n))).toBe(covertOne);
    expect(covertRatio(25n * mbps, 100n * mbps, used(9n))).toBe(covertOne / 2n);
  });

  it("count from the tenth on, by their lower median", () => {
    const ratios = [1, 2, 3, 4, 400_000, 600_000, 7, 8, 900_000, 1_000_000];
    expect(covertShare(ratios.slice(1), 10n)).toBeUndefined();
    expect(covertShare([400_000, ...Array(9).fill(900_000)], 10n)).toBe(dec("0.9"));
    expect(covertShare([...Array(5).fill(400_000), ...Array(5).fill(900_000)], 10n)).toBe(dec("0.4"));
    expect(rememberCovert(ratios, [5n, 6n], 10n)).toEqual([...ratios.slice(2), 5, 6]);
  });

  it("cost nothing down to .8, and in proportion below", () => {
    expect(covertFactor(undefined, dec("0.8"))).toBe(decOne);
    expect(covertFactor(dec("0.8"), dec("0.8"))).toBe(decOne);
    expect(covertFactor(dec("0.9"), dec("0.8"))).toBe(decOne);
    expect(covertFactor(dec("0.4"), dec("0.8"))).toBe(dec("0.5"));
  });
});

describe("transient relays of a cell", () => {
  it("count in full up to 10 Gbps, and by the seventh power of the tenth root above", () => {
    expect(countedBps(10n * gbps, 10_000n)).toBe(10n * gbps);
    expect(countedBps(9_999_999_999n, 10_000n)).toBe(9_999_999_999n);
    // 20 Gbps: 10 · 2^.7 = 16.245 Gbps.
    expect(countedMbps(20_000n, 10_000n)).toBe(16_245n);
    expect(countedBps(20n * gbps, 10_000n)).toBe(16_245n * mbps);
    expect(countedMbps(100_000n, 10_000n)).toBe(50_118n);
    expect(countedMbps(groupMbpsMax * 5n, 10_000n)).toBe(countedMbps(groupMbpsMax, 10_000n));
  });

  it("share what they count for in proportion, whoever splits", () => {
    expect(reduced(4n * gbps, { whole: 20n * gbps, counted: 16_245n * mbps })).toBe(3_249n * mbps);
    expect(reduced(7n, { whole: 10n, counted: 10n })).toBe(7n);
    expect(reduced(7n, { whole: 10n, counted: 3n })).toBe(2n);
    fc.assert(
      fc.property(
        fc.bigInt(1n, 10n ** 11n),
        fc.bigInt(0n, 10n ** 11n),
        fc.bigInt(1n, 10n ** 12n),
        (own, part, others) => {
          const split = part % own;
          const of = { whole: own + others, counted: countedBps(own + others, 10_000n) };
          expect(reduced(split, of) + reduced(own - split, of) <= reduced(own, of)).toBe(true);
        },
      ),
    );
  });
});

describe("a family", () => {
  it("weighs at most 2%, or three equal parts where families are few", () => {
    expect(familyCap(1_000_000n, 1_000n, rules)).toBe(20_000n);
    expect(familyCap(1_000_000n, 150n, rules)).toBe(20_000n);
    expect(familyCap(1_000_000n, 100n, rules)).toBe(30_000n);
    expect(familyCap(1_000_000n, 3n, rules)).toBe(1_000_000n);
    expect(familyCap(1_000_000n, 1n, rules)).toBe(1_000_000n);
    expect(familyCap(0n, 0n, rules)).toBe(0n);
  });
});

describe("scarcity", () => {
  const network = { measuredBps: 100n * gbps, value: 1_000_000n };

  it("is a cell's dollars per measured Gbps against the network's", () => {
    expect(scarcityTarget({ measuredBps: 10n * gbps, value: 200_000n }, network)).toBe(dec("2"));
    expect(scarcityTarget({ measuredBps: 0n, value: 5n }, network)).toBe(decOne);
    expect(scarcityTarget({ measuredBps: 10n * gbps, value: 0n }, network)).toBe(0n);
    expect(scarcityTarget({ measuredBps: 10n * gbps, value: 0n }, { ...network, value: 0n })).toBe(decOne);
  });

  it("moves a tenth an epoch within its range, and is 1 with fewer than 3 families", () => {
    const rich = { measuredBps: gbps, value: 900_000n };
    expect(nextScarcity(decOne, 3n, rich, network, rules)).toBe(dec("1.1"));
    expect(nextScarcity(dec("1.45"), 3n, rich, network, rules)).toBe(dec("1.5"));
    expect(nextScarcity(dec("1.45"), 2n, rich, network, rules)).toBe(decOne);
    const poor = { measuredBps: gbps, value: 0n };
    expect(nextScarcity(decOne, 3n, poor, network, rules)).toBe(dec("0.9"));
    expect(nextScarcity(dec("0.52"), 3n, poor, network, rules)).toBe(dec("0.5"));
    expect(stepTowards(100n, 105n, dec("0.1"))).toBe(105n);
  });
});

describe("an emission", () => {
  const day = 379_626_000_000n;

  it("is shared out into tenths and twentieths, availability first while nothing burns", () => {
    const pools = poolsOf(day, 0n, rules);
    expect(pools).toEqual({
      validators: 37_962_600_000n,
      oracles: 18_981_300_000n,
      availability: 227_775_600_000n,
      usage: 94_906_500_000n,
    });
    expect(sumOf(pools)).toBe(day);
  });

  it("moves to traffic as burns reach the schedule", () => {
    expect(availabilityShare(0n, rules)).toBe(dec("0.6"));
    expect(availabilityShare(dec("0.5"), rules)).toBe(dec("0.3"));
    expect(availabilityShare(decOne, rules)).toBe(dec("0.1"));
    expect(utilization(5n, 10n)).toBe(dec("0.5"));
    expect(utilization(50n, 10n)).toBe(decOne);
    expect(utilization(5n, 0n)).toBe(0n);
    expect(poolsOf(day, decOne, rules).usage).toBe((day * 75n) / 100n);
  });

  it("pays availability at most for what was there: a lone relay cannot take the pool", () => {
    const divisor = divisorOf(rules.referenceBps, 500_000n);
    expect(divisor).toBe(100n * gbps);
    // 5 Mbps in probation, of 100 Gbps: 1.1 WEIR, not 227,776.
    expect(availabilityPay(227_776n * weir, 500_000n, divisor)).toBe(1_138_880n);
    expect(divisorOf(rules.referenceBps, 200n * gbps)).toBe(200n * gbps);
    expect(availabilityPay(1n, 0n, 0n)).toBe(0n);
  });

  it("grows by what was burned in the mean of seven epochs, from the first one on, and by 1% of the first at most", () => {
    expect(netEmission(700n, 10n ** 9n, rules.netEmissionShareMax)).toBe(100n);
    expect(netEmission(7n * day, day, rules.netEmissionShareMax)).toBe(day / 100n);
    expect(netEmission(6n, day, rules.netEmissionShareMax)).toBe(0n);
  });

  it("gives traffic a share of what was burned for good, whatever a price says: wash traffic loses 1 − θ of it", () => {
    expect(usagePaid(10n ** 9n, 1_000n, 5n, rules.usageBurnShare)).toBe(350n);
    expect(usagePaid(100n, 1_000n, 5n, rules.usageBurnShare)).toBe(100n);
    expect(usagePaid(10n ** 9n, 1_000n, 0n, rules.usageBurnShare)).toBe(0n);
    expect(usagePaid(10n ** 9n, -5n, 5n, rules.usageBurnShare)).toBe(0n);
  });
});

describe("a bond", () => {
  it("covers thirty epochs of what a claim can earn: 6,833 WEIR for 100 Mbps while there is little", () => {
    const rate = bondRateTarget(227_775_600_000n, 0n, rules);
    expect(bondForClaim(rate, 100n * mbps) / weir).toBe(6_833n);
    expect(bondRateTarget(227_775_600_000n, 50n * gbps, rules)).toBe(rate);
    expect(bondRateTarget(227_775_600_000n, 200n * gbps, rules)).toBe(rate / 2n);
    expect(bondForClaim(1n, 1n)).toBe(1n);
  });

  it("moves a tenth an epoch, and begins where it belongs", () => {
    expect(nextBondRate(0n, 500n, rules)).toBe(500n);
    expect(nextBondRate(1_000n, 5_000n, rules)).toBe(1_100n);
    expect(nextBondRate(1_000n, 0n, rules)).toBe(900n);
    expect(nextBondRate(1_000n, 1_050n, rules)).toBe(1_050n);
  });
});

describe("a judgement", () => {
  const good = (epoch: number): Judgement => ({
    epoch: BigInt(epoch),
    bad: false,
    shortfall: 0n,
    medianBps: 100n,
    badQuality: false,
    disputed: false,
    challenger: "",
  });
  const bad = (epoch: number, changes: Partial<Judgement> = {}): Judgement => ({
    ...good(epoch),
    bad: true,
    shortfall: dec("0.9"),
    medianBps: 10n,
    ...changes,
  });

  it("takes two bad of any three in a row, by the smaller shortfall", () => {
    expect(overclaimDue([bad(1)])).toBeUndefined();
    expect(overclaimDue([bad(1), good(2), good(3), bad(4)])).toBeUndefined();
    expect(overclaimDue([bad(1, { shortfall: dec("0.5"), medianBps: 50n }), good(2), bad(3)])).toEqual({
      shortfall: dec("0.5"),
      sinceEpoch: 1n,
      medianBps: 10n,
      challenger: "",
    });
    expect(overclaimDue([good(1), bad(2), bad(3, { challenger: "carol" })])).toMatchObject({
      sinceEpoch: 2n,
      challenger: "carol",
    });
    expect(overclaimDue([bad(2, { challenger: "carol" }), bad(3)])).toMatchObject({ challenger: "carol" });
  });

  it("waits while one of the two is measured again, however many epochs pass", () => {
    const disputed = bad(2, { disputed: true });
    expect(overclaimDue([bad(1), disputed])).toBeUndefined();
    expect(overclaimDue([bad(1), disputed, good(3), good(4), good(5)])).toBeUndefined();
    expect(overclaimDue([bad(1), bad(2), good(3), good(4), good(5)])).toMatchObject({ sinceEpoch: 1n });
    // A third one does not wait for the disputed one.
    expect(overclaimDue([bad(1), disputed, bad(3)])).toMatchObject({ sinceEpoch: 1n });
  });

  it("is remembered eight epochs long", () => {
    const all = Array.from({ length: 10 }).reduce<readonly Judgement[]>(
      (list, _, index) => remember(list, good(index)),
      [],
    );
    expect(all.map(({ epoch }) => Number(epoch))).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect(all).toHaveLength(judgementsKept);
  });

  it("warns while one more bad epoch would be enough", () => {
    expect(overclaimNear([bad(1), good(2)])).toBe(true);
    expect(overclaimNear([bad(1), good(2), good(3)])).toBe(false);
    expect(overclaimNear([])).toBe(false);
    expect(qualityNear([{ ...good(1), badQuality: true }, good(2)])).toBe(true);
    expect(qualityNear([{ ...good(1), badQuality: true }, good(2), good(3)])).toBe(false);
  });

  it("slashes a tenth of the bond at a fifth of shortfall, .275 at nine tenths, .3 where nothing came", () => {
    expect(overclaimSlash(dec("0.2"), rules)).toBe(dec("0.1"));
    expect(overclaimSlash(dec("0.05"), rules)).toBe(dec("0.1"));
    expect(overclaimSlash(dec("0.9"), rules)).toBe(dec("0.275"));
    expect(overclaimSlash(decOne, rules)).toBe(dec("0.3"));
  });

  it("punishes bad quality in two of three, once a week, and forgets it then", () => {
    const lossy = (epoch: number) => ({ ...good(epoch), badQuality: true });
    expect(qualityDue([lossy(1), good(2), lossy(3)], 3n, undefined, 7n)).toBe(1n);
    expect(qualityDue([lossy(1)], 1n, undefined, 7n)).toBeUndefined();
    expect(qualityDue([lossy(8), lossy(9)], 9n, 3n, 7n)).toBeUndefined();
    expect(qualityDue([lossy(9), lossy(10)], 10n, 3n, 7n)).toBe(9n);
    expect(qualityDue(withoutBadQuality([lossy(9), lossy(10)]), 10n, undefined, 7n)).toBeUndefined();
    expect(withoutBadQuality([bad(1)])[0]!.bad).toBe(true);
  });

  it("counts epochs down in a row", () => {
    expect(nextDown(3n, dec("0.49"), dec("0.5"))).toBe(4n);
    expect(nextDown(3n, dec("0.5"), dec("0.5"))).toBe(0n);
  });

  it("leaves an oracle unpaid above a tenth missed, and calls it silent from two thirds on", () => {
    expect(judgeMisses(0n, 0n, rules)).toEqual({ isPaid: true, slash: 0n });
    expect(judgeMisses(100n, 10n, rules)).toEqual({ isPaid: true, slash: 0n });
    expect(judgeMisses(100n, 11n, rules)).toEqual({ isPaid: false, slash: dec("0.001") });
    expect(judgeMisses(99n, 65n, rules)).toEqual({ isPaid: false, slash: dec("0.001") });
    expect(judgeMisses(99n, 66n, rules)).toEqual({ isPaid: false, slash: dec("0.01") });
  });
});
