import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base64, parseBase64 } from "./base64.ts";

describe("base64", () => {
  it("is what the platform writes, and reads back", () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = base64(bytes);
        expect(text).toBe(Buffer.from(bytes).toString("base64"));
        expect(parseBase64(text)).toStrictEqual(new Uint8Array(bytes));
        expect(parseBase64(Buffer.from(bytes).toString("base64url"))).toStrictEqual(new Uint8Array(bytes));
      }),
    ));

  it("refuses what is no base64", () => {
    for (const text of ["A", "AAAAA", "AA=", "AA=A", "A===", "AAA*", "AA A", "AA==="])
      expect(parseBase64(text), text).toBeUndefined();
    expect(parseBase64("")).toStrictEqual(new Uint8Array(0));
  });
});
