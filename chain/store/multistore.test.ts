import { rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { verifies } from "../../test/helpers/provenvalue.ts";
import { scratchFolder } from "../../test/helpers/scratch.ts";
import { difference, heightsOf, StateModel } from "../../test/helpers/statemodel.ts";
import { blockChanges, hex, keyOf, smallBlocks, smallStore, storeNames } from "../../test/helpers/storeblocks.ts";
import { MultiStore, type MultiStoreOptions } from "./multistore.ts";
import { rollback } from "./rollback.ts";
import { HeightNotRetained, StoreLocked, StoreMisuse } from "./storeerrors.ts";

let root: string;
beforeEach(() => {
  root = scratchFolder("multistore");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
const someKeys = (seed: number, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => keyOf((seed * 7 + i * 13) % (smallBlocks.keys + 2)));

/** A store, its folder and what it must hold. */
class Subject {
  readonly model = new StateModel();
  readonly options: MultiStoreOptions & { readonly directory: string };
  store!: MultiStore;

  constructor(name: string) {
    const directory = join(root, name);
    this.options = { ...smallStore(directory), directory };
  }

  async open(): Promise<void> {
    this.store = await MultiStore.open(this.options);
    expect(this.store.height).toBe(this.model.height);
    if (this.model.height > 0) expect(hex(this.store.appHash)).toBe(this.model.root(this.model.height));
  }

  async reopen(): Promise<void> {
    await this.store.close();
    await this.open();
  }

  commit(seed: number): void {
    const height = this.store.height + 1;
    const changes = blockChanges(seed, height);
    this.model.apply(changes, this.store.apply(height, changes));
    this.store.commit();
  }

  async checkHeight(height: number, seed: number, keyCount: number): Promise<void> {
    expect(difference(this.model, await this.store.at(height), height, someKeys(seed, keyCount + 1))).toBeUndefined();
    const appHash = unhex(this.model.root(height));
    for (const name of storeNames) {
      for (const key of someKeys(seed + height, keyCount)) {
        const proven = await this.store.prove(height, name, key);
        const expected = this.model.get(height, name, key);
        expect(proven.value === undefined ? undefined : hex(proven.value)).toBe(expected && hex(expected));
        expect(verifies(appHash, name, key, proven)).toBe(true);
      }
    }
  }
}

describe("the committed state", () => {
  const step = fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({ type: fc.constant("commit"), seed: fc.nat(99), times: fc.integer({ min: 1, max: 6 }) }),
    },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("reopen"), seed: fc.nat(99), times: fc.constant(1) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("settle"), seed: fc.nat(99), times: fc.constant(1) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("read"), seed: fc.nat(99), times: fc.constant(1) }) },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constant("rollback"), seed: fc.nat(99), times: fc.integer({ min: 1, max: 4 }) }),
    },
  );

  async function take(
    subject: Subject,
    { type, seed, times }: { type: string; seed: number; times: number },
  ): Promise<void> {
    if (type === "commit") for (let i = 0; i < times; i++) subject.commit(seed + i);
    else if (type === "reopen") await subject.reopen();
    else if (type === "settle") await subject.store.idle();
    else if (subject.store.height === 0) return;
    else if (type === "read") {
      const heights = heightsOf(subject.store);
      await subject.checkHeight(heights[seed % heights.length]!, seed, 3);
    } else await goBack(subject, times);
  }

  async function goBack(subject: Subject, blocks: number): Promise<void> {
    const height = subject.store.height - blocks;
    if (height < subject.store.oldestHeight) return;
    await subject.store.close();
    const { from, appHash } = await rollback(subject.options, blocks);
    expect([from, hex(appHash)]).toEqual([subject.model.height, subject.model.root(height)]);
    subject.model.rollback(blocks);
    await subject.open();
  }

  it("is what a plain map says, at every retained height, through reopening, pruning, checkpoints and rollbacks", async () => {
    let run = 0;
    const property = fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 24 }), async (steps) => {
      const subject = new Subject(String(run++));
      await subject.open();
      try {
        for (const each of steps) await take(subject, each);
      } finally {
        await subject.store.close();
      }
    });
    await fc.assert(property, { numRuns: 4 });
  });

  it("reads and proves every retained height, from memory and from disk, and no other", async () => {
    const subject = new Subject("state");
    await subject.open();
    for (let seed = 0; seed < 47; seed++) {
      subject.commit(seed);
      if (subject.store.height % 5 === 0) await subject.store.idle();
    }
    const { store } = subject;
    expect([store.oldestHeight, store.height]).toEqual([10, 47]);
    for (const height of heightsOf(store)) await subject.checkHeight(height, height, 2);
    for (const height of [9, 48, 0, -1]) {
      await expect(store.at(height)).rejects.toThrow(HeightNotRetained);
      await expect(store.prove(height, "bank", keyOf(1))).rejects.toThrow("keeps heights 10 to 47");
    }
    await store.close();
  });

  it("never mixes heights in an iteration that goes on while blocks are committed", async () => {
    const subject = new Subject("state");
    await subject.open();
    for (let seed = 0; seed < 12; seed++) subject.commit(seed);
    const past = (await subject.store.at(3)).store("bank");
    const found: string[] = [];
    for (const [key] of past.iterate({})) {
      found.push(hex(key));
      subject.commit(found.length);
    }
    expect(found).toEqual(subject.model.entries(3, "bank", {}).map(([key]) => hex(key)));
    await subject.store.close();
  });

  it("refuses to go on reading a past height that was pruned meanwhile", async () => {
    const subject = new Subject("state");
    await subject.open();
    for (let seed = 0; seed < 12; seed++) subject.commit(seed);
    const past = (await subject.store.at(3)).store("bank");
    const reading = past.iterate({});
    expect(reading.next().done).toBe(false);
    while (subject.store.oldestHeight <= 3) subject.commit(subject.store.height);
    expect(() => past.get(keyOf(1))).toThrow(HeightNotRetained);
    expect(() => past.has(keyOf(2))).toThrow(HeightNotRetained);
    expect(() => [...past.iterate({})]).toThrow("height 3 is not available: this node keeps heights 10 to 40");
    await subject.store.close();
  });

  it("begins at any height, and its first height cannot be read before", async () => {
    const store = await MultiStore.open(smallStore(join(root, "state")));
    store.apply(100, blockChanges(1, 1));
    store.commit();
    expect([store.height, store.oldestHeight]).toEqual([100, 100]);
    store.apply(101, blockChanges(1, 101));
    store.commit();
    await store.close();
    const again = await MultiStore.open(smallStore(join(root, "state")));
    expect([again.height, again.oldestHeight]).toEqual([101, 100]);
    await expect(again.at(99)).rejects.toThrow(HeightNotRetained);
    await again.close();
  });

  it("keeps its root when a height changes nothing", async () => {
    const store = await MultiStore.open({ storeNames: ["a", "b"] });
    const first = store.apply(1, new Map([["a", [[Uint8Array.of(1), Uint8Array.of(2)]]]]));
    store.commit();
    expect(store.apply(2, new Map())).toEqual(first);
    store.commit();
    expect(store.height).toBe(2);
  });
});

describe("the store refuses", () => {
  it("a second apply without a commit, a commit without an apply, and an unknown store", async () => {
    const store = await MultiStore.open({ storeNames: ["a"] });
    expect(() => store.commit()).toThrow(StoreMisuse);
    expect(() => store.apply(1, new Map([["b", []]]))).toThrow('no store "b"');
    store.apply(1, new Map([["a", [[Uint8Array.of(1), Uint8Array.of(2)]]]]));
    expect(() => store.apply(2, new Map())).toThrow("height 1 is applied but not committed");
    expect(store.height).toBe(0);
    store.commit();
    await store.close();
    expect(() => store.apply(2, new Map())).toThrow("closed");
  });

  it("a folder that is in use, and other stores than those that are in it", async () => {
    const options = smallStore(join(root, "state"));
    const store = await MultiStore.open(options);
    for (let height = 1; height <= 5; height++) {
      store.apply(height, blockChanges(1, height));
      store.commit();
    }
    await store.idle();
    await store.close();
    await expect(MultiStore.open({ ...options, storeNames: ["bank", "acc"] })).rejects.toThrow(
      "this program expects acc, bank",
    );
  });

  it("to open where another process has it open", async () => {
    const directory = join(root, "state");
    const { spawn } = await import("node:child_process");
    const script = `import { MultiStore } from ${JSON.stringify(new URL("./multistore.ts", import.meta.url).href)};
      const store = await MultiStore.open({ directory: ${JSON.stringify(directory)}, storeNames: ["a"] });
      console.log("open"); process.stdin.on("end", () => store.close()); process.stdin.resume();`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    const refused = await MultiStore.open({ directory, storeNames: ["a"] }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StoreLocked);
    expect(String(refused)).toContain(`process ${child.pid}`);
    child.stdin.end();
    await new Promise((resolve) => child.once("close", resolve));
    await (await MultiStore.open({ directory, storeNames: ["a"] })).close();
  });
});

describe("a state opened by a program with other stores", () => {
  it("is refused by the names of both, and left as it was", async () => {
    const directory = join(root, "stores");
    const made = await MultiStore.open({ directory, storeNames: ["a", "b"] });
    made.apply(1, new Map([["a", [[Uint8Array.of(1), Uint8Array.of(2)]]]]));
    made.commit();
    await made.close();
    const words = "this state has the stores a, b, and this program expects a, b, c: run the version that made it";
    await expect(MultiStore.open({ directory, storeNames: ["b", "c", "a"] })).rejects.toThrow(words);
    const again = await MultiStore.open({ directory, storeNames: ["b", "a"] });
    expect(again.height).toBe(1);
    await again.close();
  });
});
