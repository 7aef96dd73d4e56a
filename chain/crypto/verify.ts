/** A fresh check by the pinned rule of the curve. Owns the dispatch; the rules are secp256k1.ts and ed25519.ts. */
import { verifyEd25519 } from "./ed25519.ts";
import type { Job } from "./jobring.ts";
import { verifySecp256k1, verifySecp256k1Digest } from "./secp256k1.ts";
import type { SignatureCheck } from "./types.ts";

export function verifySignature({ scheme, publicKey, signature, message }: SignatureCheck): boolean {
  if (scheme === "secp256k1") return verifySecp256k1(publicKey, signature, message);
  return verifyEd25519(publicKey, signature, message);
}

/** Only secp256k1 signs a hash, and only the native library verifies one. */
export const canVerifyHashed = ({ scheme }: SignatureCheck): boolean =>
  scheme === "secp256k1" && verifySecp256k1Digest !== undefined;

export function verifyJob(job: Job): boolean {
  if (!job.isHashed) return verifySignature(job);
  return verifySecp256k1Digest?.(job.publicKey, job.signature, job.message) ?? false;
}
