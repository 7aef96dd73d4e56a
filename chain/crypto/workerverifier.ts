/**
 * Verification by worker threads for an executor that never awaits. Owns the threads and the order of a batch; the shared memory and
 * its rules are jobring.ts.
 *
 * `prefetch` lays checks out, workers take them in order, and `verify` collects: an answer that is there is read; a job that nobody has
 * taken is verified here; while a worker is at it, this thread takes the next job rather than wait. A worker that does not answer in
 * time is passed over until it answers something again, so none can hang a block. No answer depends on who gave it.
 */
import { Worker } from "node:worker_threads";
import { sha256 } from "./hash.ts";
import * as ring from "./jobring.ts";
import { checkDigest, type PositiveCache, positiveCache } from "./positives.ts";
import { knownGood, notInRing, PrefetchedChecks } from "./prefetched.ts";
import { verifierInUse } from "./secp256k1.ts";
import type { CacheFigures, SignatureCheck, SignatureVerifier } from "./types.ts";
import { canVerifyHashed, verifyJob, verifySignature } from "./verify.ts";
import type { VerifyWorkerData } from "./verifyworker.ts";

/** A thousand times as long as a verification: a worker that needs more is dead, or the machine is busy with something else. */
const patienceMilliseconds = 50;

/** Batches of clients that send at once; more of them, and the oldest is forgotten. */
const batchesMax = 32;

/** What the verifier needs of a thread. */
export interface VerifyThread {
  terminate(): Promise<unknown>;
}

export interface WorkerVerifierOptions {
  /** Threads beside the executing one, at most 16. */
  readonly workers: number;
  /** Told once for each thread that ends before `close`: the work goes on here, slower. */
  readonly onWorkerLost?: (reason: string) => void;
  /** Starts a thread on the ring; replaced in tests. */
  readonly spawn?: (data: VerifyWorkerData, lost: (reason: string) => void) => VerifyThread;
}

export interface WorkerVerifier extends SignatureVerifier {
  prefetch(checks: readonly SignatureCheck[]): void;
  prefetchMore(checks: readonly SignatureCheck[]): void;
  prefetchBeside(checks: readonly SignatureCheck[]): void;
  /** How many jobs the workers have ended since the start. */
  verifiedByWorkers(): number;
}

/** From source it is TypeScript, from the published package JavaScript. */
const workerFile = new URL(
  import.meta.url.endsWith(".ts") ? "./verifyworker.ts" : "./verifyworker.js",
  import.meta.url,
);

function spawnThread(data: VerifyWorkerData, lost: (reason: string) => void): VerifyThread {
  const worker = new Worker(workerFile, { workerData: data, execArgv: [], stdin: false });
  worker.on("error", (error) => lost(`a signature worker failed: ${(error as Error).message}`));
  worker.on("exit", (code) => lost(`a signature worker ended with code ${code}`));
  worker.unref();
  return worker;
}

export function workerVerifier(options: WorkerVerifierOptions): WorkerVerifier {
  return new Verifier(options);
}

/** The executing thread's number in the ring. */
const here = 0;

class Verifier implements WorkerVerifier {
  readonly #memory = ring.newRingMemory();
  readonly #ring = new ring.JobRing(this.#memory, here);
  readonly #positives: PositiveCache = positiveCache();
  /** Batches that are asked for at the same time, the oldest first. */
  #batches: PrefetchedChecks[] = [];
  readonly #threads: VerifyThread[] = [];
  /** Of a thread that kept us waiting: what it had finished then. It is trusted again when it has finished more. */
  readonly #stalledAt = new Map<number, number>();
  #alive = 0;
  #underWay = 0;
  #isClosed = false;

  constructor({ workers, onWorkerLost, spawn = spawnThread }: WorkerVerifierOptions) {
    if (!Number.isInteger(workers) || workers < 0 || workers >= ring.threadsMax) {
      throw new Error(`${workers} signature workers; give a whole number from 0 to ${ring.threadsMax - 1}`);
    }
    for (let thread = 1; thread <= workers; thread++) {
      let isLost = false;
      const lost = (reason: string) => {
        if (isLost || this.#isClosed) return;
        isLost = true;
        this.#alive--;
        onWorkerLost?.(reason);
      };
      this.#alive++;
      this.#threads.push(spawn({ memory: this.#memory, thread, verifierInUse }, lost));
    }
  }

  /** Takes about half a microsecond a check, more for a message that a slot cannot hold. Replaces what was prefetched before. */
  prefetch(checks: readonly SignatureCheck[]): void {
    this.#clear();
    this.#ring.skipAll();
    this.prefetchBeside(checks);
  }

  prefetchMore(checks: readonly SignatureCheck[]): void {
    const last = this.#batches.at(-1);
    if (last === undefined) {
      this.prefetchBeside(checks);
      return;
    }
    if (this.#alive === 0 || this.#isClosed) return;
    last.append(checks);
    this.#fill();
  }

  prefetchBeside(checks: readonly SignatureCheck[]): void {
    if (this.#alive === 0 || this.#isClosed) return;
    // Nobody may ask for the rest of a batch any more.
    if (this.#batches.length === batchesMax) this.#batches.shift()!.clear(this.#release);
    const batch = new PrefetchedChecks();
    batch.start(checks);
    this.#batches.push(batch);
    this.#fill();
  }

  verify(check: SignatureCheck): boolean {
    for (const batch of this.#batches) {
      const position = batch.find(check);
      if (position >= 0) return this.#collect(batch, position, check);
    }
    return this.#verifyHere(check);
  }

  #collect(batch: PrefetchedChecks, position: number, check: SignatureCheck): boolean {
    const slot = batch.takeThrough(position, this.#release);
    // The last one stays, as it may grow.
    if (batch.isOver && batch !== this.#batches.at(-1)) this.#batches = this.#batches.filter((one) => one !== batch);
    if (slot === knownGood) return true;
    const good = this.#settle(slot, check);
    if (good) this.#remember(slot, check);
    this.#release(slot);
    if (this.#underWay < ring.ringSlots / 2) this.#fill();
    return good;
  }

  verifiedByWorkers(): number {
    let sum = 0;
    for (let thread = 1; thread <= this.#threads.length; thread++) sum += this.#ring.finished(thread);
    return sum;
  }

  cacheFigures(): CacheFigures {
    return this.#positives.figures();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#clear();
    this.#ring.stop();
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  readonly #release = (slot: number): void => {
    this.#ring.clear(slot);
    this.#underWay--;
  };

  #clear(): void {
    for (const batch of this.#batches) batch.clear(this.#release);
    this.#batches = [];
  }

  /** Gives every check a place while the ring has room. */
  #fill(): void {
    const before = this.#underWay;
    for (const batch of this.#batches) {
      for (let check = batch.next(); check !== undefined && this.#ring.hasRoom(); check = batch.next()) {
        const place = this.#publish(check);
        batch.place(place);
        if (place >= 0) this.#underWay++;
      }
    }
    if (this.#underWay > before) this.#ring.wake();
  }

  #publish(check: SignatureCheck): number {
    if (!ring.fitsSlot(check)) return notInRing;
    if (this.#positives.has(check)) return knownGood;
    if (ring.messageFitsSlot(check.message)) return this.#ring.publish(check, check.message, false);
    return canVerifyHashed(check) ? this.#ring.publish(check, sha256(check.message), true) : notInRing;
  }

  #verifyHere(check: SignatureCheck): boolean {
    if (this.#positives.has(check)) return true;
    const good = verifySignature(check);
    if (good) this.#positives.add(check);
    return good;
  }

  /** The answer to a job in the ring, by whoever has it first. */
  #settle(slot: number, check: SignatureCheck): boolean {
    for (;;) {
      const state = this.#ring.state(slot);
      if (ring.isAnswered(state)) return ring.isGood(state);
      if (!ring.isClaimed(state)) {
        if (this.#ring.claim(slot)) return verifySignature(check);
        continue;
      }
      if (this.#isStalled(ring.threadOf(state))) return verifySignature(check);
      if (!this.#takeAnother()) this.#waitFor(slot, state);
    }
  }

  #takeAnother(): boolean {
    const slot = this.#ring.take();
    if (slot < 0) return false;
    const job = this.#ring.readJob(slot);
    const good = verifyJob(job);
    if (good && !job.isHashed) this.#ring.digest(slot).set(checkDigest(job));
    this.#ring.finish(slot, good);
    return true;
  }

  #waitFor(slot: number, state: number): void {
    const thread = ring.threadOf(state);
    const finished = this.#ring.finished(thread);
    if (this.#ring.waitForChange(slot, state, patienceMilliseconds)) return;
    this.#stalledAt.set(thread, finished);
  }

  #isStalled(thread: number): boolean {
    return this.#stalledAt.get(thread) === this.#ring.finished(thread);
  }

  /** By the digest that the answering thread left. There is none of a message hashed before, nor of a job that we ended just now. */
  #remember(slot: number, check: SignatureCheck): void {
    const state = this.#ring.state(slot);
    const isLeft = ring.messageFitsSlot(check.message) && ring.isAnswered(state);
    if (isLeft) this.#positives.addDigest(check.signature, this.#ring.digest(slot, ring.threadOf(state)));
    else this.#positives.add(check);
  }
}
