import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeUtf8 } from "./utf8.ts";
import { intValue } from "./valuecodec.ts";

describe("an integer as a value", () => {
  it("is its decimal text and reads back, whatever its length", () => {
    const digits = fc
      .integer({ min: 0, max: 76 })
      .chain((count) => fc.bigInt(-(10n ** BigInt(count)), 10n ** BigInt(count)));
    fc.assert(
      fc.property(digits, (value) => {
        const bytes = intValue.encode(value);
        expect(bytes).toEqual(encodeUtf8(value.toString()));
        expect(intValue.decode(bytes)).toBe(value);
      }),
    );
    for (const value of [10n ** 15n - 1n, 10n ** 15n, 2n ** 53n, 2n ** 53n + 1n])
      expect(intValue.decode(encodeUtf8(value.toString()))).toBe(value);
  });

  it("is refused where its text is not canonical", () => {
    for (const text of ["", "00", "01", "-0", "+1", "1 ", " 1", "1e3", "0x10", "1_0", "٣", "a", ":", "/", "1/", "-"])
      expect(() => intValue.decode(encodeUtf8(text)), text).toThrow("canonical");
  });
});
