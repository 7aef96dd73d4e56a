import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DenomRule, Flow } from "../../proto/gen/weir/compliance/v1/state.ts";
import { type CompliantChain, compliantChain, issuerText, rule } from "../../test/helpers/compliantchain.ts";
import { addressOf, coin, stable, textOf } from "../../test/helpers/marketchain.ts";
import { usages } from "./state.ts";

const only = (flow: Flow, amount: bigint): DenomRule => rule({ limits: [{ flow, amount: `${amount}` }] });
const withdraw = (chain: CompliantChain, owner: string, amount: bigint) =>
  chain.message("/weir.market.v1.MsgWithdraw", { owner: textOf(owner), amount: coin(amount) });

describe("the limit of what an account receives in an epoch", () => {
  it("is cumulative, and says what is left and what lifts it", () => {
    const chain = compliantChain();
    expect(chain.send("alice", "bob", 600n).refusal).toBeUndefined();
    expect(chain.send("carol", "bob", 401n).refusal).toMatchObject({
      codespace: "compliance",
      code: 8,
      message: expect.stringMatching(
        /may receive 400uusdc more in this epoch without a credential identity, not 401uusdc: less, later, or with a credential/,
      ),
    });
    expect(chain.send("carol", "bob", 400n).refusal).toBeUndefined();
    expect(chain.send("carol", "bob", 1n).refusal?.code).toBe(8);
  });

  it("begins anew with each epoch, and old counts are forgotten", () => {
    const chain = compliantChain();
    chain.send("alice", "bob", 1_000n);
    chain.epochs(1);
    expect(chain.send("alice", "bob", 1_000n).refusal).toBeUndefined();
    expect([...usages.keys(chain.context())]).toHaveLength(2);
    chain.wait(1n);
    expect([...usages.keys(chain.context())].map(([epoch]) => epoch)).toEqual([chain.epoch()]);
  });

  it("forgets a hundred counts a block", () => {
    const chain = compliantChain();
    for (let index = 0; index < 101; index++) chain.send("alice", `stranger ${index}`, 1n);
    chain.epochs(1);
    chain.wait(1n);
    expect([...usages.keys(chain.context())]).toHaveLength(1);
    chain.wait(1n);
    expect([...usages.keys(chain.context())]).toHaveLength(0);
  });

  it("is not lifted by splitting, whatever the parts and the way they come", () => {
    const part = fc.record({ way: fc.constantFrom("send", "multi", "withdraw"), amount: fc.bigInt(1n, 700n) });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 12 }), (parts) => {
        const chain = compliantChain(only(Flow.FLOW_RECEIVE, 1_000n));
        chain.topUp("bob", 10_000n, "alice");
        const before = BigInt(/(\d+)uusdc/.exec(chain.coins("bob"))![1]!);
        let expected = 0n;
        for (const { way, amount } of parts) {
          const input = { address: textOf("carol"), coins: [coin(amount)] };
          const output = { address: textOf("bob"), coins: [coin(amount)] };
          const { refusal } =
            way === "send"
              ? chain.send("alice", "bob", amount)
              : way === "multi"
                ? chain.message("/cosmos.bank.v1beta1.MsgMultiSend", { inputs: [input], outputs: [output] })
                : withdraw(chain, "bob", amount);
          const fits = expected + amount <= 1_000n;
          expect(refusal === undefined).toBe(fits);
          if (fits) expected += amount;
        }
        expect(BigInt(/(\d+)uusdc/.exec(chain.coins("bob"))![1]!) - before).toBe(expected);
      }),
      { numRuns: 40 },
    );
  });

  it("counts the outputs of one message together", () => {
    const chain = compliantChain();
    const outputs = [600n, 600n].map((amount) => ({ address: textOf("bob"), coins: [coin(amount)] }));
    const message = { inputs: [{ address: textOf("alice"), coins: [coin(1_200n)] }], outputs };
    expect(chain.message("/cosmos.bank.v1beta1.MsgMultiSend", message).refusal?.code).toBe(8);
  });

  it("does not hold for who has the credential, nor count what it receives", () => {
    const chain = compliantChain();
    chain.credential("bob");
    expect(chain.send("alice", "bob", 1_000_000n).refusal).toBeUndefined();
    chain.say("RevokeCredential", {
      revoker: issuerText,
      issuer: issuerText,
      subject: textOf("bob"),
      kind: "identity",
    });
    expect(chain.send("alice", "bob", 1_000n).refusal).toBeUndefined();
    expect(chain.send("alice", "bob", 1n).refusal?.code).toBe(8);
  });

  it.each([
    ["of another kind", { kind: "accredited" }, {}],
    ["of a lower level", { levelMin: 2 }, {}],
    ["of another issuer", { issuers: [textOf("rival")] }, {}],
    ["of another jurisdiction", { jurisdictions: ["FR", "DE"] }, { jurisdiction: "US" }],
    ["without a jurisdiction", { jurisdictions: ["FR", "DE"] }, {}],
  ])("is not lifted by a credential %s", (_, requirement, credential) => {
    const chain = compliantChain(rule({ requirement: { ...rule().requirement!, ...requirement } }));
    chain.credential("bob", credential);
    expect(chain.send("alice", "bob", 1_001n).refusal?.code).toBe(8);
  });

  it("is lifted by one of several credentials that is what is asked for", () => {
    const requirement = { kind: "accredited", levelMin: 2, issuers: [issuerText], jurisdictions: ["FR", "DE"] };
    const chain = compliantChain(rule({ requirement }));
    chain.credential("bob");
    chain.credential("bob", { kind: "accredited", level: 2, jurisdiction: "DE" });
    expect(chain.send("alice", "bob", 1_001n).refusal).toBeUndefined();
  });

  it("lets through what goes to itself, to modules, of other denominations", () => {
    const chain = compliantChain(only(Flow.FLOW_RECEIVE, 0n));
    expect(chain.send("alice", "alice", 5_000n).refusal).toBeUndefined();
    expect(chain.topUp("alice", 5_000n).refusal).toBeUndefined();
    expect(chain.send("alice", "bob", 5_000n, "ueure").refusal).toBeUndefined();
    expect(chain.send("alice", "bob", 5_000n, "uweir").refusal).toBeUndefined();
    expect(chain.send("alice", "bob", 1n).refusal?.code).toBe(8);
  });

  it("holds for what comes back from the market, which stays in the wallet meanwhile", () => {
    const chain = compliantChain(only(Flow.FLOW_RECEIVE, 1_000n));
    chain.topUp("alice", 1_500n);
    expect(withdraw(chain, "alice", 1_001n).refusal?.code).toBe(8);
    expect(withdraw(chain, "alice", 1_000n).refusal).toBeUndefined();
    expect(chain.wallet("alice")).toBe("500uusdc");
    chain.epochs(1);
    expect(withdraw(chain, "alice", 500n).refusal).toBeUndefined();
  });

  it("is gone with the rule", () => {
    const chain = compliantChain();
    expect(chain.govern("RemoveDenomRule", { denom: stable }).refusal).toBeUndefined();
    expect(chain.send("alice", "bob", 5_000n).refusal).toBeUndefined();
    expect(chain.govern("RemoveDenomRule", { denom: stable }).refusal?.message).toMatch(/no rule for uusdc/);
  });
});

describe("the limit of what is topped up", () => {
  it("counts for the wallet, whoever pays", () => {
    const chain = compliantChain();
    expect(chain.topUp("alice", 700n, "shop").refusal).toBeUndefined();
    expect(chain.topUp("alice", 301n, "bob").refusal?.message).toMatch(/may top up 300uusdc more/);
    expect(chain.topUp("alice", 300n).refusal).toBeUndefined();
  });

  it("counts for who pays, whatever the wallet", () => {
    const chain = compliantChain();
    expect(chain.topUp("alice", 700n, "shop").refusal).toBeUndefined();
    expect(chain.topUp("bob", 301n, "shop").refusal?.message).toMatch(/may top up 300uusdc more/);
    expect(chain.topUp("shop", 300n, "shop").refusal).toBeUndefined();
    chain.credential("shop");
    expect(chain.topUp("bob", 1_000n, "shop").refusal).toBeUndefined();
    expect(chain.topUp("bob", 1n, "shop").refusal?.code).toBe(8);
  });
});

describe("the limit of what is redeemed", () => {
  it("counts the stable coins that the tokens are worth, request by request", () => {
    const chain = compliantChain(only(Flow.FLOW_REDEEM, 16_000n));
    // A token is worth a hundredth of a dollar, less a hundredth.
    expect(chain.redeem("alice", 1_000_000n).refusal).toBeUndefined();
    expect(chain.redeem("alice", 1_000_000n).refusal?.message).toMatch(/may redeem 6100uusdc more .* not 9900uusdc/);
    chain.credential("alice");
    expect(chain.redeem("alice", 1_000_000n).refusal).toBeUndefined();
  });

  it("is asked once: what was asked for in time is paid without another question", () => {
    const limits = [
      { flow: Flow.FLOW_REDEEM, amount: "16000" },
      { flow: Flow.FLOW_RECEIVE, amount: "0" },
    ];
    const chain = compliantChain(rule({ limits }));
    expect(chain.redeem("alice", 1_000_000n).refusal).toBeUndefined();
    const before = chain.stables("alice");
    chain.epochs(2);
    expect(chain.stables("alice") - before).toBe(9_900n);
    expect(chain.held("alice")).toBe("");
  });
});

describe("a rule", () => {
  const refused = (chain: CompliantChain, more: object) =>
    chain.govern("SetDenomRule", { rule: rule(more) }).refusal?.message;

  it("stands against no coin that fees, stakes and votes are made of", () => {
    const chain = compliantChain("no rule");
    expect(refused(chain, { denom: "uweir" })).toMatch(/pays fees, stakes and deposits: no rule stands against it/);
  });

  it("says something, and what it says is in its bounds", () => {
    const chain = compliantChain("no rule");
    const limits = rule().limits;
    expect(refused(chain, { limits: [], requirement: undefined, freezable: false })).toMatch(/it says nothing/);
    expect(refused(chain, { requirement: undefined })).toMatch(/no credential that lifts them/);
    expect(refused(chain, { limits: [] })).toMatch(/limits nothing without one/);
    expect(refused(chain, { limits: [...limits, limits[0]!] })).toMatch(/limits a flow twice/);
    expect(refused(chain, { limits: [{ flow: 9, amount: "1" }] })).toMatch(/what is no flow/);
    expect(refused(chain, { limits: [{ flow: 1, amount: "-1" }] })).toMatch(/expected a whole number/);
    expect(refused(chain, { limits: [{ flow: 1, amount: "9".repeat(78) }] })).toMatch(/overflow|range|bits/);
    expect(refused(chain, { denom: "!" })).toMatch(/is no denomination/);
    const requirement = rule().requirement!;
    expect(refused(chain, { requirement: { ...requirement, levelMin: 101 } })).toMatch(/level 101/);
    expect(refused(chain, { requirement: { ...requirement, jurisdictions: ["Germany"] } })).toMatch(
      /two capital letters/,
    );
    expect(refused(chain, { requirement: { ...requirement, issuers: ["nobody"] } })).toMatch(/bech32|invalid/);
    expect(refused(chain, { requirement: { ...requirement, issuers: Array(17).fill(issuerText) } })).toMatch(
      /17 issuers/,
    );
    expect(refused(chain, { limits: [], requirement: undefined })).toBeUndefined();
  });

  it("is of at most so many denominations", () => {
    const chain = compliantChain("no rule");
    for (let index = 0; index < 32; index++) expect(refused(chain, { denom: `coin${index}` })).toBeUndefined();
    expect(refused(chain, { denom: "coin32" })).toMatch(/32 denominations have a rule already/);
    expect(refused(chain, { denom: "coin0", freezable: false })).toBeUndefined();
  });

  it("is set by governance alone", () => {
    const { refusal } = compliantChain("no rule").say("SetDenomRule", { authority: textOf("alice"), rule: rule() });
    expect(refusal?.message).toMatch(/authority/);
  });
});

describe("an account", () => {
  it("sees what it may do now", () => {
    const chain = compliantChain();
    chain.send("alice", "bob", 600n);
    const [view] = chain.account("bob").denoms;
    expect(view).toMatchObject({ denom: stable, qualified: false, freeze: undefined });
    expect(view!.flows[0]).toEqual({ flow: Flow.FLOW_RECEIVE, limit: "1000", used: "600", left: "400" });
    chain.credential("bob");
    expect(chain.account("bob").denoms[0]).toMatchObject({ qualified: true });
    expect(usages.get(chain.context(), [chain.epoch(), [stable, 1n, addressOf("bob")]])).toBe(600n);
  });
});
