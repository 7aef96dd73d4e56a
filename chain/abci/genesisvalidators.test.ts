import { describe, expect, it } from "vitest";
import { requireSameValidators } from "./responses.ts";

const update = (byte: number, power: bigint) => ({ pubKey: { ed25519: new Uint8Array(32).fill(byte) }, power });

describe("validators that a genesis names twice", () => {
  it("are the same in any order, and may be named once only", () => {
    const both = [update(1, 5n), update(2, 7n)];
    requireSameValidators(both, both.toReversed());
    requireSameValidators([], both);
    requireSameValidators(both, []);
  });

  it("are refused where they differ", () => {
    const both = [update(1, 5n), update(2, 7n)];
    expect(() => requireSameValidators(both, [update(1, 5n)])).toThrow(
      /AgICAg.* of power 7, for which nothing of that power/,
    );
    expect(() => requireSameValidators([update(1, 5n)], both)).toThrow(
      /has stakes of the validator AgICAg.* of power 7, which/,
    );
    expect(() => requireSameValidators([update(1, 4n), update(2, 7n)], both)).toThrow(/of power 4, for which/);
  });

  it("are told apart by the kind of their key", () => {
    const key = new Uint8Array(33).fill(3);
    const other = [{ pubKey: { secp256k1: key }, power: 1n }];
    requireSameValidators(other, other);
    expect(() => requireSameValidators([{ pubKey: undefined, power: 1n }], other)).toThrow(/ of power 1/);
  });
});
