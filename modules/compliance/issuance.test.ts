import { describe, expect, it } from "vitest";
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { type CompliantChain, compliantChain, rule } from "../../test/helpers/compliantchain.ts";
import { coin, textOf } from "../../test/helpers/marketchain.ts";
import { supplyOf } from "../bank/index.ts";

const denom = "ueurx";
const bank = textOf("bank");
const set = (chain: CompliantChain, cap: bigint, issuer = bank, of = denom) =>
  chain.govern("SetIssuance", { denom: of, issuer, cap: `${cap}` }).refusal?.message;
const mint = (chain: CompliantChain, amount: bigint, to = "alice", issuer = bank, of = denom) =>
  chain.say("MintIssued", { issuer, recipient: textOf(to), amount: coin(amount, of) }).refusal?.message;
const burn = (chain: CompliantChain, amount: bigint, issuer = bank) =>
  chain.say("BurnIssued", { issuer, amount: coin(amount, denom) }).refusal?.message;
const supply = (chain: CompliantChain) => supplyOf(chain.context(), denom);

describe("a denomination that an account issues", () => {
  it("is made up to its cap, and burned to make room", () => {
    const chain = compliantChain();
    expect(set(chain, 1_000n)).toBeUndefined();
    expect(mint(chain, 900n)).toBeUndefined();
    expect(mint(chain, 101n)).toMatch(/101ueurx more would make 1001, beyond the cap of 1000/);
    expect(mint(chain, 100n, "bank")).toBeUndefined();
    expect(burn(chain, 101n)).toMatch(/spendable balance 100ueurx is smaller than 101ueurx/);
    expect(burn(chain, 60n)).toBeUndefined();
    expect(supply(chain)).toBe(940n);
    expect(mint(chain, 60n)).toBeUndefined();
    expect(chain.broken()).toBeUndefined();
  });

  it("is made and burned by its issuer alone, and by nobody once it has none", () => {
    const chain = compliantChain();
    set(chain, 1_000n);
    expect(mint(chain, 1n, "alice", textOf("bob"))).toMatch(/does not issue ueurx; weir1/);
    expect(burn(chain, 1n, textOf("bob"))).toMatch(/does not issue ueurx/);
    expect(mint(chain, 1n, "alice", bank, "uother")).toMatch(/nobody issues uother here/);
    mint(chain, 400n);
    expect(set(chain, 5_000n, "")).toBeUndefined();
    expect(mint(chain, 1n)).toMatch(/does not issue ueurx; nobody does/);
    expect(supply(chain)).toBe(400n);
    const { issuances } = chain.query<{ issuances: { issuance: { cap: string } }[] }>(
      "/weir.compliance.v1.Query/Issuances",
      {},
    );
    expect(issuances[0]!.issuance.cap).toBe("400");
  });

  it("keeps what there is, where its cap is lowered below that", () => {
    const chain = compliantChain();
    set(chain, 1_000n);
    mint(chain, 700n);
    expect(set(chain, 100n)).toBeUndefined();
    expect(chain.broken()).toBeUndefined();
    expect(mint(chain, 1n)).toMatch(/beyond the cap of 700/);
  });

  it("is a new one: neither the token nor what others have made", () => {
    const chain = compliantChain();
    expect(set(chain, 1n, bank, "uweir")).toMatch(/no rule stands against it/);
    expect(set(chain, 1n, bank, "uusdc")).toMatch(/uusdc exists already and was not issued here/);
    expect(set(chain, 1n, "")).toMatch(/nobody issues ueurx here/);
    expect(chain.say("SetIssuance", { authority: bank, denom, issuer: bank, cap: "1" }).refusal?.message).toMatch(
      /authority/,
    );
    expect(set(chain, -1n)).toMatch(/the cap is -1; expected 0 or more/);
  });

  it("comes to who may receive it, and back to who issues it", () => {
    const chain = compliantChain();
    set(chain, 10_000n);
    chain.govern("SetDenomRule", { rule: rule({ denom, limits: [{ flow: 1, amount: "100" }] }) });
    expect(mint(chain, 101n)).toMatch(/may receive 100ueurx more/);
    chain.credential("alice");
    expect(mint(chain, 5_000n)).toBeUndefined();
    expect(chain.send("alice", "bank", 4_000n, denom).refusal).toBeUndefined();
    expect(burn(chain, 4_000n)).toBeUndefined();
  });

  it("is nothing of modules' accounts, and of no amount of nothing", () => {
    const chain = compliantChain();
    set(chain, 10n);
    expect(mint(chain, 0n)).toMatch(/above 0/);
    const recipient = accountAddress.encode(moduleAddress("market_wallets"));
    const minted = chain.say("MintIssued", { issuer: bank, recipient, amount: coin(1n, denom) });
    expect(minted.refusal?.message).toMatch(/is not allowed to receive funds/);
  });

  it("is one of at most so many", () => {
    const chain = compliantChain();
    for (let index = 0; index < 32; index++) expect(set(chain, 1n, bank, `coin${index}`)).toBeUndefined();
    expect(set(chain, 1n, bank, "coin32")).toMatch(/32 denominations are issued already/);
    expect(set(chain, 2n, bank, "coin0")).toBeUndefined();
  });
});
