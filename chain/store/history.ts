/**
 * History of past heights, seen from the thread that commits: a queue to the thread that writes it.
 *
 * Owns back-pressure and how a failure over there stops the store here. Does not own the rows (historyrows.ts) nor reading (past.ts).
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from "node:worker_threads";
import {
  type HistoryAnswer,
  type HistoryBlock,
  type HistoryRequest,
  type HistoryThreadData,
  slot,
} from "./historyprotocol.ts";
import { isSystemFault, StoreStopped } from "./storeerrors.ts";
import { startThread } from "./threads.ts";
import type { TreeMemory } from "./treememory.ts";

/** A thread that writes nothing for so long has failed. */
const stallMillisecondsMax = 60_000;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** LevelDB is damaged beyond opening; what it holds can be made again from the log. */
export class HistoryUnreadable extends Error {}

/** Another process has it open. */
export class HistoryLocked extends Error {}

export class History {
  readonly #thread: Worker;
  readonly #port: MessagePort;
  readonly #shared: Int32Array;
  readonly #waiting = new Map<number, Waiter>();
  readonly #exited: Promise<void>;
  #nextId = 1;
  #chunksSent = 0;
  #failure: StoreStopped | undefined;

  private constructor(directory: string) {
    const { port1, port2 } = new MessageChannel();
    this.#shared = new Int32Array(new SharedArrayBuffer(4 * 4));
    const data: HistoryThreadData = { directory, port: port2, shared: this.#shared };
    this.#thread = startThread("historythread", data, [port2]);
    this.#port = port1;
    this.#exited = new Promise((resolve) => this.#thread.once("exit", () => resolve()));
  }

  /** Holds the lock on the database, and with it on the whole state, until closed. */
  static async open(directory: string): Promise<History> {
    const history = new History(directory);
    await history.#opened();
    return history;
  }

  /** Newest height whose rows are written. */
  get applied(): number {
    return Atomics.load(this.#shared, slot.applied);
  }

  /** Newest height whose rows survive a power cut. */
  get synced(): number {
    return Atomics.load(this.#shared, slot.synced);
  }

  /** Oldest height that can be read. Raised before anything of a lower one is deleted: a reader asks after it has read. */
  get oldest(): number {
    return Atomics.load(this.#shared, slot.oldest);
  }

  /** Hands over one committed height. The version before it must stay in memory until `applied` has reached it. */
  push(block: HistoryBlock, memory: TreeMemory): void {
    this.#throwIfFailed();
    if (block.roots === undefined) Atomics.store(this.#shared, slot.oldest, block.height);
    const nodeChunks = memory.nodes.chunks;
    const byteChunks = memory.bytes.chunks;
    const count = nodeChunks.length + byteChunks.length;
    const chunks = count === this.#chunksSent ? undefined : { nodeChunks, byteChunks };
    this.#chunksSent = count;
    this.#send({ type: "write", block, chunks });
  }

  /** Blocks this thread until the height is written: the bound of how far history may lag. */
  waitUntilApplied(height: number): void {
    const deadline = performance.now() + stallMillisecondsMax;
    for (let applied = this.applied; applied < height; applied = this.applied) {
      this.#throwIfFailed();
      Atomics.wait(this.#shared, slot.applied, applied, 1000);
      if (this.applied === applied && performance.now() > deadline) {
        throw this.#stop(new Error(`no height was written in ${stallMillisecondsMax} ms`));
      }
    }
    this.#throwIfFailed();
  }

  prune(oldest: number): void {
    if (oldest <= this.oldest) return;
    Atomics.store(this.#shared, slot.oldest, oldest);
    this.#send({ type: "prune", oldest });
  }

  /** Makes durable all that was pushed before. */
  async sync(): Promise<void> {
    await this.#ask((id) => ({ type: "sync", id }));
  }

  async truncate(height: number): Promise<void> {
    await this.#ask((id) => ({ type: "truncate", id, height }));
  }

  async reset(height: number): Promise<void> {
    await this.#ask((id) => ({ type: "reset", id, height }));
  }

  async close(): Promise<void> {
    try {
      if (this.#failure === undefined) await this.#ask((id) => ({ type: "close", id }));
    } finally {
      this.#port.close();
      await this.#thread.terminate();
      await this.#exited;
    }
  }

  async #opened(): Promise<void> {
    const first = await new Promise<HistoryAnswer>((resolve, reject) => {
      this.#port.once("message", resolve);
      this.#thread.once("error", reject);
    });
    if (first.type === "failed") {
      await this.#thread.terminate();
      this.#port.close();
      throw openingError(first);
    }
    this.#port.on("message", (answer: HistoryAnswer) => this.#receive(answer));
    this.#thread.on("error", (error) => this.#stop(error));
    this.#port.unref();
    this.#thread.unref();
  }

  #receive(answer: HistoryAnswer): void {
    if (answer.type === "failed") {
      this.#stop(Object.assign(new Error(answer.message), { code: answer.code }));
      return;
    }
    if (answer.type === "opened") return;
    const waiter = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#port.unref();
    waiter?.resolve();
  }

  async #ask(request: (id: number) => HistoryRequest): Promise<void> {
    this.#throwIfFailed();
    const id = this.#nextId++;
    this.#port.ref();
    await new Promise<void>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send(request(id));
    });
  }

  #send(request: HistoryRequest): void {
    this.#port.postMessage(request);
  }

  /** The flag may be seen before the message that says why has had its turn. */
  #throwIfFailed(): void {
    if (this.#failure === undefined && Atomics.load(this.#shared, slot.failed) !== 0) {
      for (let next = receiveMessageOnPort(this.#port); next !== undefined; next = receiveMessageOnPort(this.#port)) {
        this.#receive(next.message);
      }
      this.#stop(new Error("the thread that writes history failed"));
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  #stop(error: unknown): StoreStopped {
    this.#failure ??= new StoreStopped("writing history to LevelDB", error);
    for (const waiter of this.#waiting.values()) waiter.reject(this.#failure);
    this.#waiting.clear();
    return this.#failure;
  }
}

/** A database that the system cannot read is left for the operator; one whose files make no sense is made anew. */
function openingError({ message, code }: { readonly message: string; readonly code: string | undefined }): Error {
  if (code === "LEVEL_LOCKED") return new HistoryLocked(message);
  const cause = Object.assign(new Error(message), { code });
  return isSystemFault(cause) ? new StoreStopped("opening history in LevelDB", cause) : new HistoryUnreadable(message);
}
