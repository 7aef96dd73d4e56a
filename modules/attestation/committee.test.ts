import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  capacityNeeded,
  drawCommittee,
  eligibleOracles,
  isAudited,
  measurable,
  type OracleAtOpen,
  type RelayAtOpen,
  visibleClaim,
} from "./committee.ts";

const rules = { size: 9, oracleBondMin: 50_000n, prefixRules: true };
const oracle = (id: number, changes: Partial<OracleAtOpen> = {}): OracleAtOpen => ({
  id: BigInt(id),
  operator: `oracle-${id}`,
  family: undefined,
  prefixes: [`10.0.${id}`],
  bond: 50_000n,
  provenBps: 1_000_000_000n,
  ...changes,
});
const relay = (changes: Partial<RelayAtOpen> = {}): RelayAtOpen => ({
  id: 7n,
  operator: "relay",
  family: undefined,
  prefix: undefined,
  claimBps: 100_000_000n,
  delegatingOperators: new Set(),
  ...changes,
});
const oracles = (count: number) => Array.from({ length: count }, (_, index) => oracle(index + 1));
const draw = (epoch: number) => ({ seed: new Uint8Array(32).fill(1), epoch: BigInt(epoch) });

/** Probability of each ordered outcome of drawing `size` of these weights without replacement. */
function outcomes(weights: ReadonlyMap<bigint, number>, size: number): Map<string, number> {
  const result = new Map<string, number>();
  const extend = (drawn: bigint[], probability: number) => {
    if (drawn.length === size) return void result.set(drawn.join(), probability);
    const left = [...weights].filter(([id]) => !drawn.includes(id));
    const total = left.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [id, weight] of left) extend([...drawn, id], (probability * weight) / total);
  };
  extend([], 1);
  return result;
}

describe("a committee", () => {
  it("is drawn in proportion to bond, without replacement: chi-squared over 12,000 seeds", () => {
    const bonds = [50_000n, 100_000n, 150_000n, 200_000n, 900_000n];
    const urn = bonds.map((bond, index) => oracle(index + 1, { bond }));
    // The last bond counts as four times the least one.
    const expected = outcomes(
      new Map([
        [1n, 1],
        [2n, 2],
        [3n, 3],
        [4n, 4],
        [5n, 4],
      ]),
      3,
    );
    const draws = 12_000;
    const seen = new Map<string, number>();
    for (let epoch = 0; epoch < draws; epoch++) {
      const outcome = drawCommittee(draw(epoch), relay(), urn, { ...rules, size: 3 }).join();
      seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
    }
    let chiSquared = 0;
    for (const [outcome, probability] of expected) {
      chiSquared += ((seen.get(outcome) ?? 0) - draws * probability) ** 2 / (draws * probability);
    }
    expect([...seen.keys()].every((outcome) => expected.has(outcome))).toBe(true);
    // 59 degrees of freedom: exceeded once in a thousand by chance, and these seeds are fixed.
    expect(chiSquared).toBeLessThan(98.3);
  });

  it("differs by relay, epoch and seed, and repeats for the same", () => {
    const all = oracles(40);
    const base = drawCommittee(draw(1), relay(), all, rules);
    expect(drawCommittee(draw(1), relay(), all, rules)).toEqual(base);
    expect(drawCommittee(draw(2), relay(), all, rules)).not.toEqual(base);
    expect(drawCommittee(draw(1), relay({ id: 8n }), all, rules)).not.toEqual(base);
    expect(drawCommittee({ seed: new Uint8Array(32), epoch: 1n }, relay(), all, rules)).not.toEqual(base);
  });

  it("has each oracle at most once, only eligible ones, and all of them where there are few", () => {
    fc.assert(
      fc.property(fc.nat(30), fc.nat(1000), (count, epoch) => {
        const all = oracles(count);
        const committee = drawCommittee(draw(epoch), relay(), all, rules);
        expect(committee).toHaveLength(Math.min(9, count));
        expect(new Set(committee).size).toBe(committee.length);
        expect(committee.every((id) => id >= 1n && id <= BigInt(count))).toBe(true);
      }),
    );
  });

  it("leaves out its own operator, its family, its prefix, who delegates to it and who cannot carry the claim", () => {
    const all = [
      ...oracles(20),
      oracle(21, { operator: "relay" }),
      oracle(22, { family: "kin" }),
      oracle(23, { prefixes: ["2001:db8::/40", "192.168.1"] }),
      oracle(24),
      oracle(25, { provenBps: 124_999_999n }),
      oracle(26, { provenBps: 125_000_000n }),
    ];
    const subject = relay({ family: "kin", prefix: "192.168.1", delegatingOperators: new Set(["oracle-24"]) });
    const ids = eligibleOracles(subject, all, rules).map(({ id }) => Number(id));
    expect(ids).toEqual([...Array.from({ length: 20 }, (_, index) => index + 1), 26]);
    const flat = eligibleOracles(subject, all, { ...rules, prefixRules: false }).map(({ id }) => Number(id));
    expect(flat).toContain(23);
  });

  it("counts only operator and family once exclusions would take more than a fifth of the weight", () => {
    const all = [...oracles(8), oracle(9, { prefixes: ["near"] }), oracle(10, { prefixes: ["near"] })];
    const subject = relay({ prefix: "near" });
    expect(eligibleOracles(subject, all, rules)).toHaveLength(8);
    const crowded = [...all, oracle(11, { prefixes: ["near"] })];
    expect(eligibleOracles(subject, crowded, rules)).toHaveLength(11);
    const related = [...crowded, oracle(12, { operator: "relay" })];
    expect(eligibleOracles(subject, related, rules)).toHaveLength(11);
  });

  it("does not let a relay choose its judges by delegating to oracles: only the oracle's own operator's tie counts", () => {
    const subject = relay({ delegatingOperators: new Set(["somebody"]) });
    expect(eligibleOracles(subject, oracles(12), rules)).toHaveLength(12);
  });
});

describe("a claim", () => {
  it("counts up to what the ninth-largest oracle can see, less its headroom", () => {
    const all = Array.from({ length: 12 }, (_, index) => oracle(index + 1, { provenBps: BigInt(index + 1) * 100n }));
    // Sorted down: 1200, 1100, … the ninth is 400.
    expect(visibleClaim(10_000n, all, 9)).toBe(320n);
    expect(visibleClaim(300n, all, 9)).toBe(300n);
  });

  it("counts up to the smallest oracle where there are fewer than nine, the fourth part where there are many, nothing with none", () => {
    expect(visibleClaim(10_000n, [oracle(1, { provenBps: 500n }), oracle(2, { provenBps: 250n })], 9)).toBe(200n);
    const many = Array.from({ length: 80 }, (_, index) => oracle(index + 1, { provenBps: BigInt(80 - index) * 5n }));
    // The twentieth of 80: 61 × 5.
    expect(visibleClaim(10_000n, many, 9)).toBe(244n);
    expect(visibleClaim(10_000n, [], 9)).toBe(0n);
  });

  it("can be measured by whom it needs", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 1n << 50n), (claim) => {
        expect(measurable(capacityNeeded(claim)) >= claim).toBe(true);
        expect(measurable(capacityNeeded(claim) - 1n) < claim || claim === 0n).toBe(true);
      }),
    );
  });
});

describe("an audit", () => {
  it("comes every epoch without trust, and about one time in three with it", () => {
    const seed = new Uint8Array(32).fill(9);
    const audits = Array.from({ length: 3000 }, (_, epoch) => isAudited(seed, BigInt(epoch), 7n, 3n)).filter(Boolean);
    expect(audits.length).toBeGreaterThan(900);
    expect(audits.length).toBeLessThan(1100);
    expect(isAudited(seed, 1n, 7n, 1n)).toBe(true);
  });
});
