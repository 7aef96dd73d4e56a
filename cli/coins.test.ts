import { describe, expect, it } from "vitest";
import { UsageError } from "./arguments.ts";
import { typedCoins, typedDecCoins } from "./coins.ts";

describe("coins that a person types", () => {
  it("are those of the chain", () => {
    expect(typedCoins("5000000uweir, 1uusdc", "AMOUNT")).toEqual([
      { denom: "uusdc", amount: 1n },
      { denom: "uweir", amount: 5_000_000n },
    ]);
    expect(typedCoins("7ibc/27394FB092D2ECCD56123C74F36E4C1F926001CEADA9CA97EA622B25F41E5EB2", "AMOUNT")).toHaveLength(
      1,
    );
    expect(typedDecCoins("0.025uweir", "--gas-prices")).toEqual([{ denom: "uweir", amount: 25_000_000_000_000_000n }]);
    expect([typedCoins("", "--fees"), typedDecCoins("", "--gas-prices")]).toEqual([[], []]);
  });

  it.each([
    ["5WEIR", "this chain counts in uweir, a million of which are 1 WEIR; for 5 WEIR type 5000000uweir"],
    ["1.5 weir", "for 1.5 WEIR type 1500000uweir"],
    ["0.000001Weir", "for 0.000001 WEIR type 1uweir"],
    ["100USDC", "this chain counts in uusdc, a million of which are 1 USDC; for 100 USDC type 100000000uusdc"],
    ["1uweir,2WEIR", "for 2 WEIR type 2000000uweir"],
    ["10", "10 of what? Type 10uweir, or 10000000uweir for 10 WEIR"],
    ["10UWEIR", "denominations are in small letters; type 10uweir"],
    ["abc", "invalid decimal coin expression: abc; expected for example 1000000uweir"],
    ["1e18uweir,-5uweir", "expected for example 1000000uweir"],
    [`${"9".repeat(500)}weir`, "expected for example 1000000uweir"],
    ["__proto__", "expected for example 1000000uweir"],
  ])("are refused as %s, with what to type", (text, message) => {
    const refusal = () => typedCoins(text, "AMOUNT");
    expect(refusal).toThrow(UsageError);
    expect(refusal).toThrow(message);
  });
});
