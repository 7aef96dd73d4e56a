/** Bank's genesis: what is refused and where, and that an export begins the same chain. */
import { describe, expect, it } from "vitest";
import { address, addressBytes, bankGenesis, coins } from "../../test/helpers/accounts.ts";
import { testChain } from "../../test/helpers/testchain.ts";
import { hasAccount } from "../auth/index.ts";
import { balancesOf, bank, supplyOf } from "./index.ts";

const params = { default_send_enabled: true };
const balance = (index: number, ...list: object[]) => ({ address: address(index), coins: list });
const coin = (amount: string, denom = "uweir") => ({ denom, amount });
const most = ((1n << 256n) - 1n).toString();

const metadata = {
  base: "uweir",
  display: "weir",
  name: "Weir",
  symbol: "WEIR",
  denom_units: [
    { denom: "uweir", exponent: 0, aliases: [] },
    { denom: "weir", exponent: 6, aliases: [] },
  ],
};
const withMetadata = (more: object) => ({ params, denom_metadata: [{ ...metadata, ...more }] });
const unit = (denom: string, exponent: number, ...aliases: string[]) => ({ denom, exponent, aliases });

const coinsExpected = "expected coins in ascending order of denomination, without repeats, every amount positive";

describe("genesis of bank", () => {
  it.each<readonly [string, unknown, string]>([
    ["a list", [], "app_state.bank: found [], expected an object, cosmos.bank.v1beta1.GenesisState"],
    ["no parameters", {}, "app_state.bank.params: found nothing, expected bank's parameters"],
    [
      "send_enabled in the parameters",
      { params: { send_enabled: [{ denom: "uweir", enabled: true }] } },
      "app_state.bank.params.send_enabled: found entries, expected none: use of send_enabled in params is no longer supported",
    ],
    [
      "a denomination enabled twice",
      { params, send_enabled: [{ denom: "uweir" }, { denom: "uusdc" }, { denom: "uweir" }] },
      "app_state.bank.send_enabled[2].denom: found uweir again, as in [0], expected each one once",
    ],
    [
      "a bad denomination enabled",
      { params, send_enabled: [{ denom: "1" }] },
      'app_state.bank.send_enabled[0].denom: found "1", expected a denomination (invalid denom: 1)',
    ],
    [
      "a bad address",
      { params, balances: [{ address: "weir1", coins: [] }] },
      'app_state.bank.balances[0].address: found "weir1", expected an address (decoding bech32 failed: invalid bech32 string length 5)',
    ],
    [
      "an address twice",
      { params, balances: [balance(1), balance(1)] },
      `app_state.bank.balances[1].address: found ${address(1)} again, as in [0], expected each one once`,
    ],
    [
      "an address twice, once in upper case",
      { params, balances: [balance(1), { address: address(1).toUpperCase(), coins: [] }] },
      "app_state.bank.balances[1].address: found",
    ],
    [
      "an amount that is none",
      { params, balances: [balance(1, coin("x"))] },
      'app_state.bank.balances[0].coins[0].amount: found "x", expected a whole number as text',
    ],
    [
      "an amount as a number",
      { params, balances: [balance(1, { denom: "uweir", amount: 5 })] },
      "app_state.bank.balances[0].coins[0].amount: found 5, expected text",
    ],
    [
      "an amount of zero",
      { params, balances: [balance(1, coin("0"))] },
      `app_state.bank.balances[0].coins: found coin 0uweir amount is not positive, ${coinsExpected}`,
    ],
    [
      "a negative amount",
      { params, balances: [balance(1, coin("-5"))] },
      `app_state.bank.balances[0].coins: found coin -5uweir amount is not positive, ${coinsExpected}`,
    ],
    [
      "unsorted coins",
      { params, balances: [balance(1, coin("1"), coin("1", "uusdc"))] },
      `app_state.bank.balances[0].coins: found denomination uusdc is not sorted, ${coinsExpected}`,
    ],
    [
      "a coin twice",
      { params, balances: [balance(1, coin("1"), coin("1"))] },
      `app_state.bank.balances[0].coins: found duplicate denomination uweir, ${coinsExpected}`,
    ],
    [
      "an amount beyond 256 bits",
      { params, balances: [balance(1, coin("9".repeat(78)))] },
      `${coinsExpected} (integer out of range`,
    ],
    [
      "amounts beyond 256 bits together",
      { params, balances: [balance(1, coin(most)), balance(2, coin("1"))] },
      "of uweir in all, expected at most 256 bits",
    ],
    [
      "another supply",
      { params, balances: [balance(1, coin("5"))], supply: [coin("6")] },
      'app_state.bank.supply: found "6uweir", expected "5uweir", the sum of all balances',
    ],
    [
      "a supply of what nobody has",
      { params, supply: [coin("6")] },
      'app_state.bank.supply: found "6uweir", expected "", the sum of all balances',
    ],
    [
      "a supply that is no set",
      { params, supply: [coin("6"), coin("6")] },
      `app_state.bank.supply: found duplicate denomination uweir, ${coinsExpected}`,
    ],
    [
      "metadata twice",
      { params, denom_metadata: [metadata, metadata] },
      "app_state.bank.denom_metadata[1].base: found uweir again, as in [0], expected each one once",
    ],
    [
      "metadata without a name",
      withMetadata({ name: " " }),
      "app_state.bank.denom_metadata[0]: found name field cannot be blank, expected metadata of a denomination",
    ],
    ["metadata without a symbol", withMetadata({ symbol: "" }), "found symbol field cannot be blank"],
    ["metadata of a bad base", withMetadata({ base: "u" }), "found invalid metadata base denom: invalid denom: u"],
    [
      "metadata of a bad display",
      withMetadata({ display: "w" }),
      "found invalid metadata display denom: invalid denom: w",
    ],
    [
      "metadata whose display is no unit",
      withMetadata({ display: "mweir" }),
      "found metadata must contain a denomination unit with display denom 'mweir'",
    ],
    [
      "metadata without units",
      withMetadata({ denom_units: [] }),
      "found metadata must contain a denomination unit with display denom 'weir'",
    ],
    [
      "metadata whose base is not first",
      withMetadata({ denom_units: [unit("weir", 6), unit("uweir", 0)] }),
      "found metadata's first denomination unit must be the one with base denom 'uweir'",
    ],
    [
      "metadata whose base is not the unit",
      withMetadata({ denom_units: [unit("uweir", 1), unit("weir", 6)] }),
      "found the exponent for base denomination unit uweir must be 0",
    ],
    [
      "metadata whose units do not ascend",
      withMetadata({ denom_units: [unit("uweir", 0), unit("weir", 6), unit("mweir", 3)] }),
      "found denom units should be sorted asc by exponent",
    ],
    [
      "metadata with a unit twice",
      withMetadata({ denom_units: [unit("uweir", 0), unit("uweir", 6)] }),
      "found duplicate denomination unit uweir",
    ],
    [
      "metadata with a bad unit",
      withMetadata({ denom_units: [unit("uweir", 0), unit("w!", 6)] }),
      "found invalid denom unit: invalid denom: w!",
    ],
    [
      "metadata with an alias twice",
      withMetadata({ denom_units: [unit("uweir", 0, "a", "a")] }),
      "found duplicate denomination unit alias a",
    ],
    [
      "metadata with a blank alias",
      withMetadata({ denom_units: [unit("uweir", 0, " ")] }),
      "found alias for denom unit uweir cannot be blank",
    ],
  ])("is refused with %s", (_what, json, message) => {
    expect(() => bank.genesis.parse(json)).toThrow(message);
  });

  it("gives every holder coins, an account and a share of the supply", () => {
    const chain = testChain({ bank: bankGenesis(["1uusdc,5uweir", "7uweir"]) });
    const ctx = chain.context();
    expect(balancesOf(ctx, addressBytes(0))).toEqual(coins("1uusdc,5uweir"));
    expect([supplyOf(ctx, "uweir"), supplyOf(ctx, "uusdc"), supplyOf(ctx, "gold")]).toEqual([12n, 1n, 0n]);
    expect([0, 1, 2].map((index) => hasAccount(ctx, addressBytes(index)))).toEqual([true, true, false]);
    expect(chain.broken()).toBeUndefined();
  });

  it("takes balances in any order, and a supply that is right", () => {
    const supplied = { ...bankGenesis(["1uweir", "2uweir"]), supply: [coin("3")] };
    const reversed = { ...supplied, balances: supplied.balances.toReversed() };
    expect(testChain({ bank: reversed }).exported().bank).toEqual(testChain({ bank: supplied }).exported().bank);
  });

  it("comes back the same from its export", () => {
    const chain = testChain({
      bank: {
        ...bankGenesis(["1uusdc,5uweir", `${most}big`, ""]),
        denom_metadata: [metadata],
        send_enabled: [
          { denom: "uusdc", enabled: false },
          { denom: "gold", enabled: true },
        ],
      },
    });
    const again = testChain(JSON.parse(JSON.stringify(chain.exported())));
    expect(again.exported()).toEqual(chain.exported());
    expect(again.entries("bank")).toEqual(chain.entries("bank"));
  });
});
