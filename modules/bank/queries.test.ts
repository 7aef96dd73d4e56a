/** Bank's queries beside what modules/sdk.test.ts compares with the SDK: bounds, and pages that do not fit. */
import { describe, expect, it } from "vitest";
import { QueryError } from "../../chain/errors.ts";
import { address, bankGenesis } from "../../test/helpers/accounts.ts";
import { testChain } from "../../test/helpers/testchain.ts";

const chain = testChain({
  bank: { ...bankGenesis(["1uusdc,5uweir"]), send_enabled: [{ denom: "uweir", enabled: true }] },
});
const ask = (method: string, request: object) => chain.query(`/cosmos.bank.v1beta1.Query/${method}`, request);
const both = { key: Uint8Array.of(1), offset: 1n };
const text = "invalid request, either offset or key is expected, got both";

function refusal(method: string, request: object): unknown {
  try {
    return ask(method, request);
  } catch (error) {
    const { message } = error as Error;
    return error instanceof QueryError ? [error.status, message] : message;
  }
}

describe("queries of bank refuse", () => {
  it.each<readonly [string, object, unknown]>([
    ["AllBalances", { address: address(0), pagination: both }, ["InvalidArgument", `paginate: ${text}`]],
    ["SpendableBalances", { address: address(0), pagination: both }, ["InvalidArgument", `paginate: ${text}`]],
    ["TotalSupply", { pagination: both }, ["Internal", text]],
    ["DenomsMetadata", { pagination: both }, ["Internal", text]],
    ["SendEnabled", { pagination: both }, ["Internal", text]],
    ["DenomOwners", { denom: "uweir", pagination: both }, `${text}: invalid request`],
    ["DenomOwnersByQuery", { denom: "uweir", pagination: both }, `${text}: invalid request`],
    [
      "TotalSupply",
      { pagination: { offset: 100_001n } },
      ["Internal", "offset 100001 is greater than 100000; follow next_key instead"],
    ],
    ["SendEnabled", { denoms: Array(1001).fill("uweir") }, ["InvalidArgument", "1001 denoms, expected at most 1000"]],
    [
      "Balance",
      { address: address(0), denom: "x".repeat(200) },
      ["InvalidArgument", `invalid denom: ${"x".repeat(200)}`],
    ],
    [
      "Balance",
      { address: "x".repeat(2000), denom: "uweir" },
      ["InvalidArgument", "invalid address: decoding bech32 failed: invalid bech32 string length 2000"],
    ],
  ])("a bad %s", (method, request, expected) => {
    expect(refusal(method, request)).toEqual(expected);
  });
});

describe("queries of bank answer", () => {
  it("what is spendable, which is everything without vesting accounts", () => {
    const balances = [
      { denom: "uusdc", amount: "1" },
      { denom: "uweir", amount: "5" },
    ];
    expect(ask("SpendableBalances", { address: address(0) })).toMatchObject({ balances });
    expect(ask("AllBalances", { address: address(0) })).toMatchObject({ balances });
    expect(ask("SpendableBalanceByDenom", { address: address(0), denom: "uweir" })).toEqual({ balance: balances[1] });
  });

  it("nothing for those who have nothing", () => {
    expect(ask("AllBalances", { address: address(9) })).toMatchObject({ balances: [], pagination: { total: 0n } });
    expect(ask("Balance", { address: address(9), denom: "uweir" })).toEqual({
      balance: { denom: "uweir", amount: "0" },
    });
  });
});
