/**
 * Start: seconds from a folder to a state that can be used, every hash recomputed, by the blocks that the log holds beyond the checkpoint;
 * seconds from `weir start` to a node that answers; and milliseconds of `weir --help`, for which nobody should wait.
 */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { MultiStore } from "../chain/store/multistore.ts";
import { writeHome } from "../cli/commands/init.ts";
import { homeAt } from "../cli/home.ts";
import type { BenchOptions, Figure } from "./figure.ts";
import { denom, makeHolders } from "./load.ts";
import { commit, fillState, inFolder, stateOptions, updateBlocks } from "./stateload.ts";
import { changesPerBlock } from "./treeload.ts";

const keysDefault = 1_000_000;
const keysQuick = 100_000;
const runs = 3;
const helpRuns = 20;
/** Of an account with one balance: account, its number, the balance, its denom's owner. */
const keysPerAccount = 4;
const weirScript = join(import.meta.dirname, "..", "cli", "weir.js");
/** Blocks of 2,000 sends behind the checkpoint. */
const tails = [0, 100];

export default async function* start({ quick, args }: BenchOptions): AsyncIterable<Figure> {
  const keys = Number(args[0] ?? (quick ? keysQuick : keysDefault));
  yield await help();
  yield* await inFolder((folder) => nodeFigures(folder, keys), "bench-start-node");
  yield* await inFolder((folder) => figures(folder, keys), "bench-start");
}

async function* figures(folder: string, keys: number): AsyncIterable<Figure> {
  const options = stateOptions(join(folder, "state"), { checkpointInterval: 1_000_000 });
  const store = await MultiStore.open(options);
  fillState(store, keys);
  await store.createSnapshot();
  const blocks = updateBlocks(keys, changesPerBlock);
  await store.close();
  let behind = 0;
  for (const tail of tails) {
    const growing = await MultiStore.open(options);
    for (; behind < tail; behind++) commit(growing, blocks.next().value!);
    await growing.close();
    const samples: number[] = [];
    for (let run = 0; run < runs; run++) samples.push(await startSeconds(options));
    yield { bench: "start.seconds", unit: "s", params: { keys, blocksBehind: tail, changesPerBlock }, samples };
  }
}

async function startSeconds(options: Parameters<typeof MultiStore.open>[0]): Promise<number> {
  const from = performance.now();
  const store = await MultiStore.open(options);
  const seconds = (performance.now() - from) / 1000;
  await store.close();
  return seconds;
}

/** The first run fills the cache of compiled sources, as it does for a user, and is not counted. */
async function help(): Promise<Figure> {
  const samples: number[] = [];
  for (let run = 0; run <= helpRuns; run++) {
    const from = performance.now();
    const child = spawn(process.execPath, [weirScript, "--help"], { stdio: "ignore" });
    await new Promise((resolve) => child.once("exit", resolve));
    if (run > 0) samples.push(performance.now() - from);
  }
  return { bench: "start.help", unit: "ms", params: {}, samples };
}

async function* nodeFigures(folder: string, keys: number): AsyncIterable<Figure> {
  const home = homeAt(folder);
  writeHome(home, { moniker: "bench", chainId: "bench-start-1", accounts: [] });
  addAccounts(home.genesis, makeHolders(Math.ceil(keys / keysPerAccount)));
  const first = await nodeSeconds(folder);
  yield { bench: "start.genesis", unit: "s", params: { keys }, samples: [first] };
  const samples: number[] = [];
  for (let run = 0; run < runs; run++) samples.push(await nodeSeconds(folder));
  yield { bench: "start.node", unit: "s", params: { keys }, samples };
}

interface GenesisText {
  readonly app_state: {
    readonly auth: { readonly accounts: object[] };
    readonly bank: { readonly balances: object[]; supply: object[] };
  };
}

/** At once, where the command adds one after another and looks through all of them each time. */
function addAccounts(path: string, addresses: readonly string[]): void {
  const genesis = JSON.parse(readFileSync(path, "utf8")) as GenesisText;
  const { auth, bank } = genesis.app_state;
  const firstNumber = auth.accounts.length;
  for (const [i, address] of addresses.entries()) {
    auth.accounts.push({
      "@type": "/cosmos.auth.v1beta1.BaseAccount",
      address,
      pub_key: null,
      account_number: String(firstNumber + i),
      sequence: "0",
    });
    bank.balances.push({ address, coins: [{ denom, amount: "1000" }] });
  }
  // An empty one is the sum of the balances.
  bank.supply = [];
  writeFileSync(path, JSON.stringify(genesis));
}

/** From the command to the line that says where the RPC answers. */
async function nodeSeconds(folder: string): Promise<number> {
  const from = performance.now();
  const args = [weirScript, "start", "--home", folder, "--rpc.laddr", "tcp://127.0.0.1:0"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  let said = "";
  const answers = new Promise<number>((resolve) => {
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on("line", (line) => {
        said = `${said}${line}\n`.slice(-2_000);
        if (line.includes("RPC at ")) resolve((performance.now() - from) / 1000);
      });
    }
  });
  const ended = exited.then((code) => {
    throw new Error(`weir start ended with ${code} before it answered: ${said}`);
  });
  const seconds = await Promise.race([answers, ended]);
  child.kill("SIGTERM");
  await exited;
  return seconds;
}
