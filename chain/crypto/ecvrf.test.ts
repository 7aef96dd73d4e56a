import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToHex, concatBytes, hexToBytes, numberToBytesLE } from "@noble/curves/utils.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isUsableKey, outputLength, proofLength, prove, publicKeyOf, verify } from "./ecvrf.ts";

/** RFC 9381, Appendix B.3, examples 16 to 18. */
const examples = [
  {
    secretKey: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    input: "",
    proof:
      "8657106690b5526245a92b003bb079ccd1a92130477671f6fc01ad16f26f723f26f8a57ccaed74ee1b190bed1f479d9727d2d0f9b005a6e456a35d4fb0daab1268a1b0db10836d9826a528ca76567805",
    output:
      "90cf1df3b703cce59e2a35b925d411164068269d7b2d29f3301c03dd757876ff66b71dda49d2de59d03450451af026798e8f81cd2e333de5cdf4f3e140fdd8ae",
  },
  {
    secretKey: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    input: "72",
    proof:
      "f3141cd382dc42909d19ec5110469e4feae18300e94f304590abdced48aed5933bf0864a62558b3ed7f2fea45c92a465301b3bbf5e3e54ddf2d935be3b67926da3ef39226bbc355bdc9850112c8f4b02",
    output:
      "eb4440665d3891d668e7e0fcaf587f1b4bd7fbfe99d0eb2211ccec90496310eb5e33821bc613efb94db5e5b54c70a848a0bef4553a41befc57663b56373a5031",
  },
  {
    secretKey: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    input: "af82",
    proof:
      "9bc0f79119cc5604bf02d23b4caede71393cedfbb191434dd016d30177ccbf8096bb474e53895c362d8628ee9f9ea3c0e52c7a5c691b6c18c9979866568add7a2d41b00b05081ed0f58ee5e31b3a970e",
    output:
      "645427e5d00c62a23fb703732fa5d892940935942101e456ecca7bb217c61c452118fec1219202a0edcf038bb6373241578be7217ba85a2687f7a0310b2df19f",
  },
];

const { Point } = ed25519;
const p = Point.Fp.ORDER;
/** The eight points whose order divides the cofactor, and encodings of y that are not the shortest. */
const smallOrder = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
].map(hexToBytes);
const nonCanonical = [
  numberToBytesLE(p, 32),
  numberToBytesLE(p + 1n, 32),
  numberToBytesLE(p + 3n, 32),
  hexToBytes("0100000000000000000000000000000000000000000000000000000000000080"),
  new Uint8Array(32).fill(0xff),
];
const secretKeys = fc.uint8Array({ minLength: 32, maxLength: 32 });
const inputs = fc.uint8Array({ maxLength: 80 });
const runs = { numRuns: 20 };

describe("the verifiable random function", () => {
  it.each(examples)("proves and verifies the RFC's example of input '$input'", (example) => {
    const { secretKey, publicKey, input, proof, output } = example;
    expect(bytesToHex(publicKeyOf(hexToBytes(secretKey)))).toBe(publicKey);
    expect(bytesToHex(prove(hexToBytes(secretKey), hexToBytes(input)))).toBe(proof);
    const seen = verify(hexToBytes(publicKey), hexToBytes(input), hexToBytes(proof));
    expect(seen && bytesToHex(seen)).toBe(output);
  });

  it("accepts what any key proves of any input, and shows 64 bytes", () => {
    fc.assert(
      fc.property(secretKeys, inputs, (secretKey, input) => {
        expect(verify(publicKeyOf(secretKey), input, prove(secretKey, input))).toHaveLength(outputLength);
      }),
      runs,
    );
  });

  it("refuses a proof with any bit changed, of another input or under another key", () => {
    fc.assert(
      fc.property(secretKeys, inputs, fc.nat(proofLength * 8 - 1), (secretKey, input, bit) => {
        const publicKey = publicKeyOf(secretKey);
        const proof = prove(secretKey, input);
        expect(verify(publicKey, concatBytes(input, Uint8Array.of(1)), proof)).toBeUndefined();
        expect(verify(publicKeyOf(proof.subarray(0, 32)), input, proof)).toBeUndefined();
        proof[bit >> 3]! ^= 1 << (bit & 7);
        expect(verify(publicKey, input, proof)).toBeUndefined();
      }),
      runs,
    );
  });

  it("refuses a scalar that is not reduced, so that a proof has one spelling", () => {
    const [example] = examples;
    const proof = hexToBytes(example!.proof);
    const scalar = BigInt(`0x${bytesToHex(proof.slice(48).reverse())}`);
    proof.set(numberToBytesLE(scalar + Point.Fn.ORDER, 32), 48);
    expect(verify(hexToBytes(example!.publicKey), new Uint8Array(), proof)).toBeUndefined();
  });

  it("refuses keys of small order or of another spelling, with any proof", () => {
    const proof = hexToBytes(examples[0]!.proof);
    for (const key of [...smallOrder, ...nonCanonical]) {
      expect(isUsableKey(key), bytesToHex(key)).toBe(false);
      expect(verify(key, new Uint8Array(), proof)).toBeUndefined();
      // With such a key c·Y can vanish: a forger would choose s and Γ freely.
      expect(verify(key, new Uint8Array(), concatBytes(key, new Uint8Array(48)))).toBeUndefined();
    }
    expect(isUsableKey(new Uint8Array(31))).toBe(false);
  });

  it("refuses numbers that are nothing, without a throw", () => {
    const secretKey = new Uint8Array(32).fill(3);
    const proof = prove(secretKey, new Uint8Array(4));
    for (const [from, to] of [
      [0, 32],
      [32, 48],
      [48, 80],
      [32, 80],
    ] as const) {
      expect(
        verify(publicKeyOf(secretKey), new Uint8Array(4), Uint8Array.from(proof).fill(0, from, to)),
      ).toBeUndefined();
    }
  });

  it("verifies by keys that it has forgotten as by those that it knows", () => {
    const secretKey = new Uint8Array(32).fill(3);
    const proof = prove(secretKey, new Uint8Array(4));
    const output = verify(publicKeyOf(secretKey), new Uint8Array(4), proof);
    for (let other = 0; other < 300; other++) {
      const key = publicKeyOf(new Uint8Array(32).fill(other % 256).fill(other >> 8, 0, 1));
      expect(verify(key, new Uint8Array(4), proof.subarray(1))).toBeUndefined();
    }
    expect(verify(publicKeyOf(secretKey), new Uint8Array(4), proof)).toEqual(output);
  });

  it("refuses a gamma of small order, another spelling of it, and proofs of another length", () => {
    const { publicKey, proof } = examples[0]!;
    const rest = hexToBytes(proof).subarray(32);
    for (const gamma of [...smallOrder, ...nonCanonical]) {
      expect(verify(hexToBytes(publicKey), new Uint8Array(), concatBytes(gamma, rest))).toBeUndefined();
    }
    for (const length of [0, proofLength - 1, proofLength + 1, 10_000]) {
      expect(verify(hexToBytes(publicKey), new Uint8Array(), new Uint8Array(length))).toBeUndefined();
    }
  });
});
