/** `weir devnet` in a process of its own, as a script starts it: what it prints, what it says, how it ends. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const launcher = join(import.meta.dirname, "..", "..", "cli", "weir.js");

export interface DevnetProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<readonly [code: number | null, signal: string | null]>;
  /** Stdout and stderr so far. */
  out(): string;
  err(): string;
  /** Once stderr has it. Rejects where it ends without. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  /** Whatever state it is in; its processes end by themselves. */
  kill(): void;
}

/** Folders that it makes by itself are in `temporary`. */
export function startDevnet(argv: readonly string[], temporary: string): DevnetProcess {
  const child = spawn(process.execPath, [launcher, "devnet", ...argv], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TMPDIR: temporary },
  });
  let [out, err] = ["", ""];
  const waiting = new Set<() => void>();
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
    for (const look of waiting) look();
  });
  const ended = once(child, "close") as Promise<[number | null, string | null]>;
  const said = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(err);
        if (match === null) return;
        waiting.delete(look);
        resolve(match);
      };
      waiting.add(look);
      look();
      ended.then(() => reject(new Error(`ended without saying ${pattern}: ${err}`)));
    });
  return { child, ended, out: () => out, err: () => err, said, kill: () => void child.kill("SIGKILL") };
}
