import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LeafIndex } from "./leafindex.ts";
import { Tree } from "./tree.ts";
import { type Change, compareBytes } from "./types.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const key = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 3, max: 7 }),
  fc.uint8Array({ minLength: 60, maxLength: 200, max: 1, size: "max" }),
);
const value = fc.option(fc.uint8Array({ maxLength: 4 }), { nil: null, freq: 2 });
const changes = fc
  .uniqueArray(fc.tuple(key, value), { maxLength: 40, selector: ([k]) => hex(k) })
  .map((entries): Change[] => entries.sort(([a], [b]) => compareBytes(a, b)));

/** Many leaves of few keys' hashes: numbered keys of a tree, found by a table that grows and shrinks. */
const numbered = (number: number): Uint8Array => Uint8Array.of(number >> 16, number >> 8, number);

describe("a tree with an index", () => {
  it("finds at its newest version just what a descent finds, from whichever version on it is kept, and nothing else changes", () => {
    fc.assert(
      fc.property(
        fc.array(changes, { minLength: 1, maxLength: 12 }),
        fc.nat(11),
        fc.array(key),
        (blocks, from, others) => {
          const [plain, indexed] = [new Tree(), new Tree()];
          for (const [i, block] of blocks.entries()) {
            if (i >= from) indexed.keepIndex();
            expect(hex(indexed.apply(block, i + 1))).toBe(hex(plain.apply(block, i + 1)));
            const asked = [...others, ...blocks.flat().map(([k]) => k)];
            indexed.latest.warm(asked);
            for (const k of asked) {
              expect(indexed.latest.get(k)).toEqual(plain.latest.get(k));
              expect(indexed.latest.has(k)).toBe(plain.latest.has(k));
            }
          }
          for (const [k] of blocks.flat()) expect(indexed.view(1).get(k)).toEqual(plain.view(1).get(k));
        },
      ),
      { numRuns: 100 },
    );
  });

  it("holds as many as there are, through growth, and finds the rest when most are gone", () => {
    const tree = new Tree();
    tree.keepIndex();
    const count = 40_000;
    const all = Array.from({ length: count }, (_, i) => numbered(i));
    tree.apply(
      all.map((k): Change => [k, k]),
      1,
    );
    const kept = (_: Uint8Array, i: number) => i % 7 === 0;
    tree.apply(
      all.filter((k, i) => !kept(k, i)).map((k): Change => [k, null]),
      2,
    );
    expect(all.filter((k) => tree.latest.has(k))).toEqual(all.filter(kept));
  });

  it("answers for an older version by descending it", () => {
    const tree = new Tree();
    tree.keepIndex();
    tree.apply([[numbered(1), Uint8Array.of(1)]], 1);
    const before = tree.latest;
    tree.apply([[numbered(1), null]], 2);
    expect(before.get(numbered(1))).toEqual(Uint8Array.of(1));
    expect(tree.latest.get(numbered(1))).toBeUndefined();
  });
});

describe("the index itself", () => {
  it("says so when a leaf that it should hold is not there", () => {
    const tree = new Tree();
    const index = new LeafIndex(tree.memory);
    index.add(numbered(1), 1);
    expect(() => index.remove(numbered(1), 2)).toThrow("leaf 2 is not in the index");
  });
});
