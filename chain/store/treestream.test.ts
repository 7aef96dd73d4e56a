import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Tree } from "./tree.ts";
import { TreeMemory } from "./treememory.ts";
import { exportTree, TreeImporter } from "./treestream.ts";
import { type Change, compareBytes } from "./types.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const exported = (tree: Tree, chunkBytes?: number): Buffer =>
  Buffer.concat([...exportTree(tree.latest.describe(), chunkBytes)]);

function imported(stream: Uint8Array, pieceBytes = stream.length, memory = new TreeMemory()): Tree {
  const importer = new TreeImporter(memory);
  try {
    for (let at = 0; at < stream.length; at += pieceBytes) importer.push(stream.subarray(at, at + pieceBytes));
    return importer.finish();
  } catch (error) {
    importer.abort();
    throw error;
  }
}

const key = fc.uint8Array({ minLength: 1, maxLength: 4 });
const changes = fc
  .uniqueArray(fc.tuple(key, fc.option(fc.uint8Array({ maxLength: 20 }), { nil: null, freq: 3 })), {
    maxLength: 30,
    selector: ([k]) => hex(k),
  })
  .map((entries): Change[] => entries.sort(([a], [b]) => compareBytes(a, b)));

function someTree(count = 300): Tree {
  const tree = new Tree();
  const entries = Array.from(
    { length: count },
    (_, i): Change => [Buffer.from(`key${10000 + i}`), Buffer.alloc(i % 50, i)],
  );
  tree.apply(entries, 1);
  tree.apply(
    entries.filter((_, i) => i % 7 === 0).map(([k]) => [k, null]),
    2,
  );
  return tree;
}

describe("a tree's stream", () => {
  it("makes a tree with the same root, and the same further roots, whatever the pieces", () => {
    fc.assert(
      fc.property(
        fc.array(changes, { minLength: 1, maxLength: 6 }),
        changes,
        fc.integer({ min: 1, max: 50 }),
        (versions, next, piece) => {
          const tree = new Tree();
          for (const [i, some] of versions.entries()) tree.apply(some, i + 1);
          const stream = exported(tree, piece * 3);
          const copy = imported(stream, piece);
          expect([copy.version, copy.oldestVersion]).toEqual([tree.version, tree.version]);
          expect(copy.latest.root).toEqual(tree.latest.root);
          expect(exported(copy)).toEqual(stream);
          expect([...copy.latest.iterate({})]).toEqual([...tree.latest.iterate({})]);
          expect(copy.apply(next, tree.version + 1)).toEqual(tree.apply(next, tree.version + 1));
        },
      ),
      { numRuns: 80 },
    );
  });

  it("is these bytes", () => {
    const tree = new Tree();
    tree.apply(
      ["a", "b", "c"].map((k) => [Buffer.from(k), Buffer.from(k.repeat(2))]),
      300,
    );
    const leaf = (k: string) => ["00", "ac02", "01", hex(Buffer.from(k)), "02", hex(Buffer.from(k.repeat(2)))];
    const expected = ["57545201", "ac02", "03", ...leaf("a"), ...leaf("b"), ...leaf("c"), "01", "ac02", "02", "ac02"];
    expect(hex(exported(tree))).toBe(expected.join(""));
  });

  it("is cut in chunks of the size asked for", () => {
    const chunks = [...exportTree(someTree().latest.describe(), 1000)];
    expect(new Set(chunks.slice(0, -1).map((chunk) => chunk.length))).toEqual(new Set([1000]));
    expect(chunks.at(-1)!.length).toBeLessThanOrEqual(1000);
  });

  it("of an empty tree makes an empty tree", () => {
    const tree = new Tree();
    tree.apply([], 9);
    const copy = imported(exported(tree));
    expect([copy.version, copy.latest.size, copy.latest.root]).toEqual([9, 0, tree.latest.root]);
  });

  it("carries a value of the greatest size in small pieces", () => {
    const tree = new Tree();
    tree.apply([[Uint8Array.of(1), Buffer.alloc(1 << 20, 5)]], 1);
    expect(imported(exported(tree), 100_000).latest.root).toEqual(tree.latest.root);
  });

  it("can be written by a worker that is given only the version's description, while later versions are built", async () => {
    const tree = someTree();
    const expected = exported(tree);
    const release = tree.pin(2);
    const module = JSON.stringify(new URL("./treestream.ts", import.meta.url).href);
    const program = `const { workerData, parentPort } = require("node:worker_threads");
      import(${module}).then(({ exportTree }) => parentPort.postMessage([...exportTree(workerData, 500)]));`;
    const worker = new Worker(program, { eval: true, workerData: tree.latest.describe() });
    const answer = new Promise<Uint8Array[]>((resolve, reject) =>
      worker.once("message", resolve).once("error", reject),
    );
    for (let version = 3; version < 40; version++) {
      tree.apply([[Buffer.from(`key${10000 + version}`), Buffer.from("changed")]], version);
      tree.prune(version);
    }
    expect(Buffer.concat(await answer)).toEqual(expected);
    release();
    await worker.terminate();
    expect(tree.memory.nodes.live).toBe(2 * tree.latest.size - 1);
  });
});

describe("a stream that is not a tree's", () => {
  const stream = exported(someTree(20));
  const none = new TreeMemory();
  const refusal = (bytes: Uint8Array): string => {
    try {
      imported(bytes, 7, none);
      return "accepted";
    } catch (error) {
      return String(error);
    }
  };
  const head = "57545201";

  it("is refused when it is cut anywhere, or goes on", () => {
    for (let cut = 0; cut < stream.length; cut++) expect(refusal(stream.subarray(0, cut))).toContain("ends too early");
    expect(refusal(Buffer.concat([stream, Buffer.of(0)]))).toContain("1 bytes follow its end");
  });

  const refused: readonly [why: string, bytes: string][] = [
    ["it does not begin with the mark of format 1", "57545202"],
    ["its version is 0", `${head}0000`],
    ["a number is not in its shortest form", `${head}810001`],
    ["a number is longer than 5 bytes", `${head}ffffffffff01`],
    ["a number is 2, expected at most 1", `${head}0101000201610161`],
    ["a number is 1025, expected at most 1024", `${head}010100018108`],
    ["a key is empty", `${head}01010001000161`],
    ["its keys are not in ascending order", `${head}0102 00010162 0161 00010161 0161 0101`],
    ["its keys are not in ascending order", `${head}0102 00010161 0161 00010161 0161 0101`],
    ["an inner node has fewer than two children", `${head}0102 00010161 0161 0101`],
    ["it has more than the 2 keys it announces", `${head}0102 00010161 0161 00010162 0161 00010163 0161`],
    ["a node of height 2 has children of heights 0 and 0", `${head}0102 00010161 0161 00010162 0161 0201`],
    ["a node of version 1 is older than a child", `${head}0202 00020161 0161 00010162 0161 0101`],
  ];
  for (const [why, bytes] of refused) {
    it(`is refused because ${why}: ${bytes}`, () => {
      expect(refusal(Buffer.from(bytes.replaceAll(" ", ""), "hex"))).toContain(why);
    });
  }

  it("is refused when it leans too far", () => {
    const leaf = (k: string) => `000101${k}0161`;
    const leaning = `${head}0104${leaf("61")}${leaf("62")}${leaf("63")}${leaf("64")}0101 0201 0301`;
    expect(refusal(Buffer.from(leaning.replaceAll(" ", ""), "hex"))).toContain(
      "differ in height by more than one: 0 and 2",
    );
  });

  it("never makes the root of the tree it was made from, whichever bit is flipped, unless it makes that very stream", () => {
    const memory = new TreeMemory();
    const { root } = imported(stream).latest;
    for (let bit = 0; bit < stream.length * 8; bit++) {
      const spoilt = Buffer.from(stream);
      spoilt[bit >> 3]! ^= 1 << (bit & 7);
      let made: Tree | undefined;
      try {
        made = imported(spoilt, spoilt.length, memory);
      } catch {
        continue;
      }
      // The tree's own version is not in its root: the store that holds the stream names it too.
      if (made.version === 2) expect(made.latest.root).not.toEqual(root);
    }
  });

  it("leaves nothing in memory", () => {
    expect(none.figures()).toMatchObject({ nodesLive: 0, dataBytesUsed: 0 });
  });
});
