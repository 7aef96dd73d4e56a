/** The worker thread that writes history. Owns the order of its work; what is written is historywriter.ts's, the other end is history.ts. */
import { workerData } from "node:worker_threads";
import { NodeArena } from "./arena.ts";
import { BytesArena } from "./bytesarena.ts";
import {
  type HistoryAnswer,
  type HistoryBlock,
  type HistoryRequest,
  type HistoryThreadData,
  type MemoryChunks,
  slot,
} from "./historyprotocol.ts";
import { HistoryWriter, syncInterval } from "./historywriter.ts";
import { codeOf, reasonOf } from "./storeerrors.ts";
import { TreeMemory } from "./treememory.ts";

class HistoryThread {
  readonly #data: HistoryThreadData;
  readonly #queue: HistoryRequest[] = [];
  #memory = new TreeMemory();
  #writer!: HistoryWriter;
  #busy = false;
  #pruning = false;

  constructor(data: HistoryThreadData) {
    this.#data = data;
  }

  async open(): Promise<void> {
    try {
      this.#writer = await HistoryWriter.open(this.#data.directory);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#publish(this.#writer.state.applied);
    this.#pruning = this.#writer.state.pruned < this.#writer.state.oldest;
    this.#data.port.on("message", (request: HistoryRequest) => {
      this.#queue.push(request);
      if (!this.#busy) void this.#drain();
    });
    this.#answer({ type: "opened" });
  }

  /** Blocks first; old rows are deleted when no block waits. */
  async #drain(): Promise<void> {
    this.#busy = true;
    try {
      while (this.#queue.length > 0 || this.#pruning) {
        const request = this.#queue.shift();
        if (request === undefined) this.#pruning = await this.#writer.pruneSome();
        else await this.#serve(request);
      }
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#busy = false;
  }

  async #serve(request: HistoryRequest): Promise<void> {
    switch (request.type) {
      case "write":
        return await this.#write(request.block, request.chunks);
      case "prune":
        await this.#writer.raiseOldest(request.oldest);
        this.#pruning = true;
        return;
      case "sync":
        await this.#writer.sync();
        this.#publish(this.#writer.state.applied);
        return this.#answer({ type: "done", id: request.id });
      case "truncate":
      case "reset":
        await this.#writer[request.type](request.height);
        this.#publish(this.#writer.state.applied);
        return this.#answer({ type: "done", id: request.id });
      case "close":
        await this.#writer.close();
        this.#answer({ type: "done", id: request.id });
        return this.#data.port.close();
    }
  }

  async #write(block: HistoryBlock, chunks: MemoryChunks | undefined): Promise<void> {
    if (chunks !== undefined) {
      this.#memory = new TreeMemory(NodeArena.attach(chunks.nodeChunks), BytesArena.attach(chunks.byteChunks));
    }
    const sync = block.height % syncInterval === 0;
    await this.#writer.write(block, this.#memory, sync);
    this.#publish(sync ? this.#writer.state.applied : undefined);
  }

  #publish(synced: number | undefined): void {
    const { shared } = this.#data;
    const { applied, oldest } = this.#writer.state;
    if (synced !== undefined) Atomics.store(shared, slot.synced, synced);
    Atomics.store(shared, slot.oldest, Math.max(oldest, Atomics.load(shared, slot.oldest)));
    Atomics.store(shared, slot.applied, applied);
    Atomics.notify(shared, slot.applied);
  }

  #fail(error: unknown): void {
    const cause = causeOf(error);
    this.#answer({ type: "failed", message: reasonOf(cause), code: codeOf(cause) });
    Atomics.store(this.#data.shared, slot.failed, 1);
    Atomics.notify(this.#data.shared, slot.applied);
    this.#data.port.unref();
  }

  #answer(answer: HistoryAnswer): void {
    this.#data.port.postMessage(answer);
  }
}

/** What LevelDB says stands in the cause of the error that is thrown. */
const causeOf = (error: unknown): unknown =>
  error instanceof Error && error.cause !== undefined ? error.cause : error;

const data: HistoryThreadData = workerData;
await new HistoryThread(data).open();
