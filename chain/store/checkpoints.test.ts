import { describe, expect, it } from "vitest";
import { logFloor, needlessCheckpoints } from "./checkpoints.ts";
import { oldestKept, pruningRule } from "./pruning.ts";

/** A log of `perHeight` bytes a height, checkpoints of 1000 bytes. */
const needless = (heights: number[], oldest: number, perHeight: number, offered: number[] = []) =>
  needlessCheckpoints({
    heights,
    offered,
    oldest,
    logBytes: (from, to) => (to - from) * perHeight,
    checkpointBytes: () => 1000,
  });

describe("checkpoints", () => {
  it("go below the one that the oldest height is replayed from", () => {
    expect(needless([10, 20, 30, 40, 50], 35, 1000)).toEqual([10, 20]);
    expect(needless([10, 20, 30, 40, 50], 30, 1000)).toEqual([10, 20]);
    expect(needless([10, 20, 30, 40, 50], 29, 1000)).toEqual([10]);
  });

  it("stay while they are offered, and the newest two always", () => {
    expect(needless([10, 20, 30, 40, 50], 50, 1000, [20])).toEqual([10, 30]);
    expect(needless([10, 20], 20, 1)).toEqual([]);
  });

  it("are thinned out until the log from one to the next is about as long as a checkpoint", () => {
    const heights = Array.from({ length: 40 }, (_, i) => (i + 1) * 10);
    const gone = needless(heights, 10, 20);
    const left = heights.filter((height) => !gone.includes(height));
    expect(left[0]).toBe(10);
    for (const [i, height] of left.slice(1, -2).entries()) {
      expect((height - left[i]!) * 20).toBeLessThanOrEqual(1000);
      expect((left[i + 2]! - left[i]!) * 20).toBeGreaterThan(1000);
    }
    expect(left.length).toBeLessThan(14);
    expect(needless(left, 10, 20)).toEqual([]);
  });

  it("let the log be cut below the older of the newest two and the one of the oldest height, never before there are two", () => {
    expect(logFloor([10, 20, 30], 25)).toBe(20);
    expect(logFloor([10, 20, 30], 30)).toBe(20);
    expect(logFloor([10, 20, 30], 15)).toBe(10);
    expect(logFloor([10, 20, 30], 5)).toBeUndefined();
    expect(logFloor([10], 10)).toBeUndefined();
  });
});

describe("pruning", () => {
  it("keeps what its setting says", () => {
    expect(oldestKept(pruningRule("everything"), 100)).toBe(98);
    expect(oldestKept(pruningRule("everything"), 101)).toBeUndefined();
    expect(oldestKept(pruningRule("default"), 362_880)).toBeUndefined();
    expect(oldestKept(pruningRule("default"), 362_890)).toBe(10);
    expect(oldestKept(pruningRule("nothing"), 1_000_000)).toBeUndefined();
    expect(oldestKept(pruningRule({ keepRecent: 100, interval: 50 }), 200)).toBe(100);
  });

  it("refuses settings that the SDK refuses", () => {
    expect(() => pruningRule({ keepRecent: 1, interval: 10 })).toThrow("expected a whole number of at least 2");
    expect(() => pruningRule({ keepRecent: 2, interval: 9 })).toThrow("expected a whole number of at least 10");
  });
});
