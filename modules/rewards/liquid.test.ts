/** What shares of a relay earn: one index, generations that expire, and an exact model beside them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decOne } from "../../chain/dec.ts";
import { compare, type Fraction, fraction, minus, plus, zero } from "../../test/settlement/fraction.ts";
import { claimCommission, claimShares, credit, expire, generationSpan, type Liquid, noLiquid, owed } from "./liquid.ts";

const whole = (count: bigint): bigint => count * decOne;
const of = (liquid: Liquid, pooled: bigint, shares: bigint, generation = 0n, commission = 0n): Liquid =>
  credit(liquid, { generation, commission, pooled, shares });

describe("rewards of a relay", () => {
  it("are shared in proportion to shares, the operator's commission apart", () => {
    const liquid = of(noLiquid, 1_000n, whole(4n), 0n, 250n);
    expect(owed(liquid)).toBe(1_250n);
    expect(claimShares(liquid, whole(1n), 0n).amount).toBe(250n);
    expect(claimShares(liquid, whole(3n), 0n).amount).toBe(750n);
    const claimed = claimCommission(liquid);
    expect(claimed.amount).toBe(250n);
    expect(claimCommission(claimed.liquid).amount).toBe(0n);
    expect(owed(claimed.liquid)).toBe(1_000n);
  });

  it("are the operator's where nobody has a share", () => {
    const liquid = of(noLiquid, 1_000n, 0n, 0n, 10n);
    expect(claimCommission(liquid).amount).toBe(1_010n);
    expect(liquid.index).toBe(0n);
  });

  it("are not written down where there are none", () => {
    expect(of(noLiquid, 0n, whole(5n))).toBe(noLiquid);
  });

  it("count from where the index stood when shares began", () => {
    const before = of(noLiquid, 900n, whole(3n));
    const after = of(before, 400n, whole(4n));
    expect(claimShares(after, whole(1n), before.index).amount).toBe(100n);
    expect(claimShares(after, whole(3n), 0n).amount).toBe(1_200n);
    expect(claimShares(after, whole(3n), after.index).amount).toBe(0n);
  });

  it("can be claimed once", () => {
    const liquid = of(noLiquid, 1_000n, whole(1n));
    const claimed = claimShares(liquid, whole(1n), 0n);
    expect(claimed.amount).toBe(1_000n);
    expect(owed(claimed.liquid)).toBe(0n);
    expect(claimShares(claimed.liquid, whole(1n), claimed.liquid.index).amount).toBe(0n);
  });

  it("expire when nobody claimed them in the window, and not before", () => {
    const window = 180n;
    const span = generationSpan(window);
    expect(span).toBe(30n);
    // Credited in epoch 29, the last of generation 0: claimable up to 180 epochs later.
    const liquid = of(of(noLiquid, 500n, whole(1n), 0n, 7n), 300n, whole(1n), 1n);
    expect(expire(liquid, 209n, window)).toEqual({ liquid, expired: 0n });
    const { liquid: left, expired } = expire(liquid, 210n, window);
    expect(expired).toBe(507n);
    expect(owed(left)).toBe(300n);
    expect(claimShares(left, whole(1n), 0n).amount).toBe(300n);
    expect(expire(left, 240n, window).expired).toBe(300n);
  });

  it("leave nothing of an expired generation to who begins before it, whatever was claimed of it by others", () => {
    let liquid = of(noLiquid, 600n, whole(3n), 0n);
    liquid = claimShares(liquid, whole(1n), 0n).liquid;
    liquid = of(liquid, 300n, whole(3n), 1n);
    const { liquid: left, expired } = expire(liquid, 210n, 180n);
    expect(expired).toBe(400n);
    expect(claimShares(left, whole(2n), 0n).amount).toBe(200n);
    const all = expire(left, 999n, 180n);
    expect(all.liquid.generations).toEqual([]);
    expect(claimShares(all.liquid, whole(2n), 0n).amount).toBe(0n);
    expect(claimShares(of(all.liquid, 30n, whole(3n), 9n), whole(2n), 0n).amount).toBe(20n);
  });

  it("reach everyone as an exact model says, but for a unit a credit and a claim, whatever the order", () => {
    const step = fc.record({
      who: fc.nat(3),
      kind: fc.constantFrom("credit", "credit", "change", "claim"),
      amount: fc.bigInt(0n, 10n ** 12n),
      shares: fc.bigInt(0n, 10n ** 15n),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let liquid = noLiquid;
        const holders = Array.from({ length: 4 }, () => ({
          shares: 0n,
          start: 0n,
          claimed: 0n,
          due: zero as Fraction,
        }));
        let credited = 0n;
        const claimOf = (holder: (typeof holders)[number]) => {
          const claimed = claimShares(liquid, holder.shares, holder.start);
          liquid = claimed.liquid;
          holder.claimed += claimed.amount;
          holder.start = liquid.index;
        };
        for (const [index, { who, kind, amount, shares }] of steps.entries()) {
          const holder = holders[who]!;
          const total = holders.reduce((sum, other) => sum + other.shares, 0n);
          if (kind === "credit" && total > 0n) {
            liquid = of(liquid, amount, total, BigInt(index) / 7n);
            credited += amount;
            for (const other of holders) other.due = plus(other.due, fraction(amount * other.shares, total));
          } else if (kind !== "credit") {
            claimOf(holder);
            if (kind === "change") holder.shares = whole(shares) / 1_000n;
          }
        }
        for (const holder of holders) claimOf(holder);
        const claimed = holders.reduce((sum, holder) => sum + holder.claimed, 0n);
        expect(claimed + owed(liquid)).toBe(credited);
        for (const { claimed: got, due } of holders) {
          expect(compare(fraction(got), due)).toBeLessThanOrEqual(0);
          expect(compare(fraction(got + 2n * BigInt(steps.length)), minus(due, fraction(1n)))).toBeGreaterThanOrEqual(
            0,
          );
        }
      }),
      { numRuns: 500 },
    );
  });
});
