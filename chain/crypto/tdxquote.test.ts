import { hexToBytes } from "@noble/curves/utils.js";
import { describe, expect, it } from "vitest";
import vectors from "../../test/vectors/tdxquote.json" with { type: "json" };
import { checkChain } from "./certificate.ts";
import { derChildren, readDer } from "./der.ts";
import { TdxQuoteError, tdxQuoteBytesMax, verifyTdxQuote } from "./tdxquote.ts";

const quote = hexToBytes(vectors.quote);
const now = BigInt(vectors.seconds);

function accepts(bytes: Uint8Array, seconds: bigint): boolean {
  try {
    verifyTdxQuote(bytes, seconds);
    return true;
  } catch (error) {
    if (error instanceof TdxQuoteError) return false;
    throw error;
  }
}

const changed = (offset: number, mask: number): Uint8Array => {
  const bytes = quote.slice();
  bytes[offset]! ^= mask;
  return bytes;
};

describe("a TDX quote", () => {
  it("that Google published is accepted, and says what it was asked to bind", () => {
    const { reportData, serials, expiresAt } = verifyTdxQuote(quote, now);
    expect(Buffer.from(reportData).toString("hex")).toMatch(/^6c62dec1b8191749a31dab490be532a3/);
    expect(serials).toHaveLength(3);
    expect(expiresAt).toBe(1_884_604_831n);
  });

  it("is accepted at those times at which Google's verifier accepts it", () => {
    const seen = vectors.moments.map(({ seconds }) => ({ seconds, accepted: accepts(quote, BigInt(seconds)) }));
    expect(seen).toEqual(vectors.moments);
  });

  it("with a bit changed is refused wherever Google's verifier refuses it", () => {
    const seen = vectors.forgeries.map(({ offset, mask }) => ({
      offset,
      mask,
      accepted: accepts(changed(offset, mask), now),
    }));
    expect(seen).toEqual(vectors.forgeries);
  });

  it("is refused when it is cut anywhere before the text that follows its certificates, or far too long", () => {
    for (let length = 0; length < 4900; length += 41) expect(accepts(quote.subarray(0, length), now)).toBe(false);
    expect(() => verifyTdxQuote(new Uint8Array(tdxQuoteBytesMax + 1), now)).toThrow(
      `at most ${tdxQuoteBytesMax} bytes`,
    );
  });

  it("says what is wrong with it", () => {
    expect(() => verifyTdxQuote(changed(0, 1), now)).toThrow("the quote's version is 5, expected 4");
    expect(() => verifyTdxQuote(changed(48 + 120, 1), now)).toThrow("the machine can be debugged");
    expect(() => verifyTdxQuote(changed(48 + 520, 1), now)).toThrow("the quoting enclave did not sign this quote");
    expect(() => verifyTdxQuote(quote, now + 10n ** 10n)).toThrow("a certificate has expired");
    expect(() => verifyTdxQuote(quote, 0n)).toThrow("a certificate is not valid yet");
    expect(() => verifyTdxQuote(quote.subarray(0, 100), now)).toThrow("the quote ends within its body");
  });
});

describe("a chain of certificates", () => {
  it("is refused when it is empty or ends at a key that is not trusted", () => {
    expect(() => checkChain([], [new Uint8Array(65)])).toThrow("does not end at a trusted key");
  });
});

describe("DER", () => {
  it("refuses lengths that are not the shortest, cut values and what follows them", () => {
    for (const hex of ["", "30", "3001", "308101ff", "30820001ff", "3080", "3084000000010000", "300000", "1f0100"]) {
      expect(() => readDer(hexToBytes(hex), 0x30), hex).toThrow();
    }
    expect(derChildren(readDer(hexToBytes("3006020101040100"), 0x30)).map(({ tag }) => tag)).toEqual([2, 4]);
    expect(() => derChildren(readDer(hexToBytes("30020203"), 0x30))).toThrow("longer than the data");
  });
});
