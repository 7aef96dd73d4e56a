import { describe, expect, it } from "vitest";
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { toJson } from "../../chain/protojson.ts";
import { DenomRule } from "../../proto/gen/weir/compliance/v1/state.ts";
import { compliantChain, issuerText, rule } from "../../test/helpers/compliantchain.ts";
import { addressOf, coin, marketChain, stable, textOf } from "../../test/helpers/marketchain.ts";
import { TestApplication } from "../../test/helpers/testapplication.ts";
import { testChain } from "../../test/helpers/testchain.ts";
import { payCoins } from "../bank/index.ts";
import { compliance } from "./index.ts";
import { credentials, held, issuances, rules, usages } from "./state.ts";

type Json = Record<string, unknown> & { params: Record<string, unknown> };
const defaults = (): Json => compliance.genesis.toJson(compliance.genesis.default()) as Json;
const ruleJson = (more: object = {}) => toJson(DenomRule.$type, rule(more));

describe("a chain whose genesis does not enable compliance", () => {
  const governed = { authority: accountAddress.encode(moduleAddress("gov")) };

  it("refuses every message that would restrict somebody, a vote's too", () => {
    const chain = marketChain();
    const refused = (name: string, value: object) =>
      chain.message(`/weir.compliance.v1.Msg${name}`, value).refusal?.code;
    const issuer = { address: issuerText, name: "n", reference: "", kinds: ["identity"] };
    expect(refused("SetIssuer", { ...governed, ...issuer })).toBe(2);
    expect(refused("SetDenomRule", { ...governed, rule: rule() })).toBe(2);
    expect(refused("SetIssuance", { ...governed, denom: "ueurx", issuer: issuerText, cap: "1" })).toBe(2);
    expect(refused("MintIssued", { issuer: issuerText, recipient: issuerText, amount: coin(1n, "ueurx") })).toBe(2);
    const params = { ...chain.query<{ params: object }>("/weir.compliance.v1.Query/Params", {}).params, enabled: true };
    const { refusal } = chain.message("/weir.compliance.v1.MsgUpdateParams", { ...governed, params });
    expect(refusal?.message).toMatch(/no vote turns compliance on or off/);
  });

  it("lets its bounds be voted on, and nothing of it be turned off where it is on", () => {
    const chain = compliantChain();
    const { params } = chain.query<{ params: { issuersMax: number } }>("/weir.compliance.v1.Query/Params", {});
    const update = (more: object) => chain.govern("UpdateParams", { params: { ...params, ...more } }).refusal?.message;
    expect(update({ issuersMax: 5 })).toBeUndefined();
    expect(update({ issuersMax: 257 })).toMatch(/issuers_max is 257/);
    expect(update({ credentialLifetimeMax: undefined })).toMatch(/credential_lifetime_max is expected/);
    expect(update({ enabled: false })).toMatch(/no vote turns compliance on or off/);
  });

  it("charges the gas for a transfer that one with compliance charges for coins without a rule", async () => {
    const gas = async (enabled: boolean) => {
      const state = defaults();
      const chain = await TestApplication.start({
        appState: { compliance: { ...state, params: { ...state.params, enabled } } },
      });
      return chain.seal([chain.send(0, chain.accounts[1]!.address)]).txResults[0]!.gasUsed;
    };
    const off = await gas(false);
    expect(off).toBeGreaterThan(0n);
    // A look for a rule of the denomination for the fee, and one for the transfer.
    expect((await gas(true)) - off).toBe(2n * 1_018n);
  });
});

describe("compliance's genesis", () => {
  function used() {
    const chain = compliantChain(rule({ limits: [{ flow: 1, amount: "1000" }] }));
    chain.addRelay();
    chain.credential("alice", { jurisdiction: "DE", level: 3 });
    chain.send("alice", "bob", 300n);
    chain.govern("SetIssuance", { denom: "ueurx", issuer: textOf("bank"), cap: "77" });
    chain.say("MintIssued", { issuer: textOf("bank"), recipient: textOf("bank"), amount: coin(7n, "ueurx") });
    chain.say("DeclareJurisdiction", { operator: textOf("operator"), relay: 1n, jurisdiction: "FR" });
    chain.attempt((ctx) =>
      payCoins(ctx, moduleAddress("reserve"), addressOf("carol"), [{ denom: stable, amount: 5_000n }]),
    );
    chain.freeze(["rival"]);
    chain.freeze(["shop"]);
    chain.lift(3n);
    return chain;
  }

  it("begins the same chain again from what it exports", () => {
    const chain = used();
    const exported = chain.exported();
    expect(exported.compliance).toMatchObject({
      params: { enabled: true },
      issuers: [{ name: "Checks" }],
      credentials: [{ jurisdiction: "DE", level: 3 }],
      rules: [{ denom: stable }],
      issuances: [{ denom: "ueurx", cap: "77" }],
      held: [{ coins: [{ denom: stable, amount: "5000" }] }],
      usages: [{ account: textOf("bob"), amount: "300" }],
      jurisdictions: [{ relay: "1", jurisdiction: "FR" }],
    });
    expect(exported.circuit).toMatchObject({ ended: [{ why: "lifted", act: { id: "3" } }] });
    const again = testChain(exported as Record<string, unknown>, undefined, chain.context().block);
    expect(again.broken()).toBeUndefined();
    expect(again.entries("compliance")).toEqual(chain.entries("compliance"));
    expect(again.exported()).toEqual(exported);
  });

  const refused = (changes: object, isOn = true): string => {
    const state = defaults();
    const json = { ...state, params: { ...state.params, enabled: isOn }, ...changes };
    try {
      testChain({ compliance: json });
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };
  const issuer = { address: issuerText, name: "n", reference: "", kinds: ["identity"], version: "0" };

  it("refuses what stands against itself, and says where", () => {
    expect(refused({})).toBe("");
    expect(refused({ rules: [ruleJson()] })).toBe("");
    expect(refused({ rules: [ruleJson(), ruleJson()] })).toMatch(/compliance\.rules\[1\].*again.*each once/);
    expect(refused({ rules: [ruleJson({ limits: [] })] })).toMatch(/rules\[0\].*limits nothing without one/);
    expect(refused({ issuers: [issuer] })).toMatch(/issuers\[0\].*version 0, and next_version is 0/);
    expect(refused({ issuers: [{ ...issuer, kinds: [] }], next_version: "1" })).toMatch(/0 kinds/);
    expect(refused({ jurisdictions: [{ relay: "1", jurisdiction: "de" }] })).toMatch(/jurisdictions\[0\]/);
    const usage = { epoch: "0", denom: stable, flow: "FLOW_RECEIVE", account: issuerText, amount: "0" };
    expect(refused({ usages: [usage] })).toMatch(/usages\[0\].*the amount 0/);
    expect(refused({ issuances: [{ denom: "ueurx", issuer: "nobody", cap: "1" }] })).toMatch(/issuances\[0\]/);
  });

  it("refuses what stands against other modules: coins that are not there, the token, a switch that is off", () => {
    const owed = [{ owner: issuerText, coins: [{ denom: stable, amount: "5" }] }];
    expect(refused({ held: owed })).toMatch(/5uusdc waits, and nothing lies there/);
    expect(refused({ rules: [ruleJson({ denom: "stake" })] })).toBe("");
    expect(refused({ rules: [ruleJson({ denom: "uweir" })] })).toMatch(/a rule stands against uweir/);
    expect(refused({ rules: [ruleJson()] }, false)).toMatch(/compliance is off, and there are rules/);
  });
});

describe("the invariants", () => {
  it.each<[string, RegExp, (chain: ReturnType<typeof compliantChain>) => void]>([
    [
      "that what waits lies there",
      /heldIsCovered/,
      (chain) => held.set(chain.context(), [addressOf("bob"), stable], 1n),
    ],
    [
      "that issued coins are within their cap",
      /issuancesAreCapped/,
      (chain) => issuances.set(chain.context(), stable, { denom: stable, issuer: "", cap: "1" }),
    ],
    ["that rules are sound", /rulesAreSound/, (chain) => rules.set(chain.context(), stable, rule({ limits: [] }))],
    [
      "that credentials are of approvals that were",
      /credentialsAreOfIssuers/,
      (chain) => {
        const [[key, credential]] = [...credentials.iterate(chain.context())] as never as [
          [[Uint8Array, Uint8Array, string], NonNullable<ReturnType<typeof credentials.get>>],
        ];
        credentials.replace(chain.context(), key, credential, { ...credential, issuerVersion: 9n });
      },
    ],
    [
      "that nothing was used of later epochs",
      /usagesAreOfNow/,
      (chain) => usages.set(chain.context(), [9_999n, [stable, 1n, addressOf("bob")]], 1n),
    ],
  ])("notice %s", (_, words, break_) => {
    const chain = compliantChain();
    chain.credential("alice");
    expect(chain.broken()).toBeUndefined();
    break_(chain);
    expect(chain.broken()).toMatch(words);
  });
});
