/** `weir rollback`: takes a stopped node's state back, so that the next start executes the blocks above again. */
import { hexUpper } from "../../chain/consensus/json.ts";
import { rollback } from "../../chain/store/rollback.ts";
import { UsageError } from "../arguments.ts";
import type { Command } from "../command.ts";
import type { Home } from "../home.ts";
import { requireData, storeNames, withBlocks } from "../stopped.ts";
import { grouped } from "../table.ts";

export const command: Command = {
  name: "rollback",
  positionals: [],
  summary: "Takes the state of a stopped node back by some blocks.",
  description:
    "The blocks stay, and the next start executes them again: after a defect of the program, with the version that mends it. What the\n" +
    "validator has signed stays as it is, so nothing is signed twice.",
  flags: [{ name: "blocks", value: "N", help: "how many", default: "1" }],
  examples: ["weir rollback", "weir rollback --blocks 10"],
  async run(invocation) {
    const { home, say } = invocation;
    const text = invocation.flag("blocks") ?? "";
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`--blocks ${text}: expected a whole number from 1`);
    requireData(home);
    await requireBlocks(home, Number(text));
    const log = (message: string) => say(`${message}\n`);
    const done = await rollback({ directory: home.applicationData, storeNames, log }, Number(text));
    const { from, height, appHash } = done;
    invocation.answer(
      `The state is at height ${grouped(String(height))} instead of ${grouped(String(from))}, app hash ${hexUpper(appHash)}.\n` +
        "`weir start` executes the blocks above again.\n",
      { from: String(from), height: String(height), app_hash: hexUpper(appHash) },
    );
    return 0;
  },
};

/** What is taken back must be there to be executed again. */
async function requireBlocks(home: Home, count: number): Promise<void> {
  await withBlocks(home, async (blocks) => {
    const first = blocks.height - BigInt(count) + 1n;
    if (first > blocks.base) return;
    const most = blocks.height - blocks.base;
    throw new Error(
      `the blocks above height ${first - 1n} would be executed again, and only those from ${blocks.base} on are kept: ` +
        `take back at most ${most}${most === 0n ? "; there is nothing to take back" : ""}`,
    );
  });
}
