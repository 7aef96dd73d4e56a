/** The settlement's arithmetic against a slow model in exact fractions (test/settlement), on thousands of random epochs. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decOne } from "../../chain/dec.ts";
import { compare, floor, fraction, minus, ofDec, plus, sum } from "../../test/settlement/fraction.ts";
import {
  type ReferenceRelay,
  referenceCurve,
  referencePay,
  referencePools,
  referenceQuality,
  referenceReputation,
  referenceSlash,
  referenceSlashes,
  referenceVested,
  referenceWeight,
} from "../../test/settlement/reference.ts";
import { familyCap } from "./caps.ts";
import { covertFactor, covertShare } from "./covert.ts";
import { countedBps, reduced } from "./curve.ts";
import { type Judgement, overclaimDue, overclaimSlash, remember } from "./judgement.ts";
import { defaultParams as rules } from "./params.ts";
import { availabilityPay, divisorOf, poolsOf, utilization } from "./pools.ts";
import { least } from "./ratio.ts";
import { nextReputation, reputationMin, scoreOf } from "./reputation.ts";
import { grant, unvested, type Vesting, vest } from "./vesting.ts";
import { bondCover, qualityOf, weightOf } from "./weight.ts";

const share = fc.bigInt(0n, decOne);
/** Round figures are where rules have their edges. */
const edges = (...thousandths: readonly number[]) =>
  fc.oneof(share, ...thousandths.map((count) => fc.constant((BigInt(count) * decOne) / 1000n)));
const bps = fc.oneof(fc.bigInt(0n, 200_000_000n), fc.bigInt(0n, 40_000_000_000n), fc.constant(5_000_000n));

const relay = (id: bigint): fc.Arbitrary<ReferenceRelay> =>
  fc.record({
    id: fc.constant(id),
    claimBps: bps,
    measuredBps: bps,
    bond: fc.bigInt(0n, 20_000_000_000n),
    required: fc.bigInt(1_000_000_000n, 15_000_000_000n),
    loss: edges(0, 5, 10, 20, 50, 51),
    rttRatio: fc.option(fc.oneof(fc.bigInt(0n, 3n * decOne), fc.constant(2n * decOne), fc.constant(decOne)), {
      nil: undefined,
    }),
    uptime: edges(0, 250, 500, 750, 1000),
    scarcity: fc.bigInt(decOne / 2n, (decOne * 3n) / 2n),
    reputation: fc.bigInt(decOne / 10n, decOne),
    covert: fc.array(fc.integer({ min: 0, max: 1_500_000 }), { maxLength: 10 }),
    isTransient: fc.boolean(),
    cell: fc.constantFrom("eu", "us", "ap"),
    family: fc.constantFrom("", "", "", "kin", "clan"),
  });

const relays = fc
  .integer({ min: 0, max: 60 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => relay(BigInt(index + 1)))));

const weigh = (of: ReferenceRelay): bigint => {
  const counted = least(of.claimBps, of.measuredBps);
  if (counted < rules.relayBpsMin) return 0n;
  return weightOf(counted, {
    bondCover: bondCover(of.bond, of.required),
    quality: qualityOf(of),
    uptime: of.uptime,
    scarcity: of.scarcity,
    reputation: of.reputation,
    covert: covertFactor(covertShare(of.covert, rules.covertReadings), rules.covertFull),
  });
};

/** The whole of an epoch's availability as the sweep does it, in memory. */
function payAll(all: readonly (ReferenceRelay & { readonly x: bigint })[], pool: bigint, referenceBps: bigint) {
  const groups = new Map<string, bigint>();
  for (const { cell, isTransient, x } of all) if (isTransient) groups.set(cell, (groups.get(cell) ?? 0n) + x);
  const curve = (cell: string) => {
    const whole = groups.get(cell) ?? 0n;
    return { whole, counted: countedBps(whole, rules.transientFullMbps) };
  };
  const stable = all.reduce((total, { isTransient, x }) => (isTransient ? total : total + x), 0n);
  const total = [...groups.keys()].reduce((weight, cell) => weight + curve(cell).counted, stable);
  const nameOf = ({ id, family }: ReferenceRelay): string => (family === "" ? `relay ${id}` : family);
  const weights = all.map((of) => ({ of, weight: of.isTransient ? reduced(of.x, curve(of.cell)) : of.x }));
  const families = new Map<string, bigint>();
  for (const { of, weight } of weights)
    if (of.x > 0n) families.set(nameOf(of), (families.get(nameOf(of)) ?? 0n) + weight);
  const cap = familyCap(total, BigInt(families.size), rules);
  const divisor = divisorOf(referenceBps, total);
  const pay = new Map(
    weights.map(({ of, weight }) => {
      const capped = reduced(weight, { whole: families.get(nameOf(of)) ?? 0n, counted: cap });
      return [of.id, availabilityPay(pool, capped, divisor)];
    }),
  );
  return { total, cap, divisor, pay };
}

describe("the settlement of an epoch", () => {
  it("weighs relays as the exact model does, but for one bps that is rounded away", () => {
    fc.assert(
      fc.property(relay(1n), (of) => {
        const exact = floor(referenceWeight(of));
        const weighed = weigh(of);
        expect(weighed === exact || weighed === exact - 1n).toBe(true);
      }),
      { numRuns: 4000 },
    );
  });

  it("pays as the exact model does: no more, and less by the stated roundings only", () => {
    fc.assert(
      fc.property(
        relays,
        fc.bigInt(0n, 300_000_000_000n),
        fc.constantFrom(1_000_000n, 100_000_000_000n),
        (all, pool, referenceBps) => {
          const weighed = all.map((of) => ({ ...of, x: weigh(of) }));
          const exact = referencePay(weighed, pool, referenceBps);
          const settled = payAll(weighed, pool, referenceBps);
          expect(compare(fraction(settled.total), exact.totalWeight)).toBe(0);
          // A weight is rounded down by the curve, the cap and where it is cut to it, a family's whole by each of its relays' curve.
          const perWeight = fraction(pool * BigInt(3 + 2 * all.length), settled.divisor);
          for (const [id, amount] of settled.pay) {
            const due = exact.pay.get(id)!;
            expect(compare(fraction(amount), plus(due, perWeight))).toBeLessThanOrEqual(0);
            expect(compare(fraction(amount + 1n), minus(due, perWeight))).toBeGreaterThanOrEqual(0);
          }
        },
      ),
      { numRuns: 1500 },
    );
  });

  it("never pays more than the pool, nor more for a family than its cap", () => {
    fc.assert(
      fc.property(relays, fc.bigInt(0n, 300_000_000_000n), (all, pool) => {
        const weighed = all.map((of) => ({ ...of, x: weigh(of) }));
        const { pay, cap, divisor } = payAll(weighed, pool, 1_000_000n);
        const paid = [...pay.values()].reduce((total, amount) => total + amount, 0n);
        expect(paid <= pool).toBe(true);
        const kin = weighed
          .filter(({ family }) => family === "kin")
          .reduce((total, { id }) => total + pay.get(id)!, 0n);
        expect(kin <= availabilityPay(pool, cap, divisor)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it("counts transient relays of a cell together by the whole-numbered root, and nothing is gained by a split", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2_000_000_000_000_000n), fc.bigInt(0n, 100_000_000_000n), (group, more) => {
        expect(countedBps(group, 10_000n)).toBe(
          group > 10n ** 15n + 999_999n ? referenceCurve(10n ** 15n) : referenceCurve(group),
        );
        expect(countedBps(group + more, 10_000n) >= countedBps(group, 10_000n)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it("tells quality by the worse of loss and delay", () => {
    fc.assert(
      fc.property(
        edges(0, 5, 6, 10, 11, 20, 21, 50, 51),
        fc.option(fc.bigInt(0n, 3n * decOne), { nil: undefined }),
        (loss, rttRatio) => {
          expect(compare(ofDec(qualityOf({ loss, rttRatio })), referenceQuality(loss, rttRatio))).toBe(0);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("shares an emission out by the exact shares, each rounded down", () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 10n ** 15n),
        fc.bigInt(0n, 10n ** 13n),
        fc.bigInt(0n, 10n ** 13n),
        (total, burned, scheduled) => {
          const pools = poolsOf(total, utilization(burned, scheduled), rules);
          const exact = referencePools(total, burned, scheduled);
          for (const name of ["validators", "oracles", "availability", "usage"] as const) {
            // U is rounded down by 10^-18, which moves a pool by less than a thousandth of a coin's smallest unit.
            const gap = minus(exact[name], fraction(pools[name]));
            expect(compare(gap, fraction(-1n, 1000n))).toBeGreaterThanOrEqual(0);
            expect(compare(gap, fraction(1001n, 1000n))).toBeLessThan(0);
          }
          const all = pools.validators + pools.oracles + pools.availability + pools.usage;
          expect(all <= total && all + 4n > total).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe("a relay's past", () => {
  it("makes its reputation by a moving mean that stays within 16 units of the exact one", () => {
    const epoch = fc.record({ measuredBps: bps, claimBps: fc.bigInt(1n, 10_000_000_000n), uptime: share });
    fc.assert(
      fc.property(fc.array(epoch, { maxLength: 60 }), (epochs) => {
        const reached = epochs.reduce(
          (before, { measuredBps, claimBps, uptime }) => nextReputation(before, scoreOf(measuredBps, claimBps, uptime)),
          reputationMin,
        );
        const gap = minus(ofDec(reached), referenceReputation(epochs));
        const bound = fraction(32n, decOne);
        expect(compare(gap, bound)).toBeLessThanOrEqual(0);
        expect(compare(plus(gap, bound), fraction(0n))).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 300 },
    );
  });

  it("brings a slash at each second bad epoch of three, by the smaller shortfall, with the window empty afterwards", () => {
    const epoch = fc.record({ bad: fc.boolean(), shortfall: fc.bigInt(decOne / 5n, decOne) });
    fc.assert(
      fc.property(fc.array(epoch, { maxLength: 40 }), (epochs) => {
        const slashes: { at: number; shortfall: bigint }[] = [];
        let judgements: readonly Judgement[] = [];
        for (const [at, { bad, shortfall }] of epochs.entries()) {
          const next = {
            epoch: BigInt(at),
            bad,
            shortfall,
            medianBps: 0n,
            badQuality: false,
            disputed: false,
            challenger: "",
          };
          judgements = remember(judgements, next);
          const due = overclaimDue(judgements);
          if (due === undefined) continue;
          slashes.push({ at, shortfall: due.shortfall });
          judgements = [];
        }
        expect(slashes).toEqual(referenceSlashes(epochs));
      }),
      { numRuns: 2000 },
    );
  });

  it("costs what the rule says, rounded down", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n * decOne), (shortfall) => {
        const gap = minus(referenceSlash(shortfall), ofDec(overclaimSlash(shortfall, rules)));
        expect(compare(gap, fraction(0n))).toBeGreaterThanOrEqual(0);
        expect(compare(gap, fraction(1n, decOne))).toBeLessThan(0);
      }),
      { numRuns: 2000 },
    );
    expect(overclaimSlash((decOne * 9n) / 10n, rules)).toBe((decOne * 275n) / 1000n);
  });
});

describe("what vests", () => {
  const duration = 90n * 86_400n;
  const moment = fc.record({
    wait: fc.bigInt(0n, 12n * 86_400n),
    amount: fc.bigInt(0n, 10n ** 12n),
    /** How long ago the epoch ended when its reward is granted. */
    lag: fc.bigInt(0n, 4n * 86_400n),
  });

  it("vests evenly from the end of each epoch, whenever it is looked at, but for a unit a bucket and look", () => {
    fc.assert(
      fc.property(fc.array(moment, { minLength: 1, maxLength: 30 }), (moments) => {
        let now = 1_700_000_000n;
        let vesting: Vesting = { buckets: [], until: now };
        let vested = 0n;
        const grants: { amount: bigint; start: bigint }[] = [];
        for (const { wait, amount, lag } of moments) {
          now += wait;
          const first = vest(vesting, now, duration);
          const second = grant(first.vesting, amount, now - lag, duration);
          vesting = second.vesting;
          vested += first.vested + second.vested;
          grants.push({ amount, start: now - lag });
          const granted = grants.reduce((total, { amount: part }) => total + part, 0n);
          expect(vested + unvested(vesting)).toBe(granted);
          const exact = referenceVested(grants, now, duration);
          expect(compare(fraction(vested), exact)).toBeLessThanOrEqual(0);
          // Each look rounds at most 30 buckets and one reward down.
          expect(compare(fraction(vested + BigInt(31 * grants.length)), exact)).toBeGreaterThanOrEqual(0);
        }
        expect(unvested(vest(vesting, now + duration, duration).vesting)).toBe(0n);
      }),
      { numRuns: 400 },
    );
  });

  it("adds up the same in one look as in many", () => {
    const one = grant({ buckets: [], until: 0n }, 1_000_000n, 0n, duration).vesting;
    const late = vest(one, duration / 2n, duration).vested;
    let many = one;
    let sumOfMany = 0n;
    for (let day = 1n; day <= 45n; day++) {
      const step = vest(many, day * 86_400n, duration);
      many = step.vesting;
      sumOfMany += step.vested;
    }
    expect(late).toBe(500_000n);
    expect(late - sumOfMany).toBeLessThanOrEqual(45n);
    expect(compare(sum([fraction(sumOfMany)]), fraction(late))).toBeLessThanOrEqual(0);
  });
});
