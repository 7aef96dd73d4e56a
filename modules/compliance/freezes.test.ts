import { describe, expect, it } from "vitest";
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { authorityAddress } from "../../chain/authority.ts";
import { decCoinsFromCoins } from "../../chain/deccoinsets.ts";
import type { QueryHistoryResponse } from "../../proto/gen/weir/circuit/v1/query.ts";
import { type CompliantChain, compliantChain, rule } from "../../test/helpers/compliantchain.ts";
import { coin, stable, textOf } from "../../test/helpers/marketchain.ts";
import { payCoins } from "../bank/index.ts";
import { ended } from "../circuit/state.ts";
import { payOut } from "../distribution/pool.ts";

const hour = 3_600n;
/** Accounts may be frozen, and nothing else. */
const freezable = rule({ limits: [], requirement: undefined });
const frozen =
  /is frozen in uusdc by act 1 of the emergency committee \(on a list\); it ends by itself at .* or by a vote/;

function withFrozen(...names: string[]): CompliantChain {
  const chain = compliantChain(freezable);
  chain.addRelay();
  chain.topUp("alice", 50_000_000n);
  expect(chain.freeze(names).refusal).toBeUndefined();
  return chain;
}

const withdraw = (chain: CompliantChain, owner: string) =>
  chain.message("/weir.market.v1.MsgWithdraw", { owner: textOf(owner), amount: coin(1n) }).refusal?.message;
const claim = (chain: CompliantChain, owner: string) =>
  chain.say("ClaimHeld", { owner: textOf(owner) }).refusal?.message;
/** As an auction, a sweep or a settlement pays. */
const pay = (chain: CompliantChain, from: string, to: string, amount: bigint) =>
  chain.attempt((ctx) =>
    payCoins(ctx, moduleAddress(from), accountAddress.decode(textOf(to)), [{ denom: stable, amount }]),
  );

describe("an account that the emergency committee froze in a denomination", () => {
  it("neither sends nor receives it, by whatever message", () => {
    const chain = withFrozen("alice");
    expect(chain.send("alice", "bob", 1n).refusal?.message).toMatch(frozen);
    expect(chain.send("bob", "alice", 1n).refusal?.message).toMatch(frozen);
    expect(chain.send("alice", "alice", 1n).refusal?.message).toMatch(frozen);
    const multi = {
      inputs: [{ address: textOf("bob"), coins: [coin(2n)] }],
      outputs: [textOf("carol"), textOf("alice")].map((address) => ({ address, coins: [coin(1n)] })),
    };
    expect(chain.message("/cosmos.bank.v1beta1.MsgMultiSend", multi).refusal?.message).toMatch(frozen);
    const vesting = { fromAddress: textOf("alice"), toAddress: textOf("new"), amount: [coin(1n)], endTime: 1n << 40n };
    const { refusal } = chain.message("/cosmos.vesting.v1beta1.MsgCreateVestingAccount", { ...vesting, delayed: true });
    expect(refusal?.message).toMatch(frozen);
  });

  it("sends other denominations, stakes and votes as before, and others are not touched", () => {
    const chain = withFrozen("alice");
    expect(chain.send("alice", "bob", 1n, "uweir").refusal).toBeUndefined();
    expect(chain.send("alice", "bob", 1n, "ueure").refusal).toBeUndefined();
    expect(chain.send("bob", "carol", 1n).refusal).toBeUndefined();
    const submit = { proposer: textOf("alice"), messages: [], initialDeposit: [coin(10_000_000_000n, "uweir")] };
    const said = { metadata: "unfreeze me", title: "Unfreeze", summary: "It was not me", expedited: false };
    expect(chain.message("/cosmos.gov.v1.MsgSubmitProposal", { ...submit, ...said }).refusal).toBeUndefined();
    const vote = { proposalId: 1n, voter: textOf("alice"), option: 1, metadata: "" };
    expect(chain.message("/cosmos.gov.v1.MsgVote", vote).refusal).toBeUndefined();
  });

  it("neither tops up nor is topped up, nor spends what lies in its wallet", () => {
    const chain = withFrozen("alice");
    expect(chain.topUp("alice", 1n).refusal?.message).toMatch(frozen);
    expect(chain.topUp("bob", 1n, "alice").refusal?.message).toMatch(frozen);
    expect(chain.topUp("alice", 1n, "bob").refusal?.message).toMatch(frozen);
    expect(chain.open({ deposit: 1_000_000n }).refusal?.message).toMatch(frozen);
    expect(chain.wallet("alice")).toBe("50000000uusdc");
  });

  it("goes on paying for a session that is open already, and gets back the rest into its wallet", () => {
    const chain = compliantChain(freezable);
    chain.addRelay();
    chain.topUp("alice", 50_000_000n);
    const id = chain.opened({ deposit: 10_000_000n });
    chain.freeze(["alice"]);
    expect(chain.settle([chain.voucher(id, 1n << 26n)])[0]).toMatchObject({ code: 0 });
    const topUp = { client: textOf("alice"), session: id, amount: coin(1n), epochs: 0n };
    expect(chain.message("/weir.market.v1.MsgTopUpSession", topUp).refusal?.message).toMatch(frozen);
    chain.epochs(20);
    expect(BigInt(chain.wallet("alice").replace("uusdc", ""))).toBeGreaterThan(49_000_000n);
  });

  it("is kept from its wallet and the reserve for 72 hours, and then takes its own into its account, where it stays", () => {
    const chain = withFrozen("alice");
    expect(withdraw(chain, "alice")).toMatch(frozen);
    expect(chain.redeem("alice", 1_000_000n).refusal?.message).toMatch(frozen);
    chain.wait(72n * hour - 100n);
    expect(withdraw(chain, "alice")).toMatch(frozen);
    chain.wait(100n);
    expect(withdraw(chain, "alice")).toBeUndefined();
    expect(chain.redeem("alice", 1_000_000n).refusal).toBeUndefined();
    expect(chain.send("alice", "bob", 1n).refusal?.message).toMatch(frozen);
    expect(chain.send("bob", "alice", 1n).refusal?.message).toMatch(frozen);
  });

  it("is free once the rule lets nobody be frozen any more", () => {
    const chain = withFrozen("alice");
    chain.govern("SetDenomRule", { rule: rule({ freezable: false }) });
    expect(chain.send("alice", "bob", 1n).refusal).toBeUndefined();
  });

  it("neither gives nor gets a contract that it has put money into", () => {
    const chain = compliantChain(freezable);
    chain.addRelay();
    for (const name of ["alice", "operator"] as const) chain.topUp(name, 50_000_000n);
    const offer = { operator: textOf("operator"), relay: 1n, capacityBps: 1_000_000n, pricePerEpoch: coin(1_000n) };
    const market = (name: string, value: object) => chain.message(`/weir.market.v1.Msg${name}`, value).refusal;
    expect(market("OfferCapacity", { ...offer, epochsMin: 1n, epochsMax: 9n, count: 1n })).toBeUndefined();
    const reserve = { buyer: textOf("alice"), offer: 1n, epochs: 4n, priceMax: coin(9_000n) };
    expect(market("ReserveCapacity", reserve)).toBeUndefined();
    chain.freeze(["bob"]);
    const transfer = { owner: textOf("alice"), contract: 1n, to: textOf("bob") };
    expect(market("TransferContract", transfer)?.message).toMatch(frozen);
    chain.freeze(["alice"]);
    expect(market("TransferContract", { ...transfer, to: textOf("carol") })?.message).toMatch(/is frozen in uusdc/);
  });

  it("is free when the act ends by itself", () => {
    const chain = withFrozen("alice");
    chain.wait(240n * hour - 1n);
    expect(chain.send("alice", "bob", 1n).refusal?.message).toMatch(frozen);
    chain.wait(1n);
    expect(chain.send("alice", "bob", 1n).refusal).toBeUndefined();
    expect(chain.account("alice").denoms[0]!.freeze).toBeUndefined();
  });

  it("is not frozen again without a vote, even after a lift", () => {
    const chain = withFrozen("alice");
    expect(chain.lift(1n).refusal).toBeUndefined();
    expect(chain.send("alice", "bob", 1n).refusal).toBeUndefined();
    expect(chain.freeze(["alice"]).refusal?.message).toMatch(/did that already \(freeze_account weir1.*\/uusdc\)/);
    const renew = { authority: authorityAddress(), lift: [], renew: true };
    expect(chain.message("/weir.circuit.v1.MsgRestorePowers", renew).refusal).toBeUndefined();
    expect(chain.freeze(["alice"]).refusal).toBeUndefined();
  });

  it("is freed by a vote, its appeal", () => {
    const chain = withFrozen("alice");
    const lift = { authority: authorityAddress(), lift: [1n], renew: false };
    expect(chain.message("/weir.circuit.v1.MsgRestorePowers", lift).refusal).toBeUndefined();
    expect(chain.send("alice", "bob", 1n).refusal).toBeUndefined();
  });

  it("is seen with act, reason and ends, in its account and in the committee's status", () => {
    const chain = withFrozen("alice", "bob");
    const { freeze } = chain.account("alice").denoms[0]!;
    expect(freeze).toMatchObject({ act: 1n, reason: "on a list" });
    expect(freeze!.ends!.seconds - freeze!.exitsOpen!.seconds).toBe((240n - 72n) * hour);
    const status = chain.query<{ frozenAccounts: string[] }>("/weir.circuit.v1.Query/Status", {});
    expect(status.frozenAccounts.sort()).toEqual(["alice", "bob"].map((name) => `${textOf(name)}/uusdc`).sort());
  });

  it("leaves a trail: who froze it, why, until when, and how that ended", () => {
    const chain = withFrozen("alice");
    const history = () => chain.query<QueryHistoryResponse>("/weir.circuit.v1.Query/History", {}).acts;
    expect(history()).toEqual([]);
    chain.wait(100n);
    chain.lift(1n);
    const [trail] = history();
    expect(trail).toMatchObject({
      why: "lifted",
      act: { id: 1n, act: { reason: "on a list", targets: [`${textOf("alice")}/uusdc`] } },
    });
    expect([...trail!.act!.members].sort()).toEqual([textOf("ada"), textOf("bea")].sort());
    expect(trail!.ended!.seconds - trail!.act!.begins!.seconds).toBe(100n);
    chain.freeze(["bob"], 1n);
    chain.wait(hour);
    expect(history().map(({ why }) => why)).toEqual(["expired", "lifted"]);
    const last = history()[0]!;
    for (let id = 100n; id < 354n; id++) ended.set(chain.context(), id, { ...last, act: { ...last.act!, id } });
    expect(history()).toHaveLength(256);
    chain.freeze(["carol"], 1n);
    chain.wait(hour);
    expect(history()).toHaveLength(256);
  });

  it("does not close the ways out of others, nor use up the time for which those may be closed", () => {
    const chain = withFrozen("alice");
    const status = chain.query<{ exitsOpen: unknown }>("/weir.circuit.v1.Query/Status", {});
    expect(status.exitsOpen).toBeUndefined();
  });
});

describe("the committee", () => {
  const refused = (chain: CompliantChain, target: string) =>
    chain.message("/weir.circuit.v1.MsgProposeAct", {
      member: textOf("ada"),
      act: { kind: 6, targets: [target], duration: { seconds: hour, nanos: 0 }, reason: "r", reference: "r" },
    }).refusal?.message;
  const standing = (chain: CompliantChain, target: string) => {
    expect(refused(chain, target)).toBeUndefined();
    return chain.message("/weir.circuit.v1.MsgApproveAct", { member: textOf("bea"), id: 0n }).refusal?.message;
  };

  it("freezes in denominations alone whose rule lets it, and never in what votes are made of", () => {
    const why = /no rule of compliance lets accounts be frozen in/;
    expect(standing(compliantChain("no rule"), `${textOf("alice")}/uusdc`)).toMatch(why);
    expect(standing(compliantChain(rule({ freezable: false })), `${textOf("alice")}/uusdc`)).toMatch(why);
    expect(standing(compliantChain(), `${textOf("alice")}/uweir`)).toMatch(why);
  });

  it("freezes no module's account", () => {
    const wallets = accountAddress.encode(moduleAddress("market_wallets"));
    expect(standing(compliantChain(), `${wallets}/uusdc`)).toMatch(
      /a module's account, which holds what belongs to many/,
    );
  });

  it("names an account and a denomination in one spelling", () => {
    const chain = compliantChain();
    const alice = textOf("alice");
    for (const target of [alice, `${alice}/`, "/uusdc", `${alice}/!`])
      expect(refused(chain, target)).toMatch(/weir1…\/uusdc/);
    expect(refused(chain, `weir1nobody/uusdc`)).toMatch(/bech32|checksum|decoding/);
    expect(refused(chain, `${alice.toUpperCase()}/uusdc`)).toMatch(/small letters/);
  });

  it("is two members at least, of this committee, and within its time", () => {
    const chain = compliantChain();
    const { refusal } = chain.message("/weir.circuit.v1.MsgProposeAct", {
      member: textOf("alice"),
      act: {
        kind: 6,
        targets: [`${textOf("bob")}/uusdc`],
        duration: { seconds: 1n, nanos: 0 },
        reason: "r",
        reference: "r",
      },
    });
    expect(refusal?.message).toMatch(/no member of the emergency committee/);
    expect(refused(chain, `${textOf("bob")}/uusdc`)).toBeUndefined();
    expect(chain.send("bob", "carol", 1n).refusal).toBeUndefined();
    expect(chain.freeze(["carol"], 15n * 24n).refusal?.message).toMatch(/would stand for longer than/);
  });

  it("keeps its other powers, however many accounts it has frozen", () => {
    const chain = compliantChain(freezable);
    for (let act = 0; act < 16; act++) {
      const names = Array.from({ length: 32 }, (_, index) => `listed ${act} ${index}`);
      expect(chain.freeze(names, 1n).refusal).toBeUndefined();
    }
    chain.wait(hour);
    expect(chain.freeze(["one more"]).refusal?.message).toMatch(/512 powers are used up already/);
    const pause = { kind: 1, targets: ["/cosmos.bank.v1beta1.MsgSend"], duration: { seconds: hour, nanos: 0 } };
    const proposed = chain.message("/weir.circuit.v1.MsgProposeAct", {
      member: textOf("ada"),
      act: { ...pause, reason: "r", reference: "r" },
    });
    const id = BigInt(proposed.events[0]!.attributes.find(({ key }) => key === "id")!.value);
    expect(chain.message("/weir.circuit.v1.MsgApproveAct", { member: textOf("bea"), id }).refusal).toBeUndefined();
  });
});

describe("what its receiver may not have now", () => {
  it("waits for it, and is taken once it may", () => {
    const chain = withFrozen("alice");
    const { events, refusal } = pay(chain, "reserve", "alice", 700n);
    expect(refusal).toBeUndefined();
    expect(events.some(({ type }) => type === "payment_held")).toBe(true);
    pay(chain, "reserve", "alice", 77n);
    expect(chain.held("alice")).toBe("777uusdc");
    expect(claim(chain, "alice")).toMatch(/the rules do not let it receive what waits/);
    const before = chain.stables("alice");
    chain.wait(240n * hour);
    expect(claim(chain, "alice")).toBeUndefined();
    expect(chain.stables("alice") - before).toBe(777n);
    expect(claim(chain, "alice")).toMatch(/nothing waits for it/);
  });

  it("is taken after 72 hours even while the account is frozen, and does not leave it then", () => {
    const chain = withFrozen("alice");
    pay(chain, "reserve", "alice", 700n);
    chain.wait(72n * hour);
    expect(claim(chain, "alice")).toBeUndefined();
    expect(chain.send("alice", "bob", 1n).refusal?.message).toMatch(frozen);
  });

  it("is taken by parts, where a limit lets through so much an epoch", () => {
    const chain = compliantChain(rule({ limits: [{ flow: 1, amount: "1000" }] }));
    pay(chain, "reserve", "alice", 900n);
    pay(chain, "reserve", "alice", 1_500n);
    expect(chain.held("alice")).toBe("1500uusdc");
    expect(claim(chain, "alice")).toBeUndefined();
    expect(chain.held("alice")).toBe("1400uusdc");
    expect(claim(chain, "alice")).toMatch(/the rules do not let it/);
    chain.epochs(1);
    expect(claim(chain, "alice")).toBeUndefined();
    expect(chain.held("alice")).toBe("400uusdc");
    chain.credential("alice");
    expect(claim(chain, "alice")).toBeUndefined();
    expect(chain.held("alice")).toBe("");
  });

  it("is all that waits, where the rule is gone", () => {
    const chain = compliantChain(rule({ limits: [{ flow: 1, amount: "0" }] }));
    pay(chain, "reserve", "alice", 900n);
    chain.govern("RemoveDenomRule", { denom: stable });
    expect(claim(chain, "alice")).toBeUndefined();
  });

  it("waits where rewards of stakes are paid, which hooks of staking do", () => {
    const chain = compliantChain(freezable);
    const [alice, fund] = [textOf("alice"), [coin(900n), coin(50n, "uweir")]];
    chain.message("/cosmos.distribution.v1beta1.MsgFundCommunityPool", { depositor: alice, amount: fund });
    chain.freeze(["alice"]);
    const to = accountAddress.decode(alice);
    const rewards = decCoinsFromCoins([
      { denom: stable, amount: 900n },
      { denom: "uweir", amount: 50n },
    ]);
    expect(chain.attempt((ctx) => payOut(ctx, rewards, { to, specified: to })).refusal).toBeUndefined();
    expect(chain.held("alice")).toBe("900uusdc");
  });

  it("waits for a frozen operator, whose vouchers are settled all the same", () => {
    const split = { burn: "0.12", direct: "0.78", reserve: "0.05", oracles: "0.03", stakers: "0.02" };
    const chain = compliantChain(freezable, { split });
    chain.addRelay();
    chain.topUp("alice", 50_000_000n);
    const id = chain.opened({ deposit: 10_000_000n });
    chain.freeze(["operator"]);
    expect(chain.settle([chain.voucher(id, 1n << 28n)])[0]).toMatchObject({ code: 0 });
    expect(chain.held("operator")).toMatch(/^[1-9]\d*uusdc$/);
    expect(chain.broken()).toBeUndefined();
  });

  it("waits for a frozen seller of an auction, and for a frozen holder who redeems", () => {
    const chain = compliantChain(freezable);
    chain.addRelay();
    chain.topUp("alice", 900_000_000n);
    chain.offer("seller", 500_000_000n, "0.0101");
    chain.turn();
    const id = chain.opened({ deposit: 100_000_000n });
    chain.settle([chain.voucher(id, 1n << 32n)]);
    chain.redeem("bob", 1_000_000n);
    chain.freeze(["seller", "bob"]);
    for (let epoch = 0; epoch < 5; epoch++) chain.turn();
    expect(chain.held("seller")).toMatch(/^[1-9]\d*uusdc$/);
    expect(chain.held("bob")).toBe("9900uusdc");
    expect(chain.broken()).toBeUndefined();
  });
});
