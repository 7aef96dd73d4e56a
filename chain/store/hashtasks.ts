/**
 * The memory in which two threads share the subtrees of a tree that are to be hashed. Owns its layout and how one is taken; does not own
 * threads (hashteam.ts) nor hashing.
 *
 * One word says which round it is and which task is next, so that a thread that was late with a task of one round cannot take it for one of
 * the next: taking is a compare-and-exchange of that word. It is closed while a list is being written.
 */

/** Subtrees of one round. */
export const tasksMax = 1024;
const positionBits = 11;
const positionMask = (1 << positionBits) - 1;
/** A position beyond every list. */
const closed = positionMask;

/** Words that threads write lie a cache line apart. */
const nextWord = 0;
const doneWord = 16;
const stoppedWord = 32;
const countWord = 48;
const listWord = 64;

export const newTaskMemory = (): SharedArrayBuffer => new SharedArrayBuffer(4 * (listWord + tasksMax));

export class HashTasks {
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  /** Begins a round. The executing thread alone does, when every task of the round before is done. */
  offer(nodes: readonly number[]): void {
    const words = this.#words;
    const round = (Atomics.load(words, nextWord) >>> positionBits) + 1;
    Atomics.store(words, nextWord, (round << positionBits) | closed);
    for (const [index, node] of nodes.entries()) words[listWord + index] = node;
    Atomics.store(words, countWord, nodes.length);
    Atomics.store(words, doneWord, 0);
    Atomics.store(words, nextWord, round << positionBits);
    Atomics.notify(words, nextWord);
  }

  /** A node that is now the caller's to hash and to report; undefined when none is left. */
  take(): number | undefined {
    const words = this.#words;
    for (;;) {
      const next = Atomics.load(words, nextWord);
      const position = next & positionMask;
      if (position >= Atomics.load(words, countWord)) return undefined;
      if (Atomics.compareExchange(words, nextWord, next, next + 1) === next) return words[listWord + position]! >>> 0;
    }
  }

  done(): void {
    Atomics.add(this.#words, doneWord, 1);
    Atomics.notify(this.#words, doneWord);
  }

  /** Until every task of the round is done; false when none was for so long. */
  wait(milliseconds: number): boolean {
    const words = this.#words;
    const count = Atomics.load(words, countWord);
    for (let done = Atomics.load(words, doneWord); done < count; done = Atomics.load(words, doneWord)) {
      if (Atomics.wait(words, doneWord, done, milliseconds) === "timed-out") return false;
    }
    return true;
  }

  /** Until there may be tasks; false when the thread should end. */
  sleep(): boolean {
    const words = this.#words;
    const next = Atomics.load(words, nextWord);
    const isIdle = (next & positionMask) >= Atomics.load(words, countWord);
    if (isIdle && Atomics.load(words, stoppedWord) === 0) Atomics.wait(words, nextWord, next);
    return Atomics.load(words, stoppedWord) === 0;
  }

  stop(): void {
    Atomics.store(this.#words, stoppedWord, 1);
    Atomics.notify(this.#words, nextWord);
  }
}
