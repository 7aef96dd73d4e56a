/**
 * Verification over secp256k1: one rule, whatever library computes it. Owns the rule and the choice of library; does not own signing
 * (sign.ts) nor batches (verifier.ts).
 *
 * The rule: a 33-byte compressed key that names a point of the curve; 64 bytes r‖s, both in [1, n-1], s at most n/2; the message is
 * hashed by SHA-256. Anything else, any throw included, is false.
 */
import { createPublicKey, verify as verifyByOpenSsl } from "node:crypto";
import { createRequire } from "node:module";
import { sha256 } from "./hash.ts";

export const secp256k1KeyBytes = 33;
export const secp256k1SignatureBytes = 64;

const hexBytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));

const zero = new Uint8Array(32);
const order = hexBytes("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
const halfOrder = hexBytes("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");

/** Compares 32 bytes from `start`, a big-endian number, with `limit`: negative, zero or positive. */
function compare(bytes: Uint8Array, start: number, limit: Uint8Array): number {
  for (let i = 0; i < 32; i++) {
    const difference = bytes[start + i]! - limit[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** r and s in [1, n-1] and s low: with n-s as a second signature, one transaction would have two hashes. */
export const isStrictSignature = (signature: Uint8Array): boolean =>
  signature.length === secp256k1SignatureBytes &&
  compare(signature, 0, zero) > 0 &&
  compare(signature, 0, order) < 0 &&
  compare(signature, 32, zero) > 0 &&
  compare(signature, 32, halfOrder) <= 0;

/** 02 or 03 and 32 bytes; whether they are the x of a point is found when the library parses them. */
const isCompressedKey = (publicKey: Uint8Array): boolean =>
  publicKey.length === secp256k1KeyBytes && (publicKey[0] === 2 || publicKey[0] === 3);

/** What a library must do once the rule's cheap checks have passed. It may throw for a key that is no point. */
export interface EcdsaLibrary {
  readonly name: string;
  verify(publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean;
  /** Of a message that is already hashed; OpenSSL through node:crypto cannot. */
  readonly verifyDigest?: (publicKey: Uint8Array, signature: Uint8Array, digest: Uint8Array) => boolean;
}

export interface NativeBindings {
  ecdsaVerify(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean;
  ecdsaSign(digest: Uint8Array, privateKey: Uint8Array): { readonly signature: Uint8Array };
}

/** The package's main entry would fall back to a slow library without a word, so its bindings are named here. */
function loadBindings(): NativeBindings | undefined {
  try {
    return createRequire(import.meta.url)("secp256k1/bindings") as NativeBindings;
  } catch {
    // The only way to learn that there is no build for this platform; verifierInUse names what is used instead.
    return undefined;
  }
}

/** libsecp256k1, where the package has a build for the platform. */
export const nativeBindings: NativeBindings | undefined = loadBindings();

/** What native code is given lies here: each fresh small array would first be moved out of the heap, at ten times the price of a copy. */
const keyScratch = new Uint8Array(secp256k1KeyBytes);
const signatureScratch = new Uint8Array(secp256k1SignatureBytes);
const digestScratch = new Uint8Array(32);

export function nativeLibrary(native: NativeBindings): EcdsaLibrary {
  function verifyDigest(publicKey: Uint8Array, signature: Uint8Array, digest: Uint8Array): boolean {
    keyScratch.set(publicKey);
    signatureScratch.set(signature);
    digestScratch.set(digest);
    return native.ecdsaVerify(signatureScratch, digestScratch, keyScratch);
  }
  return {
    name: "libsecp256k1 (native)",
    verify: (publicKey, signature, message) => verifyDigest(publicKey, signature, sha256(message)),
    verifyDigest,
  };
}

/** SubjectPublicKeyInfo of a compressed secp256k1 key, up to the key (RFC 5480 §2). */
const keyInfoPrefix = hexBytes("3036301006072a8648ce3d020106052b8104000a032200");

/** OpenSSL: about seven times slower, and wherever Node is. */
export function opensslLibrary(): EcdsaLibrary {
  return {
    name: "OpenSSL (node:crypto): secp256k1 has no native build for this platform, verification is about seven times slower",
    verify(publicKey, signature, message) {
      const key = createPublicKey({ key: Buffer.concat([keyInfoPrefix, publicKey]), format: "der", type: "spki" });
      return verifyByOpenSsl("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
    },
  };
}

export type Verify = (publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array) => boolean;

/** The rule around a library's arithmetic. */
function strictly(arithmetic: Verify): Verify {
  return (publicKey, signature, message) => {
    if (!isCompressedKey(publicKey) || !isStrictSignature(signature)) return false;
    try {
      return arithmetic(publicKey, signature, message);
    } catch {
      return false;
    }
  };
}

export const strictVerifier = (library: EcdsaLibrary): Verify => strictly(library.verify);

const library = nativeBindings === undefined ? opensslLibrary() : nativeLibrary(nativeBindings);

/** Names the library, for the host to say once at start. */
export const verifierInUse: string = library.name;

export const verifySecp256k1: Verify = strictVerifier(library);

/** The same for a message that is already hashed; undefined where the library cannot. */
export const verifySecp256k1Digest: Verify | undefined =
  library.verifyDigest === undefined ? undefined : strictly(library.verifyDigest);
