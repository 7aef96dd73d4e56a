/**
 * What a proposer proves, and what comes of a proof: the same bytes for the chain, the node and whoever checks a block. Pure; owns no key.
 */
import { prove, verify } from "../../chain/crypto/ecvrf.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import { writeUint64 } from "../../chain/keycodec.ts";
import { encodeUtf8 } from "../../chain/utf8.ts";

export const beaconLength = 32;
const heightLength = 8;

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

const domain = encodeUtf8("weir/beacon");
/** Begins otherwise, so that no proof of possession is one of a block. */
const possessionDomain = encodeUtf8("weir/possession");

export const firstBeacon = (chainId: string): Uint8Array => sha256(joined(domain, encodeUtf8(chainId)));

export interface Proven {
  readonly chainId: string;
  readonly height: bigint;
  /** The beacon before the block. */
  readonly beacon: Uint8Array;
}

/** What stands behind the chain's id has a fixed length, so that two inputs are never the same bytes. */
export function proofInput({ chainId, height, beacon }: Proven): Uint8Array {
  const bytes = new Uint8Array(heightLength);
  writeUint64(bytes, 0, height);
  return joined(domain, encodeUtf8(chainId), bytes, beacon);
}

/** The next beacon, or undefined when it is no proof. */
export function mixed(publicKey: Uint8Array, block: Proven, proof: Uint8Array): Uint8Array | undefined {
  const output = verify(publicKey, proofInput(block), proof);
  return output === undefined ? undefined : sha256(joined(block.beacon, output));
}

const possessionInput = (chainId: string, operator: Uint8Array): Uint8Array =>
  joined(possessionDomain, encodeUtf8(chainId), operator);

/** Made by whoever holds the secret: a key that somebody else registered could not be used against them. */
export const provePossession = (secretKey: Uint8Array, chainId: string, operator: Uint8Array): Uint8Array =>
  prove(secretKey, possessionInput(chainId, operator));

export const isPossession = (
  publicKey: Uint8Array,
  chainId: string,
  operator: Uint8Array,
  proof: Uint8Array,
): boolean => verify(publicKey, possessionInput(chainId, operator), proof) !== undefined;

export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
