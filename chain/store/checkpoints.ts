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
    const thread = new CheckpointThread({ files: this.#source, write: task });
    this.#thread = thread;
    try {
      await thread.done;
      await beforePublishing();
      await thread.ask({ type: "publish", directory: this.directory, height: task.height });
      this.add(task.height);
    } finally {
      this.#thread = undefined;
      await thread.end();
    }
  }

  /** Gives up the one being written; what it wrote is removed at the next start. */
  abandon(): void {
    this.#thread?.abandon();
  }

  async remove(heights: readonly number[]): Promise<void> {
    if (heights.length === 0) return;
    this.#heights = this.#heights.filter((height) => !heights.includes(height));
    const thread = new CheckpointThread({ files: this.#source, write: undefined });
    try {
      await thread.done;
      for (const height of heights) await thread.ask({ type: "remove", directory: this.directory, height });
    } finally {
      await thread.end();
    }
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

/** One worker, asked one thing at a time. */
class CheckpointThread {
  readonly done: Promise<void>;
  readonly #worker: Worker;
  #settle: { resolve: () => void; reject: (error: Error) => void } | undefined;

  constructor(data: CheckpointThreadData) {
    this.#worker = startThread("checkpointthread", data);
    this.#worker.on("message", (answer: CheckpointAnswer) => this.#receive(answer));
    this.#worker.on("error", (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on("exit", () => this.#fail(new Error("the thread that writes checkpoints ended")));
    this.done = this.#answer();
  }

  ask(request: CheckpointRequest): Promise<void> {
    const answer = this.#answer();
    this.#worker.postMessage(request);
    return answer;
  }

  abandon(): void {
    this.#fail(new CheckpointAbandoned("the checkpoint was given up"));
  }

  async end(): Promise<void> {
    this.#settle = undefined;
    await this.#worker.terminate();
  }

  #answer(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  #receive(answer: CheckpointAnswer): void {
    if (answer.type === "failed") {
      this.#fail(Object.assign(new Error(answer.message), { code: answer.code }));
      return;
    }
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.resolve();
  }

  #fail(error: Error): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.reject(error);
  }
}
