/** kill -9 of relays, oracles and clients at their durable writes: the tests of test/daemons with many more deaths, a seed after the other. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { CampaignOptions } from "./main.ts";

const root = join(import.meta.dirname, "..", "..");
const tests = ["test/daemons/kill.test.ts", "test/daemons/killpaid.test.ts"];

/** Arguments: how many seeds, and kills of each. */
export default async function kill({ quick, args }: CampaignOptions): Promise<void> {
  const [seeds = quick ? 1 : 5, kills = quick ? 12 : 60] = args.map(Number);
  for (let seed = 1; seed <= seeds; seed++) {
    for (const test of tests) {
      const began = performance.now();
      const environment = { ...process.env, WEIR_KILL_SEED: `${seed}`, WEIR_KILLS: `${kills}` };
      const command = [join(root, "node_modules", "vitest", "vitest.mjs"), "run", test, "--testTimeout=3600000"];
      const run = spawn(process.execPath, command, { cwd: root, stdio: "inherit", env: environment });
      const [code] = await once(run, "close");
      const seconds = ((performance.now() - began) / 1_000).toFixed(0);
      console.log(`seed ${seed}, ${test}: ${kills} kills in ${seconds} s, ${code === 0 ? "nothing lost" : "FAILED"}`);
      if (code !== 0)
        throw new Error(`seed ${seed} of ${test} failed; again: npm run campaign -- kill ${seed} ${kills}`);
    }
  }
}
