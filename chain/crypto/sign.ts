/** Keys and signatures made here: for the CLI, the local engine and tests. Owns no secret longer than a call; never used in consensus code. */
import { randomBytes } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "./hash.ts";
import { nativeBindings } from "./secp256k1.ts";
import type { SignatureCheck } from "./types.ts";

export interface KeyPair {
  readonly scheme: SignatureCheck["scheme"];
  /** 32 bytes: the scalar (secp256k1) or the seed (ed25519). */
  readonly privateKey: Uint8Array;
  /** 33 bytes compressed (secp256k1) or 32 bytes (ed25519). */
  readonly publicKey: Uint8Array;
}

/** Throws when the 32 bytes are no valid scalar, one chance in 2^128 for random ones. */
export const secp256k1KeyPair = (privateKey: Uint8Array): KeyPair => ({
  scheme: "secp256k1",
  privateKey,
  publicKey: secp256k1.getPublicKey(privateKey, true),
});

export const ed25519KeyPair = (seed: Uint8Array): KeyPair => ({
  scheme: "ed25519",
  privateKey: seed,
  publicKey: ed25519.getPublicKey(seed),
});

export function generateKeyPair(scheme: SignatureCheck["scheme"]): KeyPair {
  if (scheme === "ed25519") return ed25519KeyPair(new Uint8Array(randomBytes(32)));
  for (;;) {
    const privateKey = new Uint8Array(randomBytes(32));
    if (secp256k1.utils.isValidSecretKey(privateKey)) return secp256k1KeyPair(privateKey);
  }
}

/**
 * 64 bytes r‖s with low s over SHA-256 of the message; the nonce is RFC 6979's, so a message has one signature, whichever library makes
 * it: the native one is six times faster.
 */
export function signSecp256k1(privateKey: Uint8Array, message: Uint8Array): Uint8Array {
  const digest = sha256(message);
  if (nativeBindings !== undefined) return nativeBindings.ecdsaSign(digest, privateKey).signature;
  return secp256k1.sign(digest, privateKey, { prehash: false, lowS: true });
}

/** RFC 8032. */
export const signEd25519 = (seed: Uint8Array, message: Uint8Array): Uint8Array => ed25519.sign(message, seed);

export const sign = ({ scheme, privateKey }: KeyPair, message: Uint8Array): Uint8Array =>
  scheme === "secp256k1" ? signSecp256k1(privateKey, message) : signEd25519(privateKey, message);
