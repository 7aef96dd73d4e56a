/**
 * The checkpoints of one state: which there are, the one being written, and which may go.
 *
 * Owns the thread that writes and the rule of retention. Does not own their files (checkpoint.ts) nor when one is due (multistore.ts).
 */
import type { Worker } from "node:worker_threads";
import { type CheckpointTask, findCheckpoints, isOffered } from "./checkpoint.ts";
import type { CheckpointAnswer, CheckpointRequest, CheckpointThreadData } from "./checkpointthread.ts";
import type { Files } from "./files.ts";
import type { FilesSource } from "./filessource.ts";
import { startThread } from "./threads.ts";

/** The newest, and the one before it should the newest turn out damaged. */
const newestKept = 2;

/** Writing was given up on purpose: the store was closed, or memory needed back what was pinned. */
export class CheckpointAbandoned extends Error {}

export class Checkpoints {
  readonly directory: string;
  readonly #files: Files;
  readonly #source: FilesSource | undefined;
  #heights: number[];
  #thread: CheckpointThread | undefined;

  constructor(files: Files, source: FilesSource | undefined, directory: string) {
    this.directory = directory;
    this.#files = files;
    this.#source = source;
    this.#heights = findCheckpoints(files, directory);
  }

  /** Ascending. */
  get heights(): readonly number[] {
    return this.#heights;
  }

  get offered(): readonly number[] {
    return this.#heights.filter((height) => isOffered(this.#files, this.directory, height));
  }

  /** Writes one; it counts once `beforePublishing` has resolved. */
  async write(task: CheckpointTask, beforePublishing: () => Promise<void>): Promise<void> {
    const { directory, height } = task;
    await this.#ask({ type: "write", task });
    await beforePublishing();
    await this.#ask({ type: "publish", directory, height });
    this.add(height);
  }

  async remove(heights: readonly number[]): Promise<void> {
    this.#heights = this.#heights.filter((height) => !heights.includes(height));
    for (const height of heights) await this.#ask({ type: "remove", directory: this.directory, height });
  }

  /** Gives up what is being done; what is half-written is removed at the next start. */
  async abandon(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.abandon();
  }

  #ask(request: CheckpointRequest): Promise<void> {
    this.#thread ??= new CheckpointThread({ files: this.#source });
    return this.#thread.ask(request);
  }

  /** One was put in place by other means. */
  add(height: number): void {
    this.#heights = [...new Set([...this.#heights, height])].sort((a, b) => a - b);
  }

  /** One was removed by other means. */
  drop(height: number): void {
    this.#heights = this.#heights.filter((other) => other !== height);
  }

  /** The one to replay from up to `height`; undefined: from nothing. */
  below(height: number): number | undefined {
    return this.#heights.findLast((checkpoint) => checkpoint <= height);
  }
}

/** What decides which checkpoints stay. */
export interface Retention {
  /** Ascending. */
  readonly heights: readonly number[];
  readonly offered: readonly number[];
  /** Oldest height that must still be proven. */
  readonly oldest: number;
  /** Bytes of log between two heights, and of a checkpoint. */
  readonly logBytes: (from: number, to: number) => number;
  readonly checkpointBytes: (height: number) => number;
}

/**
 * Checkpoints that nothing needs. Kept are the offered ones, the newest two, the newest that is not above the oldest height, and between
 * those as many as keep the log from one to the next no longer than a checkpoint: then a proof of any height reads at most about two
 * checkpoints' worth of bytes, and the checkpoints together are not larger than the log.
 */
export function needlessCheckpoints({ heights, offered, oldest, logBytes, checkpointBytes }: Retention): number[] {
  const base = heights.findLast((height) => height <= oldest) ?? 0;
  const newest = heights.slice(-newestKept);
  const needless: number[] = [];
  let before = base;
  for (const [index, height] of heights.entries()) {
    const fixed = offered.includes(height) || newest.includes(height) || height === base;
    const following = heights[index + 1] ?? height;
    const needed = fixed || (height > base && logBytes(before, following) > checkpointBytes(height));
    if (!needed) needless.push(height);
    else if (height > base) before = height;
  }
  return needless;
}

/** The log may be cut below this: what the older of the newest two, and the oldest height, are replayed from. */
export function logFloor(heights: readonly number[], oldest: number): number | undefined {
  const base = heights.findLast((height) => height <= oldest);
  const fallback = heights.length < newestKept ? undefined : heights.at(-newestKept);
  return base === undefined || fallback === undefined ? undefined : Math.min(base, fallback);
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** One worker; it answers in the order it is asked. */
class CheckpointThread {
  readonly #worker: Worker;
  readonly #waiting: Waiter[] = [];

  constructor(data: CheckpointThreadData) {
    this.#worker = startThread("checkpointthread", data);
    this.#worker.on("message", (answer: CheckpointAnswer) => this.#receive(answer));
    this.#worker.on("error", (error) => this.#failAll(error instanceof Error ? error : new Error(String(error))));
  }

  ask(request: CheckpointRequest): Promise<void> {
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(request);
    });
  }

  async abandon(): Promise<void> {
    this.#failAll(new CheckpointAbandoned("the checkpoint was given up"));
    await this.#worker.terminate();
  }

  #receive(answer: CheckpointAnswer): void {
    const waiter = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#worker.unref();
    if (answer.type === "done") waiter?.resolve();
    else waiter?.reject(Object.assign(new Error(answer.message), { code: answer.code }));
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
