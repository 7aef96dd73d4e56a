/**
 * The memory shared by the thread that executes blocks and the threads that verify signatures for it. Owns its layout, the states of a
 * job and how a thread takes one; does not own threads, nor the order in which answers are asked for (workerverifier.ts).
 *
 * A job lies in a slot whose state is one 32-bit word: empty → ready → claimed by a thread → good or bad, by that thread → empty. Only
 * the executing thread (number 0) fills and empties; it may empty a slot in any state. A claim is made by compare-and-exchange, and only
 * thread w ever writes "claimed by w", one at a time. So a thread whose job was taken away finds another state there and its answer is
 * lost: a stalled, killed or late thread costs time and cannot change a result, whatever has been written into the slot since.
 */
import type { SignatureCheck } from "./types.ts";

/** Signatures that can be under way at once; a power of two. */
export const ringSlots = 4096;
/** The executing thread and at most sixteen workers. */
export const threadsMax = 17;

export const empty = 0;
export const ready = 1;
const claimedBase = 32;
const goodBase = 64;
const badBase = 96;

export const claimedBy = (thread: number): number => claimedBase + thread;
export const isClaimed = (state: number): boolean => state >= claimedBase && state < goodBase;
export const isGood = (state: number): boolean => state >= goodBase && state < badBase;
export const isAnswered = (state: number): boolean => state >= goodBase;
/** Of a claimed or answered job. */
export const threadOf = (state: number): number => state & 31;

/** Words that different threads write lie a cache line apart, or each write would stall the others. */
const lineWords = 16;
const publishedWord = 0;
const takenWord = lineWords;
const sleepersWord = 2 * lineWords;
const stoppedWord = 3 * lineWords;
const finishedWord = 4 * lineWords;
const stateWord = finishedWord + threadsMax * lineWords;
const digestBytes = 32;
const digestsAt = 4 * (stateWord + ringSlots);
const slotsAt = digestsAt + threadsMax * ringSlots * digestBytes;

const slotBytes = 2048;
const signatureBytes = 64;
const keyBytesMax = 33;
/** In a slot: scheme, whether the message is hashed, the key's length, the message's in two bytes; then key, signature, message. */
const keyAt = 8;
const signatureAt = keyAt + keyBytesMax;
const messageAt = signatureAt + signatureBytes;
const messageBytesMax = slotBytes - messageAt;

/** An idle worker looks whether it should stop at least this often, even if nobody wakes it. */
const sleepMillisecondsMax = 1000;

export interface Job extends SignatureCheck {
  /** The message is the SHA-256 of what was signed. */
  readonly isHashed: boolean;
}

export const newRingMemory = (): SharedArrayBuffer => new SharedArrayBuffer(slotsAt + ringSlots * slotBytes);

export const fitsSlot = ({ publicKey, signature }: SignatureCheck): boolean =>
  publicKey.length <= keyBytesMax && signature.length === signatureBytes;

export const messageFitsSlot = (message: Uint8Array): boolean => message.length <= messageBytesMax;

/** One thread's view of the ring. */
export class JobRing {
  readonly #thread: number;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(memory: SharedArrayBuffer, thread: number) {
    this.#thread = thread;
    this.#words = new Int32Array(memory, 0, stateWord + ringSlots);
    this.#bytes = new Uint8Array(memory);
  }

  /** Fills the next slot in order, which must be empty, and lets threads take it. Returns the slot. Thread 0 only. */
  publish({ scheme, publicKey, signature }: SignatureCheck, message: Uint8Array, isHashed: boolean): number {
    const slot = Atomics.load(this.#words, publishedWord) & (ringSlots - 1);
    const bytes = this.#bytes;
    const start = slotsAt + slot * slotBytes;
    bytes[start] = scheme === "secp256k1" ? 1 : 2;
    bytes[start + 1] = isHashed ? 1 : 0;
    bytes[start + 2] = publicKey.length;
    bytes[start + 4] = message.length & 0xff;
    bytes[start + 5] = message.length >> 8;
    bytes.set(publicKey, start + keyAt);
    bytes.set(signature, start + signatureAt);
    bytes.set(message, start + messageAt);
    Atomics.store(this.#words, stateWord + slot, ready);
    Atomics.add(this.#words, publishedWord, 1);
    return slot;
  }

  /** Whether the next slot in order is empty. Thread 0 only. */
  hasRoom(): boolean {
    return this.state(Atomics.load(this.#words, publishedWord) & (ringSlots - 1)) === empty;
  }

  readJob(slot: number): Job {
    const bytes = this.#bytes;
    const start = slotsAt + slot * slotBytes;
    const messageLength = bytes[start + 4]! | (bytes[start + 5]! << 8);
    return {
      scheme: bytes[start] === 1 ? "secp256k1" : "ed25519",
      isHashed: bytes[start + 1] === 1,
      publicKey: bytes.subarray(start + keyAt, start + keyAt + bytes[start + 2]!),
      signature: bytes.subarray(start + signatureAt, start + signatureAt + signatureBytes),
      message: bytes.subarray(start + messageAt, start + messageAt + messageLength),
    };
  }

  /** Claims the next job in order that nobody has taken; -1 when there is none. */
  take(): number {
    for (;;) {
      const position = Atomics.load(this.#words, takenWord);
      if (position === Atomics.load(this.#words, publishedWord)) return -1;
      if (Atomics.compareExchange(this.#words, takenWord, position, (position + 1) | 0) !== position) continue;
      const slot = position & (ringSlots - 1);
      if (this.claim(slot)) return slot;
    }
  }

  claim(slot: number): boolean {
    return Atomics.compareExchange(this.#words, stateWord + slot, ready, claimedBy(this.#thread)) === ready;
  }

  /** Answers a job that this thread has claimed; the answer is lost if the job was taken away meanwhile. */
  finish(slot: number, good: boolean): void {
    const answer = (good ? goodBase : badBase) + this.#thread;
    Atomics.compareExchange(this.#words, stateWord + slot, claimedBy(this.#thread), answer);
    Atomics.add(this.#words, finishedWord + this.#thread * lineWords, 1);
    Atomics.notify(this.#words, stateWord + slot);
  }

  /** Where a thread leaves the digest by which a good job is remembered: its own place, so that a late thread spoils no other's. */
  digest(slot: number, thread: number = this.#thread): Uint8Array {
    const start = digestsAt + (thread * ringSlots + slot) * digestBytes;
    return this.#bytes.subarray(start, start + digestBytes);
  }

  state(slot: number): number {
    return Atomics.load(this.#words, stateWord + slot);
  }

  clear(slot: number): void {
    Atomics.store(this.#words, stateWord + slot, empty);
  }

  /** Nobody takes what was published until now any more. Thread 0 only. */
  skipAll(): void {
    Atomics.store(this.#words, takenWord, Atomics.load(this.#words, publishedWord));
  }

  /** False when the slot still has this state after the time. */
  waitForChange(slot: number, state: number, milliseconds: number): boolean {
    return Atomics.wait(this.#words, stateWord + slot, state, milliseconds) !== "timed-out";
  }

  /** How many jobs a thread has ended, modulo 2^32: while it counts, the thread lives. */
  finished(thread: number): number {
    return Atomics.load(this.#words, finishedWord + thread * lineWords) >>> 0;
  }

  wake(): void {
    if (Atomics.load(this.#words, sleepersWord) > 0) Atomics.notify(this.#words, publishedWord);
  }

  /** Waits until something is published; false when the thread should end. */
  sleep(): boolean {
    Atomics.add(this.#words, sleepersWord, 1);
    const published = Atomics.load(this.#words, publishedWord);
    const isIdle = Atomics.load(this.#words, takenWord) === published;
    if (isIdle && !this.#isStopped()) Atomics.wait(this.#words, publishedWord, published, sleepMillisecondsMax);
    Atomics.sub(this.#words, sleepersWord, 1);
    return !this.#isStopped();
  }

  #isStopped(): boolean {
    return Atomics.load(this.#words, stoppedWord) !== 0;
  }

  stop(): void {
    Atomics.store(this.#words, stoppedWord, 1);
    Atomics.notify(this.#words, publishedWord);
  }
}
