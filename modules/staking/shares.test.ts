/** The arithmetic of shares, whatever the numbers: nobody gets more than is there, and nothing is lost. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decFromInt, decTruncateInt } from "../../chain/dec.ts";
import {
  hasInvalidExchangeRate,
  sharesFromTokens,
  sharesFromTokensTruncated,
  tokensFromShares,
  tokensFromSharesRoundUp,
  tokensFromSharesTruncated,
  unbonded,
  type Validator,
  withSharesRemoved,
  withTokensAdded,
} from "./validator.ts";

const validator = (tokens: bigint, delegatorShares: bigint): Validator => ({
  operatorAddress: "",
  consensusPubkey: { typeUrl: "", value: new Uint8Array(0) },
  jailed: false,
  status: unbonded,
  tokens,
  delegatorShares,
  description: { moniker: "", identity: "", website: "", securityContact: "", details: "" },
  unbondingHeight: 0n,
  unbondingTime: { seconds: 0n, nanos: 0 },
  commission: { rate: 0n, maxRate: 0n, maxChangeRate: 0n, updateTime: { seconds: 0n, nanos: 0 } },
  minSelfDelegation: 1n,
  unbondingOnHoldRefCount: 0n,
  unbondingIds: [],
});

const amount = fc.bigInt(1n, 10n ** 24n);
/** Slashed, mostly: a share is worth less than a token. */
const slashed = fc
  .tuple(amount, fc.bigInt(0n, 1_000_000n))
  .map(([tokens, lost]) => validator(tokens, decFromInt(tokens) + (decFromInt(tokens) * lost) / 1_000_000n));

describe("shares", () => {
  it("cost what they are worth, and are never worth more than they cost when they are sold at once", () =>
    fc.assert(
      fc.property(slashed, amount, (before, paid) => {
        const { validator: after, shares } = withTokensAdded(before, paid);
        expect(after.tokens).toBe(before.tokens + paid);
        expect(after.delegatorShares).toBe(before.delegatorShares + shares);
        const { validator: again, tokens } = withSharesRemoved(after, shares);
        expect(tokens).toBeLessThanOrEqual(paid);
        expect(tokens).toBeGreaterThanOrEqual(paid - 1n);
        expect(again.tokens + tokens).toBe(after.tokens);
        expect(again.delegatorShares).toBe(before.delegatorShares);
      }),
    ));

  it("leave others' worth as it was, or a little more, when some are sold", () =>
    fc.assert(
      fc.property(slashed, fc.bigInt(1n, 999n), (before, part) => {
        const sold = (before.delegatorShares * part) / 1_000n;
        const kept = before.delegatorShares - sold;
        const { validator: after, tokens } = withSharesRemoved(before, sold);
        expect(after.tokens + tokens).toBe(before.tokens);
        // The SDK rounds half to even and then down: what the others have may fall by the last digit of a decimal.
        expect(tokensFromShares(after, kept)).toBeGreaterThanOrEqual(tokensFromSharesTruncated(before, kept) - 1n);
      }),
    ));

  it("give all that is left with the last of them", () =>
    fc.assert(
      fc.property(slashed, (before) => {
        const { validator: after, tokens } = withSharesRemoved(before, before.delegatorShares);
        expect([tokens, after.tokens, after.delegatorShares]).toEqual([before.tokens, 0n, 0n]);
      }),
    ));

  it("are rounded down, to the nearest and up", () =>
    fc.assert(
      fc.property(slashed, fc.bigInt(1n, 10n ** 40n), (v, shares) => {
        const down = tokensFromSharesTruncated(v, shares);
        const up = tokensFromSharesRoundUp(v, shares);
        expect(up - down).toBeLessThanOrEqual(1n);
        expect([down, up]).toContain(tokensFromShares(v, shares));
      }),
    ));

  it("of an amount are worth that amount, but for the last digit", () =>
    fc.assert(
      fc.property(slashed, amount, (v, tokens) => {
        fc.pre(tokens <= v.tokens);
        const shares = sharesFromTokens(v, tokens);
        expect(sharesFromTokensTruncated(v, tokens)).toBe(shares);
        const worth = decTruncateInt(tokensFromSharesRoundUp(v, shares));
        expect(worth).toBeLessThanOrEqual(tokens);
        expect(worth).toBeGreaterThanOrEqual(tokens - 1n);
      }),
    ));

  it("begin at one a token", () => {
    expect(withTokensAdded(validator(0n, 0n), 7n).shares).toBe(decFromInt(7n));
  });

  it("cannot be bought of a validator that lost everything", () => {
    const lost = validator(0n, decFromInt(5n));
    expect(hasInvalidExchangeRate(lost)).toBe(true);
    expect(hasInvalidExchangeRate(validator(0n, 0n))).toBe(false);
    expect(hasInvalidExchangeRate(validator(1n, decFromInt(5n)))).toBe(false);
    expect(() => sharesFromTokens(lost, 1n)).toThrow("insufficient delegation shares");
    expect(() => sharesFromTokensTruncated(lost, 1n)).toThrow("insufficient delegation shares");
    expect(() => withTokensAdded(lost, 1n)).toThrow("insufficient delegation shares");
  });
});
