/** The verifiers that chain/tx is given: on this thread, or with workers. Owns the cache that CheckTx and FinalizeBlock share. */
import { positiveCache } from "./positives.ts";
import type { SignatureVerifier } from "./types.ts";
import { verifySignature } from "./verify.ts";

export { verifySignature } from "./verify.ts";
export { type WorkerVerifier, workerVerifier } from "./workerverifier.ts";

/** Verifies on the calling thread; what CheckTx has seen to be good FinalizeBlock does not compute again. */
export function inlineVerifier(): SignatureVerifier {
  const positives = positiveCache();
  return {
    verify(check) {
      if (positives.has(check)) return true;
      const good = verifySignature(check);
      if (good) positives.add(check);
      return good;
    },
    cacheFigures: () => positives.figures(),
    async close() {},
  };
}
