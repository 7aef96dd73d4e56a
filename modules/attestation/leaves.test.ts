import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leafCountMax, leafHash, leafTree, pathLengthMax, rootOfRange } from "./leaves.ts";

interface Vectors {
  readonly items: readonly string[];
  /** By number of items. */
  readonly roots: readonly string[];
  readonly lists: readonly {
    readonly count: number;
    readonly proofs: readonly {
      readonly index: number;
      readonly leafHash: string;
      readonly aunts: readonly string[];
    }[];
  }[];
}

/** Made by CometBFT, whose trees are RFC 6962's. */
const vectors: Vectors = JSON.parse(readFileSync(new URL("../../test/vectors/merkle.json", import.meta.url), "utf8"));
const hex = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString("hex");
const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));
const items = vectors.items.map(unhex);

/** By level, as Go's proofs of the first and of the last leaf have it. */
function pathFromGo(proofs: Vectors["lists"][number]["proofs"], count: number, first: number, last: number): string[] {
  const path: string[] = [];
  const [left, right] = [proofs[first]!, proofs[last]!];
  let [leftUsed, rightUsed] = [0, 0];
  for (
    let [width, from, to] = [count, first, last];
    width > 1;
    [width, from, to] = [(width + 1) >> 1, from >> 1, to >> 1]
  ) {
    const hasLeftAunt = from % 2 === 1 || from + 1 < width;
    const hasRightAunt = to % 2 === 1 || to + 1 < width;
    const leftAunt = hasLeftAunt ? left.aunts[leftUsed++] : undefined;
    const rightAunt = hasRightAunt ? right.aunts[rightUsed++] : undefined;
    if (from % 2 === 1) path.push(leftAunt!);
    if (to % 2 === 0 && to + 1 < width) path.push(rightAunt!);
  }
  return path;
}

describe("a tree of readings", () => {
  it("has CometBFT's root of 1 to 100 leaves", () => {
    for (let count = 1; count < vectors.roots.length; count++) {
      expect(hex(leafTree(items.slice(0, count)).root)).toBe(vectors.roots[count]);
    }
  });

  it("has CometBFT's path for every single leaf, and follows it", () => {
    for (const { count, proofs } of vectors.lists) {
      const tree = leafTree(items.slice(0, count));
      for (const { index, leafHash: hash, aunts } of proofs) {
        expect(hex(leafHash(items[index]!))).toBe(hash);
        expect(tree.pathOf({ first: index, length: 1 }).map(hex)).toEqual(aunts);
        const range = { count, first: index, leafHashes: [unhex(hash)], path: aunts.map(unhex) };
        expect(hex(rootOfRange(range))).toBe(vectors.roots[count]);
      }
    }
  });

  it("has for a range what CometBFT's paths of its first and last leaf have outside it", () => {
    for (const { count, proofs } of vectors.lists) {
      const tree = leafTree(items.slice(0, count));
      for (let first = 0; first < count; first += 1 + (count >> 4)) {
        for (let last = first; last < count; last += 1 + (count >> 4)) {
          const path = pathFromGo(proofs, count, first, last);
          expect(tree.pathOf({ first, length: last - first + 1 }).map(hex)).toEqual(path);
          const leafHashes = proofs.slice(first, last + 1).map((proof) => unhex(proof.leafHash));
          expect(hex(rootOfRange({ count, first, leafHashes, path: path.map(unhex) }))).toBe(vectors.roots[count]);
        }
      }
    }
  });

  it("needs for a range about as many hashes as for one leaf, whatever its length", () => {
    const leaves = Array.from({ length: 4096 }, (_, index) => Uint8Array.of(index >> 8, index & 255));
    const tree = leafTree(leaves);
    expect(tree.pathOf({ first: 1001, length: 1 })).toHaveLength(12);
    expect(tree.pathOf({ first: 1001, length: 500 }).length).toBeLessThanOrEqual(2 * 12);
    expect(tree.pathOf({ first: 0, length: 4096 })).toEqual([]);
  });

  it("refuses no leaves, too many, and ranges that are not in it", () => {
    expect(() => leafTree([])).toThrow("a tree of 0 leaves: expected 1 to 1048576");
    expect(() => leafTree(new Array(leafCountMax + 1).fill(items[0]))).toThrow("a tree of 1048577 leaves");
    const tree = leafTree(items.slice(0, 5));
    expect(() => tree.pathOf({ first: 0, length: 0 })).toThrow(RangeError);
    expect(() => tree.pathOf({ first: -1, length: 1 })).toThrow(RangeError);
    expect(() => tree.pathOf({ first: 4, length: 2 })).toThrow("no leaves 4 to 5 among 5");
  });
});

describe("the path of a range", () => {
  const count = 37;
  const tree = leafTree(items.slice(0, count));
  const honest = (first: number, length: number) => ({
    count,
    first,
    leafHashes: items.slice(first, first + length).map(leafHash),
    path: tree.pathOf({ first, length }),
  });
  const follows = (range: Parameters<typeof rootOfRange>[0]) => hex(rootOfRange(range)) === hex(tree.root);

  it("leads to the root, and from nowhere else in the tree", () => {
    fc.assert(
      fc.property(fc.nat(36), fc.nat(36), fc.nat(36), (a, b, other) => {
        const [first, last] = a < b ? [a, b] : [b, a];
        const range = honest(first, last - first + 1);
        expect(follows(range)).toBe(true);
        expect(follows({ ...range, first: other })).toBe(other === first);
      }),
    );
  });

  it("does not survive a hash more, a hash less, another one, or one of another length", () => {
    const range = honest(5, 6);
    const { path } = range;
    expect(path.length).toBeGreaterThan(3);
    expect(rootOfRange({ ...range, path: [...path, path[0]!] })).toBeUndefined();
    expect(rootOfRange({ ...range, path: path.slice(1) })).toBeUndefined();
    expect(rootOfRange({ ...range, path: path.slice(0, -1) })).toBeUndefined();
    expect(follows({ ...range, path: path.toReversed() })).toBe(false);
    expect(rootOfRange({ ...range, path: [path[0]!.slice(1), ...path.slice(1)] })).toBeUndefined();
    expect(rootOfRange({ ...range, path: [new Uint8Array(0), ...path.slice(1)] })).toBeUndefined();
  });

  it("does not survive a leaf more, less, doubled or exchanged", () => {
    const range = honest(5, 6);
    const { leafHashes } = range;
    expect(follows({ ...range, leafHashes: leafHashes.slice(1) })).toBe(false);
    expect(follows({ ...range, leafHashes: [...leafHashes, leafHash(items[11]!)] })).toBe(false);
    expect(follows({ ...range, leafHashes: leafHashes.with(1, leafHashes[0]!) })).toBe(false);
    expect(rootOfRange({ ...range, leafHashes: [] })).toBeUndefined();
  });

  it("does not survive a count that lies, as soon as the tree has another shape there", () => {
    const range = honest(5, 6);
    for (const lie of [0, 1, 10, 11, 20, 65, 128]) expect(follows({ ...range, count: lie })).toBe(false);
    expect(follows({ ...range, count: -1 })).toBe(false);
  });

  it("does not make an inner node a leaf, nor a leaf an inner node", () => {
    const two = leafTree(items.slice(0, 2));
    const above = leafTree([...two.pathOf({ first: 1, length: 1 }), leafHash(items[1]!)]);
    expect(hex(above.root)).not.toBe(hex(two.root));
    expect(hex(rootOfRange({ count: 1, first: 0, leafHashes: [two.root], path: [] }))).toBe(hex(two.root));
    expect(hex(leafHash(items[0]!))).not.toBe(hex(leafHash(leafHash(items[0]!))));
  });

  it("of depth 21 is refused whatever it leads to", () => {
    const hashes = Array.from({ length: 21 }, () => leafHash(items[0]!));
    const asked = { first: 0, leafHashes: [leafHash(items[0]!)] };
    expect(rootOfRange({ ...asked, count: leafCountMax, path: hashes.slice(1) })).toBeDefined();
    expect(rootOfRange({ ...asked, count: leafCountMax + 1, path: hashes })).toBeUndefined();
    expect(rootOfRange({ ...asked, count: 2 * leafCountMax, path: hashes })).toBeUndefined();
    expect(pathLengthMax).toBe(40);
  });
});
