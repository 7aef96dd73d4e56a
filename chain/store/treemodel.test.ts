import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Tree, VersionNotRetained } from "./tree.ts";
import { type Change, compareBytes, type Entry, type KeyRange, prefixRange, type TreeView } from "./types.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));

/** The same contents, kept the obvious way: values by key in hex, whose order is that of the bytes. */
type Model = ReadonlyMap<string, string>;

function modelAfter(before: Model, changes: readonly Change[]): Model {
  const after = new Map(before);
  for (const [key, value] of changes) {
    if (value === null) after.delete(hex(key));
    else after.set(hex(key), hex(value));
  }
  return after;
}

function modelRange(model: Model, { start, end, reverse }: KeyRange): string[] {
  const from = start === undefined ? "" : hex(start);
  const inRange = [...model].filter(([key]) => key >= from && (end === undefined || key < hex(end))).sort();
  const entries = inRange.map(([key, value]) => `${key}=${value}`);
  return reverse === true ? entries.reverse() : entries;
}

const listed = (entries: Iterable<Entry>): string[] =>
  Array.from(entries, ([key, value]) => `${hex(key)}=${hex(value)}`);

/** Every node of the versions given, each once. Also checks what must hold of each. */
function reachable(tree: Tree, views: readonly TreeView[]): { nodes: number; keys: number } {
  const { nodes } = tree.memory;
  const seen = new Set<number>();
  const keys = new Set<number>();
  const visit = (node: number): void => {
    if (seen.has(node)) return;
    seen.add(node);
    expect(nodes.isHashed(node)).toBe(true);
    if (nodes.height(node) === 0) {
      keys.add(nodes.keyReference(node));
      return;
    }
    const [left, right] = [nodes.left(node), nodes.right(node)];
    visit(left);
    visit(right);
    expect(nodes.size(node)).toBe(nodes.size(left) + nodes.size(right));
    expect(nodes.height(node)).toBe(1 + Math.max(nodes.height(left), nodes.height(right)));
    expect(Math.abs(nodes.height(left) - nodes.height(right))).toBeLessThanOrEqual(1);
    expect(nodes.version(node)).toBeGreaterThanOrEqual(Math.max(nodes.version(left), nodes.version(right)));
    let smallest = right;
    while (nodes.height(smallest) !== 0) smallest = nodes.left(smallest);
    expect(nodes.keyReference(node)).toBe(nodes.keyReference(smallest));
  };
  for (const { version } of views) {
    const { root } = tree.view(version).describe();
    if (root !== 0) visit(root);
  }
  return { nodes: seen.size, keys: keys.size };
}

const keys = fc.uint8Array({ minLength: 1, maxLength: 3, max: 3 });
const longKeys = fc.uint8Array({ minLength: 7, maxLength: 12, max: 1 });
const key = fc.oneof(keys, longKeys);
const value = fc.option(fc.uint8Array({ maxLength: 4 }), { nil: null, freq: 2 });
const changes = fc
  .uniqueArray(fc.tuple(key, value), { maxLength: 25, selector: ([k]) => hex(k) })
  .map((entries): Change[] => entries.sort(([a], [b]) => compareBytes(a, b)));

const step = fc.record({
  changes,
  keep: fc.integer({ min: 1, max: 6 }),
  pin: fc.boolean(),
  unpin: fc.boolean(),
});
const range = fc.record({
  start: fc.option(key, { nil: undefined }),
  end: fc.option(key, { nil: undefined }),
  reverse: fc.boolean(),
});

describe("a tree over many versions", () => {
  it("reads at every retained or pinned version what was written up to it, and keeps no node that none of them uses", () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 25 }),
        fc.array(range, { maxLength: 5 }),
        (steps, ranges) => {
          const tree = new Tree();
          const models = new Map<number, Model>([[0, new Map()]]);
          const pins: { version: number; release: () => void }[] = [];
          for (const [i, { changes, keep, pin, unpin }] of steps.entries()) {
            const version = i + 1;
            tree.apply(changes, version);
            models.set(version, modelAfter(models.get(i)!, changes));
            if (pin) pins.push({ version, release: tree.pin(version) });
            if (unpin) pins.shift()?.release();
            tree.prune(Math.max(tree.oldestVersion, version - keep));
            const pinned = pins.map((held) => held.version);
            const readable = [...models.keys()].filter((v) => v >= tree.oldestVersion || pinned.includes(v));
            const views = readable.filter((v) => v > 0).map((v) => tree.view(v));
            for (const view of views)
              expect(listed(view.iterate({}))).toEqual(modelRange(models.get(view.version)!, {}));
            const used = reachable(tree, views);
            if (pins.length === 0) expect(tree.memory.nodes.live).toBe(used.nodes);
            else expect(tree.memory.nodes.live).toBeGreaterThanOrEqual(used.nodes);
          }
          const model = models.get(steps.length)!;
          for (const range of ranges) expect(listed(tree.latest.iterate(range))).toEqual(modelRange(model, range));
          for (const { release } of pins) release();
          tree.prune(tree.version);
          expect(tree.memory.nodes.live).toBe(Math.max(0, 2 * model.size - 1));
        },
      ),
      { numRuns: 150 },
    );
  });

  it("finds every key and no other, of any length and value", () => {
    const anyKey = fc.uint8Array({ minLength: 1, maxLength: 1024, size: "max" });
    const anyValue = fc.uint8Array({ maxLength: 3000, size: "max" });
    const entries = fc.uniqueArray(fc.tuple(fc.oneof(key, anyKey), anyValue), {
      maxLength: 30,
      selector: ([k]) => hex(k),
    });
    fc.assert(
      fc.property(entries, fc.array(key), (entries, others) => {
        const tree = new Tree();
        tree.apply(
          entries.toSorted(([a], [b]) => compareBytes(a, b)),
          1,
        );
        expect(tree.latest.size).toBe(entries.length);
        for (const [k, v] of entries) expect(tree.latest.get(k)).toEqual(v);
        const present = new Set(entries.map(([k]) => hex(k)));
        for (const k of others) {
          expect(tree.latest.has(k)).toBe(present.has(hex(k)));
          if (!present.has(hex(k))) expect(tree.latest.get(k)).toBeUndefined();
        }
      }),
      { numRuns: 60 },
    );
  });

  it("walks a prefix in both directions", () => {
    const tree = new Tree();
    const all = ["00", "01", "0100", "01ff", "01ffff", "02", "ff", "ffff"];
    tree.apply(
      all.map((k) => [unhex(k), unhex("aa")]),
      1,
    );
    const under = (prefix: string, reverse = false) =>
      Array.from(tree.latest.iterate(prefixRange(unhex(prefix), reverse)), ([k]) => hex(k));
    expect(under("01")).toEqual(["01", "0100", "01ff", "01ffff"]);
    expect(under("01", true)).toEqual(["01ffff", "01ff", "0100", "01"]);
    expect(under("ff")).toEqual(["ff", "ffff"]);
    expect(under("ffff", true)).toEqual(["ffff"]);
    expect(under("03")).toEqual([]);
  });

  it("gives back every node, key and value once all keys are removed and older versions forgotten", () => {
    const tree = new Tree();
    const keys = Array.from({ length: 500 }, (_, i) => Buffer.from(`key${1000 + i}`));
    for (let version = 1; version <= 20; version++) {
      tree.apply(
        keys.map((k, i) => [k, (i + version) % 3 === 0 ? null : Buffer.alloc((i * version) % 300)]),
        version,
      );
    }
    tree.apply(
      keys.map((k) => [k, null]),
      21,
    );
    tree.prune(21);
    expect(tree.memory.figures()).toMatchObject({ nodesLive: 0, nodeBytesUsed: 0, dataBytesUsed: 0 });
  });
});

describe("versions", () => {
  const one = (version: number): Change[] => [[Uint8Array.of(1), Uint8Array.of(version)]];

  it("follow one another, from any first one", () => {
    const tree = new Tree();
    expect(() => tree.apply([], 0)).toThrow("cannot apply version 0: expected a whole number from 1");
    tree.apply(one(5), 5);
    expect([tree.oldestVersion, tree.version]).toEqual([5, 5]);
    expect(() => tree.apply(one(7), 7)).toThrow("cannot apply version 7: expected 6");
    expect(() => tree.apply(one(5), 5)).toThrow("cannot apply version 5: expected 6");
  });

  it("that are forgotten can be neither opened, read, walked on nor pinned, and the error says which can", () => {
    const tree = new Tree();
    for (let version = 1; version <= 5; version++) tree.apply(one(version), version);
    const old = tree.view(2);
    const walk = old.iterate({});
    tree.prune(4);
    expect(() => tree.view(2)).toThrow(new VersionNotRetained(2, 4, 5));
    expect(() => tree.view(6)).toThrow("version 6 is not in memory: versions 4 to 5 are");
    expect(() => old.get(Uint8Array.of(1))).toThrow(VersionNotRetained);
    expect(() => walk.next()).toThrow(VersionNotRetained);
    expect(() => tree.pin(2)).toThrow(VersionNotRetained);
    expect(() => tree.prune(6)).toThrow("cannot forget versions below 6: the newest is 5");
    expect(tree.view(4).get(Uint8Array.of(1))).toEqual(Uint8Array.of(4));
  });

  it("that are pinned stay until the last pin is released, however often a pin is released", () => {
    const tree = new Tree();
    for (let version = 1; version <= 3; version++) tree.apply(one(version), version);
    const [first, second] = [tree.pin(1), tree.pin(1)];
    tree.prune(3);
    first();
    first();
    expect(tree.view(1).get(Uint8Array.of(1))).toEqual(Uint8Array.of(1));
    second();
    expect(() => tree.view(1)).toThrow(VersionNotRetained);
    expect(tree.memory.nodes.live).toBe(1);
  });

  it("are not touched by changes out of order, repeated or too long", () => {
    const tree = new Tree();
    tree.apply(one(1), 1);
    const [a, b] = [Uint8Array.of(1), Uint8Array.of(2)];
    const v = Uint8Array.of(9);
    const refused = (changes: Change[], why: string) => expect(() => tree.apply(changes, 2)).toThrow(why);
    refused(
      [
        [b, v],
        [a, v],
      ],
      "changes are out of order",
    );
    refused(
      [
        [a, v],
        [a, v],
      ],
      "changes are out of order",
    );
    refused(
      [
        [a, v],
        [new Uint8Array(0), v],
      ],
      "a key of 0 bytes cannot be stored: expected 1 to 1024",
    );
    refused([[new Uint8Array(1025), v]], "a key of 1025 bytes cannot be stored");
    refused(
      [[a, new Uint8Array((1 << 20) + 1)]],
      "a value of 1048577 bytes cannot be stored: expected at most 1048576",
    );
    expect([tree.version, listed(tree.latest.iterate({}))]).toEqual([1, ["01=01"]]);
  });

  it("give copies: changing what was read changes nothing", () => {
    const tree = new Tree();
    tree.apply(one(1), 1);
    tree.latest.get(Uint8Array.of(1))!.fill(7);
    for (const [k, v] of tree.latest.iterate({})) {
      k.fill(7);
      v.fill(7);
    }
    tree.latest.root.fill(7);
    expect(listed(tree.latest.iterate({}))).toEqual(["01=01"]);
    expect(tree.latest.root).not.toEqual(new Uint8Array(32).fill(7));
  });
});
