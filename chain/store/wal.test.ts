import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Fault, FaultPlan } from "../../test/helpers/faultyfiles.ts";
import { scratchFolder } from "../../test/helpers/scratch.ts";
import { type Files, nodeFiles } from "./files.ts";
import type { LogRecord } from "./record.ts";
import { StoreCorrupt, StoreMisuse, StoreStopped } from "./storeerrors.ts";
import { WriteAheadLog } from "./wal.ts";

let root: string;
let reports: string[];

beforeEach(() => {
  root = scratchFolder("wal");
  reports = [];
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const record = (height: number): LogRecord => ({
  height,
  appHash: new Uint8Array(32).fill(height),
  changes: new Map([
    [
      "bank",
      [
        [Uint8Array.of(height, 0), new Uint8Array(height % 5).fill(7)],
        [Uint8Array.of(height, 1), null],
      ],
    ],
    ["acc", []],
  ]),
});

/** Tests that open a log a thousand times do not wait for the disk. */
const unsynced: Files = { ...nodeFiles, sync: () => {}, dataSync: () => {}, syncDirectory: () => {} };

const open = (directory = root, files = unsynced) => WriteAheadLog.open(files, directory, (line) => reports.push(line));
const heights = (log: WriteAheadLog): number[] =>
  log.last === 0 ? [] : [...log.read(log.first!)].map(({ height }) => height);
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

function write(directory: string, from: number, to: number, rollEvery = 100): void {
  const log = open(directory);
  for (const height of range(from, to)) {
    log.append(record(height));
    if (height % rollEvery === 0) log.roll();
  }
  log.close();
}

const newestFile = (directory = root): string => join(directory, readdirSync(directory).sort().at(-1)!);

describe("the log", () => {
  it("gives back what was appended, over several files, after it was opened again", () => {
    write(root, 1, 10, 4);
    expect(readdirSync(root)).toHaveLength(3);
    const log = open();
    expect([log.base, log.first, log.last]).toEqual([0, 1, 10]);
    expect([...log.read(1)]).toEqual(range(1, 10).map(record));
    expect([...log.read(6, 8)]).toEqual(range(6, 8).map(record));
  });

  it("begins at any height, and continues from a checkpoint beyond its end", () => {
    const log = open();
    log.append(record(7), 0);
    expect(() => log.append(record(7))).toThrow(StoreMisuse);
    log.append(record(12), 11);
    log.close();
    const again = open();
    expect([...again.read(12)].map(({ height }) => height)).toEqual([12]);
    expect(() => [...again.read(7)]).toThrow(/lacks height 8/);
  });

  it("forgets old heights by whole files, and new ones exactly", () => {
    write(root, 1, 20, 5);
    const log = open();
    log.cutBelow(12);
    expect(heights(log)).toEqual(range(11, 20));
    log.truncateAfter(17);
    log.append(record(18));
    expect(heights(log)).toEqual(range(11, 18));
    log.truncateAfter(10);
    expect(log.last).toBe(0);
    log.append(record(11), 10);
    log.close();
    expect(heights(open())).toEqual([11]);
  });
});

describe("a torn tail", () => {
  it("is dropped with a word, wherever in the last record the write was cut", () => {
    write(root, 1, 3);
    const before = readFileSync(newestFile()).length;
    write(root, 4, 4);
    const whole = readFileSync(newestFile());
    for (let length = before; length < whole.length; length++) {
      writeFileSync(newestFile(), whole.subarray(0, length));
      const log = open();
      expect(heights(log)).toEqual([1, 2, 3]);
      log.append(record(4));
      log.close();
      expect(readFileSync(newestFile())).toEqual(whole);
    }
    expect(reports).toHaveLength(whole.length - before - 1);
    expect(reports[0]).toMatch(/dropped \d+ bytes of an unfinished record behind height 3/);
  });

  it("may be zeros, or garbage, of any length", () => {
    write(root, 1, 3);
    const whole = readFileSync(newestFile());
    for (const tail of [Buffer.alloc(1), Buffer.alloc(5000), Buffer.alloc(3000, 0xa5)]) {
      writeFileSync(newestFile(), Buffer.concat([whole, tail]));
      expect(heights(open())).toEqual([1, 2, 3]);
      expect(readFileSync(newestFile())).toEqual(whole);
    }
  });

  it("may be a whole file that was just begun", () => {
    write(root, 1, 5, 4);
    const path = newestFile();
    const whole = readFileSync(path);
    const earlierPath = join(root, readdirSync(root).sort()[0]!);
    const earlier = readFileSync(earlierPath);
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      const log = open();
      expect(heights(log)).toEqual([1, 2, 3, 4]);
      log.append(record(5));
      log.close();
      expect(heights(open())).toEqual([1, 2, 3, 4, 5]);
      writeFileSync(earlierPath, earlier);
    }
  });
});

describe("a flipped bit", () => {
  it("is refused, or drops the last record only and says so; it never passes", () => {
    write(root, 1, 4, 2);
    const names = readdirSync(root);
    expect(names).toHaveLength(2);
    const whole = new Map(names.map((name) => [name, readFileSync(join(root, name))]));
    let dropped = 0;
    for (const [name, bytes] of whole) {
      // One bit of every byte, each in its turn: all bits of all bytes take eight times as long and show nothing more.
      for (let bit = 0; bit < bytes.length * 8; bit += 9) {
        for (const [other, original] of whole) writeFileSync(join(root, other), original);
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        writeFileSync(join(root, name), flipped);
        if (detected() === "dropped") dropped++;
      }
    }
    expect(dropped).toBeGreaterThan(0);
  });

  function detected(): "dropped" | "refused" {
    reports = [];
    try {
      expect(heights(open())).toEqual([1, 2, 3]);
    } catch (error) {
      if (!(error instanceof StoreCorrupt)) throw error;
      expect(error.message).toMatch(/restore a snapshot or state-sync/);
      return "refused";
    }
    expect(reports).toHaveLength(1);
    return "dropped";
  }
});

describe("a fault of the disk", () => {
  const kinds: Fault[] = ["EIO", "ENOSPC", "short"];

  /** Appends until something fails; returns the heights that were acknowledged. */
  function appendAll(directory: string, plan: FaultPlan): { acknowledged: number; error: unknown } {
    let acknowledged = 0;
    try {
      const log = open(directory, plan.files);
      for (const height of range(log.last + 1, 6)) {
        log.append(record(height));
        acknowledged = height;
        if (height === 3) log.roll();
      }
      log.cutBelow(4);
      log.truncateAfter(5);
      log.close();
      return { acknowledged, error: undefined };
    } catch (error) {
      return { acknowledged, error };
    }
  }

  it.each(kinds)(
    "%s at any call loses nothing acknowledged, stops the log, and it goes on after the fault is cleared",
    (kind) => {
      const plan = new FaultPlan();
      mkdirSync(join(root, "clean"));
      expect(appendAll(join(root, "clean"), plan).error).toBeUndefined();
      const calls = plan.calls;
      expect(calls).toBeGreaterThan(20);
      for (let call = 1; call <= calls; call++) {
        const directory = join(root, `${kind}-${call}`);
        plan.failAt(call, kind, kind !== "short");
        const { acknowledged, error } = appendAll(directory, plan);
        if (kind === "short") expect(error).toBeUndefined();
        else expect(error).toBeInstanceOf(StoreStopped);
        plan.clear();
        const log = open(directory);
        expect(log.last).toBeGreaterThanOrEqual(error === undefined ? 5 : Math.min(acknowledged, 5));
        expect(log.last).toBeLessThanOrEqual(acknowledged + 1);
        const next = log.last + 1;
        log.append(record(next));
        expect([...log.read(log.first!)]).toEqual(range(log.first!, next).map(record));
        log.close();
      }
    },
  );

  it("accepts nothing more once a write has failed, even when the disk is well again", () => {
    const plan = new FaultPlan();
    const log = open(root, plan.files);
    log.append(record(1));
    plan.failAt(2, "EIO", false);
    expect(() => log.append(record(2))).toThrow(/the store stopped: writing height 2 to the log failed/);
    expect(() => log.append(record(2))).toThrow(StoreStopped);
  });

  it("says what to do when the disk is full", () => {
    const plan = new FaultPlan();
    const log = open(root, plan.files);
    plan.failAt(1, "ENOSPC");
    expect(() => log.append(record(1))).toThrow(/every acknowledged height is safe.*free disk space/);
  });
});
