/** Runs one seed in several processes that differ in everything that must not matter, and compares what they print. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const program = join(import.meta.dirname, "run.ts");

interface Surroundings {
  readonly name: string;
  readonly node: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly flags: readonly string[];
}

/** Flags of the runtime, time zone, locale, home of the work: none may reach consensus. */
export const surroundings: readonly Surroundings[] = [
  { name: "plain", node: [], env: { TZ: "UTC", LC_ALL: "C" }, flags: [] },
  {
    name: "small heap and stack, Kolkata, Turkish",
    node: ["--max-semi-space-size=1", "--stack-size=700"],
    env: { TZ: "Asia/Kolkata", LC_ALL: "tr_TR.UTF-8", LANG: "tr_TR.UTF-8" },
    flags: ["--late"],
  },
  {
    name: "no optimising compiler, Chatham, Arabic",
    node: ["--no-opt", "--no-sparkplug"],
    env: { TZ: "Pacific/Chatham", LC_ALL: "ar_EG.UTF-8" },
    flags: ["--workers"],
  },
  {
    name: "eager compiler, Lord Howe, German",
    node: ["--always-sparkplug", "--random-seed=7"],
    env: { TZ: "Australia/Lord_Howe", LC_ALL: "de_DE.UTF-8" },
    flags: ["--workers", "--late"],
  },
  {
    name: "other hash seed, Azores",
    node: ["--hash-seed=99", "--predictable-gc-schedule"],
    env: { TZ: "Atlantic/Azores", LC_ALL: "POSIX" },
    flags: [],
  },
];

/** Throws with both outputs' first difference. Returns how many blocks agreed. */
export async function compareRuns(seed: number, blocks: number): Promise<number> {
  let expected: string[] | undefined;
  for (const { name, node, env, flags } of surroundings) {
    const argv = [...node, program, String(seed), String(blocks), ...flags];
    const { stdout } = await run(process.execPath, argv, {
      env: { ...process.env, NODE_OPTIONS: "", ...env },
      maxBuffer: 1 << 26,
    });
    const lines = stdout.trim().split("\n");
    expected ??= lines;
    const at = expected.findIndex((line, index) => line !== lines[index]);
    if (at >= 0 || lines.length !== expected.length) {
      throw new Error(
        `seed ${seed}: "${name}" differs at block ${at + 1}: ${lines[at]}, but "${surroundings[0]!.name}" has ${expected[at]}`,
      );
    }
  }
  return expected!.length;
}
