/** Walk-throughs of docs/ that take long, typed as they are written: a buyer's and a shop's, and one of a chain with rules of compliance. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { CampaignOptions } from "./main.ts";

const root = join(import.meta.dirname, "..", "..");

/** Arguments: parts of file names, all by default. */
export default async function walks({ args }: CampaignOptions): Promise<void> {
  const command = [
    join(root, "node_modules", "vitest", "vitest.mjs"),
    "run",
    ...(args.length > 0 ? args : [".long.test"]),
  ];
  const run = spawn(process.execPath, command, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, WEIR_LONG: "1" },
  });
  const [code] = await once(run, "close");
  if (code !== 0) throw new Error("a walk-through does not end as it is written");
}
