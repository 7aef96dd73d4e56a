/** Signatures: verified a second inline and with workers, and what the executing thread pays for each. */
import { randomBytes } from "node:crypto";
import { generateKeyPair, sign } from "../chain/crypto/sign.ts";
import type { SignatureCheck, SignatureVerifier } from "../chain/crypto/types.ts";
import { inlineVerifier } from "../chain/crypto/verifier.ts";
import { workerVerifier } from "../chain/crypto/workerverifier.ts";
import type { BenchOptions, Figure } from "./figure.ts";

/** A block of sends, each with a SignDoc of this length. */
const checksPerBlock = 2000;
const messageBytes = 260;
const blocks = 8;
const quickBlocks = 4;
/** Blocks before the figures count: threads have started and the compiler has seen the code. */
const warmUpBlocks = 2;
const workerCounts = [0, 1, 2] as const;

const verifierOf = (workers: number): SignatureVerifier =>
  workers === 0 ? inlineVerifier() : workerVerifier({ workers });

function makeBlock(): SignatureCheck[] {
  const keys = generateKeyPair("secp256k1");
  return Array.from({ length: checksPerBlock }, () => {
    const message = new Uint8Array(randomBytes(messageBytes));
    return { scheme: "secp256k1", publicKey: keys.publicKey, signature: sign(keys, message), message };
  });
}

/** Microseconds of this thread's own time. */
function threadMicroseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

interface Cost {
  readonly perSecond: number;
  readonly threadMicroseconds: number;
}

function verifyBlock(verifier: SignatureVerifier, checks: readonly SignatureCheck[]): Cost {
  const start = performance.now();
  const thread = threadMicroseconds();
  verifier.prefetch?.(checks);
  for (const check of checks) if (!verifier.verify(check)) throw new Error("a good signature was refused");
  return {
    perSecond: (checks.length * 1000) / (performance.now() - start),
    threadMicroseconds: (threadMicroseconds() - thread) / checks.length,
  };
}

export default async function* signatures({ quick }: BenchOptions): AsyncIterable<Figure> {
  const load = Array.from({ length: warmUpBlocks + (quick ? quickBlocks : blocks) }, makeBlock);
  for (const workers of workerCounts) {
    const verifier = verifierOf(workers);
    const fresh: Cost[] = [];
    const known: Cost[] = [];
    for (const block of load) {
      fresh.push(verifyBlock(verifier, block));
      known.push(verifyBlock(verifier, block));
      // Threads start, and events come in, between blocks only.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await verifier.close();
    const counted = fresh.slice(warmUpBlocks);
    const params = { workers };
    yield { bench: "signatures.verified", unit: "1/s", params, samples: counted.map((cost) => cost.perSecond) };
    yield { bench: "signatures.thread", unit: "us", params, samples: counted.map((cost) => cost.threadMicroseconds) };
    const again = known.slice(warmUpBlocks).map((cost) => cost.threadMicroseconds);
    yield { bench: "signatures.known", unit: "us", params, samples: again };
  }
}
