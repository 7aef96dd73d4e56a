/** Wallets, sessions and vouchers, message by message; contracts and plans are in contracts.test.ts, random sequences in properties.test.ts. */
import { describe, expect, it } from "vitest";
import { authorityAddress } from "../../chain/authority.ts";
import { ed25519KeyPair } from "../../chain/crypto/sign.ts";
import { coin, keyOf, type MarketChain, marketChain, startCoins, textOf } from "../../test/helpers/marketchain.ts";
import { pause, transportSeed } from "../../test/helpers/marketrelays.ts";
import { defaultParams, paramsToProto } from "./params.ts";
import { bytesPerGib } from "./voucher.ts";

const funded = (changes: Readonly<Record<string, unknown>> = {}): MarketChain => {
  const chain = marketChain(changes);
  chain.addRelay();
  expect(chain.topUp("alice", 10_000_000n).refusal).toBeUndefined();
  return chain;
};

const send = (chain: MarketChain, name: string, value: object) => chain.message(`/weir.market.v1.Msg${name}`, value);
const withdraw = (chain: MarketChain, owner: string, amount: bigint) =>
  send(chain, "Withdraw", { owner: textOf(owner), amount: coin(amount) });
const close = (chain: MarketChain, session: bigint, signer = "alice", more: object = {}) =>
  send(chain, "CloseSession", { signer: textOf(signer), session, relaySignature: new Uint8Array(0), ...more });

const until = (seconds: bigint) => ({ seconds: 1_700_000_000n + seconds, nanos: 0 });
const freeze = (chain: MarketChain, denom = "uusdc") =>
  send(chain, "FreezeDenom", { authority: authorityAddress(), denom, until: until(5_000n), reason: "it broke" });

describe("a wallet", () => {
  it("is topped up by oneself or by another, and gives back what nothing locks", () => {
    const chain = funded();
    expect(chain.topUp("bob", 700n, "shop").refusal).toBeUndefined();
    expect(chain.wallet("bob")).toBe("700uusdc");
    expect(withdraw(chain, "bob", 701n).refusal).toMatchObject({ codespace: "market", code: 5 });
    expect(withdraw(chain, "bob", 700n).refusal).toBeUndefined();
    expect(chain.wallet("bob")).toBe("");
    expect(chain.coins("bob")).toContain(`${startCoins + 700n}uusdc`);
    expect(chain.broken()).toBeUndefined();
  });

  it("can be of somebody who has no account yet", () => {
    const chain = funded();
    expect(chain.topUp("newcomer", 1_000_000n, "shop").refusal).toBeUndefined();
    expect(chain.open({ client: "newcomer" }).refusal).toBeUndefined();
  });

  it("takes listed denominations alone, up to their cap", () => {
    const chain = funded({ denoms: [{ denom: "uusdc", cap: "10000001" }] });
    const other = { sender: textOf("alice"), owner: textOf("alice"), amount: coin(5n, "ueure") };
    expect(send(chain, "TopUp", other).refusal).toMatchObject({ code: 2 });
    expect(chain.topUp("alice", 2n).refusal).toMatchObject({ code: 4 });
    chain.opened();
    expect(chain.topUp("alice", 2n).refusal).toMatchObject({ code: 4 });
    expect(chain.topUp("alice", 1n).refusal).toBeUndefined();
  });

  it("of a frozen denomination says so, until the freeze is over or taken off", () => {
    const chain = funded();
    const id = chain.opened();
    expect(freeze(chain).refusal).toBeUndefined();
    for (const { refusal } of [chain.topUp("alice", 1n), withdraw(chain, "alice", 1n), chain.open()]) {
      expect(refusal).toMatchObject({ code: 3, message: expect.stringContaining("it broke") });
    }
    // What was locked before is paid all the same.
    expect(chain.settle([chain.voucher(id, bytesPerGib)])).toMatchObject([{ code: 0, paid: "50000" }]);
    chain.block(5_000n);
    expect(withdraw(chain, "alice", 1n).refusal).toBeUndefined();
    expect(freeze(chain).refusal).toMatchObject({ code: 36 });
    expect(freeze(chain, "uother").refusal).toMatchObject({ code: 36 });
  });

  it("is thawed by governance alone", () => {
    const chain = funded();
    expect(freeze(chain).refusal).toBeUndefined();
    expect(send(chain, "ThawDenom", { authority: textOf("alice"), denom: "uusdc" }).refusal).toMatchObject({
      codespace: "gov",
    });
    expect(send(chain, "ThawDenom", { authority: authorityAddress(), denom: "uusdc" }).refusal).toBeUndefined();
    expect(send(chain, "ThawDenom", { authority: authorityAddress(), denom: "uusdc" }).refusal).toMatchObject({
      code: 40,
    });
    expect(withdraw(chain, "alice", 1n).refusal).toBeUndefined();
  });
});

describe("opening a session", () => {
  it("locks the deposit at the cell's price, or at the relay's floor above it", () => {
    const chain = funded();
    const id = chain.opened({ deposit: 4_000_000n });
    expect(chain.session(id)).toMatchObject({ price: `50000${"0".repeat(18)}`, locked: "4000000", endsEpoch: 12n });
    expect(chain.wallet("alice")).toBe("6000000uusdc");
    expect(withdraw(chain, "alice", 6_000_001n).refusal).toMatchObject({ code: 5 });
    const dear = chain.addRelay({ priceFloor: 70_000n });
    expect(chain.open({ relay: dear, priceMax: "69999.9" }).refusal).toMatchObject({ code: 17 });
    expect(chain.session(chain.opened({ relay: dear, priceMax: "70000" })).price).toBe(`70000${"0".repeat(18)}`);
  });

  it("asks for the class that was earned, where the buyer does", () => {
    const chain = funded();
    expect(chain.open({ stableOnly: true }).refusal).toMatchObject({ code: 18 });
    const steady = chain.addRelay({ isStable: true });
    expect(chain.session(chain.opened({ relay: steady, stableOnly: true })).stable).toBe(true);
  });

  it.each([
    ["a relay that there is not", { relay: 9n }, 15],
    ["less than the least deposit", { deposit: 9_999n }, 19],
    ["more than the wallet has", { deposit: 10_000_001n }, 5],
    ["no epoch", { epochs: 0n }, 36],
    ["more epochs than may be", { epochs: 91n }, 21],
    ["another denomination", { denom: "ueure" }, 2],
    ["a quota without a subscription", { bytesMax: 1n }, 38],
    ["a contract that there is not", { contract: 1n }, 27],
    ["a subscription that there is not", { subscription: 1n, bytesMax: 1n }, 32],
  ])("refuses %s", (_what, offering, code) => {
    expect(funded().open(offering).refusal).toMatchObject({ codespace: "market", code });
  });

  it("refuses a relay that takes nothing new, and keys that anyone or the relay could sign by", () => {
    const chain = funded();
    const of = (key: Uint8Array) => ({
      ...{
        client: textOf("alice"),
        relay: 1n,
        deposit: coin(1_000_000n),
        priceMax: "1",
        stableOnly: false,
        epochs: 1n,
      },
      ...{ contract: 0n, subscription: 0n, bytesMax: 0n, key },
    });
    const keys = [
      new Uint8Array(31),
      Uint8Array.of(1, ...new Uint8Array(31)),
      ed25519KeyPair(transportSeed(1n)).publicKey,
    ];
    for (const key of keys) expect(send(chain, "OpenSession", of(key)).refusal).toMatchObject({ code: 20 });
    pause(chain, 1n);
    expect(chain.open().refusal).toMatchObject({ code: 16 });
  });
});

describe("a voucher", () => {
  it("pays what its bytes cost, less what was paid, shared out to the unit", () => {
    const chain = funded();
    const id = chain.opened();
    expect(chain.settle([chain.voucher(id, bytesPerGib)])).toEqual([{ code: 0, log: "", paid: "50000" }]);
    expect(chain.settle([chain.voucher(id, bytesPerGib + 1n)])).toEqual([{ code: 0, log: "", paid: "1" }]);
    const { settlement } = chain.query<{ settlement: object }>("/weir.market.v1.Query/Settled", { epoch: 0n });
    expect(settlement).toMatchObject({
      ...{ value: "50001", burn: "45000", direct: "0", oracles: "1500", stakers: "1000", reserve: "2501" },
      ...{ bytes: bytesPerGib + 1n, vouchers: 2n },
    });
    expect(chain.broken()).toBeUndefined();
  });

  it("of a chain with another split pays the relay at once", () => {
    const chain = funded({
      split: { burn: "0.12", direct: "0.78", reserve: "0.05", oracles: "0.03", stakers: "0.02" },
    });
    const id = chain.opened();
    chain.settle([chain.voucher(id, 10n * bytesPerGib)]);
    expect(chain.coins("operator")).toContain(`${startCoins + 390_000n}uusdc`);
  });

  it("pays nothing a second time, and a lower one never undoes a higher one", () => {
    const chain = funded();
    const id = chain.opened();
    const [low, high] = [chain.voucher(id, 1_000_000n), chain.voucher(id, 9_000_000n)];
    expect(chain.settle([high])[0]!.code).toBe(0);
    const before = chain.session(id);
    for (const again of [high, low]) expect(chain.settle([again])).toMatchObject([{ code: 9, paid: "0" }]);
    expect(chain.session(id)).toEqual(before);
  });

  it("counts by its bytes, whatever nonce it bears: a client cannot shut out the relay's better one", () => {
    const chain = funded();
    const id = chain.opened();
    const spoiler = chain.voucher(id, 1n, { nonce: (1n << 64n) - 1n });
    expect(chain.settle([spoiler])[0]!.code).toBe(0);
    expect(chain.settle([chain.voucher(id, bytesPerGib, { nonce: 1n })])[0]).toMatchObject({ code: 0, paid: "49999" });
    expect(chain.session(id).nonce).toBe((1n << 64n) - 1n);
  });

  it("is refused by itself, and the others are paid", () => {
    const chain = funded();
    const [first, second] = [chain.opened(), chain.opened({ key: "other" })];
    const good = chain.voucher(first, bytesPerGib);
    const forged = { ...chain.voucher(first, 2n * bytesPerGib), signature: new Uint8Array(64) };
    const results = chain.settle([
      { ...good, session: 77n },
      chain.voucher(second, bytesPerGib, { key: "key" }),
      chain.voucher(second, bytesPerGib, { key: "other", chainId: "weir-other-1" }),
      chain.voucher(second, bytesPerGib, { key: "other", signedSession: first }),
      chain.voucher(first, bytesPerGib, { amount: 49_999n }),
      chain.voucher(first, 21n * bytesPerGib),
      forged,
      { ...good, amount: "-1" },
      { ...good, amount: "9".repeat(60) },
      good,
      good,
      chain.voucher(second, 5n, { key: "other" }),
    ]);
    expect(results.map(({ code }) => code)).toEqual([6, 12, 12, 12, 10, 11, 12, 36, 36, 0, 9, 0]);
    expect(chain.broken()).toBeUndefined();
  });

  it("of one session pays nothing in another with the same key", () => {
    const chain = funded();
    const [first, second] = [chain.opened(), chain.opened()];
    const voucher = { ...chain.voucher(first, bytesPerGib), session: second };
    expect(chain.settle([voucher])).toMatchObject([{ code: 12 }]);
  });

  it("comes in batches of at most a thousand", () => {
    const chain = funded();
    const id = chain.opened();
    const many = new Array(1_001).fill(chain.voucher(id, 1n));
    expect(() => chain.settle(many)).toThrow(/1001 vouchers; expected 1 to 1000/);
    expect(() => chain.settle([])).toThrow(/0 vouchers/);
  });
});

describe("metering", () => {
  it("compares both counts, by session and by relay", () => {
    const chain = funded();
    const id = chain.opened();
    chain.settle([chain.voucher(id, 1_000_000n, { delivered: 1_000_500n })]);
    const session = chain.query("/weir.market.v1.Query/Session", { session: id });
    expect(session).toMatchObject({ meteringErrorPpm: 500n });
    chain.settle([chain.voucher(id, 2_000_000n, { counted: 2_000_100n })], "operator");
    const other = chain.opened({ key: "other" });
    chain.settle([chain.voucher(other, 2_000_000n, { key: "other", delivered: 1_999_900n })]);
    expect(chain.query("/weir.market.v1.Query/Metering", { relay: 1n })).toEqual({
      metering: { meteredBytes: 4_000_000n, differenceBytes: 200n, sessions: 2n },
      errorPpm: 50n,
    });
  });

  it("takes the relay's count from the relay alone, and never a lower one", () => {
    const chain = funded();
    const id = chain.opened();
    expect(chain.settle([chain.voucher(id, 9n, { counted: 9n })])[0]!.code).toBe(13);
    expect(chain.settle([chain.voucher(id, 9n, { counted: 9n })], "rival")[0]!.code).toBe(13);
    expect(chain.settle([chain.voucher(id, 9n, { delivered: 10n })])[0]!.code).toBe(0);
    expect(chain.settle([chain.voucher(id, 11n, { delivered: 9n })])[0]!.code).toBe(14);
    // Without a count it is paid all the same, and the counts stay those of the last common moment.
    expect(chain.settle([chain.voucher(id, 11n)])[0]!.code).toBe(0);
    expect(chain.session(id)).toMatchObject({ meteredBytes: 9n, deliveredBytes: 10n, bytes: 11n });
  });
});

describe("closing a session", () => {
  it("is done at once where the relay agrees, or by its operator", () => {
    const chain = funded();
    const first = chain.opened();
    chain.settle([chain.voucher(first, bytesPerGib)]);
    expect(close(chain, first, "alice", { relaySignature: new Uint8Array(64) }).refusal).toMatchObject({ code: 13 });
    expect(close(chain, first, "alice", { relaySignature: chain.closing(first) }).refusal).toBeUndefined();
    expect(chain.wallet("alice")).toBe("9950000uusdc");
    const second = chain.opened();
    expect(close(chain, second, "operator", { voucher: chain.voucher(second, bytesPerGib) }).refusal).toBeUndefined();
    expect(chain.wallet("alice")).toBe("9900000uusdc");
    expect(() => chain.session(second)).toThrow();
  });

  it("by the client alone opens a window in which a higher voucher still wins, and then prunes it", () => {
    const chain = funded();
    const id = chain.opened();
    const high = chain.voucher(id, 10n * bytesPerGib);
    expect(close(chain, id, "alice", { voucher: chain.voucher(id, bytesPerGib) }).refusal).toBeUndefined();
    expect(close(chain, id).refusal).toMatchObject({ code: 22 });
    chain.epochs(2);
    expect(chain.session(id).endsEpoch).toBe(3n);
    expect(chain.settle([high])).toMatchObject([{ code: 0, paid: "450000" }]);
    const events = chain.epochs(1);
    expect(events.map(({ type }) => type)).toContain("session_closed");
    expect(chain.wallet("alice")).toBe("9500000uusdc");
    expect(chain.settle([high])).toMatchObject([{ code: 6 }]);
  });

  it("is for its client and its relay", () => {
    const chain = funded();
    const id = chain.opened();
    expect(close(chain, id, "rival").refusal).toMatchObject({ code: 7 });
    expect(close(chain, 9n).refusal).toMatchObject({ code: 6 });
    const other = chain.voucher(chain.opened(), 1n);
    expect(close(chain, id, "alice", { voucher: other }).refusal).toMatchObject({ code: 36 });
  });

  it("happens by itself where both vanish: all that no voucher took goes back", () => {
    const chain = funded();
    const id = chain.opened({ epochs: 3n });
    chain.settle([chain.voucher(id, bytesPerGib)]);
    chain.epochs(4);
    expect(chain.settle([chain.voucher(id, 2n * bytesPerGib)])[0]!.code).toBe(0);
    chain.epochs(1);
    expect(chain.wallet("alice")).toBe("9900000uusdc");
    expect(chain.broken()).toBeUndefined();
  });

  it("prunes so many a block, however many are over", () => {
    const chain = funded();
    for (let count = 0; count < 210; count++) chain.opened({ deposit: 10_000n, epochs: 1n });
    chain.epochs(2);
    const closed = (events: readonly { type: string }[]) =>
      events.filter(({ type }) => type === "session_closed").length;
    expect(closed(chain.epochs(1))).toBe(200);
    expect(closed(chain.block())).toBe(10);
    expect(chain.wallet("alice")).toBe("10000000uusdc");
  });
});

describe("topping a session up", () => {
  const topUp = (chain: MarketChain, value: object) =>
    send(chain, "TopUpSession", { client: textOf("alice"), session: 1n, amount: undefined, epochs: 0n, ...value });

  it("locks more, or keeps it open for longer", () => {
    const chain = funded();
    chain.opened();
    expect(topUp(chain, { amount: coin(500_000n), epochs: 5n }).refusal).toBeUndefined();
    expect(chain.session(1n)).toMatchObject({ locked: "1500000", expiresEpoch: 15n, endsEpoch: 17n });
    expect(chain.settle([chain.voucher(1n, 30n * bytesPerGib)])).toMatchObject([{ code: 0, paid: "1500000" }]);
  });

  it.each([
    ["somebody else", { client: textOf("bob"), epochs: 1n }, 7],
    ["nothing", {}, 36],
    ["longer than a session may be", { epochs: 81n }, 21],
    ["another denomination", { amount: coin(5n, "ueure") }, 38],
    ["more than there is", { amount: coin(10_000_000n) }, 5],
  ])("refuses %s", (_what, value, code) => {
    const chain = funded();
    chain.opened();
    expect(topUp(chain, value).refusal).toMatchObject({ code });
  });

  it("is for open sessions", () => {
    const chain = funded();
    chain.opened({ epochs: 1n });
    chain.opened();
    close(chain, 2n);
    expect(topUp(chain, { session: 2n, epochs: 1n }).refusal).toMatchObject({ code: 22 });
    chain.epochs(1);
    expect(topUp(chain, { epochs: 1n }).refusal).toMatchObject({ code: 8 });
  });
});

describe("the parameters", () => {
  it.each([
    [
      "shares that are more than the whole",
      { split: { ...paramsToProto(defaultParams).split!, direct: `${10n ** 17n}` } },
    ],
    [
      "denominations that are not sorted",
      {
        denoms: [
          { denom: "uusdc", cap: "1" },
          { denom: "ueure", cap: "1" },
        ],
      },
    ],
    ["a cap that is no number", { denoms: [{ denom: "uusdc", cap: "-1" }] }],
    ["no denomination", { denoms: [] }],
    ["no window", { disputeEpochs: 0n }],
    ["a price of nothing", { genesisPrice: "0" }],
    ["a deposit that is no number", { depositMin: "x" }],
  ])("are refused with %s", (_what, changes) => {
    const message = { authority: authorityAddress(), params: { ...paramsToProto(defaultParams), ...changes } };
    expect(send(funded(), "UpdateParams", message).refusal).toMatchObject({ codespace: "market", code: 37 });
  });

  it("are replaced by governance", () => {
    const chain = funded();
    const params = { ...paramsToProto(defaultParams), depositMin: "20000" };
    expect(send(chain, "UpdateParams", { authority: authorityAddress(), params }).refusal).toBeUndefined();
    expect(chain.open({ deposit: 19_999n }).refusal).toMatchObject({ code: 19 });
  });
});

describe("genesis", () => {
  it("goes on where the export stood", () => {
    const chain = funded();
    chain.settle([chain.voucher(chain.opened(), bytesPerGib, { delivered: bytesPerGib })]);
    chain.topUp("bob", 5n);
    freeze(chain);
    const state = chain.exported().market as { readonly sessions: readonly { readonly key: string }[] };
    expect(state.sessions).toHaveLength(1);
    expect(state.sessions[0]!.key).toBe(Buffer.from(keyOf("key")).toString("base64"));
    const { bank, attestation } = chain.exported();
    const again = marketChain({}, { bank, attestation, market: state });
    expect(again.exported().market).toEqual(state);
    expect(() => marketChain({}, { market: state })).toThrow(/wallets: found nothing in market_wallets, expected/);
  });
});
