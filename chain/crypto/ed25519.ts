/**
 * Verification over ed25519 by one rule, ZIP-215 (docs/adr/0007-ed25519-by-zip-215.md). Owns the rule; does not own signing nor batches.
 *
 * The rule: A and R are any encodings that decode to a point (y is not required to be below p, small order is allowed), S is below the
 * group order L, and [8][S]B = [8]R + [8][k]A. It is the rule of CometBFT's votes and of cosmos-sdk's ed25519 keys, and the only one
 * that gives the same answer one signature at a time and in batches.
 */
import { createPublicKey, type KeyObject, verify as verifyByOpenSsl } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";

export const ed25519KeyBytes = 32;
export const ed25519SignatureBytes = 64;

/** L = 2^252 + 27742317777372353535851937790883648493, little-endian as S is. */
const order = new Uint8Array(Buffer.from("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", "hex"));

function isBelowOrder(signature: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    const difference = signature[32 + i]! - order[i]!;
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** SubjectPublicKeyInfo of an ed25519 key, up to the key (RFC 8410 §4). */
const keyInfoPrefix = Buffer.from("302a300506032b6570032100", "hex");

/**
 * Parsing a key costs a quarter of a verification, and validators' and sessions' keys are asked for again and again: those asked for last are kept, in two
 * generations, so that a full cache is not an empty one. A key takes 1.2 kB, and so all at most 10 MB a thread.
 */
const parsedKeysMax = 4_096;
let parsedKeys = new Map<string, KeyObject>();
let olderKeys = new Map<string, KeyObject>();

function parsedKey(publicKey: Uint8Array): KeyObject {
  const name = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.length).toString("latin1");
  const known = parsedKeys.get(name);
  if (known !== undefined) return known;
  const key =
    olderKeys.get(name) ??
    createPublicKey({ key: Buffer.concat([keyInfoPrefix, publicKey]), format: "der", type: "spki" });
  if (parsedKeys.size >= parsedKeysMax) {
    olderKeys = parsedKeys;
    parsedKeys = new Map();
  }
  parsedKeys.set(name, key);
  return key;
}

/** OpenSSL checks [S]B = R + [k]A with R's own bytes: what it accepts ZIP-215 accepts, but not the other way round. */
function opensslAccepts(publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean {
  try {
    return verifyByOpenSsl(null, message, parsedKey(publicKey), signature);
  } catch {
    return false;
  }
}

/** noble's default rule is ZIP-215; it is named so that an update cannot change it unseen. About ten times slower than OpenSSL. */
function nobleAccepts(publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: true });
  } catch {
    return false;
  }
}

export function verifyEd25519(publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean {
  if (publicKey.length !== ed25519KeyBytes || signature.length !== ed25519SignatureBytes) return false;
  if (!isBelowOrder(signature)) return false;
  return opensslAccepts(publicKey, signature, message) || nobleAccepts(publicKey, signature, message);
}
