/**
 * When calls may run: for so long in each turn of the event loop, and for less while a block is sealed, so that a flood of them keeps
 * neither a block nor each other waiting. Owns the queue, one call a connection at most; a single call is as long as it is.
 */

const sliceMillis = 10;
const sliceMillisWhileSealing = 2;

export class Turns {
  readonly #isSealing: () => boolean;
  readonly #waiting: (() => void)[] = [];
  #start: number | undefined;

  constructor(isSealing: () => boolean) {
    this.#isSealing = isSealing;
  }

  /** Undefined when the call may run at once. */
  next(): Promise<void> | undefined {
    if (this.#start === undefined) {
      this.#start = performance.now();
      setImmediate(() => void this.#begin());
      return undefined;
    }
    if (this.#waiting.length === 0 && !this.#isOver(this.#start)) return undefined;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #isOver(start: number): boolean {
    return performance.now() - start >= (this.#isSealing() ? sliceMillisWhileSealing : sliceMillis);
  }

  async #begin(): Promise<void> {
    if (this.#waiting.length === 0) {
      this.#start = undefined;
      return;
    }
    const start = performance.now();
    this.#start = start;
    let released = 0;
    do {
      this.#waiting[released++]?.();
      // What was released runs before this goes on.
      await undefined;
    } while (released < this.#waiting.length && !this.#isOver(start));
    this.#waiting.splice(0, released);
    setImmediate(() => void this.#begin());
  }
}
