/** Sets of decimal coins against a map by denomination, and the roundings one by one. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Dec, decOne, parseDec } from "./dec.ts";
import { type DecCoins, decCoinsProblem, parseDecCoins } from "./deccoins.ts";
import {
  addDecCoins,
  decCoinsEqual,
  decCoinsFromCoins,
  decCoinsFromProto,
  decCoinsToProto,
  divideDecCoinsDown,
  lesserDecCoins,
  multiplyDecCoins,
  multiplyDecCoinsDown,
  subtractDecCoins,
  truncateDecCoins,
  trySubtractDecCoins,
} from "./deccoinsets.ts";

const denoms = ["aaa", "bbb", "ccc", "uweir"];
const sets: fc.Arbitrary<DecCoins> = fc
  .array(fc.option(fc.bigInt({ min: 1n, max: 10n ** 30n }), { nil: undefined }), { minLength: 4, maxLength: 4 })
  .map((amounts) =>
    amounts.flatMap((amount, index) => (amount === undefined ? [] : [{ denom: denoms[index]!, amount }])),
  );

const amountIn = (set: DecCoins, denom: string): Dec => set.find((coin) => coin.denom === denom)?.amount ?? 0n;
const byDenom = (change: (denom: string) => Dec) =>
  denoms.map((denom) => ({ denom, amount: change(denom) })).filter(({ amount }) => amount !== 0n);

describe("a set of decimal coins", () => {
  it("is added, subtracted and compared by denomination", () => {
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        const sum = addDecCoins(a, b);
        expect(sum).toEqual(byDenom((denom) => amountIn(a, denom) + amountIn(b, denom)));
        expect(decCoinsProblem(sum)).toBeUndefined();
        expect(subtractDecCoins(sum, b)).toEqual(a);
        const isEnough = denoms.every((denom) => amountIn(a, denom) >= amountIn(b, denom));
        expect(trySubtractDecCoins(a, b) !== undefined).toBe(isEnough);
        const least = (denom: string) => {
          const [left, right] = [amountIn(a, denom), amountIn(b, denom)];
          return left < right ? left : right;
        };
        expect(lesserDecCoins(a, b)).toEqual(byDenom(least));
        expect(decCoinsEqual(a, b)).toBe(JSON.stringify(decCoinsToProto(a)) === JSON.stringify(decCoinsToProto(b)));
      }),
    );
  });

  it("is multiplied and divided amount by amount, and what becomes nothing vanishes", () => {
    const set = parseDecCoins("0.000000000000000001aaa,0.000000000000000003bbb,10ccc");
    const half = parseDec("0.5");
    expect(multiplyDecCoins(set, half)).toEqual(parseDecCoins("0.000000000000000002bbb,5ccc"));
    expect(multiplyDecCoinsDown(set, half)).toEqual(parseDecCoins("0.000000000000000001bbb,5ccc"));
    expect(divideDecCoinsDown(set, 3n * decOne)).toEqual(
      parseDecCoins("0.000000000000000001bbb,3.333333333333333333ccc"),
    );
    expect(multiplyDecCoinsDown(set, 0n)).toEqual([]);
  });

  it("falls into whole coins and rests below one", () => {
    fc.assert(
      fc.property(sets, (set) => {
        const { whole, rest } = truncateDecCoins(set);
        expect(addDecCoins(decCoinsFromCoins(whole), rest)).toEqual(set);
        expect(rest.every(({ amount }) => amount > 0n && amount < decOne)).toBe(true);
        expect(whole.every(({ amount }) => amount > 0n)).toBe(true);
      }),
    );
  });

  it("is read from protobuf as it is written, without what is zero", () => {
    fc.assert(
      fc.property(sets, (set) => {
        expect(decCoinsFromProto(decCoinsToProto(set))).toEqual(set);
      }),
    );
    expect(decCoinsFromProto([{ denom: "aaa", amount: "0" }])).toEqual([]);
  });

  it("is never taken below nothing", () => {
    const [little, much] = [parseDecCoins("1aaa"), parseDecCoins("2aaa")];
    expect(() => subtractDecCoins(little, much)).toThrow("more is taken than was added");
    expect(() => subtractDecCoins([], little)).toThrow("more is taken than was added");
  });
});
