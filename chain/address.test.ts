/** Addresses against cosmos-sdk's texts, bytes and refusals. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import vectors from "../test/vectors/bech32.json" with { type: "json" };
import {
  accountAddress,
  addressFormat,
  configureAddresses,
  consensusAddress,
  moduleAddress,
  validatorAddress,
} from "./address.ts";
import { decodeBech32 } from "./bech32.ts";
import { ChainError } from "./errors.ts";

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
const hex = (data: Uint8Array): string => Buffer.from(data).toString("hex");

function refusalOf(work: () => unknown): ChainError {
  try {
    work();
  } catch (error) {
    if (error instanceof ChainError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

describe("an address", () => {
  it("is encoded as cosmos-sdk does, whatever prefix and length", () => {
    for (const vector of vectors.encodings) {
      const format = addressFormat(vector.prefix);
      expect(format.encode(bytes(vector.hex))).toBe(vector.text);
      expect(hex(format.decode(vector.text))).toBe(vector.hex);
    }
  });

  it("is decoded as cosmos-sdk does, refusals word by word", () => {
    for (const { text, hex: expected, error } of vectors.decodings) {
      if (error === undefined) expect([text, hex(accountAddress.decode(text))]).toEqual([text, expected]);
      else expect([text, refusalOf(() => accountAddress.decode(text)).message]).toEqual([text, error]);
    }
  });

  it("is refused as an invalid or an unknown address", () => {
    expect(refusalOf(() => accountAddress.decode("weir1qqqqqqq"))).toMatchObject({ codespace: "sdk", code: 7 });
    expect(refusalOf(() => accountAddress.decode("weir1h5gvqu"))).toMatchObject({ codespace: "sdk", code: 9 });
  });

  it("comes back from its text, asked once or twice, in any company", () => {
    const format = addressFormat("weir", 4);
    const address = fc.uint8Array({ minLength: 1, maxLength: 255 });
    const property = fc.property(fc.array(address, { minLength: 1, maxLength: 20 }), (addresses) => {
      for (const each of [...addresses, ...addresses]) {
        const text = format.encode(each);
        expect(format.decode(text)).toEqual(each);
        expect(decodeBech32(text)).toEqual({ prefix: "weir", bytes: each });
        expect(hex(format.decode(text.toUpperCase()))).toBe(hex(each));
      }
    });
    fc.assert(property, { numRuns: 200 });
  });

  it("keeps its text when the caller's bytes change", () => {
    const format = addressFormat("weir");
    const address = new Uint8Array(20).fill(7);
    const text = format.encode(address);
    address[19] = 8;
    expect(format.encode(new Uint8Array(20).fill(7))).toBe(text);
    expect(format.encode(address)).not.toBe(text);
  });

  it("of a module is a hash of its name", () => {
    for (const { name, text } of vectors.modules) expect(accountAddress.encode(moduleAddress(name))).toBe(text);
  });

  it("has an empty text when it has no bytes", () => {
    expect(accountAddress.encode(new Uint8Array())).toBe("");
  });

  it("of a validator has a prefix of its own", () => {
    const address = new Uint8Array(20);
    expect(validatorAddress.encode(address)).toMatch(/^weirvaloper1/);
    expect(consensusAddress.encode(address)).toMatch(/^weirvalcons1/);
    expect(refusalOf(() => validatorAddress.decode(accountAddress.encode(address))).message).toBe(
      "invalid Bech32 prefix; expected weirvaloper, got weir",
    );
  });
});

describe("the configured prefix", () => {
  it("is sealed by the first address", () => {
    accountAddress.encode(new Uint8Array(20));
    expect(() => configureAddresses("weir")).not.toThrow();
    expect(() => configureAddresses("other")).toThrow('address prefix is already "weir" and cannot become "other"');
  });

  it("is refused when it is no bech32 prefix that can be read back", () => {
    for (const prefix of ["", "Weir", "we1r", "1weir", "wéir", "we ir", "a".repeat(21)]) {
      expect(() => configureAddresses(prefix)).toThrow("is not lower case letters and digits");
    }
  });
});
