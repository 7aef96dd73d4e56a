import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDec } from "../../chain/dec.ts";
import type { Fact } from "./facts.ts";
import { csvOf, dollarsText } from "./files.ts";
import { Ledger } from "./ledger.ts";
import { LotQueue } from "./lots.ts";

const lot = (amount: bigint, cost: bigint, height = "1") => ({ amount, cost, height, time: "2026-01-01T00:00:00Z" });

describe("lots", () => {
  it("leave in the order in which they came, the last one in part, at what it had cost", () => {
    const queue = new LotQueue();
    queue.push(lot(100n, 10n, "1"));
    queue.push(lot(3n, 10n, "2"));
    expect(queue.take(101n)).toEqual({ lots: [lot(100n, 10n, "1"), lot(1n, 3n, "2")], cost: 13n, short: 0n });
    expect([queue.amount, queue.cost]).toEqual([2n, 7n]);
    expect(queue.take(5n)).toMatchObject({ cost: 7n, short: 3n });
  });

  it("lose no cost and no coin, however they are taken", () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.bigInt(1n, 10n ** 12n), fc.bigInt(0n, 10n ** 12n)), { minLength: 1, maxLength: 30 }),
        fc.array(fc.bigInt(1n, 10n ** 11n), { maxLength: 60 }),
        (bought, sold) => {
          const queue = new LotQueue();
          for (const [amount, cost] of bought) queue.push(lot(amount, cost));
          const all = [queue.amount, queue.cost] as const;
          let [amount, cost] = [0n, 0n];
          for (const quantity of sold) {
            const taken = queue.take(quantity);
            amount += quantity - taken.short;
            cost += taken.cost;
          }
          expect([queue.amount + amount, queue.cost + cost]).toEqual(all);
        },
      ),
    ));
});

const place = { height: "5", time: "2026-02-03T04:05:06Z", tx: "" };
const coins = (kind: string, amount: string, more: object = {}): Fact => ({
  ...{ of: "coins", ...place, account: "a", amount, denom: "uweir", kind, counterparty: "b", relay: "", cost: "" },
  ...more,
});
const priced = (reference: string): Fact => ({ of: "price", ...place, epoch: "9", reference });
const ledger = () =>
  new Ledger({
    ...{ denom: "uweir", stable: new Set(["uusdc"]), reference: parseDec("0.01") },
    operators: new Map([["weirvalcons1", "weirvaloper1"]]),
  });

describe("a ledger", () => {
  it("gains what was sold for more than it was worth when it came, by the reference of each time", () => {
    const book = ledger();
    book.take(coins("relay reward", "1000000"));
    book.take(priced("0.03"));
    const [sent] = book.take(coins("sent", "-400000"));
    expect(sent).toMatchObject({ value: 12_000n, cost: 4_000n, gain: 8_000n, balance: 600_000n, epoch: "9" });
    expect(csvOf([sent!]).split("\r\n")[1]).toBe(
      "2026-02-03T04:05:06Z,5,,a,sent,,uweir,-400000,0,0,600000,b,9,0.030000000000000000,0.012000,0.004000,0.008000,400000@5:0.004000,",
    );
  });

  it("moves coins into a bond and out again without a gain, and takes a slash as a loss", () => {
    const book = ledger();
    book.take(coins("received", "1000000"));
    expect(book.take(coins("bond", "-1000000"))[0]).toMatchObject({ gain: undefined, lockedChange: 1_000_000n });
    const stake = { of: "stake", ...place, account: "a", subject: "relay 7", target: "" } as const;
    book.take({ ...stake, change: "in", amount: "1000000", due: "" });
    const slash = { of: "slash", ...place, subject: "relay 7", reason: "over-claim", part: "0.1", whole: "1" } as const;
    expect(book.take(slash)[0]).toMatchObject({ kind: "slash", lockedChange: -100_000n, gain: -1_000n, value: 0n });
    book.take({ ...stake, change: "leaving", amount: "900000", due: "2026-01-03T00:00:00Z" });
    book.take(coins("unbonded", "899999"));
    book.take({ ...stake, change: "out", amount: "899999", due: "" });
    expect(book.end()[0]).toMatchObject({ kind: "slash", lockedChange: -1n, note: "relay 7, while it was leaving" });
    expect(book.holdingsOf("a").locked.get("uweir")).toBe(0n);
  });

  it("knows a validator by its key, and a lost challenge by its dispute", () => {
    const book = ledger();
    const stake = { of: "stake", ...place, account: "a", target: "", due: "", change: "in" } as const;
    book.take({ ...stake, subject: "weirvaloper1", amount: "2000000" });
    const slash = { of: "slash", ...place, subject: "weirvalcons1", reason: "missing_signature" } as const;
    expect(book.take({ ...slash, part: "10000", whole: "1000000" })[0]).toMatchObject({ lockedChange: -20_000n });
    book.take({ ...stake, subject: "challenge of relay 3 in epoch 4", amount: "0" });
    const lost = { ...slash, subject: "challenge of relay 3 in epoch 4", part: "500", whole: "0" };
    expect(book.take(lost)[0]).toMatchObject({ lockedChange: -500n });
  });

  it("counts coins bought at what was paid, and what another puts into a wallet as a gift", () => {
    const book = ledger();
    book.take(coins("purchase", "1000000", { cost: "50000" }));
    expect(book.take(coins("sent", "-1000000"))[0]).toMatchObject({ cost: 50_000n, gain: -40_000n });
    const wallet = { of: "wallet", ...place, account: "a", denom: "uusdc", relay: "", purpose: "top-up" } as const;
    expect(book.take({ ...wallet, amount: "7" })[0]).toMatchObject({
      kind: "wallet top-up by another",
      walletChange: 7n,
    });
    book.take(coins("wallet top-up", "-5", { denom: "uusdc" }));
    expect(book.take({ ...wallet, amount: "5" })).toEqual([]);
    expect(book.holdingsOf("a").wallets.get("uusdc")).toBe(12n);
  });
});

describe("a file", () => {
  it("quotes what a spreadsheet would split or take for a formula", () => {
    const book = ledger();
    const [record] = book.take(coins("received", "1", { counterparty: '=HYPERLINK("x"),y' }));
    expect(csvOf([record!])).toContain(`,"'=HYPERLINK(""x""),y",`);
    expect(dollarsText(-1n)).toBe("-0.000001");
  });
});
