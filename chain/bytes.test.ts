import { describe, expect, it } from "vitest";
import { copyBytes, newBytes } from "./bytes.ts";

const lengths = [0, 1, 64, 65, 100, 1000, 1024, 1025, 20_000];

describe("room for bytes", () => {
  it("is zeros of the length asked for, whatever was written before", () => {
    for (let round = 0; round < 100; round++)
      for (const length of lengths) {
        const bytes = newBytes(length);
        expect(bytes.length).toBe(length);
        expect(bytes.every((byte) => byte === 0)).toBe(true);
        bytes.fill(255);
      }
  });

  it("overlaps no other", () => {
    const all = Array.from({ length: 500 }, (_, index) => newBytes(lengths[index % lengths.length]!).fill(index % 251));
    for (const [index, bytes] of all.entries()) expect(bytes.every((byte) => byte === index % 251)).toBe(true);
  });

  it("holds a copy that the original does not share", () => {
    for (const length of lengths) {
      const original = new Uint8Array(length).map((_, index) => index);
      const copy = copyBytes(original);
      expect(copy).toStrictEqual(original);
      original.fill(7);
      expect(copy.every((byte, index) => byte === (index & 255))).toBe(true);
    }
  });
});
