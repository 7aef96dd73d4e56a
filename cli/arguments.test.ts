import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearest } from "../node/daemon/nearest.ts";
import { type FlagSpec, parseArguments, UsageError, variableOf } from "./arguments.ts";

const specs: readonly FlagSpec[] = [
  { name: "yes", short: "y", help: "" },
  { name: "memo", aliases: ["note"], value: "TEXT", help: "" },
  { name: "account", value: "A", help: "", repeated: true },
  { name: "rpc.laddr", value: "ADDRESS", help: "" },
  { name: "limit", value: "N", help: "", default: "100" },
];

const parse = (argv: readonly string[], environment: Record<string, string> = {}) =>
  parseArguments(argv, specs, environment);

describe("arguments", () => {
  it("stand anywhere, by long name, alias or letter, with = or a space", () => {
    const parsed = parse(["a", "--memo=x=y", "b", "-y", "--account", "1", "--account=2", "-o", "json", "--", "--c"]);
    expect(parsed.positionals).toEqual(["a", "b", "--c"]);
    expect([parsed.flag("memo"), parsed.has("yes"), parsed.flag("output")]).toEqual(["x=y", true, "json"]);
    expect(parsed.flags("account")).toEqual(["1", "2"]);
    expect(parse(["--note", "hi"]).flag("memo")).toBe("hi");
    expect(parse(["--yes=false"]).has("yes")).toBe(false);
    expect(parse(["--chain_id", "x"]).flag("chain-id")).toBe("x");
    expect(parse(["-"]).positionals).toEqual(["-"]);
  });

  it("come from the line before the variables, and from those before the defaults", () => {
    expect(parse([]).flag("limit")).toBe("100");
    expect(parse([], { WEIR_LIMIT: "5" }).flag("limit")).toBe("5");
    expect(parse(["--limit", "7"], { WEIR_LIMIT: "5" }).flag("limit")).toBe("7");
    expect(parse([], { WEIR_YES: "true" }).has("yes")).toBe(true);
    expect([parse([], { WEIR_YES: "1" }).has("yes"), parse([], { WEIR_YES: "0" }).has("yes")]).toEqual([true, false]);
    expect(() => parse([], { WEIR_YES: "maybe" }).has("yes")).toThrow(
      new UsageError('WEIR_YES is "maybe"; expected true or false'),
    );
    expect(parse([], { WEIR_LIMIT: "" }).flag("limit")).toBe("100");
    expect([parse(["--limit", "7"]).isGiven("limit"), parse([]).isGiven("limit")]).toEqual([true, false]);
    expect(variableOf("rpc.laddr")).toBe("WEIR_RPC_LADDR");
    expect(parse([], { WEIR_RPC_LADDR: "x" }).flag("rpc.laddr")).toBe("x");
  });

  it.each([
    [["--mmeo", "x"], "unknown flag --mmeo; did you mean --memo?"],
    [["-z"], "unknown flag -z"],
    [["--memo"], "--memo needs a value: --memo TEXT"],
    [["--memo", "a", "--note", "b"], "--memo is given twice"],
    [["--home="], "--home is empty; expected DIR"],
    [["--home", ""], "--home is empty; expected DIR"],
    [["--yes=maybe"], "--yes takes no value"],
    [Array.from({ length: 1_001 }, () => "x"), "more than 1000 arguments"],
  ])("are refused: %j", (argv, message) => {
    expect(() => parse(argv)).toThrow(UsageError);
    expect(() => parse(argv)).toThrow(message);
  });

  it("are read or refused, whatever they are", () => {
    const word = fc.oneof(fc.string(), fc.constantFrom("--memo", "-y", "--", "--memo=", "--account=1", "--=", "-"));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (argv) => {
        try {
          const { positionals } = parse(argv);
          expect(positionals.length).toBeLessThanOrEqual(argv.length);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
    );
  });
});

describe("the nearest word", () => {
  const known = ["balances", "balance", "params", "send", "multi-send"];

  it.each([
    ["balnces", "balances"],
    ["sned", "send"],
    ["multi", "multi-send"],
    ["prams", "params"],
    ["zebra", undefined],
    ["", undefined],
    ["x".repeat(1_000), undefined],
  ])("to %j is %j", (typed, expected) => {
    expect(nearest(typed, known)).toBe(expected);
  });
});
