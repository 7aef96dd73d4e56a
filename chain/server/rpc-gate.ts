/** Lets so many run at the same time and so many wait; refuses the others. Owns the counts. */
import { RpcError } from "./rpc-error.ts";

export class Gate {
  readonly #runningMax: number;
  readonly #waitingMax: number;
  readonly #what: string;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(what: string, runningMax: number, waitingMax: number) {
    this.#what = what;
    this.#runningMax = runningMax;
    this.#waitingMax = waitingMax;
  }

  async run<T>(body: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#runningMax) await this.#wait();
    else this.#running++;
    try {
      return await body();
    } finally {
      // Whoever waits longest takes the place over.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  #wait(): Promise<void> {
    if (this.#waiting.length >= this.#waitingMax) {
      throw new RpcError(`${this.#waitingMax} ${this.#what} are waiting already; try again later`);
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}

/** Each search may hold two million places in memory. */
export const searches = new Gate("searches", 4, 200);
