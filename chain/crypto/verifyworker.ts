/** A thread that verifies signatures until it is stopped. Owns nothing: jobs and answers are in the ring. */
import { workerData } from "node:worker_threads";
import { type Job, JobRing } from "./jobring.ts";
import { checkDigest } from "./positives.ts";
import { verifierInUse } from "./secp256k1.ts";
import { verifyJob } from "./verify.ts";

export interface VerifyWorkerData {
  readonly memory: SharedArrayBuffer;
  readonly thread: number;
  /** The executing thread's library: two threads must not verify by different ones. */
  readonly verifierInUse: string;
}

function verifyUntilStopped({ memory, thread, verifierInUse: expected }: VerifyWorkerData): void {
  if (verifierInUse !== expected) {
    throw new Error(
      `this thread verifies by ${verifierInUse}, the executing thread by ${expected}; both must load the same library`,
    );
  }
  const ring = new JobRing(memory, thread);
  for (;;) {
    const slot = ring.take();
    if (slot >= 0) answer(ring, slot);
    else if (!ring.sleep()) return;
  }
}

function answer(ring: JobRing, slot: number): void {
  const job: Job = ring.readJob(slot);
  const good = verifyJob(job);
  if (good && !job.isHashed) ring.digest(slot).set(checkDigest(job));
  ring.finish(slot, good);
}

verifyUntilStopped(workerData as VerifyWorkerData);
