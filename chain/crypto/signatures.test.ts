/** Both curves' rules against the answers of cosmos-sdk and CometBFT, against noble, and against OpenSSL where it may stand in. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import vectors from "../../test/vectors/signatures.json" with { type: "json" };
import { verifyEd25519 } from "./ed25519.ts";
import { sha256 } from "./hash.ts";
import {
  isStrictSignature,
  nativeBindings,
  nativeLibrary,
  opensslLibrary,
  strictVerifier,
  type Verify,
  verifierInUse,
  verifySecp256k1,
  verifySecp256k1Digest,
} from "./secp256k1.ts";
import { ed25519KeyPair, generateKeyPair, secp256k1KeyPair, sign, signSecp256k1 } from "./sign.ts";

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));

interface Vector {
  readonly name: string;
  readonly publicKey: string;
  readonly signature: string;
  readonly message: string;
  readonly isGood: boolean;
}

const answer = (verify: Verify, { publicKey, signature, message }: Vector): boolean =>
  verify(bytes(publicKey), bytes(signature), bytes(message));

/** Where cosmos-sdk's pure Go build is laxer than our rule (and than its own build with libsecp256k1). */
const strictness = new Set(["an uncompressed key", "a hybrid key", "s + n for a small s"]);

const libraries: [string, Verify][] = [
  ["the library in use", verifySecp256k1],
  ["OpenSSL", strictVerifier(opensslLibrary())],
];
if (nativeBindings !== undefined) libraries.push(["the native library", strictVerifier(nativeLibrary(nativeBindings))]);

const nobleSecp256k1: Verify = (publicKey, signature, message) => {
  try {
    return publicKey.length === 33 && secp256k1.verify(signature, sha256(message), publicKey, { prehash: false });
  } catch {
    return false;
  }
};

describe("secp256k1", () => {
  it.each(libraries)("gives cosmos-sdk's answers by %s, but for what is refused on purpose", (_, verify) => {
    for (const vector of vectors.secp256k1) {
      expect([vector.name, answer(verify, vector)]).toEqual([
        vector.name,
        vector.isGood && !strictness.has(vector.name),
      ]);
    }
  });

  it("gives noble's answers on every vector", () => {
    for (const vector of vectors.secp256k1) {
      expect([vector.name, answer(verifySecp256k1, vector)]).toEqual([vector.name, answer(nobleSecp256k1, vector)]);
    }
  });

  it("verifies a hash of the message where the library can", () => {
    if (verifySecp256k1Digest === undefined) return expect(verifierInUse).toContain("OpenSSL");
    const verify: Verify = (publicKey, signature, message) =>
      verifySecp256k1Digest!(publicKey, signature, sha256(message));
    for (const vector of vectors.secp256k1) expect(answer(verify, vector)).toBe(answer(verifySecp256k1, vector));
  });

  it("agrees with noble and OpenSSL on signatures with a byte changed anywhere", () => {
    const keys = secp256k1KeyPair(sha256(new Uint8Array(1)));
    const byte = fc.tuple(fc.nat(160), fc.integer({ min: 0, max: 255 }));
    const openssl = strictVerifier(opensslLibrary());
    const property = fc.property(
      fc.uint8Array({ maxLength: 64 }),
      fc.array(byte, { maxLength: 2 }),
      (message, changes) => {
        const all = Uint8Array.of(...keys.publicKey, ...sign(keys, message), ...message);
        for (const [at, value] of changes) if (at < all.length) all[at] = value;
        const args = [all.subarray(0, 33), all.subarray(33, 97), all.subarray(97)] as const;
        const expected = nobleSecp256k1(...args);
        expect(verifySecp256k1(...args)).toBe(expected);
        expect(openssl(...args)).toBe(expected);
      },
    );
    fc.assert(property, { numRuns: 150 });
  });

  it("knows the strict range of r and s", () => {
    const order = secp256k1.Point.CURVE().n;
    const word = (value: bigint) => bytes(value.toString(16).padStart(64, "0"));
    const inRange = (value: bigint, most: bigint) => value >= 1n && value <= most;
    const edges = [0n, 1n, order / 2n, order / 2n + 1n, order - 1n, order, order + 1n, 2n ** 256n - 1n];
    for (const r of edges) {
      for (const s of edges) {
        const expected = inRange(r, order - 1n) && inRange(s, order / 2n);
        expect(isStrictSignature(Uint8Array.of(...word(r), ...word(s)))).toBe(expected);
      }
    }
  });

  it("names the library in use", () => {
    expect(verifierInUse).toBe(nativeBindings === undefined ? opensslLibrary().name : "libsecp256k1 (native)");
  });
});

const nobleEd25519: Verify = (publicKey, signature, message) => {
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: true });
  } catch {
    return false;
  }
};

describe("ed25519", () => {
  it("gives the answers of cosmos-sdk and CometBFT: small order, torsion, odd encodings, s beyond the order", () => {
    for (const vector of vectors.ed25519) {
      expect([vector.name, answer(verifyEd25519, vector)]).toEqual([vector.name, vector.isGood]);
    }
  });

  it("agrees with noble on signatures with a byte changed anywhere", () => {
    const keys = ed25519KeyPair(sha256(new Uint8Array(1)));
    const byte = fc.tuple(fc.nat(160), fc.integer({ min: 0, max: 255 }));
    const property = fc.property(
      fc.uint8Array({ maxLength: 64 }),
      fc.array(byte, { maxLength: 2 }),
      (message, changes) => {
        const all = Uint8Array.of(...keys.publicKey, ...sign(keys, message), ...message);
        for (const [at, value] of changes) if (at < all.length) all[at] = value;
        const args = [all.subarray(0, 32), all.subarray(32, 96), all.subarray(96)] as const;
        expect(verifyEd25519(...args)).toBe(nobleEd25519(...args));
      },
    );
    fc.assert(property, { numRuns: 150 });
  });

  it("stays right when more keys come by than are kept parsed", () => {
    const keys = ed25519KeyPair(sha256(new Uint8Array(2)));
    const message = new Uint8Array(3);
    const signature = sign(keys, message);
    expect(verifyEd25519(keys.publicKey, signature, message)).toBe(true);
    for (let i = 0; i < 1100; i++) {
      const other = keys.publicKey.slice();
      new DataView(other.buffer).setUint32(0, i);
      // s = 0 and a nonce that is no point: refused soon, but the key is parsed.
      verifyEd25519(other, new Uint8Array(64).fill(2, 0, 1), message);
    }
    expect(verifyEd25519(keys.publicKey, signature, message)).toBe(true);
  });
});

describe("sign", () => {
  it("makes the RFC 6979 signature that noble makes", () => {
    const keys = secp256k1KeyPair(sha256(new Uint8Array(4)));
    for (let length = 0; length < 20; length++) {
      const message = new Uint8Array(length);
      const expected = secp256k1.sign(sha256(message), keys.privateKey, { prehash: false, lowS: true });
      expect(signSecp256k1(keys.privateKey, message)).toEqual(expected);
    }
  });

  it.each(["secp256k1", "ed25519"] as const)("makes %s keys whose signatures verify", (scheme) => {
    const verify = scheme === "secp256k1" ? verifySecp256k1 : verifyEd25519;
    const keys = generateKeyPair(scheme);
    const message = new Uint8Array([1, 2, 3]);
    expect(verify(keys.publicKey, sign(keys, message), message)).toBe(true);
    expect(verify(generateKeyPair(scheme).publicKey, sign(keys, message), message)).toBe(false);
  });
});
