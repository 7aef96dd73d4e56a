/** Hostile lines for every command of `weir`, so many of each: none may be a defect. Arguments: a seed, and how many lines of each command. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { knownCommands, lineOf, makeHome, makePlaces, problemWith } from "../helpers/clifuzz.ts";
import { seededRandom } from "../helpers/random.ts";
import type { CampaignOptions } from "./main.ts";

const linesOfEach = { quick: 50, whole: 2_000 };

export default async function fuzzcli({ quick, args }: CampaignOptions): Promise<void> {
  const seed = Number(args[0] ?? "1");
  const lines = Number(args[1] ?? (quick ? linesOfEach.quick : linesOfEach.whole));
  if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(lines))
    throw new Error("expected a seed and a count of lines");
  const folder = mkdtempSync(join(tmpdir(), "weir-fuzzcli-"));
  try {
    const commands = await knownCommands();
    const random = seededRandom(seed);
    const paths = makePlaces(folder);
    await makeHome(join(folder, "home"));
    const problems: string[] = [];
    for (const command of commands) {
      for (let i = 0; i < lines; i++) {
        const problem = await problemWith(lineOf(command, random, paths), join(folder, "home"));
        if (problem !== undefined) problems.push(problem);
      }
    }
    console.log(`seed ${seed}: ${commands.length} commands, ${lines} lines each, ${problems.length} defects`);
    if (problems.length > 0) throw new Error(problems.slice(0, 20).join("\n"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
