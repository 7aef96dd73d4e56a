import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DecCoins } from "../../chain/deccoins.ts";
import { decCoinsToProto } from "../../chain/deccoinsets.ts";
import {
  ValidatorCurrentRewards,
  ValidatorHistoricalRewards,
  ValidatorOutstandingRewards,
} from "../../proto/gen/cosmos/distribution/v1beta1/distribution.ts";
import { decodeDecCoins, encodeCoinsAndNumber, encodeDecCoins, readCoinsAndNumber } from "./coinsbytes.ts";

const denom = fc.oneof(
  fc.constant("uweir"),
  fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9/:._-]{2,20}$/),
  fc.stringMatching(/^ibc\/[A-F0-9]{64}$/),
  fc.stringMatching(/^[a-z]{120,128}$/),
);
const amount = fc.oneof(
  fc.bigInt(1n, 10n ** 30n),
  fc.constantFrom(1n, 10n ** 15n, 10n ** 18n, 10n ** 15n - 1n, 10n ** 94n),
);
const coins: fc.Arbitrary<DecCoins> = fc.array(fc.record({ denom, amount }), { maxLength: 4 });
const number = fc.oneof(
  fc.bigInt(0n, 300n),
  fc.bigInt(0n, (1n << 64n) - 1n),
  fc.constantFrom((1n << 49n) - 1n, 1n << 49n),
);

describe("the bytes of coins", () => {
  it("are the generated code's, both ways", () =>
    fc.assert(
      fc.property(coins, (set) => {
        const expected = ValidatorOutstandingRewards.encode({ rewards: decCoinsToProto(set) }).finish();
        expect(encodeDecCoins(set)).toEqual(expected);
        expect(decodeDecCoins(expected)).toEqual(set);
      }),
    ));

  it("with a number behind them are the generated code's, or are left to it", () =>
    fc.assert(
      fc.property(coins, number, (set, period) => {
        const expected = ValidatorCurrentRewards.encode({ rewards: decCoinsToProto(set), period }).finish();
        expect(encodeCoinsAndNumber(set, period)).toEqual(expected);
        const isShort = period < 1n << 49n && set.every(({ denom, amount }) => denom.length + `${amount}`.length < 124);
        expect(readCoinsAndNumber(expected)).toEqual(isShort ? { coins: set, number: period } : undefined);
        if (period > 0xffff_ffffn) return;
        const referenceCount = Number(period);
        const other = { cumulativeRewardRatio: decCoinsToProto(set), referenceCount };
        expect(encodeCoinsAndNumber(set, period)).toEqual(ValidatorHistoricalRewards.encode(other).finish());
      }),
    ));

  it("that are anything else are left to the generated code, whatever they are", () =>
    fc.assert(
      fc.property(coins, number, fc.nat(), fc.nat(255), (set, period, at, byte) => {
        const bytes = encodeCoinsAndNumber(set, period);
        if (bytes.length === 0) return;
        bytes[at % bytes.length] = byte;
        const read = readCoinsAndNumber(bytes);
        if (read === undefined) return;
        expect(read.coins.every((coin) => coin.amount > 0n)).toBe(true);
        const { rewards, period: number } = ValidatorCurrentRewards.decode(bytes);
        expect([decCoinsToProto(read.coins), read.number]).toEqual([rewards, number]);
      }),
      { numRuns: 500 },
    ));

  it("of no coins, written out as an unknown field, are no coins", () => {
    expect(decodeDecCoins(Uint8Array.of(0x78, 0))).toEqual([]);
    expect(readCoinsAndNumber(Uint8Array.of(0x78, 0))).toBeUndefined();
  });
});
