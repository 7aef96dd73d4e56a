/**
 * Defects of the first version of the rules that the reserve can show, each by its attack, so that it would be seen again. What broke, and where else it is held:
 *
 * | defect | shown by |
 * | --- | --- |
 * | 10 the ceiling cycle: buy at C, sell to the budget at the risen C | here, the ceiling cycle |
 * | 10 a ceiling without room; re-mint and first cap break the supply's bound | here, the ceiling; reserve.test.ts, new coins |
 * | 11 relays' re-mint sold one epoch later, at a price nobody knows | here, relays that chose stable; auction.test.ts, a budget |
 * | 12 an undefined clearing price: a dust offer at the cap sets it | auction.test.ts, a dust offer |
 * | 12 cancelling and sniping at the last block | reserve.test.ts, the book as it stood |
 * | 12 V before or after the mint | here, prices that finalize reads |
 * | 18 first come, first served redemptions; a basket that a holder chooses | here, a run; reserve.test.ts, redemption |
 * | 18 a loosening lets the slow ones be diluted | here, a loosening that waits |
 * | governance pays itself out of R | here, nothing but redemptions |
 * | 9 a usage reward by a price feed | modules/rewards/rules.test.ts, an emission |
 */
import { describe, expect, it } from "vitest";
import { moduleAddress } from "../../chain/address.ts";
import { authorityAddress } from "../../chain/authority.ts";
import { decOne, parseDec } from "../../chain/dec.ts";
import { textOf } from "../../test/helpers/marketchain.ts";
import { price, type ReserveChain, reserveChain } from "../../test/helpers/reservechain.ts";
import { isBlocked } from "../bank/index.ts";
import { weir } from "../index.ts";
import { bytesPerGib } from "../market/index.ts";
import { clear } from "./auction.ts";
import { floorOf } from "./prices.ts";

const million = 1_000_000n;

/** A budget of so many GiB at five cents each, of relays that chose stable. */
function spending(chain: ReserveChain, gib: bigint): void {
  chain.topUp("alice", gib * 60_000n);
  const session = chain.opened({ deposit: gib * 60_000n });
  chain.settle([chain.voucher(session, gib * bytesPerGib)]);
}

describe("the ceiling cycle", () => {
  it("costs who buys at the ceiling and sells to the auction, since the auction pays less than the ceiling that was read", () => {
    const { price: paid } = clear([{ id: 1n, quantity: 10n ** 12n, ask: 0n }], {
      demand: 10n ** 12n,
      floor: parseDec("0.01"),
      cap: (parseDec("0.05") * 98n) / 100n,
    });
    expect(paid).toBeLessThan(parseDec("0.05"));
    const chain = reserveChain();
    chain.addRelay();
    expect(chain.redeem("bob", 500_000n * million).refusal).toBeUndefined();
    for (let epoch = 0; epoch < 5; epoch++) chain.turn();
    const before = { stables: chain.stables("carol"), tokens: chain.tokens("carol") };
    spending(chain, 10_000n);
    const quantity = BigInt(chain.report().buyRoom);
    expect(quantity).toBeGreaterThan(0n);
    expect(chain.buy("carol", quantity, 10n ** 12n).refusal).toBeUndefined();
    const cost = before.stables - chain.stables("carol");
    expect(chain.offer("carol", quantity, "0.0000001").refusal).toBeUndefined();
    for (let epoch = 0; epoch < 5; epoch++) chain.turn();
    const got = chain.stables("carol") - (before.stables - cost);
    const left = chain.tokens("carol") - before.tokens;
    const ceiling = BigInt(chain.report().ceiling);
    expect(got + (left * ceiling) / decOne).toBeLessThan(cost);
  });
});

describe("the ceiling", () => {
  it("has no room at genesis, and says so", () => {
    const chain = reserveChain();
    expect(BigInt(chain.report().buyRoom)).toBeLessThan(100n * million);
    expect(chain.buy("carol", 1_000_000n * million, 10n ** 15n).refusal?.message).toContain(
      "no ceiling while there is no room",
    );
  });
});

describe("relays that chose stable", () => {
  it("are paid the same in stable whatever the book holds: no offer, one, or a cheap flood", () => {
    const paid = ["none", "one", "flood"].map((book) => {
      const chain = reserveChain();
      chain.addRelay();
      if (book !== "none") chain.offer("bob", 10_000n * million, "0.0105");
      if (book === "flood") for (let i = 0; i < 8; i++) chain.offer("carol", 100_000n * million, "0.001");
      spending(chain, 1_000n);
      const before = chain.stables("operator");
      for (let epoch = 0; epoch < 5; epoch++) chain.turn();
      return chain.stables("operator") - before;
    });
    expect(paid[0]).toBeGreaterThan(0n);
    expect(new Set(paid).size).toBe(1);
  });
});

describe("prices that finalize reads", () => {
  it("are those that the finalize before left, whatever is bought and paid in between", () => {
    const chain = reserveChain();
    chain.addRelay();
    chain.turn();
    chain.turn();
    chain.turn();
    const left = chain.turn()!;
    spending(chain, 5_000n);
    const next = chain.turn()!;
    expect(next.read.floor).toBe(floorOf(next.read.principal, next.read.supply));
    expect(next.read.finalized).toBe(left.epoch + 1n);
  });
});

describe("a run", () => {
  it("pays each holder of an epoch the same share, the first and the last, and leaves V no lower", () => {
    const chain = reserveChain();
    const holders = ["alice", "bob", "carol"];
    const floor = () => [chain.principal(), chain.supply()] as const;
    const [principal, supply] = floor();
    const held = holders.map((name) => chain.stables(name));
    for (const holder of holders) expect(chain.redeem(holder, 900_000n * million).refusal).toBeUndefined();
    chain.epochs(2);
    const got = holders.map((name, index) => chain.stables(name) - held[index]!);
    expect(got[0]).toBeGreaterThan(0n);
    expect(new Set(got).size).toBe(1);
    const [nowPrincipal, nowSupply] = floor();
    expect(nowPrincipal * supply).toBeGreaterThanOrEqual(principal * nowSupply);
  });
});

describe("a loosening that waits", () => {
  it("is one of every parameter that lets more out or backs less", () => {
    const { rules } = weir.modules.find(({ name }) => name === "reserve")!.parameters![0]!;
    for (const name of ["exit_fee", "day_allowance", "day_allowance_delayed", "supply_min", "corridor_share"]) {
      expect(rules[name], name).toMatchObject({ class: "economic", loosens: expect.any(String) });
    }
  });
});

describe("nothing but redemptions", () => {
  it("takes coins out of the reserve: no message of any module that governance may send pays from it", () => {
    const chain = reserveChain();
    const reserve = moduleAddress("reserve");
    expect(isBlocked(reserve)).toBe(true);
    const before = chain.principal();
    const send = {
      fromAddress: authorityAddress(),
      toAddress: textOf("bob"),
      amount: [{ denom: "uusdc", amount: "1" }],
    };
    chain.message("/cosmos.bank.v1beta1.MsgSend", send);
    const spend = { authority: authorityAddress(), recipient: textOf("bob"), amount: send.amount };
    chain.message("/cosmos.distribution.v1beta1.MsgCommunityPoolSpend", spend);
    const sale = {
      authority: authorityAddress(),
      quantity: "1",
      priceStart: price("0.1"),
      priceEnd: price("0.2"),
      epochs: 1n,
    };
    expect(chain.message("/weir.reserve.v1.MsgOpenSale", sale).refusal).toBeUndefined();
    expect(chain.message("/weir.reserve.v1.MsgEndSale", { authority: authorityAddress() }).refusal).toBeUndefined();
    expect(chain.principal()).toBe(before);
  });
});
