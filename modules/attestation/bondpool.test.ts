/** Arithmetic of shares: roundings are the pool's, so that nobody gains by coming and going. Spans of a bond are in bonds.test.ts. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decOne } from "../../chain/dec.ts";
import {
  fractionOf,
  isInsolvent,
  payout,
  poolFromProto,
  poolToProto,
  sharesFor,
  sharesToTake,
  worth,
} from "./bondpool.ts";

const tokens = fc.bigInt(1n, 10n ** 15n);
/** As it is after slashes: never fewer shares than tokens. */
const pools = fc.record({ tokens, slashed: fc.bigInt(0n, 10n ** 15n) }).map(({ tokens: left, slashed }) => ({
  tokens: left,
  shares: (left + slashed) * decOne,
}));

describe("shares of a pool", () => {
  it("are worth no more than what was paid for them, and take nothing from who was there", () => {
    fc.assert(
      fc.property(pools, tokens, (pool, amount) => {
        const issued = sharesFor(pool, amount);
        const after = { tokens: pool.tokens + amount, shares: pool.shares + issued };
        expect(worth(after, issued)).toBeLessThanOrEqual(amount);
        expect(amount - worth(after, issued)).toBeLessThanOrEqual(1n);
        // Each share that was there is worth what it was, or more.
        expect(after.tokens * pool.shares).toBeGreaterThanOrEqual(pool.tokens * after.shares);
      }),
    );
  });

  it("that are taken for an amount pay at least it, and leave no share worth less", () => {
    fc.assert(
      fc.property(pools, fc.bigInt(1n, 1_000n), (pool, part) => {
        const amount = (pool.tokens * part) / 1_000n;
        fc.pre(amount > 0n && amount < pool.tokens);
        const taken = sharesToTake(pool, amount);
        expect(payout(pool, taken)).toBe(amount);
        const after = { tokens: pool.tokens - amount, shares: pool.shares - taken };
        expect(after.tokens * pool.shares).toBeGreaterThanOrEqual(pool.tokens * after.shares);
      }),
    );
  });

  it("take all that is left with the last of them, and nothing of an empty pool", () => {
    fc.assert(
      fc.property(pools, (pool) => {
        expect(payout(pool, pool.shares)).toBe(pool.tokens);
        expect(worth({ tokens: 0n, shares: 0n }, 0n)).toBe(0n);
        expect(sharesFor({ tokens: 0n, shares: 0n }, pool.tokens)).toBe(pool.tokens * decOne);
        expect(sharesToTake({ tokens: 0n, shares: pool.shares }, 5n)).toBe(0n);
      }),
    );
  });

  it("of a pool that was slashed to nothing cannot be had", () => {
    expect([isInsolvent({ tokens: 0n, shares: 1n }), isInsolvent({ tokens: 0n, shares: 0n })]).toEqual([true, false]);
    expect(isInsolvent({ tokens: 1n, shares: 1n })).toBe(false);
  });

  it("lose a fraction, rounded down", () => {
    expect([fractionOf(999n, decOne / 2n), fractionOf(999n, decOne), fractionOf(0n, decOne)]).toEqual([499n, 999n, 0n]);
  });
});

describe("a bond", () => {
  it("is stored as what it is", () => {
    const spans = [{ epoch: 3n, first: 9n, least: 2n, last: 5n }];
    expect(poolFromProto(poolToProto({ tokens: 5n, shares: 7n, spans }))).toEqual({ tokens: 5n, shares: 7n, spans });
  });
});
