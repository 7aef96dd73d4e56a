import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { authorityAddress } from "../../chain/authority.ts";
import { decOne, parseDec } from "../../chain/dec.ts";
import type { QuerySaleResponse } from "../../proto/gen/weir/reserve/v1/query.ts";
import { coin, textOf } from "../../test/helpers/marketchain.ts";
import { price, type ReserveChain, reserveChain } from "../../test/helpers/reservechain.ts";
import { curveCost, curvePrice } from "./salecurve.ts";

const million = 1_000_000n;

const open = (chain: ReserveChain, changes: object = {}) =>
  chain.message("/weir.reserve.v1.MsgOpenSale", {
    ...{ authority: authorityAddress(), quantity: `${400_000n * million}`, epochs: 3n },
    ...{ priceStart: price("0.12"), priceEnd: price("0.2"), ...changes },
  });
const buy = (chain: ReserveChain, quantity: bigint, costMax = 10n ** 15n) =>
  chain.message("/weir.reserve.v1.MsgBuyInSale", {
    ...{ buyer: textOf("alice"), quantity: `${quantity}`, costMax: coin(costMax) },
  });
const asked = (chain: ReserveChain, quantity = ""): QuerySaleResponse =>
  chain.query("/weir.reserve.v1.Query/Sale", { quantity });

/** By schedule, with room: holders have redeemed, and what they burned may be minted again. */
function chainWithRoom(): ReserveChain {
  const chain = reserveChain();
  expect(chain.redeem("bob", 500_000n * million).refusal).toBeUndefined();
  for (let epoch = 0; epoch < 40 && chain.report().redemptionsAsked === "0"; epoch++) chain.turn();
  for (let epoch = 0; epoch < 4; epoch++) chain.turn();
  return chain;
}

const curves = () =>
  fc
    .tuple(fc.bigInt(1n, 10n ** 15n), fc.bigInt(1n, 10n * decOne), fc.bigInt(0n, 10n * decOne))
    .map(([quantity, start, rise]) => ({ quantity, start, end: start + rise }));

describe("the curve of a sale", () => {
  it("rises with what was sold, from the first price to the last", () =>
    fc.assert(
      fc.property(curves(), fc.bigInt(0n, 10n ** 15n), fc.bigInt(0n, 10n ** 15n), (curve, a, b) => {
        const [low, high] = [a % (curve.quantity + 1n), b % (curve.quantity + 1n)].sort((x, y) => (x < y ? -1 : 1));
        expect(curvePrice(curve, low!)).toBeLessThanOrEqual(curvePrice(curve, high!));
        expect(curvePrice(curve, 0n)).toBe(curve.start);
        expect(curvePrice(curve, curve.quantity)).toBe(curve.end);
      }),
    ));

  it("never costs less in parts than at once, nor less than the first price, nor more than the last", () =>
    fc.assert(
      fc.property(curves(), fc.bigInt(0n, 10n ** 15n), fc.bigInt(0n, 10n ** 15n), (curve, a, b) => {
        const first = a % (curve.quantity + 1n);
        const second = b % (curve.quantity - first + 1n);
        const whole = curveCost(curve, 0n, first + second);
        expect(curveCost(curve, 0n, first) + curveCost(curve, first, second)).toBeGreaterThanOrEqual(whole);
        expect(whole * decOne).toBeGreaterThanOrEqual(curve.start * (first + second));
        expect((whole - 1n) * decOne).toBeLessThanOrEqual(curve.end * (first + second));
      }),
    ));

  it("is the exact area below the line: half of 10 at 1 to 2 dollars cost 6.25", () => {
    const curve = { quantity: 10n * million, start: parseDec("1"), end: parseDec("2") };
    expect(curveCost(curve, 0n, 5n * million)).toBe(6_250_000n);
    expect(curveCost(curve, 5n * million, 5n * million)).toBe(8_750_000n);
  });
});

describe("a sale", () => {
  it("is off until a vote opens it, and only the governance account does", () => {
    const chain = chainWithRoom();
    expect(asked(chain)).toMatchObject({ sale: undefined, left: "0", price: "0" });
    expect(buy(chain, million).refusal?.message).toContain("there is no sale");
    expect(open(chain, { authority: textOf("alice") }).refusal?.message).toContain("invalid authority");
    expect(open(chain, { priceEnd: price("0.01") }).refusal?.message).toContain("prices that do not rise");
    expect(open(chain).refusal).toBeUndefined();
    expect(open(chain).refusal?.message).toContain("a sale stands already");
  });

  it("sells what it says it costs, into the reserve, and lifts the floor or leaves it", () => {
    const chain = chainWithRoom();
    open(chain);
    const before = { principal: chain.principal(), supply: chain.supply(), tokens: chain.tokens("alice") };
    const quantity = 100n * million;
    const { cost, left, price: first } = asked(chain, `${quantity}`);
    expect(BigInt(left)).toBeGreaterThan(quantity);
    expect(first).toBe(price("0.12"));
    expect(buy(chain, quantity, BigInt(cost) - 1n).refusal?.message).toContain("more than the");
    expect(buy(chain, quantity, BigInt(cost)).refusal).toBeUndefined();
    expect(chain.principal() - before.principal).toBe(BigInt(cost));
    expect(chain.supply() - before.supply).toBe(quantity);
    expect(chain.tokens("alice") - before.tokens).toBe(quantity);
    expect(chain.principal() * before.supply).toBeGreaterThanOrEqual(before.principal * chain.supply());
    expect(asked(chain).sale).toMatchObject({ sold: `${quantity}`, raised: cost });
    expect(BigInt(asked(chain).price)).toBeGreaterThan(BigInt(first));
    expect(chain.broken()).toBeUndefined();
  });

  it("never lowers the floor, whatever is bought, even where the curve lies below it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt(1n, 60n * million), { minLength: 1, maxLength: 12 }),
        fc.boolean(),
        (lots, low) => {
          const chain = chainWithRoom();
          open(chain, low ? { priceStart: "1", priceEnd: "2" } : {});
          for (const quantity of lots) {
            const [principal, supply] = [chain.principal(), chain.supply()];
            buy(chain, quantity);
            expect(chain.principal() * supply).toBeGreaterThanOrEqual(principal * chain.supply());
          }
          expect(chain.broken()).toBeUndefined();
        },
      ),
      { numRuns: 12 },
    );
  });

  it("sells no more than genesis and schedule leave room for, nor more than it is of", () => {
    const chain = chainWithRoom();
    open(chain, { quantity: `${100n * million}` });
    expect(buy(chain, 100n * million + 1n).refusal?.message).toContain("more than genesis and schedule allow");
    expect(buy(chain, 100n * million).refusal).toBeUndefined();
    expect(buy(chain, 1n).refusal?.message).toContain("there is no sale");
    const full = reserveChain();
    open(full);
    expect(BigInt(asked(full).left)).toBeLessThan(100n * million);
    expect(buy(full, 300_000n * million).refusal?.message).toContain("more than genesis and schedule allow");
  });

  it("is over with its epochs, or when a vote ends it, and another may be opened then", () => {
    const chain = chainWithRoom();
    open(chain);
    chain.epochs(4);
    expect(buy(chain, million).refusal?.message).toContain("there is no sale");
    expect(open(chain).refusal).toBeUndefined();
    const end = { authority: authorityAddress() };
    expect(chain.message("/weir.reserve.v1.MsgEndSale", end).refusal).toBeUndefined();
    expect(chain.message("/weir.reserve.v1.MsgEndSale", end).refusal?.message).toContain("there is no sale");
  });

  it("takes only coins that the market takes", () => {
    const chain = chainWithRoom();
    open(chain);
    const strange = { buyer: textOf("alice"), quantity: "1000000", costMax: coin(10n ** 12n, "uother") };
    expect(chain.message("/weir.reserve.v1.MsgBuyInSale", strange).refusal?.message).toContain("is not taken");
  });
});
