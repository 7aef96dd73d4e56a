/**
 * Proofs of heights that memory does not hold: a worker replays the log from the nearest checkpoint and proves there.
 *
 * Owns the queue to that worker and its bound. Does not own the work (replaythread.ts).
 */
import type { Worker } from "node:worker_threads";
import type { FilesSource } from "./filessource.ts";
import type { ReplayAnswer, ReplayRequest, ReplayThreadData } from "./replaythread.ts";
import { NoStoreAtHeight, StoreBusy, StoreCorrupt } from "./storeerrors.ts";
import { startThread } from "./threads.ts";
import type { ProvenValue } from "./types.ts";

/** Requests that may wait. */
export const waitingMax = 64;

interface Waiter {
  readonly resolve: (proven: ProvenValue) => void;
  readonly reject: (error: Error) => void;
}

export interface ReplayOptions {
  readonly directory: string;
  readonly storeNames: readonly string[];
  readonly files: FilesSource | undefined;
}

export class Replay {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiter & { readonly from: number }>();
  #nextId = 1;

  constructor(options: ReplayOptions) {
    const data: ReplayThreadData = options;
    this.#worker = startThread("replaythread", data);
    this.#worker.on("message", (answer: ReplayAnswer) => this.#receive(answer));
    this.#worker.on("error", (error) => this.#rejectAll(error instanceof Error ? error : new Error(String(error))));
    this.#worker.unref();
  }

  /** Lowest height that work in hand replays from: neither log nor checkpoint may be cut above it. */
  get floor(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...[...this.#waiting.values()].map(({ from }) => from));
  }

  /** `from`: the checkpoint to begin with, 0 for the chain's beginning. */
  prove(request: Omit<ReplayRequest, "id">): Promise<ProvenValue> {
    if (this.#waiting.size >= waitingMax) {
      throw new StoreBusy(`${waitingMax} proofs of older heights are being made already`);
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0) this.#worker.ref();
      this.#waiting.set(id, { resolve, reject, from: request.from });
      this.#worker.postMessage({ ...request, id });
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
    this.#rejectAll(new StoreBusy("the store was closed before the proof was made"));
  }

  #receive(answer: ReplayAnswer): void {
    const waiter = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (answer.type === "proven") waiter?.resolve(answer.proven);
    else if (answer.type === "absent") {
      waiter?.reject(new NoStoreAtHeight(answer.store, answer.height, answer.newest));
    } else waiter?.reject(answer.type === "corrupt" ? new StoreCorrupt(answer.message) : new Error(answer.message));
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
