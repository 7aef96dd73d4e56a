/** Coins against cosmos-sdk types/coin.go. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import vectors from "../test/vectors/coins.json" with { type: "json" };
import * as coins from "./coins.ts";
import { formatDecCoins, parseCoin, parseCoins, parseDecCoins } from "./deccoins.ts";
import { ChainError } from "./errors.ts";

function resultOf(work: () => string): string {
  try {
    return work();
  } catch (error) {
    if (error instanceof ChainError) return error.message;
    throw error;
  }
}

const operations: Record<string, (a: coins.Coins, b: coins.Coins) => string> = {
  add: (a, b) => coins.formatCoins(coins.addCoins(a, b)),
  sub: (a, b) => coins.formatCoins(coins.subtractCoins(a, b)),
  min: (a, b) => coins.formatCoins(coins.minCoins(a, b)),
  max: (a, b) => coins.formatCoins(coins.maxCoins(a, b)),
  mul3: (a) => coins.formatCoins(coins.multiplyCoins(a, 3n)),
  isAllGT: (a, b) => String(coins.isAllGt(a, b)),
  isAllGTE: (a, b) => String(coins.isAllGte(a, b)),
  isAnyGTE: (a, b) => String(coins.isAnyGte(a, b)),
  equal: (a, b) => String(coins.coinsEqual(a, b)),
};

const denoms = fc.constantFrom("aaa", "bbb", "ccc", "ddd");
const sets = () =>
  fc
    .uniqueArray(fc.record({ denom: denoms, amount: fc.bigInt({ min: 0n, max: 2n ** 200n }) }), {
      selector: (coin) => coin.denom,
    })
    .map(coins.newCoins);

describe("coins", () => {
  it("are typed as for the SDK, refusals word by word, but for parts of a unit", () => {
    for (const { text, coins: expected, error } of vectors.parsings) {
      if (text === "1.5uweir")
        expect(() => parseCoins(text)).toThrow("is no whole number of uweir; write 1uweir or more");
      else expect([text, resultOf(() => coins.formatCoins(parseCoins(text)))]).toEqual([text, error ?? expected]);
    }
  });

  it("of decimal amounts are typed as for the SDK", () => {
    for (const { text, coins: expected, error } of vectors.decParsings) {
      expect([text, resultOf(() => formatDecCoins(parseDecCoins(text)))]).toEqual([text, error ?? expected]);
    }
  });

  it("are valid and written as for the SDK", () => {
    for (const { coins: plain, text, error } of vectors.sets) {
      const set = plain.map(coins.coinFromProto);
      expect([text, coins.coinsProblem(set)]).toEqual([text, error]);
      expect(coins.isValidCoins(set)).toBe(error === undefined);
      expect(coins.formatCoins(set)).toBe(text);
    }
  });

  it("are added, subtracted and compared as by the SDK", () => {
    for (const { a, b, results } of vectors.pairs) {
      for (const [name, expected] of Object.entries(results)) {
        const result = resultOf(() => operations[name]!(parseCoins(a), parseCoins(b)));
        expect([name, a, b, result]).toEqual([name, a, b, expected.replace("panic: ", "")]);
      }
    }
  });

  it("stay valid sets under every operation", () => {
    const property = fc.property(sets(), sets(), (a, b) => {
      const sum = coins.addCoins(a, b);
      expect(coins.coinsProblem(sum)).toBeUndefined();
      expect(coins.subtractCoins(sum, b)).toEqual(a);
      expect(coins.trySubtractCoins(a, sum) === undefined).toBe(b.length > 0);
      expect(coins.addCoins(coins.minCoins(a, b), coins.maxCoins(a, b))).toEqual(sum);
      expect(coins.isAllGte(sum, a)).toBe(true);
      expect(coins.coinsFromProto(coins.coinsToProto(a))).toEqual(a);
      for (const { denom, amount } of a) expect(coins.amountOf(sum, denom)).toBe(amount + coins.amountOf(b, denom));
    });
    fc.assert(property);
  });

  it("refuse an amount of more than 256 bits", () => {
    const most = [{ denom: "uweir", amount: 2n ** 256n - 1n }];
    expect(() => coins.addCoins(most, [{ denom: "uweir", amount: 1n }])).toThrow("integer overflow");
    expect(() => coins.multiplyCoins(most, 2n)).toThrow("integer overflow");
    expect(() => coins.multiplyCoins(most, 0n)).toThrow("multiplying by zero is an invalid operation on coins");
  });

  it("are divided with what does not divide left out", () => {
    expect(coins.formatCoins(coins.divideCoins(parseCoins("3aaa,30bbb,1ccc"), 2n))).toBe("1aaa,15bbb");
    expect(() => coins.divideCoins(parseCoins("3aaa"), 0n)).toThrow("divide by zero");
  });

  it("become a set from any order, without zeros, and refuse repeats", () => {
    const coin = (denom: string, amount: bigint) => ({ denom, amount });
    expect(coins.newCoins([coin("ccc", 1n), coin("bbb", 0n), coin("aaa", 2n)])).toEqual([
      coin("aaa", 2n),
      coin("ccc", 1n),
    ]);
    expect(() => coins.newCoins([coin("aaa", 1n), coin("aaa", 2n)])).toThrow(
      "invalid coin set 1aaa,2aaa: duplicate denomination aaa: invalid coins",
    );
    expect(coins.isZeroCoins([coin("aaa", 0n)])).toBe(true);
    expect(coins.isZeroCoins([coin("aaa", 1n)])).toBe(false);
  });

  it("name what is wrong with one coin", () => {
    expect(coins.coinProblem({ denom: "uweir", amount: 0n })).toBeUndefined();
    expect(coins.coinProblem({ denom: "uweir", amount: -1n })).toBe("negative coin amount: -1");
    expect(coins.coinProblem({ denom: "u", amount: 1n })).toBe("invalid denom: u");
    expect(coins.denomProblem("uweir")).toBeUndefined();
    expect(coins.denomProblem("uweir\n")).toBe("invalid denom: uweir\n");
  });

  it("one coin is typed alone", () => {
    expect(parseCoin("10uweir")).toEqual({ denom: "uweir", amount: 10n });
    expect(() => parseCoin("10uweir,1uusdc")).toThrow("invalid decimal coin expression");
    expect(() => parseCoins("1uweir,".repeat(10_000))).toThrow("coins of 70000 characters, at most 65536");
  });
});
