/**
 * Hashing of a large tree's new nodes by two threads: this one, and one that helps. Such a tree falls into subtrees that have nothing to do
 * with each other, and whoever is free takes the next. Owns the thread and what is worth sharing; the hash is treehash.ts.
 *
 * Nothing depends on who hashed what. This thread waits for a subtree that the other one has taken, and for nothing else: where the other
 * has not started, is lost, or has no core, all is hashed here.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { noNode } from "./arena.ts";
import { HashTasks, newTaskMemory, tasksMax } from "./hashtasks.ts";
import { hashTree } from "./treehash.ts";
import type { TreeMemory } from "./treememory.ts";

/** A tree is cut into about so many subtrees: small enough that neither thread waits long for the other's last. */
const subtreesWanted = 128;
/** With fewer leaves a tree is hashed before a thread is awake. */
const leavesMin = 4096;
/** With fewer subtrees to hash, too. */
const tasksMin = 16;
/** A thread that took a subtree and has not hashed it in this time was stopped by something that stops this node as well. */
const patienceMilliseconds = 30_000;

/** From source it is TypeScript, from the published package JavaScript. */
const threadFile = new URL(import.meta.url.endsWith(".ts") ? "./hashthread.ts" : "./hashthread.js", import.meta.url);

/** Hashes a node that is not hashed, and whatever below it is not. */
export type TreeHasher = (memory: TreeMemory, root: number) => void;

export class HashTeam {
  readonly #memory = newTaskMemory();
  readonly #tasks = new HashTasks(this.#memory);
  #isAlone: boolean;
  #worker: Worker | undefined;
  /** How much of the trees' memory the thread was given. */
  #told = "";

  constructor(cores: number = availableParallelism()) {
    this.#isAlone = cores < 2;
  }

  readonly hash: TreeHasher = (memory, root) => {
    if (!this.#isAlone && memory.nodes.size(root) >= leavesMin) this.#hashTogether(memory, root);
    if (!memory.nodes.isHashed(root)) hashTree(memory, root);
  };

  async close(): Promise<void> {
    this.#isAlone = true;
    this.#tasks.stop();
    await this.#worker?.terminate();
  }

  #hashTogether(memory: TreeMemory, root: number): void {
    const subtrees = unhashedSubtrees(memory, root);
    if (subtrees.length < tasksMin) return;
    this.#tell(memory);
    this.#tasks.offer(subtrees);
    for (let node = this.#tasks.take(); node !== undefined; node = this.#tasks.take()) {
      hashTree(memory, node);
      this.#tasks.done();
    }
    if (!this.#tasks.wait(patienceMilliseconds)) {
      throw new Error(
        `a thread has not hashed its part of a tree within ${patienceMilliseconds / 1000} s; start again`,
      );
    }
  }

  /** The memory grows by pieces, each of which the other thread has to be given. */
  #tell(memory: TreeMemory): void {
    this.#worker ??= this.#started();
    const pieces = `${memory.nodes.chunks.length}/${memory.bytes.chunks.length}`;
    if (pieces === this.#told) return;
    this.#told = pieces;
    this.#worker.postMessage(memory.describe(noNode, 0));
  }

  #started(): Worker {
    const worker = new Worker(threadFile, { workerData: this.#memory, execArgv: [], stdin: false });
    const lost = () => {
      this.#isAlone = true;
    };
    worker.on("error", lost);
    worker.on("exit", lost);
    worker.unref();
    return worker;
  }
}

function unhashedSubtrees({ nodes }: TreeMemory, root: number): number[] {
  const leavesMax = nodes.size(root) / subtreesWanted;
  const pending = [root];
  const found: number[] = [];
  for (let node = pending.pop(); node !== undefined && found.length < tasksMax; node = pending.pop()) {
    if (nodes.isHashed(node)) continue;
    if (nodes.size(node) > leavesMax) pending.push(nodes.left(node), nodes.right(node));
    else found.push(node);
  }
  return found;
}
