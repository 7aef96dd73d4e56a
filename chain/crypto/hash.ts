/** Hashes and the addresses made of them. Owns which hash an address is; bech32 text is chain/address.ts. */
import { hash } from "node:crypto";

/** Accounts, validators and modules alike: cosmos-sdk and CometBFT cut every address to this many bytes. */
export const addressBytes = 20;

/**
 * Through text, because a string is made three times faster than a Buffer; and into a plain Uint8Array, because a Buffer's slice()
 * shares memory where a Uint8Array's copies, and callers must not have to know which of the two they hold.
 */
function digest(algorithm: "sha512" | "sha256" | "ripemd160", message: Uint8Array, bytes: 64 | 32 | 20): Uint8Array {
  const text = hash(algorithm, message, "binary");
  const made = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i++) made[i] = text.charCodeAt(i);
  return made;
}

export const sha256 = (message: Uint8Array): Uint8Array => digest("sha256", message, 32);

export const sha512 = (message: Uint8Array): Uint8Array => digest("sha512", message, 64);

export const ripemd160 = (message: Uint8Array): Uint8Array => digest("ripemd160", message, 20);

/** CometBFT's tmhash.SumTruncated: validators' consensus addresses, module addresses and multisig addresses. */
export const sha256Truncated = (message: Uint8Array): Uint8Array => sha256(message).subarray(0, addressBytes);

/** Bitcoin's hash160 of the 33-byte compressed key (cosmos-sdk crypto/keys/secp256k1). */
export const secp256k1Address = (publicKey: Uint8Array): Uint8Array => ripemd160(sha256(publicKey));

/** CometBFT crypto/ed25519: consensus addresses of validators. */
export const ed25519Address = (publicKey: Uint8Array): Uint8Array => sha256Truncated(publicKey);

/** `aminoBytes` as multisig.ts encodes a LegacyAminoPubKey: the address depends on the order of the keys. */
export const multisigAddress = (aminoBytes: Uint8Array): Uint8Array => sha256Truncated(aminoBytes);
