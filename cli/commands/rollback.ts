/** `weir rollback`: takes a stopped node's state back, so that the next start executes the blocks above again. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { checkCometVersion, findComet } from "../../chain/consensus/cometprogram.ts";
import { hexUpper } from "../../chain/consensus/json.ts";
import { Checkpoints } from "../../chain/store/checkpoints.ts";
import { nodeFiles } from "../../chain/store/files.ts";
import { checkpointDirectory } from "../../chain/store/replaying.ts";
import { rollback } from "../../chain/store/rollback.ts";
import { UsageError } from "../arguments.ts";
import type { Command, Invocation } from "../command.ts";
import { readAppConfig } from "../config.ts";
import { cometData } from "../enginechoice.ts";
import type { Home } from "../home.ts";
import { requireData, stores, withBlocks, withState, withStoredBlocks } from "../stopped.ts";
import { grouped } from "../table.ts";

export const command: Command = {
  name: "rollback",
  positionals: [],
  summary: "Takes the state of a stopped node back by some blocks.",
  description:
    "The blocks stay, and the next start executes them again: after a defect of the program, with the version that mends it. What the\n" +
    "validator has signed stays as it is, so nothing is signed twice. CometBFT's own state goes back one block with it, because it holds what\n" +
    "the last execution gave.",
  flags: [
    { name: "blocks", value: "N", help: "how many", default: "1" },
    { name: "cometbft", value: "PATH", help: "under CometBFT: the program, where `weir start` would not find it" },
  ],
  examples: ["weir rollback", "weir rollback --blocks 10"],
  async run(invocation) {
    const { home, say } = invocation;
    const text = invocation.flag("blocks") ?? "";
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`--blocks ${text}: expected a whole number from 1`);
    requireData(home);
    const isComet = cometData(home) !== undefined;
    const program = isComet ? await cometProgram(invocation) : undefined;
    await requireBlocks(home, await heightOf(home, say), Number(text));
    const before = ownSnapshots(home);
    const log = (message: string) => say(`${message}\n`);
    const done = await rollback({ directory: home.applicationData, ...stores, log }, Number(text));
    const { from, height, appHash } = done;
    const lost = before.filter((snapshot) => snapshot > height).map(String);
    if (program !== undefined) await rollBackEngine(home, program, BigInt(height), say);
    invocation.answer(
      `The state is at height ${grouped(String(height))} instead of ${grouped(String(from))}, app hash ${hexUpper(appHash)}.\n` +
        (lost.length === 0 ? "" : `Snapshots of states above it went with them: ${lost.join(", ")}.\n`) +
        "`weir start` executes the blocks above again.\n",
      { from: String(from), height: String(height), app_hash: hexUpper(appHash), deleted_snapshots: lost },
    );
    return 0;
  },
};

/** Of the state, whichever engine it has. */
const heightOf = (home: Home, say: (text: string) => void): Promise<bigint> =>
  existsSync(home.engineData)
    ? withBlocks(home, async ({ height }) => height)
    : withState(home, say, async ({ height }) => BigInt(height));

async function cometProgram({ home, environment, flag }: Invocation): Promise<string> {
  const program = await findComet({ flag: flag("cometbft"), configured: readAppConfig(home).comet, environment });
  await checkCometVersion(program);
  return program;
}

/** Only what the state above is executed from: where the state was ahead of the blocks, the engine's own has nothing wrong. */
async function rollBackEngine(home: Home, program: string, height: bigint, say: (text: string) => void): Promise<void> {
  const newest = await withStoredBlocks(home, async (blocks) => blocks?.height ?? 0n);
  if (newest <= height) return;
  await promisify(execFile)(program, ["rollback", "--home", home.folder]);
  say(`CometBFT's state is that of height ${newest - 1n}; its blocks stay.\n`);
}

const ownSnapshots = ({ applicationData }: Home): readonly number[] =>
  new Checkpoints(nodeFiles, undefined, checkpointDirectory(applicationData)).offered;

/** What is taken back must be there to be executed again. */
async function requireBlocks(home: Home, from: bigint, count: number): Promise<void> {
  await withStoredBlocks(home, async (blocks) => {
    if (blocks === undefined) {
      throw new Error(`the engine has no blocks in ${home.data}, so nothing taken back could be executed again`);
    }
    const lowest = blocks.base > 1n ? blocks.base - 1n : 1n;
    if (from - BigInt(count) >= lowest) return;
    const most = from - lowest;
    throw new Error(
      `the blocks above height ${from - BigInt(count)} would be executed again, and only those from ${blocks.base} on are kept: ` +
        `take back at most ${most}${most <= 0n ? "; there is nothing to take back" : ""}`,
    );
  });
}
