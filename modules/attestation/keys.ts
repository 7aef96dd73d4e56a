/**
 * Keys of relays and oracles: each stands once on the chain, is no point of small order, and comes with a signature by its secret. Owns which
 * keys are taken, which is as long as anybody may still verify by them.
 */
import type { Context, ReadContext } from "../../chain/context.ts";
import { isUsableKey, verify as verifyVrf } from "../../chain/crypto/ecvrf.ts";
import type { SignatureCheck } from "../../chain/crypto/types.ts";
import { compareBytes } from "../../chain/store/types.ts";
import { encodeUtf8 } from "../../chain/utf8.ts";
import type { PossessedKey } from "../../proto/gen/weir/attestation/v1/tx.ts";
import { falsePossession, keyInUse, unusableKey } from "./errors.ts";
import * as state from "./state.ts";
import { type Subject, sameSubject, subjectText } from "./subject.ts";

export const publicKeyLength = 32;
const signatureLength = 64;
const proofLength = 80;

const transportDomain = encodeUtf8("weir/transport-possession");
const vrfDomain = encodeUtf8("weir/vrf-possession");

/** The operator's address has a fixed length on this chain, and stands last: two inputs are never the same bytes. */
function possessionInput(domain: Uint8Array, chainId: string, operator: Uint8Array): Uint8Array {
  const chain = encodeUtf8(chainId);
  const bytes = new Uint8Array(domain.length + 1 + chain.length + operator.length);
  bytes.set(domain);
  bytes[domain.length] = chain.length;
  bytes.set(chain, domain.length + 1);
  bytes.set(operator, domain.length + 1 + chain.length);
  return bytes;
}

/** What the transport key signs, so that nobody registers another's. */
export const transportPossessionInput = (chainId: string, operator: Uint8Array): Uint8Array =>
  possessionInput(transportDomain, chainId, operator);

/** What the VRF key proves. */
export const vrfPossessionInput = (chainId: string, operator: Uint8Array): Uint8Array =>
  possessionInput(vrfDomain, chainId, operator);

/** What a message alone shows of a key. */
export function requireKeyLengths(key: PossessedKey | undefined, what: "transport key" | "VRF key"): void {
  if (key?.publicKey.length !== publicKeyLength) throw unusableKey();
  const expected = what === "VRF key" ? proofLength : signatureLength;
  if (key.possession.length !== expected) throw falsePossession(what);
}

export const possessionCheck = (chainId: string, operator: Uint8Array, key: PossessedKey): SignatureCheck => ({
  scheme: "ed25519",
  publicKey: key.publicKey,
  signature: key.possession,
  message: transportPossessionInput(chainId, operator),
});

export function requireTransportKey(ctx: Context, operator: Uint8Array, key: PossessedKey): void {
  if (!isUsableKey(key.publicKey)) throw unusableKey();
  if (!ctx.verify(possessionCheck(ctx.block.chainId, operator, key))) throw falsePossession("transport key");
}

/** As a proof of an oracle's covert list: some five signatures' worth. */
const vrfProofGas = 5_000n;

export function requireVrfKey(ctx: ReadContext, operator: Uint8Array, { publicKey, possession }: PossessedKey): void {
  ctx.gas.consume(vrfProofGas, "attestation: proof of possession");
  if (!isUsableKey(publicKey)) throw unusableKey();
  const input = vrfPossessionInput(ctx.block.chainId, operator);
  if (verifyVrf(publicKey, input, possession) === undefined) throw falsePossession("VRF key");
}

/** Whether the key is taken by another; one's own stays one's own. */
export function takeKey(ctx: Context, subject: Subject, publicKey: Uint8Array): void {
  const owner = state.keys.get(ctx, publicKey);
  if (owner !== undefined && !sameSubject(owner, subject)) throw keyInUse(subjectText(owner));
  if (owner === undefined) state.keys.set(ctx, publicKey, subject);
}

/** Gives back what nobody verifies by any more. */
export function releaseKeys(ctx: Context, before: readonly Uint8Array[], after: readonly Uint8Array[]): void {
  for (const key of before) {
    if (!after.some((kept) => compareBytes(kept, key) === 0)) state.keys.delete(ctx, key);
  }
}
