/** Which processes run on this machine. */
import { execFileSync } from "node:child_process";

/** Those whose command line holds these words, but for this one. */
export function processesWith(words: string): number[] {
  const lines = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" }).split("\n");
  return lines
    .filter((line) => line.includes(words))
    .map((line) => Number(line.trim().split(" ")[0]))
    .filter((pid) => pid !== process.pid);
}
