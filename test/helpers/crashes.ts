/** Runs the victim (crashchild.ts) and holds what it said against what is found afterwards. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Fault } from "./faultyfiles.ts";

export interface Victim {
  readonly directory: string;
  readonly seed: number;
  readonly blocks: number;
  /** The changing call of the store to die at; 0: none. */
  readonly call: number;
  readonly fault: Fault;
}

export interface Testimony {
  /** Undefined when it died while opening. */
  readonly opened: { readonly height: number; readonly appHash: string } | undefined;
  /** Newest height whose commit returned, and its app hash; what was opened when none. */
  readonly acknowledged: { readonly height: number; readonly appHash: string } | undefined;
  /** Changing calls that a run to the end made; undefined when it was killed. */
  readonly calls: number | undefined;
  readonly killed: boolean;
  /** What the store reported. */
  readonly logs: readonly string[];
  readonly stderr: string;
}

/** `interfere` gets a way to kill, and may do worse. */
export function runVictim(victim: Victim, interfere?: (kill: () => void, line: string) => void): Promise<Testimony> {
  const { directory, seed, blocks, call, fault } = victim;
  const path = join(import.meta.dirname, "crashchild.ts");
  const child = spawn(process.execPath, [path, directory, String(seed), String(blocks), String(call), fault]);
  let out = "";
  let stderr = "";
  let seen = 0;
  child.stderr.on("data", (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  child.stdout.on("data", (bytes: Buffer) => {
    out += bytes.toString();
    const lines = out.split("\n");
    for (; seen < lines.length - 1; seen++) interfere?.(() => void child.kill("SIGKILL"), lines[seen]!);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (_, signal) => resolve({ ...testimony(out), killed: signal === "SIGKILL", stderr }));
  });
}

function testimony(out: string): Omit<Testimony, "killed" | "stderr"> {
  // The last line may be cut short by the kill: only lines that end count.
  const lines = out
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split(" "));
  const logs = lines.filter(([first]) => first === "log").map((words) => words.slice(1).join(" "));
  const found = (word: string) => lines.filter(([first]) => first === word).at(-1);
  const point = (line: string[] | undefined) =>
    line === undefined ? undefined : { height: Number(line[1]), appHash: line[2]! };
  const opened = point(found("opened"));
  const calls = found("closed")?.[1];
  return {
    opened,
    acknowledged: point(found("committed")) ?? opened,
    logs,
    calls: calls === undefined ? undefined : Number(calls),
  };
}

/** What is found after a crash: nothing lost that was acknowledged, at most the one height in the making more, and the right root. */
export function judge(
  { least, most }: { readonly least: number; readonly most: number },
  found: { readonly height: number; readonly appHash: string },
  roots: readonly string[],
): string | undefined {
  if (found.height < least) return `lost: acknowledged ${least}, found ${found.height}`;
  if (found.height > most) return `too much: at most ${most} can be, found ${found.height}`;
  if (found.height > 0 && found.appHash !== roots[found.height - 1]) {
    return `height ${found.height} has the wrong app hash ${found.appHash}`;
  }
  return undefined;
}

export interface Row {
  readonly what: string;
  points: number;
  acknowledged: number;
  unacknowledgedFound: number;
  readonly failures: string[];
}

export const emptyRow = (what: string): Row => ({
  what,
  points: 0,
  acknowledged: 0,
  unacknowledgedFound: 0,
  failures: [],
});

export function printTable(rows: readonly Row[]): void {
  const width = Math.max(...rows.map(({ what }) => what.length));
  console.log(`${"where".padEnd(width)}  points  blocks acknowledged  found though not acknowledged  lost or wrong`);
  for (const { what, points, acknowledged, unacknowledgedFound, failures } of rows) {
    const cells = [
      String(points).padStart(6),
      String(acknowledged).padStart(19),
      String(unacknowledgedFound).padStart(29),
    ];
    console.log(`${what.padEnd(width)}  ${cells.join("  ")}  ${String(failures.length).padStart(13)}`);
  }
}
