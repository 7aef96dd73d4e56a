/** Reserved contracts, plans and subscriptions, epoch by epoch; and when prices move. */
import { describe, expect, it } from "vitest";
import { coin, type MarketChain, marketChain, textOf } from "../../test/helpers/marketchain.ts";
import { measured } from "../../test/helpers/marketrelays.ts";
import { afterEpoch } from "./index.ts";
import { bytesPerGib } from "./voucher.ts";

const send = (chain: MarketChain, name: string, value: object) => chain.message(`/weir.market.v1.Msg${name}`, value);
const mega = 1_000_000n;

const offer = (chain: MarketChain, changes: object = {}) =>
  send(chain, "OfferCapacity", {
    ...{ operator: textOf("operator"), relay: 1n, capacityBps: 40n * mega, pricePerEpoch: coin(100_000n) },
    ...{ epochsMin: 2n, epochsMax: 30n, count: 2n, ...changes },
  });

const reserve = (chain: MarketChain, changes: object = {}) =>
  send(chain, "ReserveCapacity", {
    ...{ buyer: textOf("alice"), offer: 1n, epochs: 4n, priceMax: coin(400_000n), ...changes },
  });

const funded = (): MarketChain => {
  const chain = marketChain();
  chain.addRelay();
  for (const name of ["alice", "bob", "operator"]) chain.topUp(name, 10n * mega);
  return chain;
};

const contracted = (): MarketChain => {
  const chain = funded();
  expect(offer(chain).refusal).toBeUndefined();
  expect(reserve(chain).refusal).toBeUndefined();
  return chain;
};

/** An epoch is over and was settled at once; its contracts are paid in the next block. */
function settled(chain: MarketChain, { measuredBps = 100n * mega, isVoid = false, cells = [] as never[] } = {}) {
  const epoch = chain.epoch();
  chain.epochs(1);
  measured(chain, 1n, { measuredBps });
  afterEpoch(chain.context(), epoch, cells, isVoid);
  return chain.block().filter(({ type }) => type.startsWith("contract_"));
}

const contractOf = (chain: MarketChain, contract = 1n) =>
  chain.query<{ contract: Record<string, unknown> }>("/weir.market.v1.Query/Contract", { contract }).contract;

describe("a reserved contract", () => {
  it("locks the price of its term, the relay's bond and the buyer's", () => {
    const chain = contracted();
    // 400,000 for four epochs, and a hundredth of it for each.
    expect(chain.wallet("alice")).toBe(`${10n * mega - 416_000n}uusdc`);
    expect(chain.wallet("operator")).toBe(`${10n * mega - 20_000n}uusdc`);
    expect(contractOf(chain)).toMatchObject({
      escrow: "400000",
      relayBond: "20000",
      leaseBond: "16000",
      startsEpoch: 1n,
    });
    expect(chain.broken()).toBeUndefined();
  });

  it("takes no more than the relay has shown that it carries", () => {
    const chain = contracted();
    expect(reserve(chain).refusal).toBeUndefined();
    expect(reserve(chain).refusal).toMatchObject({ code: 24 });
    offer(chain, { capacityBps: 21n * mega });
    expect(reserve(chain, { offer: 2n }).refusal).toMatchObject({ code: 26 });
    offer(chain, { capacityBps: 20n * mega });
    expect(reserve(chain, { offer: 3n }).refusal).toBeUndefined();
    expect(chain.broken()).toBeUndefined();
  });

  it("is paid for what was delivered, and returns of the lease bond what was used of it", () => {
    const chain = contracted();
    expect(settled(chain)).toEqual([]);
    const id = chain.opened({ contract: 1n, epochs: 2n });
    // 40 Mbit/s for the epoch's 105 seconds are 525 MB: a fifth of it is carried, by both counts.
    chain.settle([chain.voucher(id, 200n * mega, { delivered: 105n * mega })]);
    const events = settled(chain);
    expect(events).toHaveLength(1);
    expect(Object.fromEntries(events[0]!.attributes.map(({ key, value }) => [key, value]))).toMatchObject({
      ...{ epoch: "1", delivered: "delivered", paid: "100000uusdc" },
      ...{ lease_returned: "800uusdc", lease_forfeited: "3200uusdc" },
    });
    expect(contractOf(chain)).toMatchObject({
      escrow: "300000",
      leaseBond: "12000",
      epochsPaid: 1n,
      usedBytes: 105n * mega,
    });
    expect(chain.query("/weir.market.v1.Query/Settled", { epoch: 2n })).toMatchObject({
      settlement: { value: "100000", burn: "90000" },
    });
  });

  it("gives the epoch's price back where it was missed, and as much again of the bond until that is spent", () => {
    const chain = contracted();
    settled(chain);
    const before = BigInt(chain.wallet("alice").replace("uusdc", ""));
    const events = settled(chain, { measuredBps: 37n * mega });
    expect(events.map(({ type }) => type)).toEqual(["contract_epoch", "contract_ended"]);
    // The epoch's price and the bond of 20,000, then all that is left.
    expect(chain.wallet("alice")).toBe(`${before + 400_000n + 20_000n + 16_000n}uusdc`);
    expect(() => contractOf(chain)).toThrow(/there is no contract 1/);
    expect(chain.broken()).toBeUndefined();
  });

  it("is missed by all contracts of a relay together that does not carry their sum", () => {
    const chain = contracted();
    reserve(chain, { buyer: textOf("bob") });
    settled(chain);
    const delivered = (bps: bigint) =>
      settled(chain, { measuredBps: bps }).filter(({ type }) => type === "contract_epoch");
    expect(delivered(76n * mega).map(({ attributes }) => attributes[2]!.value)).toEqual(["delivered", "delivered"]);
    expect(delivered(75n * mega).map(({ attributes }) => attributes[2]!.value)).toEqual(["missed", "missed"]);
  });

  it("costs nobody anything in an epoch that nobody could measure", () => {
    const chain = contracted();
    settled(chain);
    settled(chain, { isVoid: true, measuredBps: 0n });
    expect(contractOf(chain)).toMatchObject({ escrow: "300000", relayBond: "20000", epochsPaid: 0n, epochsMissed: 0n });
    expect(chain.wallet("alice")).toBe(`${10n * mega - 416_000n + 104_000n}uusdc`);
  });

  it("ends with its term, and everyone has what is theirs", () => {
    const chain = contracted();
    for (let epoch = 0; epoch < 5; epoch++) settled(chain);
    expect(() => contractOf(chain)).toThrow();
    expect(chain.wallet("operator")).toBe(`${10n * mega}uusdc`);
    // Never used: the price and the lease bond are gone.
    expect(chain.wallet("alice")).toBe(`${10n * mega - 416_000n}uusdc`);
    expect(chain.broken()).toBeUndefined();
  });

  it("catches up with epochs that were settled faster than it is paid", () => {
    const chain = contracted();
    chain.epochs(3);
    for (const epoch of [0n, 1n, 2n]) afterEpoch(chain.context(), epoch, []);
    for (let count = 0; count < 3; count++) chain.block();
    expect(contractOf(chain)).toMatchObject({ epochsPaid: 2n });
  });

  it("changes hands while it is unused", () => {
    const chain = contracted();
    const transfer = (owner: string, to: string) =>
      send(chain, "TransferContract", { owner: textOf(owner), contract: 1n, to: textOf(to) });
    expect(transfer("bob", "carol").refusal).toMatchObject({ code: 28 });
    expect(transfer("alice", "bob").refusal).toBeUndefined();
    chain.epochs(1);
    expect(chain.open({ contract: 1n, epochs: 1n }).refusal).toMatchObject({ code: 28 });
    chain.opened({ client: "bob", contract: 1n, epochs: 1n });
    expect(transfer("bob", "alice").refusal).toMatchObject({ code: 29 });
  });

  it.each([
    ["before it begins", { contract: 1n, epochs: 1n }, 0, 21],
    ["beyond its term", { contract: 1n, epochs: 5n }, 1, 21],
    ["with another relay", { contract: 1n, epochs: 1n, relay: 2n }, 1, 30],
  ])("opens no session %s", (_what, offering, epochs, code) => {
    const chain = contracted();
    chain.addRelay();
    chain.epochs(epochs);
    expect(chain.open(offering).refusal).toMatchObject({ code });
  });

  it.each([
    ["an offer of another's relay", (chain: MarketChain) => offer(chain, { operator: textOf("rival") }), 25],
    ["more than the relay claims", (chain: MarketChain) => offer(chain, { capacityBps: 101n * mega }), 26],
    ["a term that is too long", (chain: MarketChain) => offer(chain, { epochsMax: 366n }), 21],
    ["a term upside down", (chain: MarketChain) => offer(chain, { epochsMin: 31n }), 36],
    ["a term that is not offered", (chain: MarketChain) => reserve(chain, { epochs: 1n }), 21],
    ["more than the buyer would pay", (chain: MarketChain) => reserve(chain, { priceMax: coin(399_999n) }), 17],
    ["a price beyond all money", (chain: MarketChain) => offer(chain, { pricePerEpoch: coin(1n << 128n) }), 36],
    [
      "an offer that was taken back",
      (chain: MarketChain) => {
        expect(send(chain, "WithdrawCapacity", { operator: textOf("rival"), offer: 1n }).refusal?.code).toBe(25);
        send(chain, "WithdrawCapacity", { operator: textOf("operator"), offer: 1n });
        return reserve(chain);
      },
      24,
    ],
  ])("refuses %s", (_what, act, code) => {
    const chain = funded();
    offer(chain);
    expect(act(chain).refusal).toMatchObject({ codespace: "market", code });
  });

  it("is of a bounded number of offers", () => {
    const chain = funded();
    for (let count = 0; count < 32; count++) expect(offer(chain).refusal).toBeUndefined();
    expect(offer(chain).refusal).toMatchObject({ code: 23 });
  });
});

const plan = (chain: MarketChain, changes: object = {}) =>
  send(chain, "CreatePlan", {
    ...{ provider: textOf("operator"), name: "10 GiB", quotaBytes: 10n * bytesPerGib, epochs: 10n },
    ...{ price: coin(1_000_000n), relays: [1n], ...changes },
  });
const subscribe = (chain: MarketChain, plan = 1n) => send(chain, "Subscribe", { subscriber: textOf("alice"), plan });
const share = (chain: MarketChain, member: string, bytes: bigint, owner = "alice") =>
  send(chain, "ShareQuota", { owner: textOf(owner), subscription: 1n, member: textOf(member), bytes });
const cancel = (chain: MarketChain) => send(chain, "CancelSubscription", { owner: textOf("alice"), subscription: 1n });
const subscription = (chain: MarketChain) =>
  chain.query<{ subscription: Record<string, unknown> }>("/weir.market.v1.Query/Subscription", { subscription: 1n })
    .subscription;

describe("a subscription", () => {
  const subscribed = (): MarketChain => {
    const chain = funded();
    expect(plan(chain).refusal).toBeUndefined();
    expect(subscribe(chain).refusal).toBeUndefined();
    return chain;
  };

  it("pays its provider by what is used, and the rest when its term is over", () => {
    const chain = subscribed();
    const id = chain.opened({ subscription: 1n, bytesMax: 4n * bytesPerGib, epochs: 2n });
    expect(chain.settle([chain.voucher(id, bytesPerGib)])).toMatchObject([{ code: 0, paid: "100000" }]);
    expect(chain.settle([chain.voucher(id, 4n * bytesPerGib + 1n)])).toMatchObject([{ code: 11 }]);
    chain.epochs(5);
    expect(subscription(chain)).toMatchObject({ earned: "100000", bytesLeft: 9n * bytesPerGib, openSessions: 0n });
    chain.epochs(5);
    expect(() => subscription(chain)).toThrow(/no subscription 1/);
    expect(chain.wallet("alice")).toBe(`${9n * mega}uusdc`);
    const { settlement } = chain.query<{ settlement: object }>("/weir.market.v1.Query/Settled", { epoch: 10n });
    expect(settlement).toMatchObject({ value: "900000" });
  });

  it("is shared with others, who use no more than they were given", () => {
    const chain = subscribed();
    expect(chain.open({ client: "bob", subscription: 1n, bytesMax: 1n }).refusal).toMatchObject({ code: 28 });
    expect(share(chain, "carol", 3n * bytesPerGib, "bob").refusal).toMatchObject({ code: 28 });
    expect(share(chain, "bob", 11n * bytesPerGib).refusal).toMatchObject({ code: 33 });
    expect(share(chain, "bob", 3n * bytesPerGib).refusal).toBeUndefined();
    const of = { client: "bob", subscription: 1n, epochs: 2n };
    expect(chain.open({ ...of, bytesMax: 4n * bytesPerGib }).refusal).toMatchObject({ code: 33 });
    const id = chain.opened({ ...of, bytesMax: 3n * bytesPerGib });
    chain.settle([chain.voucher(id, bytesPerGib)]);
    expect(chain.broken()).toBeUndefined();
    // Taken back while a session of it is open: what that does not use goes to the owner.
    expect(share(chain, "bob", 0n).refusal).toBeUndefined();
    chain.epochs(4);
    expect(subscription(chain)).toMatchObject({ bytesLeft: 9n * bytesPerGib, usedBytes: bytesPerGib, shares: [] });
  });

  it("is given up for what was not earned, by bytes or by time", () => {
    const chain = subscribed();
    const id = chain.opened({ subscription: 1n, bytesMax: bytesPerGib, epochs: 1n });
    expect(cancel(chain).refusal).toMatchObject({ code: 34 });
    chain.settle([chain.voucher(id, bytesPerGib)]);
    chain.epochs(4);
    expect(cancel(chain).refusal).toBeUndefined();
    expect(chain.wallet("alice")).toBe(`${10n * mega - 400_000n}uusdc`);
    expect(chain.broken()).toBeUndefined();
  });

  it("goes on when its plan is retired, which is then forgotten with the last one", () => {
    const chain = subscribed();
    const retire = (provider: string) => send(chain, "RetirePlan", { provider: textOf(provider), plan: 1n });
    expect(retire("rival").refusal).toMatchObject({ code: 28 });
    expect(retire("operator").refusal).toBeUndefined();
    expect(retire("operator").refusal).toMatchObject({ code: 31 });
    expect(subscribe(chain).refusal).toMatchObject({ code: 31 });
    expect(chain.open({ subscription: 1n, bytesMax: 5n, epochs: 1n }).refusal).toBeUndefined();
    const plans = () => chain.query<{ plans: unknown[] }>("/weir.market.v1.Query/Plans", {}).plans;
    expect(plans()).toHaveLength(1);
    chain.epochs(10);
    expect(plans()).toHaveLength(0);
  });

  it.each([
    ["a relay of another's", { relays: [1n, 2n] }, 25],
    ["a relay twice", { relays: [1n, 1n] }, 35],
    ["no relay", { relays: [] }, 23],
    ["nothing", { quotaBytes: 0n }, 36],
    ["no name", { name: "" }, 35],
    ["a term that is too long", { epochs: 366n }, 21],
  ])("is not sold for %s", (_what, changes, code) => {
    const chain = funded();
    chain.addRelay({ operator: textOf("rival") });
    expect(plan(chain, changes).refusal).toMatchObject({ codespace: "market", code });
  });

  it("is for the plan's relays, for its term and for sixteen members", () => {
    const chain = subscribed();
    const other = chain.addRelay();
    const of = { subscription: 1n, bytesMax: 5n };
    expect(chain.open({ ...of, relay: other }).refusal).toMatchObject({ code: 30 });
    expect(chain.open({ ...of, epochs: 11n }).refusal).toMatchObject({ code: 21 });
    expect(chain.open({ ...of, bytesMax: 0n }).refusal).toMatchObject({ code: 33 });
    for (let count = 0; count < 16; count++) expect(share(chain, `member ${count}`, 5n).refusal).toBeUndefined();
    expect(share(chain, "one more", 5n).refusal).toMatchObject({ code: 41 });
    expect(share(chain, "alice", 5n).refusal).toMatchObject({ code: 35 });
  });
});

describe("a spot price", () => {
  const priceOf = (chain: MarketChain, stable = false) =>
    chain
      .query<{ prices: { stable: boolean; price: string }[] }>("/weir.market.v1.Query/Prices", { cell: "europe-west" })
      .prices.find((price) => price.stable === stable)!.price;
  const dollars = (millionths: string) => `${millionths}${"0".repeat(18)}`;

  it("follows what was settled in a cell and class, an eighth an epoch at most", () => {
    const chain = funded();
    const steady = chain.addRelay({ isStable: true });
    const id = chain.opened({ relay: steady, deposit: 9_000_000n });
    // In 100 s, 100 Mbit/s could carry 1.25 GB: a gigabyte is 80% of it.
    chain.settle([chain.voucher(id, 1_000n * mega)]);
    chain.epochs(1);
    afterEpoch(chain.context(), 0n, [
      { cell: "europe-west", stable: true, measuredBps: 100n * mega },
      { cell: "europe-west", stable: false, measuredBps: 100n * mega },
      { cell: "oceania", stable: false, measuredBps: 0n },
    ]);
    expect(priceOf(chain, true)).toBe(dollars("56250"));
    expect(priceOf(chain, false)).toBe(dollars("43750"));
    // What is open already keeps its price.
    expect(chain.settle([chain.voucher(id, 1_000n * mega + bytesPerGib)])).toMatchObject([{ paid: "50000" }]);
    expect(chain.query("/weir.market.v1.Query/Prices", {})).toMatchObject({
      prices: [{ cell: "europe-west" }, { cell: "europe-west" }],
    });
  });

  it("stays without capacity, and in an epoch that nobody measured", () => {
    const chain = funded();
    chain.epochs(1);
    afterEpoch(chain.context(), 0n, [{ cell: "europe-west", stable: false, measuredBps: 0n }]);
    afterEpoch(chain.context(), 0n, [{ cell: "europe-west", stable: false, measuredBps: 5n }], true);
    expect(priceOf(chain)).toBe(dollars("50000"));
  });
});

describe("a quote", () => {
  it("ranks the relays of a cell by reputation, uptime and bandwidth for the money", () => {
    const chain = funded();
    const fast = chain.addRelay({ measuredBps: 400n * mega });
    const dear = chain.addRelay({ measuredBps: 400n * mega, priceFloor: 200_000n });
    const steady = chain.addRelay({ isStable: true, reputation: 10n ** 17n });
    chain.addRelay({ cell: "oceania" });
    const ask = (more: object = {}) =>
      chain.query<{ quotes: { relay: bigint; cost: string; score: bigint }[]; considered: bigint; scoredBy: string }>(
        "/weir.market.v1.Query/Quote",
        { cell: "europe-west", bytes: 10n * bytesPerGib, ...more },
      );
    const { quotes, considered, scoredBy } = ask();
    expect(quotes.map(({ relay }) => relay)).toEqual([fast, 1n, dear, steady]);
    expect(quotes.map(({ cost }) => cost)).toEqual(["500000", "500000", "2000000", "500000"]);
    // Half trusted, twenty thousand for the root of 400 Mbit/s, at 50,000: in millionths.
    expect(quotes[0]!.score).toBe(200_000n);
    expect([considered, scoredBy.length > 20]).toEqual([4n, true]);
    expect(ask({ stableOnly: true }).quotes.map(({ relay }) => relay)).toEqual([steady]);
    expect(ask({ limit: 2n }).quotes).toHaveLength(2);
    expect(ask({ cell: "nowhere" }).quotes).toEqual([]);
    expect(() => ask({ cell: "" })).toThrow(/name a cell/);
  });
});
