/** An export starts the same chain again: the same state, key by key, the same app hash wherever it is started, and it lives on. */
import type { TestApplication } from "../helpers/testapplication.ts";
import { exported, exportedForZeroHeight, goOn, importedContents, restarted, storeContents } from "./simulate.ts";

/** Blocks that a chain lives on after it was started again. */
const blocksAfter = 10;

/** Throws with what differs. */
export async function checkRestart(chain: TestApplication, seed: number): Promise<void> {
  const appState = exported(chain);
  refuseDifference("state", storeContents(chain), importedContents(chain, appState));
  await compareTwins(() => restarted(chain, appState), seed);
  const forZeroHeight = exportedForZeroHeight(chain);
  await compareTwins(() => restarted(chain, forZeroHeight, 0n), seed);
}

/** Two of them are alike at once, and stay so. */
async function compareTwins(start: () => Promise<TestApplication>, seed: number): Promise<void> {
  const [one, other] = [await start(), await start()];
  if (Buffer.compare(one.state.appHash, other.state.appHash) !== 0) throw new Error("two imports differ in app hash");
  const further = goOn(one, seed, blocksAfter).blocks;
  refuseDifference("blocks after a restart", further, goOn(other, seed, blocksAfter).blocks);
}

/** So many lines of a difference are shown, and so much of each. */
const shownMax = 10;
const lineMax = 200;

/** What no genesis holds, by store and prefix of the key in hex, and why. */
const notExported: readonly string[] = [
  // Headers and validator sets of the last blocks: of heights that the new chain does not have. The SDK leaves them out too.
  "staking 50",
];

function refuseDifference(what: string, before: readonly string[], after: readonly string[]): void {
  const isExported = (line: string) => !notExported.some((start) => line.startsWith(start));
  const [left, right] = [new Set(before), new Set(after)];
  const lines = [
    ...before.filter((line) => !right.has(line) && isExported(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !left.has(line)).map((line) => `+ ${line}`),
  ];
  if (lines.length === 0) return;
  const shown = lines.slice(0, shownMax).map((line) => line.slice(0, lineMax));
  throw new Error(`${what}: export and import differ in ${lines.length} lines\n${shown.join("\n")}`);
}
