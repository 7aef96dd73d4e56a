/**
 * Public keys of accounts: single keys and k-of-n multisigs (cosmos.crypto.*). Owns their parsing out of an Any, their amino bytes and
 * their address; what a multisig's signatures must look like is multisig.ts.
 */

import { LegacyAminoPubKey } from "../../proto/gen/cosmos/crypto/multisig/keys.ts";
import { PubKey } from "../../proto/gen/cosmos/crypto/secp256k1/keys.ts";
import { type ChainError, sdk } from "../errors.ts";
import { ed25519KeyBytes } from "./ed25519.ts";
import { ed25519Address, multisigAddress, secp256k1Address } from "./hash.ts";
import { secp256k1KeyBytes } from "./secp256k1.ts";

export interface SingleKey {
  readonly scheme: "secp256k1" | "ed25519";
  readonly key: Uint8Array;
}

export interface MultisigKey {
  readonly scheme: "multisig";
  /** From 1 to the number of keys. */
  readonly threshold: number;
  /** The order matters: signatures and the address follow it. A key may stand twice and then counts twice. */
  readonly publicKeys: readonly PublicKey[];
}

export type PublicKey = SingleKey | MultisigKey;

/** A multisig may have multisigs among its keys, this deep. */
export const multisigDepthMax = 4;
/** Keys of one multisig; the ante's signature limit is lower still. */
export const multisigKeysMax = 64;

export interface ProtoAny {
  typeUrl: string;
  value: Uint8Array;
}

const typeUrls = {
  secp256k1: "/cosmos.crypto.secp256k1.PubKey",
  ed25519: "/cosmos.crypto.ed25519.PubKey",
  multisig: "/cosmos.crypto.multisig.LegacyAminoPubKey",
} as const;

const keyBytes = { secp256k1: secp256k1KeyBytes, ed25519: ed25519KeyBytes } as const;

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Throws ChainError (sdk 8, invalid pubkey). Accepts only the canonical encoding of a key of the right length. */
export function publicKeyFromAny({ typeUrl, value }: ProtoAny, depth = 0): PublicKey {
  if (typeUrl === typeUrls.secp256k1) return singleKey("secp256k1", value);
  if (typeUrl === typeUrls.ed25519) return singleKey("ed25519", value);
  if (typeUrl === typeUrls.multisig) return multisigKey(value, depth);
  throw sdk.invalidPubKey(`public key of type ${typeUrl}; use one of ${Object.values(typeUrls).join(", ")}`);
}

/** Both messages are one bytes field, number 1. */
function singleKey(scheme: SingleKey["scheme"], value: Uint8Array): SingleKey {
  const length = keyBytes[scheme];
  if (value[0] !== 0x0a || value[1] !== length || value.length !== 2 + length) {
    throw sdk.invalidPubKey(`a ${scheme} key is ${length} bytes in field 1, found ${value.length} bytes in all`);
  }
  return { scheme, key: value.slice(2) };
}

function multisigKey(value: Uint8Array, depth: number): MultisigKey {
  if (depth >= multisigDepthMax) throw sdk.invalidPubKey(`multisig keys nested deeper than ${multisigDepthMax}`);
  const { threshold, publicKeys } = decodeMultisig(value);
  if (publicKeys.length > multisigKeysMax) {
    throw sdk.invalidPubKey(`a multisig of ${publicKeys.length} keys, at most ${multisigKeysMax}`);
  }
  if (threshold < 1 || threshold > publicKeys.length) {
    throw sdk.invalidPubKey(`threshold ${threshold} of a multisig of ${publicKeys.length} keys`);
  }
  return { scheme: "multisig", threshold, publicKeys: publicKeys.map((key) => publicKeyFromAny(key, depth + 1)) };
}

function decodeMultisig(value: Uint8Array): LegacyAminoPubKey {
  const refusal: ChainError = sdk.invalidPubKey("a multisig key that is not canonical protobuf");
  try {
    const decoded = LegacyAminoPubKey.decode(value);
    if (sameBytes(LegacyAminoPubKey.encode(decoded).finish(), value)) return decoded;
  } catch {
    // The reader's own words say nothing to a client; the refusal below does.
  }
  throw refusal;
}

export function publicKeyToAny(publicKey: PublicKey): ProtoAny {
  const typeUrl = typeUrls[publicKey.scheme];
  if (publicKey.scheme !== "multisig") return { typeUrl, value: PubKey.encode(publicKey).finish() };
  const { threshold, publicKeys } = publicKey;
  return {
    typeUrl,
    value: LegacyAminoPubKey.encode({ threshold, publicKeys: publicKeys.map(publicKeyToAny) }).finish(),
  };
}

/** Amino's prefixes: the first four bytes that its name hash of the type's name yields. */
const aminoPrefixes = {
  secp256k1: [0xeb, 0x5a, 0xe9, 0x87],
  ed25519: [0x16, 0x24, 0xde, 0x64],
  multisig: [0x22, 0xc1, 0xf7, 0xe2],
} as const;

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return [...bytes, rest];
}

/** Amino binary: prefix, then the key with its length, or field 1 the threshold and field 2 each key. */
export function aminoPublicKey(publicKey: PublicKey): Uint8Array {
  const prefix = aminoPrefixes[publicKey.scheme];
  if (publicKey.scheme !== "multisig") return Uint8Array.of(...prefix, publicKey.key.length, ...publicKey.key);
  const parts: Uint8Array[] = [Uint8Array.of(...prefix, 0x08, ...varint(publicKey.threshold))];
  for (const key of publicKey.publicKeys) {
    const bytes = aminoPublicKey(key);
    parts.push(Uint8Array.of(0x12, ...varint(bytes.length)), bytes);
  }
  return joined(parts);
}

/** Not by spreading into arguments: of nested keys there are more bytes than a stack holds. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The account that the key signs for: 20 bytes. */
export function publicKeyAddress(publicKey: PublicKey): Uint8Array {
  if (publicKey.scheme === "secp256k1") return secp256k1Address(publicKey.key);
  if (publicKey.scheme === "ed25519") return ed25519Address(publicKey.key);
  return multisigAddress(aminoPublicKey(publicKey));
}

/** What the limit on signatures of a transaction counts: every single key, also of nested multisigs. */
export function countSingleKeys(publicKey: PublicKey): number {
  if (publicKey.scheme !== "multisig") return 1;
  return publicKey.publicKeys.reduce((sum, key) => sum + countSingleKeys(key), 0);
}
