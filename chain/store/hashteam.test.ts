import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { noNode } from "./arena.ts";
import { HashTasks, newTaskMemory } from "./hashtasks.ts";
import { HashTeam } from "./hashteam.ts";
import { Tree } from "./tree.ts";
import type { Change } from "./types.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const numbered = (number: number): Uint8Array => Uint8Array.of(number >> 8, number);
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Every third key of many, each time others, some of them removed. */
const changesOf = (version: number): Change[] =>
  range(12_000)
    .filter((i) => version === 1 || i % 3 === version % 3)
    .map((i) => [numbered(i), version > 1 && i % 50 === 0 ? null : Uint8Array.of(i, i >> 8, version)]);

describe("a tree that two threads hash", () => {
  it("has the roots of one that is hashed alone, while its memory grows and is used again", async () => {
    const team = new HashTeam(2);
    const [together, alone] = [new Tree(), new Tree()];
    together.hashBy(team.hash);
    for (let version = 1; version <= 12; version++) {
      const root = together.apply(changesOf(version), version);
      expect(hex(root)).toBe(hex(alone.apply(changesOf(version), version)));
      if (version > 3) together.prune(version - 2);
      // The thread starts meanwhile, and takes part from some version on.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await team.close();
    expect(hex(together.apply(changesOf(13), 13))).toBe(hex(alone.apply(changesOf(13), 13)));
  });
});

describe("the thread that helps", () => {
  it("hashes all that nobody else takes, and ends when it is told", async () => {
    const tree = new Tree();
    // Leaves what is to be hashed as it is.
    tree.hashBy((memory, root) => {
      const { nodes } = memory;
      subtrees.push(nodes.left(root), nodes.right(root));
    });
    const subtrees: number[] = [];
    tree.apply(changesOf(1), 1);
    const shared = newTaskMemory();
    const tasks = new HashTasks(shared);
    const worker = new Worker(new URL("./hashthread.ts", import.meta.url), { workerData: shared, execArgv: [] });
    const ended = new Promise((resolve) => worker.on("exit", resolve));
    worker.postMessage(tree.memory.describe(noNode, 1));
    tasks.offer(subtrees);
    expect(tasks.wait(20_000)).toBe(true);
    const hashed = new Tree();
    hashed.apply(changesOf(1), 1);
    const root = hashed.latest.describe().root;
    const expected = [hashed.memory.nodes.left(root), hashed.memory.nodes.right(root)];
    expect(subtrees.map((node) => hex(tree.memory.nodes.hash(node)))).toEqual(
      expected.map((node) => hex(hashed.memory.nodes.hash(node))),
    );
    tasks.stop();
    expect(await ended).toBe(0);
  });
});

describe("tasks", () => {
  it("are each taken once, and none before there are any", () => {
    const tasks = new HashTasks(newTaskMemory());
    expect(tasks.take()).toBeUndefined();
    tasks.offer([7, 0xffff_fff0]);
    expect([tasks.take(), tasks.take(), tasks.take()]).toEqual([7, 0xffff_fff0, undefined]);
    tasks.offer([8]);
    expect([tasks.take(), tasks.take()]).toEqual([8, undefined]);
  });

  it("are waited for until each is done, or for a time", () => {
    const tasks = new HashTasks(newTaskMemory());
    tasks.offer([1, 2]);
    expect(tasks.wait(1)).toBe(false);
    tasks.done();
    tasks.done();
    expect(tasks.wait(1)).toBe(true);
  });
});
