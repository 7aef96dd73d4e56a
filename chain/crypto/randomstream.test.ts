import { createCipheriv } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "./hash.ts";
import { RandomStream, randomBoundMax } from "./randomstream.ts";

describe("a random stream", () => {
  it("is the ChaCha20 keystream as Node's own cipher makes it, sixteen bytes a number", () => {
    const seed = new TextEncoder().encode("seed");
    const cipher = createCipheriv("chacha20", sha256(seed), new Uint8Array(16));
    const keystream = cipher.update(new Uint8Array(16 * 100));
    const stream = new RandomStream(seed);
    for (let index = 0; index < 100; index++) {
      // Below 2^64, so that what is left of a number is its lower half.
      expect(stream.below(1n << 64n)).toBe(keystream.readBigUInt64LE(index * 16));
    }
  });

  it("stays below the bound, whatever it is, and tells seeds apart", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.bigInt(1n, randomBoundMax), (seed, bound) => {
        const number = new RandomStream(seed).below(bound);
        expect(number >= 0n && number < bound).toBe(true);
      }),
    );
    const first = (text: string) => new RandomStream(new TextEncoder().encode(text)).below(randomBoundMax);
    expect(first("a")).not.toBe(first("b"));
  });

  it("refuses bounds from which no number can be drawn", () => {
    const stream = new RandomStream(new Uint8Array());
    for (const bound of [0n, -1n, randomBoundMax + 1n]) expect(() => stream.below(bound)).toThrow(RangeError);
  });
});
