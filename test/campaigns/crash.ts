/** Kills a process that commits blocks, at every writing call of the store and at random moments; nothing acknowledged may be lost. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { emptyRow, judge, printTable, type Row, runVictim, type Testimony, type Victim } from "../helpers/crashes.ts";
import { scratchFolder } from "../helpers/scratch.ts";
import { rootsOf, seeded } from "../helpers/storeblocks.ts";
import type { CampaignOptions } from "./main.ts";

/** A run of so many blocks meets every kind of call: rolls of the log, checkpoints, snapshots, pruning, cuts. */
const blocksPerRun = 12;
/** The changing calls of a run, or a few less. */
const callsPerRun = 66;
const runsPerHome = 25;

export interface CrashPlan {
  readonly seed: number;
  /** Calls to die at, in this order, each by both faults; beyond the run's last call a run ends by itself, which counts too. */
  readonly calls: readonly number[];
  /** How often to go through them: a home's age changes what a call does. */
  readonly rounds: number;
  readonly randomKills: number;
}

export async function runCrashes({ seed, calls, rounds, randomKills }: CrashPlan): Promise<Row[]> {
  const before = emptyRow("killed before a call");
  const halfway = emptyRow("killed in the middle of a call");
  const random = emptyRow("killed from outside, at random");
  const homes = new Homes(seed);
  try {
    for (let round = 0; round < rounds; round++) {
      for (const call of calls) await homes.crash(before, { call, fault: "killBefore" });
      for (const call of calls) await homes.crash(halfway, { call, fault: "killHalfway" });
    }
    const numbers = seeded(seed);
    for (let kill = 0; kill < randomKills; kill++)
      await homes.killAtLine(random, numbers() % (blocksPerRun + 2), numbers() % 30);
  } finally {
    homes.remove();
  }
  return [before, halfway, random];
}

/** A home is used again after a crash, as a node's is, and given up after some runs so that its blocks stay few. */
class Homes {
  readonly #seed: number;
  readonly #root = scratchFolder("crash");
  #roots: string[] = [];
  #runs = 0;
  /** What must be found at the next opening. */
  #last = { height: 0, appHash: "" };
  #row: Row | undefined;

  constructor(seed: number) {
    this.#seed = seed;
  }

  async crash(row: Row, { call, fault }: Pick<Victim, "call" | "fault">): Promise<void> {
    const victim = await this.#victim(call, fault);
    this.#note(row, await runVictim(victim));
  }

  async killAtLine(row: Row, line: number, delayMilliseconds: number): Promise<void> {
    const victim = await this.#victim(0, "killBefore");
    let seen = 0;
    const testimony = await runVictim(victim, (kill) => {
      if (seen++ === line) setTimeout(kill, delayMilliseconds);
    });
    this.#note(row, testimony);
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }

  async #victim(call: number, fault: Victim["fault"]): Promise<Victim> {
    const home = Math.floor(this.#runs++ / runsPerHome);
    const seed = this.#seed + home;
    if ((this.#runs - 1) % runsPerHome === 0) {
      this.#last = { height: 0, appHash: "" };
      this.#roots = await rootsOf(seed, runsPerHome * (blocksPerRun + 1));
    }
    return { directory: join(this.#root, String(home)), seed, blocks: blocksPerRun, call, fault };
  }

  /** A run that died while opening says nothing of what it found; the next one has the same claim to meet. */
  #note(row: Row, testimony: Testimony): void {
    const { opened, acknowledged, killed, stderr } = testimony;
    if (killed) row.points++;
    const problems = [
      opened === undefined
        ? undefined
        : judge({ least: this.#last.height, most: this.#last.height + 1 }, opened, this.#roots),
      killed || testimony.calls !== undefined ? undefined : `the process failed: ${stderr}`,
    ].filter((problem) => problem !== undefined);
    row.failures.push(...problems);
    if (opened === undefined) return;
    // What is found beyond the acknowledged belongs to the crash before, whatever row that was.
    if (opened.height > this.#last.height && this.#row !== undefined) this.#row.unacknowledgedFound++;
    row.acknowledged += acknowledged!.height - opened.height;
    this.#last = acknowledged!;
    this.#row = row;
  }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

export default async function crash({ quick, args }: CampaignOptions): Promise<void> {
  const seed = Number(args[0] ?? 1);
  console.log(`seed ${seed}`);
  const rows = await runCrashes(
    quick
      ? { seed, calls: upTo(20), rounds: 1, randomKills: 10 }
      : { seed, calls: upTo(callsPerRun), rounds: 4, randomKills: 80 },
  );
  printTable(rows);
  const failures = rows.flatMap((row) => row.failures);
  if (failures.length > 0) throw new Error(`${failures.length} failures, the first: ${failures[0]}`);
}
