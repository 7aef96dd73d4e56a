/**
 * Defects of the first version of the rules that the market can show, each by its attack, so that it would be seen again. What broke, and where else it is held:
 *
 * | defect | shown by |
 * | --- | --- |
 * | vouchers paid twice, by replay, by a lower one, by another session's key | market.test.ts, a voucher |
 * | 15 a spot price that falls to nothing in an idle month, or leaps | here, an idle cell; properties.test.ts, a spot price |
 * | 15 scarcity bought by bytes that cost nothing | here, bytes for nothing |
 * | 20 capacity hoarded for nothing | here, a hoarder |
 * | 20 a missed SLO that a small bond does not cover | contracts.test.ts, a missed epoch |
 * | 14 a class that one chooses | market.test.ts, the class that was earned |
 * | 9 wash traffic that draws more than it costs | here, self-dealing |
 * | a client or a relay that vanishes | market.test.ts, where both vanish; here, two vouchers |
 */
import { describe, expect, it } from "vitest";
import { decOne, parseDec } from "../../chain/dec.ts";
import { type MarketChain, marketChain } from "../../test/helpers/marketchain.ts";
import { defaultParams as rewards } from "../rewards/params.ts";
import { usagePaid } from "../rewards/pools.ts";
import { leaseBond } from "./contracts.ts";
import { amountFor, bytesPerGib } from "./index.ts";
import { defaultParams } from "./params.ts";
import { splitAmount } from "./split.ts";
import { boundedPrice, movedPrice } from "./spotprice.ts";

const sessionOf = (chain: MarketChain, deposit: bigint): bigint => {
  chain.addRelay();
  chain.topUp("alice", deposit);
  return chain.opened({ deposit });
};

describe("an idle cell", () => {
  it("keeps a twentieth of its first price after a year without a buyer, and not a fiftieth after a month", () => {
    let price = defaultParams.genesisPrice;
    for (let day = 0; day < 365; day++) price = boundedPrice(movedPrice(price, 0n, defaultParams), defaultParams);
    expect(price).toBe(defaultParams.genesisPrice / defaultParams.priceRange);
  });
});

describe("bytes for nothing", () => {
  it("cannot be signed for: the amount is exactly what they cost, at the price that was fixed", () => {
    const chain = marketChain();
    const session = sessionOf(chain, 10_000_000n);
    const cheap = chain.voucher(session, 100n * bytesPerGib, { amount: 1n });
    expect(chain.settle([cheap])[0]).toMatchObject({ code: 10, paid: "0" });
    expect(amountFor(bytesPerGib, parseDec("0.000001"))).toBe(1n);
  });
});

describe("a hoarder", () => {
  it("loses the lease bond by the day, and all of it where nothing is used", () => {
    const price = 1_000_000n;
    expect(leaseBond(price, defaultParams.leaseBondShare, 30n)).toBe(300_000n);
    expect(leaseBond(price, defaultParams.leaseBondShare, 365n)).toBe(price);
  });
});

describe("self-dealing", () => {
  it("costs 2.86 times what it draws, whatever WEIR is worth", () => {
    const spent = 10_000_000_000n;
    const parts = splitAmount(spent, defaultParams.split);
    for (const price of ["0.01", "0.02", "0.05", "0.1"].map(parseDec)) {
      // All of its own sale: who washes alone burns what the rest of B buys, and gets 85% of B back at once.
      const burnedForGood = ((parts.burn - (parts.burn * 85n) / 100n) * decOne) / price;
      const drawn = usagePaid(10n ** 30n, burnedForGood, spent, rewards.usageBurnShare);
      const worth = (drawn * price) / decOne;
      const burnedWorth = (burnedForGood * price) / decOne;
      expect((burnedWorth * 100n) / worth).toBe(285n);
    }
  });
});

describe("two vouchers", () => {
  it("are all that a relay which vanishes takes with it, and the client gets the rest back by itself", () => {
    const chain = marketChain({ dispute_epochs: "1" });
    const session = sessionOf(chain, 5_000_000n);
    chain.settle([chain.voucher(session, 8n * 1_048_576n)]);
    const settled = BigInt(chain.session(session).settled);
    const end = chain.session(session).endsEpoch;
    chain.epochs(Number(end - chain.epoch()));
    expect(() => chain.session(session)).toThrow("no session");
    expect(chain.wallet("alice")).toBe(`${5_000_000n - settled}uusdc`);
  });
});
