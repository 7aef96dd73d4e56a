/** The commitment tree: microseconds a changed key, hashing included, and bytes a key, by the number of keys it holds. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Tree } from "../chain/store/tree.ts";
import type { BenchOptions, Figure } from "./figure.ts";
import { builtTree, changesOf, changesPerBlock, distinct, picks, range } from "./treeload.ts";

const sizes = [10_000, 100_000, 1_000_000, 10_000_000];
const quickSizeMax = 100_000;
/** As many versions as a node keeps in memory by default. */
const versionsKept = 100;
const blocks = 100;
const quickBlocks = 20;
const insertBlocks = 10;
/** Blocks before the figures count: the compiler has seen the code by then. */
const warmUpBlocks = 5;

/** Sizes may be given as arguments, each a number of keys. */
export default async function* store({ quick, args }: BenchOptions): AsyncIterable<Figure> {
  const asked = args.length > 0 ? args.map(Number) : sizes.filter((keys) => !quick || keys <= quickSizeMax);
  for (const keys of asked) {
    collectGarbage();
    const tree = builtTree(keys);
    const params = { keys, changesPerBlock };
    yield { bench: "store.bytesPerKey", unit: "B", params: { keys }, samples: [bytesPerKey(tree)] };
    const update = updates(tree, keys, quick ? quickBlocks : blocks);
    yield { bench: "store.update", unit: "us", params: { ...params, versionsKept }, samples: update };
    const process = { bench: "store.processMegabytes", unit: "MB", params: { keys, versionsKept } };
    yield { ...process, samples: [processMegabytes()] };
    yield { bench: "store.insert", unit: "us", params, samples: inserts(tree, keys) };
  }
}

/** All of the process, after what the last size and the making of keys left behind is gone. */
function processMegabytes(): number {
  collectGarbage();
  return process.memoryUsage.rss() / 1e6;
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}

function bytesPerKey(tree: Tree): number {
  const { nodeBytesUsed, dataBytesUsed } = tree.memory.figures();
  return (nodeBytesUsed + dataBytesUsed) / tree.latest.size;
}

/** Forgetting the oldest version is part of a block's cost. */
function updates(tree: Tree, keys: number, count: number): number[] {
  const samples: number[] = [];
  const numbers = picks(keys, 1);
  for (let block = 0; block < count + warmUpBlocks; block++) {
    const spent = microsecondsPerKey(tree, [...distinct(numbers, changesPerBlock)], block);
    if (block >= warmUpBlocks) samples.push(spent);
  }
  return samples;
}

function inserts(tree: Tree, keys: number): number[] {
  return Array.from({ length: insertBlocks }, (_, block) => {
    const from = keys + block * changesPerBlock;
    return microsecondsPerKey(tree, [...range(from, from + changesPerBlock)], block);
  });
}

function microsecondsPerKey(tree: Tree, numbers: readonly number[], round: number): number {
  const changes = changesOf(numbers, round);
  const start = performance.now();
  tree.apply(changes, tree.version + 1);
  tree.prune(Math.max(tree.oldestVersion, tree.version - versionsKept + 1));
  return ((performance.now() - start) * 1000) / numbers.length;
}
