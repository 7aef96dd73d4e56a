/** Decimals and integers against cosmossdk.io/math. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import coinVectors from "../test/vectors/coins.json" with { type: "json" };
import vectors from "../test/vectors/dec.json" with { type: "json" };
import * as dec from "./dec.ts";
import { ChainError } from "./errors.ts";
import { intBitsMax, parseIntText, requireIntRange } from "./int.ts";

const byTwo: Record<string, (a: bigint, b: bigint) => bigint> = {
  add: dec.decAdd,
  sub: dec.decSub,
  mul: dec.decMul,
  mulTruncate: dec.decMulTruncate,
  mulRoundUp: dec.decMulRoundUp,
  mulInt: dec.decMulInt,
  quo: dec.decQuo,
  quoTruncate: dec.decQuoTruncate,
  quoRoundUp: dec.decQuoRoundUp,
  quoInt: dec.decQuoInt,
};

const byOne: Record<string, (a: bigint) => unknown> = {
  roundInt: dec.decRoundInt,
  truncateInt: dec.decTruncateInt,
  truncate: dec.decTruncate,
  ceil: dec.decCeil,
  power5: (a) => dec.decPower(a, 5n),
  power12: (a) => dec.decPower(a, 12n),
  text: dec.formatDec,
  isInteger: dec.decIsInteger,
};

/** Go's panic texts, and ours for the same defects. */
const panics: Record<string, string> = {
  "panic: Int overflow": "Int overflow: internal logic error",
  "panic: division by zero": "division by zero: internal logic error",
  "panic: NewIntFromBigInt() out of bound": "integer overflow: internal logic error",
};

function resultOf(work: () => unknown): string {
  try {
    return String(work());
  } catch (error) {
    if (error instanceof ChainError) return error.message;
    throw error;
  }
}

describe("a decimal", () => {
  it("is added, multiplied, divided, rounded and written as in Go, on edges and at random", () => {
    for (const { a, b, results } of vectors.operations) {
      for (const [name, expected] of Object.entries(results)) {
        // Go cannot make an integer of more than 256 bits to call MulInt with; we take the bigint and look at the product.
        if (expected === "panic: NewIntFromBigInt() out of bound" && (name === "mulInt" || name === "quoInt")) continue;
        const result = resultOf(() => (b === undefined ? byOne[name]!(BigInt(a)) : byTwo[name]!(BigInt(a), BigInt(b))));
        expect([name, a, b, result]).toEqual([name, a, b, panics[expected] ?? expected]);
      }
    }
  });

  it("is read as in Go, refusals word by word", () => {
    for (const { text, value, error } of vectors.parsings) {
      expect([text, resultOf(() => dec.parseDec(text))]).toEqual([text, value ?? error]);
    }
  });

  it("is refused where Go reads a second sign", () => {
    for (const text of ["+1", "--1", "-+1"])
      expect(resultOf(() => dec.parseDec(text))).toContain("failed to set decimal string");
  });

  it("comes back from its text, its JSON and its wire form", () => {
    const property = fc.property(fc.bigInt({ min: -(2n ** 300n), max: 2n ** 300n }), (value) => {
      expect(dec.parseDec(dec.formatDec(value))).toBe(value);
      expect(dec.decFromJson(JSON.parse(JSON.stringify(dec.formatDec(value))))).toBe(value);
      expect(dec.decFromProto(dec.decToProto(value))).toBe(value);
    });
    fc.assert(property);
  });

  it("is read from JSON only when it is a string", () => {
    expect(() => dec.decFromJson(0.5)).toThrow('expected a decimal as a JSON string such as "0.5", found number');
  });

  it("has one wire form", () => {
    for (const text of ["", "-", "+1", "01", "-0", " 1", "1_0", "0x1", "1.0", "9".repeat(99)]) {
      expect(() => dec.decFromProto(text)).toThrow(ChainError);
    }
    expect(() => dec.decFromProto((2n ** 256n * dec.decOne).toString())).toThrow("decimal out of range");
    expect(dec.decFromProto((2n ** 256n * dec.decOne - 1n).toString())).toBe(2n ** 256n * dec.decOne - 1n);
  });

  it("is made of integers and ratios", () => {
    expect(dec.formatDec(dec.decFromInt(-3n))).toBe("-3.000000000000000000");
    expect(dec.formatDec(dec.decFromRatio(2n, 3n))).toBe("0.666666666666666667");
  });

  it("is never put beyond its bound by untrusted text of any length", () => {
    expect(() => dec.parseDec("9".repeat(100_000))).toThrow("out of range");
  });
});

describe("an integer", () => {
  it("is read as in Go, but for a plus sign", () => {
    for (const { text, value, error } of coinVectors.integers) {
      if (text === "+1") expect(() => parseIntText(text)).toThrow("cannot unmarshal");
      else expect([text, resultOf(() => parseIntText(text))]).toEqual([text, value ?? `${error}: tx parse error`]);
    }
  });

  it("has one text: Go's octal, hexadecimal, binary and underscores are refused", () => {
    for (const text of ["010", "0x10", "0b1", "0o7", "1_0", "-0", "00", "9".repeat(100_000)]) {
      expect(() => parseIntText(text)).toThrow(ChainError);
    }
  });

  it("has 256 bits and a sign", () => {
    const most = 2n ** BigInt(intBitsMax) - 1n;
    expect(requireIntRange(most)).toBe(most);
    expect(requireIntRange(-most)).toBe(-most);
    expect(() => requireIntRange(most + 1n)).toThrow("integer overflow");
    expect(() => requireIntRange(-most - 1n)).toThrow("integer overflow");
  });
});
