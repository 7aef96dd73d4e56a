/** Cuts the power of a real file system under a process that commits blocks, and fills its disk; nothing acknowledged may be lost (root only). */
import { join } from "node:path";
import { emptyRow, judge, printTable, type Row, runVictim, type Testimony } from "../helpers/crashes.ts";
import { LoopDisk, whyNoLoopDisk } from "../helpers/loopdisk.ts";
import { rootsOf, seeded } from "../helpers/storeblocks.ts";
import type { CampaignOptions } from "./main.ts";

const blocksPerRun = 400;
const cutsPerDisk = 10;
const diskMebibytes = 64;
const linesMax = 60;
const delayMillisecondsMax = 40;

/** One disk, cut again and again, with one chain growing on it. */
class Subject {
  readonly disk = new LoopDisk(diskMebibytes);
  readonly #seed: number;
  readonly #roots: readonly string[];
  #acknowledged = { height: 0, appHash: "" };

  static async make(seed: number): Promise<Subject> {
    return new Subject(seed, await rootsOf(seed, cutsPerDisk * (linesMax + 60)));
  }

  private constructor(seed: number, roots: readonly string[]) {
    this.#seed = seed;
    this.#roots = roots;
  }

  /** Runs until the power is gone, `line` lines and a moment after the start. */
  async cut(row: Row, line: number, delayMilliseconds: number): Promise<void> {
    const cutNow = await this.disk.armCut();
    let cutting: Promise<void> | undefined;
    let acknowledgedBefore = this.#acknowledged.height;
    let seen = 0;
    const testimony = await runVictim(this.#victim(blocksPerRun), (kill, said) => {
      if (cutting === undefined && said.startsWith("committed ")) acknowledgedBefore = Number(said.split(" ")[1]);
      if (seen++ !== line) return;
      setTimeout(() => {
        cutting = cutNow().finally(kill);
      }, delayMilliseconds);
    });
    if (cutting === undefined) row.failures.push(`it ended before the power was cut: ${testimony.stderr}`);
    await (cutting ?? cutNow());
    this.disk.remount();
    await this.#settle(row, testimony, acknowledgedBefore);
  }

  /** Runs until the disk is full; the process must end by itself and say so. */
  async fill(row: Row, bytesLeft: number): Promise<void> {
    this.disk.fill(bytesLeft);
    const testimony = await runVictim(this.#victim(blocksPerRun));
    this.disk.free();
    if (!/StoreStopped: the store stopped: .*free disk space/.test(testimony.stderr)) {
      row.failures.push(`a full disk did not stop it clearly: ${testimony.stderr || "it said nothing"}`);
    }
    await this.#settle(row, testimony);
  }

  /**
   * What must be found is what was acknowledged before the cut was ordered. A machine without power acknowledges nothing, while this one
   * lives on: a sync that had begun before the cut may return as if it had succeeded, its transaction thrown away under it.
   */
  async #settle(row: Row, testimony: Testimony, acknowledgedBefore?: number): Promise<void> {
    row.points++;
    const last = (testimony.acknowledged ?? this.#acknowledged).height;
    const least = acknowledgedBefore ?? last;
    row.acknowledged += Math.max(0, least - this.#acknowledged.height);
    const { opened, stderr, logs } = await runVictim(this.#victim(0));
    if (opened === undefined) {
      row.failures.push(`it does not open any more: ${stderr}`);
      return;
    }
    const problem = judge({ least, most: last + 1 }, opened, this.#roots);
    if (problem !== undefined) row.failures.push(`${problem}; the store said: ${logs.join("; ") || "nothing"}`);
    if (opened.height > least) row.unacknowledgedFound++;
    this.#acknowledged = opened;
  }

  #victim(blocks: number) {
    const directory = join(this.disk.path, "state");
    return { directory, seed: this.#seed, blocks, call: 0, fault: "EIO" as const };
  }
}

export async function runPowerCuts(seed: number, cuts: number, fills: number): Promise<Row[]> {
  const cutRow = emptyRow("power cut");
  const fillRow = emptyRow("disk full");
  const numbers = seeded(seed);
  for (let done = 0; done < cuts; done += cutsPerDisk) {
    const subject = await Subject.make(seed + done);
    try {
      for (let cut = done; cut < Math.min(cuts, done + cutsPerDisk); cut++) {
        await subject.cut(cutRow, numbers() % linesMax, numbers() % delayMillisecondsMax);
      }
    } finally {
      subject.disk.remove();
    }
  }
  for (let fill = 0; fill < fills; fill++) {
    const subject = await Subject.make(seed + cuts + fill);
    try {
      await subject.fill(fillRow, (numbers() % 250) << 10);
    } finally {
      subject.disk.remove();
    }
  }
  return [cutRow, fillRow];
}

export default async function powercut({ quick, args }: CampaignOptions): Promise<void> {
  const impossible = whyNoLoopDisk();
  if (impossible !== undefined) {
    console.log(`skipped: ${impossible}`);
    return;
  }
  const seed = Number(args[0] ?? 1);
  console.log(`seed ${seed}`);
  const rows = await runPowerCuts(seed, quick ? 5 : 50, quick ? 1 : 10);
  printTable(rows);
  const failures = rows.flatMap((row) => row.failures);
  if (failures.length > 0) throw new Error(`${failures.length} failures, the first: ${failures[0]}`);
}
