/** The reserve on a chain: the auction of settled traffic, the exit, the ceiling, and what an audit finds. Arithmetic is auction.test.ts's. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { authorityAddress } from "../../chain/authority.ts";
import { decOne, parseDec } from "../../chain/dec.ts";
import { coin, startCoins, textOf } from "../../test/helpers/marketchain.ts";
import { price, type ReserveChain, reserveChain, startPrincipal } from "../../test/helpers/reservechain.ts";
import { bytesPerGib } from "../market/voucher.ts";
import { audit } from "./audit.ts";
import { closeEpoch, holdAuction } from "./index.ts";
import { defaultParams, paramsToProto } from "./params.ts";
import { payServedRelays } from "./payouts.ts";

const tokens = (count: bigint): bigint => count * 1_000_000n;

/** Traffic of so many GiB, at 50,000 each: nine tenths are burned. */
function traffic(chain: ReserveChain, gib: bigint, relay = 1n): void {
  chain.topUp("alice", gib * 50_000n);
  const id = chain.opened({ deposit: gib * 50_000n, relay });
  expect(chain.settle([chain.voucher(id, gib * bytesPerGib)])[0]!.code).toBe(0);
}

const served = (isPaidInToken = false): ReserveChain => {
  const chain = reserveChain();
  chain.addRelay({ isPaidInToken });
  return chain;
};

const noFindings = (chain: ReserveChain): void => {
  expect(audit(chain.reports(), chain.report()).findings).toEqual([]);
  expect(chain.broken()).toBeUndefined();
};

const turns = (chain: ReserveChain, count: number) => Array.from({ length: count }, () => chain.turn()).at(-1);

describe("the auction of an epoch", () => {
  it("burns what its settled traffic pays for, and pays relays that chose stable of the rest", () => {
    const chain = served();
    traffic(chain, 100n);
    expect(chain.offer("seller", tokens(1_000_000n), "0.0105").refusal).toBeUndefined();
    const [principal, supply] = [chain.principal(), chain.supply()];
    const auction = turns(chain, 3)!;
    // Five dollars: 4.5 to burn, of which 3.825 are the relay's and the book gets 0.675, at 1.05 cents.
    expect(auction).toMatchObject({
      demand: 675_000n,
      stable: 3_825_000n,
      isFilled: true,
      price: BigInt(price("0.0105")),
    });
    expect(auction.bought).toBe(64_285_714n);
    expect(chain.supply()).toBe(supply - 64_285_714n);
    expect(chain.stables("seller")).toBe(startCoins + auction.spent);
    expect(chain.stables("operator")).toBe(startCoins + 3_825_000n);
    expect(chain.principal()).toBe(principal + 675_000n - auction.spent);
    expect(chain.report().reference).toBe(price("0.0101"));
    noFindings(chain);
  });

  it("mints again for a relay that chose the token", () => {
    const chain = served(true);
    traffic(chain, 100n);
    chain.offer("seller", tokens(1_000_000n), "0.0105");
    const before = chain.tokens("operator");
    const auction = turns(chain, 3)!;
    expect(auction).toMatchObject({ demand: 4_500_000n, stable: 0n, crossed: 0n, bought: 428_571_428n });
    // 85% of what was burned, rounded down twice: the second dust is burned.
    expect(auction.reminted).toBe(364_285_713n);
    expect(chain.tokens("operator") - before).toBe(364_285_713n);
    noFindings(chain);
  });

  it("without offers pays relays in stable all the same, and leaves the rest to the reserve", () => {
    for (const isPaidInToken of [false, true]) {
      const chain = served(isPaidInToken);
      traffic(chain, 100n);
      const principal = chain.principal();
      const auction = turns(chain, 3)!;
      expect(auction).toMatchObject({ bought: 0n, rest: 675_000n, isFilled: false, price: BigInt(price("0.011")) });
      expect(chain.stables("operator")).toBe(startCoins + 3_825_000n);
      expect(chain.principal()).toBe(principal + 675_000n);
      noFindings(chain);
    }
  });

  it("goes page by page through the relays that served", () => {
    const chain = reserveChain();
    const names = ["operator", "rival", "bob"];
    for (const name of names) chain.addRelay({ operator: textOf(name) });
    for (const relay of [1n, 2n, 3n]) traffic(chain, relay, relay);
    turns(chain, 2);
    chain.epochs(1);
    const before = names.map((name) => chain.stables(name));
    expect(chain.attempt((ctx) => void holdAndPay(ctx)).refusal).toBeUndefined();
    // 85% of nine tenths of one, two and three times 50,000.
    expect(names.map((name, index) => chain.stables(name) - before[index]!)).toEqual([38_250n, 76_500n, 114_750n]);
    expect(chain.broken()).toBeUndefined();
  });

  it("is of the book as it stood when the current epoch opened", () => {
    const chain = served();
    traffic(chain, 100n);
    chain.epochs(3);
    // Too late for the auction of epoch 0.
    chain.offer("seller", tokens(1_000n), "0.0101");
    let bought: bigint | undefined;
    chain.attempt((ctx) => {
      bought = holdAuction(ctx, 0n).bought;
    });
    expect(bought).toBe(0n);
  });

  it("makes without a reserve a reserve", () => {
    const chain = reserveChain({}, []);
    chain.addRelay();
    traffic(chain, 100n);
    const auction = turns(chain, 3)!;
    expect(auction).toMatchObject({ bought: 0n, rest: 675_000n });
    // A twentieth of five dollars, and the rest of the budget.
    expect(chain.principal()).toBe(925_000n);
    noFindings(chain);
  });

  it("leaves what is frozen for later", () => {
    const chain = served();
    traffic(chain, 100n);
    freeze(chain, 100_000n);
    const auction = turns(chain, 3)!;
    expect(auction).toMatchObject({ demand: 0n, stable: 0n, rest: 0n });
    expect(chain.report().frozen).toEqual(["uusdc"]);
    chain.block(100_000n);
    const later = turns(chain, 1)!;
    expect(later.budget.total).toBe(4_500_000n);
    expect(chain.broken()).toBeUndefined();
  });
});

function holdAndPay(ctx: Parameters<typeof holdAuction>[0]): void {
  closeEpoch(ctx, holdAuction(ctx, 0n));
  for (let page = 0; page < 4; page++) payServedRelays(ctx, 1);
}

const until = (seconds: bigint) => ({ seconds: 1_700_000_000n + seconds, nanos: 0 });

function freeze(chain: ReserveChain, seconds: bigint, denom = "uusdc"): void {
  const message = { authority: authorityAddress(), denom, until: until(seconds), reason: "it broke" };
  expect(chain.message("/weir.market.v1.MsgFreezeDenom", message).refusal).toBeUndefined();
}

describe("the book", () => {
  const cancel = (chain: ReserveChain, offer: bigint, seller = "seller") =>
    chain.message("/weir.reserve.v1.MsgCancelOffer", { seller: textOf(seller), offer });

  it("gives an offer back before its epoch closes, and again after its auction", () => {
    const chain = served();
    chain.offer("seller", tokens(10n), "0.02");
    expect(cancel(chain, 1n, "rival").refusal).toMatchObject({ codespace: "reserve", code: 5 });
    expect(cancel(chain, 1n).refusal).toBeUndefined();
    expect(chain.tokens("seller")).toBe(startCoins);
    chain.offer("seller", tokens(10n), "0.02");
    chain.epochs(3);
    expect(cancel(chain, 2n).refusal).toMatchObject({ code: 6 });
    // What was placed after the cut is in no auction yet.
    chain.offer("seller", tokens(10n), "0.02");
    expect(cancel(chain, 3n).refusal).toBeUndefined();
    chain.attempt((ctx) => void closeEpoch(ctx, holdAuction(ctx, 0n)));
    expect(cancel(chain, 2n).refusal).toBeUndefined();
    expect(cancel(chain, 2n).refusal).toMatchObject({ code: 4 });
    expect(chain.broken()).toBeUndefined();
  });

  it("that is full takes who asks less, in the place of the dearest", () => {
    const json = { params: { ...paramsJson(), offers_max: "2" } };
    const chain = reserveChain({}, [coin(startPrincipal)], { reserve: json });
    chain.offer("seller", tokens(10n), "0.02");
    chain.offer("rival", tokens(10n), "0.03");
    expect(chain.offer("bob", tokens(10n), "0.03").refusal).toMatchObject({ code: 7 });
    expect(chain.offer("bob", tokens(10n), "0.01").refusal).toBeUndefined();
    expect(chain.tokens("rival")).toBe(startCoins);
    expect(chain.report()).toMatchObject({ offers: 2n, offered: `${tokens(20n)}` });
    expect(chain.broken()).toBeUndefined();
  });

  it.each([
    ["dust", 999_999n, "0.01", 3],
    ["nothing", 0n, "0.01", 2],
    ["no price", tokens(1n), "0", 2],
    ["a price beyond all prices", tokens(1n), "10000000000000000000000", 2],
  ])("refuses %s", (_what, quantity, ask, code) => {
    expect(served().offer("seller", quantity, ask).refusal).toMatchObject({ codespace: "reserve", code });
  });

  it("shows its offers, the lowest asks first, or a seller's", () => {
    const chain = served();
    chain.offer("seller", tokens(1n), "0.03");
    chain.offer("rival", tokens(1n), "0.02");
    const ids = (request: object) =>
      chain.query<{ offers: { id: bigint }[] }>("/weir.reserve.v1.Query/Offers", request).offers.map(({ id }) => id);
    expect(ids({})).toEqual([2n, 1n]);
    expect(ids({ seller: textOf("seller") })).toEqual([1n]);
  });
});

const paramsJson = (): Record<string, unknown> => {
  const chain = reserveChain();
  return (chain.exported().reserve as { params: Record<string, unknown> }).params;
};

describe("a redemption", () => {
  it("pays the floor less the fee out of the epoch's allowance, which all requests share", () => {
    const chain = served();
    // 2% of 70,000 dollars a day is 1.62 dollars in the 100 seconds of an epoch.
    expect(chain.redeem("bob", tokens(100n)).refusal).toBeUndefined();
    expect(chain.redeem("carol", tokens(300n)).refusal).toBeUndefined();
    const backing = [chain.principal(), chain.supply()] as const;
    chain.epochs(1);
    const burned = backing[1] - chain.supply();
    expect(burned).toBe(163_673_736n);
    const paid = ["bob", "carol"].map((name) => chain.stables(name) - startCoins);
    expect(paid).toEqual([405_092n, 1_215_277n]);
    const kept = ["bob", "carol"].map((name) => startCoins - chain.tokens(name));
    expect(kept[0]! + kept[1]!).toBe(burned);
    expect(chain.principal() * backing[1]).toBeGreaterThan(backing[0] * chain.supply());
    expect(chain.report().redemptionsAsked).toBe("0");
    turns(chain, 3);
    noFindings(chain);
  });

  it("pays in all coins that are not frozen, and never in one that a holder chose", () => {
    const chain = reserveChain({}, [coin(startPrincipal / 4n, "ueure"), coin((startPrincipal * 3n) / 4n)]);
    chain.redeem("bob", tokens(10n));
    chain.epochs(1);
    expect([chain.stables("bob", "ueure"), chain.stables("bob")]).toEqual([startCoins + 24_750n, startCoins + 74_250n]);
    freeze(chain, 100_000n);
    chain.redeem("carol", tokens(10n));
    chain.epochs(1);
    expect(chain.stables("carol")).toBe(startCoins);
    expect(chain.stables("carol", "ueure")).toBeGreaterThan(startCoins + 24_000n);
    expect(chain.broken()).toBeUndefined();
  });

  it("is paid by pages, whose every holder gets the same share", () => {
    const chain = served();
    const people = Array.from({ length: 201 }, (_, index) => `holder ${index}`);
    for (const name of people) {
      chain.message("/cosmos.bank.v1beta1.MsgSend", {
        ...{ fromAddress: textOf("shop"), toAddress: textOf(name), amount: [coin(tokens(2n), "uweir")] },
      });
      expect(chain.redeem(name, tokens(2n)).refusal).toBeUndefined();
    }
    chain.epochs(1);
    expect(chain.stables(people[0]!) + chain.stables(people[200]!)).toBeGreaterThan(0n);
    const { redemptions } = chain.query<{ redemptions: unknown[] }>("/weir.reserve.v1.Query/Redemptions", {
      epoch: 0n,
    });
    expect(redemptions).toHaveLength(1);
    chain.block();
    const paid = new Set(people.map((name) => chain.stables(name)));
    expect(paid.size).toBe(1);
    expect(chain.broken()).toBeUndefined();
  });

  it("refuses dust, and what the holder has not", () => {
    expect(served().redeem("bob", 999_999n).refusal).toMatchObject({ code: 3 });
    expect(served().redeem("bob", startCoins + 1n).refusal).toMatchObject({ codespace: "sdk", code: 5 });
  });
});

describe("new coins at the ceiling", () => {
  it("are sold only where genesis and schedule leave room, so many an epoch, for a price rounded up", () => {
    const chain = served();
    const buy = (quantity: bigint, costMax = startCoins, denom = "uusdc") => chain.buy("bob", quantity, costMax, denom);
    expect(chain.report().buyRoom).toBe("0");
    expect(buy(tokens(1n)).refusal).toMatchObject({ code: 9 });
    // What redemptions burn is room.
    chain.redeem("carol", tokens(100n));
    chain.epochs(1);
    const room = BigInt(chain.report().buyRoom);
    expect(room).toBe(tokens(100n));
    expect(buy(room + 1n).refusal).toMatchObject({ code: 9 });
    expect(buy(tokens(10n), 499_999n).refusal).toMatchObject({ code: 11 });
    expect(buy(tokens(10n), startCoins, "ueure").refusal).toMatchObject({ code: 12 });
    const backing = [chain.principal(), chain.supply()] as const;
    expect(buy(tokens(10n)).refusal).toBeUndefined();
    // Five times the floor, which the exit fee has lifted a little.
    expect(startCoins - chain.stables("bob")).toBe(500_001n);
    expect(chain.tokens("bob")).toBe(startCoins + tokens(10n));
    expect(chain.principal() * backing[1]).toBeGreaterThan(backing[0] * chain.supply());
    turns(chain, 3);
    noFindings(chain);
  });

  it("are at most a quarter of a percent of the supply an epoch", () => {
    const json = { params: { ...paramsJson(), buy_share_max: "0.000001" } };
    const chain = reserveChain({}, [coin(startPrincipal)], { reserve: json });
    chain.redeem("carol", tokens(100n));
    chain.epochs(1);
    const left = BigInt(chain.report().buyRoom);
    expect(left).toBe(6_999_900n);
    expect(chain.buy("bob", left, startCoins).refusal).toBeUndefined();
    expect(chain.buy("bob", 1n, startCoins).refusal).toMatchObject({ code: 10 });
    chain.epochs(1);
    expect(chain.buy("bob", 1n, startCoins).refusal).toBeUndefined();
  });

  it("need a reserve", () => {
    expect(reserveChain({}, []).buy("bob", 1n, 5n).refusal).toMatchObject({ code: 8 });
  });
});

describe("the backing of a token", () => {
  const acts = fc.array(
    fc.tuple(fc.constantFrom("offer", "redeem", "buy", "traffic", "turn"), fc.integer({ min: 1, max: 1_000 })),
    { minLength: 5, maxLength: 15 },
  );

  function act(chain: ReserveChain, what: string, size: number): void {
    const amount = tokens(BigInt(size));
    if (what === "offer") chain.offer("seller", amount, `0.0${100 + size}`);
    else if (what === "redeem") chain.redeem("bob", amount);
    else if (what === "buy") chain.buy("carol", amount / 10n, startCoins);
    else if (what === "traffic") traffic(chain, BigInt(size), BigInt(1 + (size % 2)));
    else chain.turn();
  }

  it("falls by no sequence of what the reserve does, and every report can be recomputed", () => {
    fc.assert(
      fc.property(acts, (sequence) => {
        const chain = reserveChain();
        chain.addRelay();
        chain.addRelay({ isPaidInToken: true, operator: textOf("rival") });
        let [principal, supply] = [chain.principal(), chain.supply()];
        for (const [what, size] of [...sequence, ["turn", 1], ["turn", 1], ["turn", 1], ["turn", 1]] as const) {
          act(chain, what, size);
          const after = [chain.principal(), chain.supply()] as const;
          // Nothing is emitted here: dilution by the schedule is reported apart.
          expect(after[0] * supply).toBeGreaterThanOrEqual(principal * after[1]);
          [principal, supply] = after;
        }
        noFindings(chain);
      }),
      { numRuns: 8 },
    );
  }, 60_000);
});

describe("an audit", () => {
  it("finds what does not follow", () => {
    const chain = served();
    traffic(chain, 100n);
    chain.offer("seller", tokens(1_000_000n), "0.0105");
    turns(chain, 4);
    const [reports, now] = [chain.reports(), chain.report()];
    expect(audit(reports, now).checked.length).toBeGreaterThan(3);
    const forged = (changes: object) => audit([{ ...reports[0]!, ...changes }, reports[1]!], now).findings;
    expect(forged({ price: price("0.0104") })[0]).toMatchObject({ epoch: 0n, what: "the price" });
    expect(forged({ rest: "2" })[0]).toMatchObject({ what: "the rest for the reserve", found: "2" });
    expect(forged({ principal: "5" }).map(({ what }) => what)).toContain("the floor R/S");
    expect(forged({ referenceAfter: price("0.02") }).map(({ what }) => what)).toContain("the reference that was read");
    expect(audit(reports, { ...now, principal: "7" }).findings[0]).toMatchObject({ epoch: undefined, found: "7" });
  });
});

describe("the reserve's genesis and parameters", () => {
  it("goes on where the export stood", () => {
    const chain = served();
    traffic(chain, 10n);
    chain.offer("seller", tokens(10n), "0.02");
    turns(chain, 3);
    chain.redeem("bob", tokens(5n));
    const { reserve, bank, market, attestation, beacon } = chain.exported();
    const again = reserveChain({}, [], { reserve, bank, market, attestation, beacon });
    expect(again.exported().reserve).toEqual(reserve);
    expect(() => reserveChain({}, [], { reserve })).toThrow(/offers and redemptions: found 0 in reserve_book/);
  });

  it.each([
    ["no corridor", { corridorShare: "0" }],
    ["a re-mint of all that is burned", { remintShare: `${decOne}` }],
    ["no exit fee", { exitFee: "0" }],
    [
      "a delay that lets less out",
      { dayAllowanceDelayed: `${parseDec("0.019")}`, dayAllowance: `${parseDec("0.02")}` },
    ],
    ["a book without end", { offersMax: 20_001n }],
    ["nothing", { supplyMin: "" }],
  ])("refuse %s", (_what, changes) => {
    const params = { ...paramsToProto(defaultParams), ...changes };
    const message = { authority: authorityAddress(), params };
    expect(served().message("/weir.reserve.v1.MsgUpdateParams", message).refusal).toMatchObject({
      ...{ codespace: "reserve", code: 13 },
    });
  });
});
