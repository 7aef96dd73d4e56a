/** The verifiers that chain/tx is given. Owns the choice of curve and the cache of positives; workers are in workerverifier.ts. */
import { verifyEd25519 } from "./ed25519.ts";
import { positiveCache } from "./positives.ts";
import { verifySecp256k1 } from "./secp256k1.ts";
import type { SignatureCheck, SignatureVerifier } from "./types.ts";

/** A fresh check, on this thread, by the pinned rule of the curve. */
export function verifySignature({ scheme, publicKey, signature, message }: SignatureCheck): boolean {
  if (scheme === "secp256k1") return verifySecp256k1(publicKey, signature, message);
  return verifyEd25519(publicKey, signature, message);
}

/** Verifies on the calling thread; what CheckTx has seen to be good FinalizeBlock does not compute again. */
export function inlineVerifier(): SignatureVerifier {
  const positives = positiveCache();
  return {
    verify(check) {
      if (positives.has(check)) return true;
      const isGood = verifySignature(check);
      if (isGood) positives.add(check);
      return isGood;
    },
    prefetch() {},
    async close() {},
  };
}
