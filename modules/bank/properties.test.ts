/** Whatever is sent, minted, burnt and paid: coins are neither lost nor made, and every invariant holds after every step. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import type { ChainError } from "../../chain/errors.ts";
import { address, addressBytes, bankGenesis } from "../../test/helpers/accounts.ts";
import { type TestChain, testChain } from "../../test/helpers/testchain.ts";
import { inflationGenesis, mint } from "../mint/index.ts";
import { balanceOf, balancesOf, burnCoins, mintCoins, sendFromModule, sendToModule, supplyOf } from "./index.ts";
import { balances, owners, supplies } from "./state.ts";

const most = (1n << 256n) - 1n;
const denoms = ["big", "uusdc", "uweir"] as const;

const who = fc.nat(5);
const amount = fc.oneof(fc.bigInt(1n, 60n), fc.constantFrom(most, most - 5n));
/** A valid set, of one to three denominations. */
const coinSet = fc
  .uniqueArray(fc.constantFrom(...denoms), { minLength: 1 })
  .chain((chosen) => fc.tuple(...chosen.toSorted().map((denom) => amount.map((value) => ({ denom, amount: value })))));

const faucet = "faucet";
/** A module account that may mint and burn, given by genesis. */
const genesis = () => ({
  auth: {
    params: {
      max_memo_characters: "256",
      tx_sig_limit: "7",
      tx_size_cost_per_byte: "10",
      sig_verify_cost_ed25519: "590",
      sig_verify_cost_secp256k1: "1000",
    },
    accounts: [
      {
        "@type": "/cosmos.auth.v1beta1.ModuleAccount",
        base_account: { address: accountAddress.encode(moduleAddress(faucet)) },
        name: faucet,
        permissions: ["burner", "minter"],
      },
    ],
  },
  bank: bankGenesis(["30uusdc,100uweir", "9big", "5uweir"]),
  // Without an emission schedule, which would be exceeded.
  mint: mint.genesis.toJson(inflationGenesis("uweir")),
});

type Step = (chain: TestChain) => ChainError | undefined;

const toText = (list: readonly { denom: string; amount: bigint }[]) =>
  list.map(({ denom, amount: value }) => ({ denom, amount: `${value}` }));

const send: fc.Arbitrary<Step> = fc.tuple(who, who, coinSet).map(
  ([from, to, list]) =>
    (chain) =>
      chain.message("/cosmos.bank.v1beta1.MsgSend", {
        fromAddress: address(from),
        toAddress: address(to),
        amount: toText(list),
      }).refusal,
);

const multiSend: fc.Arbitrary<Step> = fc
  .tuple(who, fc.array(fc.tuple(who, amount), { minLength: 1, maxLength: 4 }))
  .map(([from, parts]) => (chain) => {
    const total = parts.reduce((sum, [, value]) => sum + value, 0n);
    return chain.message("/cosmos.bank.v1beta1.MsgMultiSend", {
      inputs: [{ address: address(from), coins: [{ denom: "uweir", amount: `${total}` }] }],
      outputs: parts.map(([to, value]) => ({ address: address(to), coins: [{ denom: "uweir", amount: `${value}` }] })),
    }).refusal;
  });

const ofModule: fc.Arbitrary<Step> = fc.tuple(fc.nat(4), who, coinSet).map(
  ([kind, index, list]) =>
    (chain) =>
      chain.attempt((ctx) => {
        if (kind === 0) mintCoins(ctx, faucet, list);
        if (kind === 1) burnCoins(ctx, faucet, list);
        if (kind === 2) sendFromModule(ctx, faucet, addressBytes(index), list);
        if (kind === 3) sendToModule(ctx, addressBytes(index), faucet, list);
        if (kind === 4) chain.definition.ante.fees.deduct(ctx, addressBytes(index), list);
      }).refusal,
);

describe("any sequence of transfers", () => {
  it("keeps every invariant after each step, and changes nothing where it is refused", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(send, multiSend, ofModule), { minLength: 1, maxLength: 25 }), (steps) => {
        const chain = testChain(genesis());
        for (const step of steps) {
          const before = chain.entries("bank");
          if (step(chain) !== undefined) expect(chain.entries("bank")).toEqual(before);
          expect(chain.broken()).toBeUndefined();
        }
        const again = testChain(chain.exported());
        for (const store of ["acc", "bank", "consensus"]) expect(again.entries(store)).toEqual(chain.entries(store));
      }),
      { numRuns: 60 },
    );
  });

  it("between users leaves the supply as it is", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(send, multiSend), { maxLength: 25 }), (steps) => {
        const chain = testChain(genesis());
        const supply = () => denoms.map((denom) => supplyOf(chain.context(), denom));
        const before = supply();
        for (const step of steps) step(chain);
        expect(supply()).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });
});

describe("minting and burning", () => {
  it("change the module's balance and the supply alike, up to 256 bits of supply", () => {
    const chain = testChain(genesis());
    const of = (value: bigint) => [{ denom: "big", amount: value }];
    expect(chain.attempt((ctx) => mintCoins(ctx, faucet, of(most - 9n))).refusal).toBeUndefined();
    expect(supplyOf(chain.context(), "big")).toBe(most);
    expect(chain.attempt((ctx) => mintCoins(ctx, faucet, of(1n))).refusal).toMatchObject({
      codespace: "sdk",
      code: 35,
    });
    expect(chain.attempt((ctx) => burnCoins(ctx, faucet, of(most - 9n))).refusal).toBeUndefined();
    expect(supplyOf(chain.context(), "big")).toBe(9n);
    expect(balanceOf(chain.context(), moduleAddress(faucet), "big")).toBe(0n);
    expect(chain.attempt((ctx) => burnCoins(ctx, faucet, of(1n))).refusal).toMatchObject({ codespace: "sdk", code: 5 });
  });

  it("are defects for a module that may not", () => {
    const ctx = testChain(genesis()).context();
    expect(() => mintCoins(ctx, "fee_collector", [{ denom: "big", amount: 1n }])).toThrow(
      "module account fee_collector does not have permissions to mint tokens: see modules/accounts.ts",
    );
    expect(() => burnCoins(ctx, "fee_collector", [])).toThrow(/does not have permissions to burn/);
    expect(() => mintCoins(ctx, "nobody", [])).toThrow(/module account nobody does not exist/);
  });
});

describe("invariants of bank", () => {
  const holder = () => [addressBytes(0), "uweir"] as const;

  it.each<readonly [string, (chain: TestChain) => void, RegExp]>([
    [
      "more coins than the supply",
      (chain) => balances.set(chain.context(), holder(), 101n),
      /supply of uweir is 105, but balances add up to 106/,
    ],
    [
      "fewer coins than the supply",
      (chain) => balances.delete(chain.context(), holder()),
      /supply of uweir is 105, but balances add up to 5/,
    ],
    [
      "coins without a supply",
      (chain) => supplies.delete(chain.context(), "big"),
      /balances of big add up to 9, but it has no supply/,
    ],
    [
      "a supply without coins",
      (chain) => supplies.set(chain.context(), "gold", 1n),
      /supply of gold is 1, but balances add up to 0/,
    ],
    ["a balance of zero", (chain) => balances.set(chain.context(), [addressBytes(3), "uweir"], 0n), /is 0uweir/],
    [
      "a negative balance",
      (chain) => {
        balances.set(chain.context(), [addressBytes(3), "uweir"], -5n);
        supplies.set(chain.context(), "uweir", 100n);
      },
      /is -5uweir/,
    ],
    ["a supply of zero", (chain) => supplies.set(chain.context(), "gold", 0n), /supply of gold is 0/],
    [
      "an owner who is not indexed",
      (chain) => owners.update(chain.context(), holder(), 1n, undefined),
      /is not indexed as an owner/,
    ],
    [
      "an index of nothing",
      (chain) => owners.update(chain.context(), [addressBytes(3), "uweir"], undefined, 1n),
      /5 owners are indexed, but there are 4 balances/,
    ],
  ])("find %s", (_what, damage, message) => {
    const chain = testChain(genesis());
    expect(chain.broken()).toBeUndefined();
    damage(chain);
    expect(chain.broken()).toMatch(message);
  });
});

describe("a module's coins", () => {
  it("are sent by its name, to users and to other modules", () => {
    const chain = testChain(genesis());
    const five = [{ denom: "uweir", amount: 5n }];
    expect(chain.attempt((ctx) => sendToModule(ctx, addressBytes(0), faucet, five)).refusal).toBeUndefined();
    expect(balancesOf(chain.context(), moduleAddress(faucet))).toEqual(five);
    expect(chain.attempt((ctx) => sendFromModule(ctx, faucet, addressBytes(4), five)).refusal).toBeUndefined();
    expect(balancesOf(chain.context(), addressBytes(4))).toEqual(five);
  });
});
