/** `weir testnet start`: runs every node of a network until Ctrl-C, and shows how they are. Owns what is shown. */
import { resolve } from "node:path";
import { checkCometVersion, findComet } from "../../chain/consensus/cometprogram.ts";
import { UsageError } from "../arguments.ts";
import type { Command, Invocation } from "../command.ts";
import { parseDuration } from "../config.ts";
import { isLogLevel, logLevels } from "../log.ts";
import { awaitSignal } from "../signals.ts";
import { columns, forPipes, grouped, headed } from "../table.ts";
import { readTestnet, type Testnet } from "../testnet/layout.ts";
import { type Processes, requireFreePorts, startProcesses } from "../testnet/processes.ts";
import { type NodeState, TestnetWatch } from "../testnet/watch.ts";

export const command: Command = {
  name: "testnet start",
  positionals: ["DIR"],
  summary: "Runs every node of a network that `weir testnet init` made, until Ctrl-C.",
  description:
    "Each node is a process of its own with CometBFT beside it; its log is DIR/NODE/node.log. On a terminal one table is kept up to date;\n" +
    "elsewhere a line is printed when there are new blocks. Ctrl-C stops all of them within 5 s, a second one kills them.",
  flags: [
    { name: "cometbft", value: "PATH", help: "the program; otherwise the PATH's, or that of `weir comet install`" },
    { name: "every", value: "TIME", help: "between looks at the nodes (default 1s on a terminal, 5s elsewhere)" },
    { name: "log-level", value: logLevels, help: "the least that the nodes log", default: "info" },
  ],
  examples: ["weir testnet start ./net", "weir testnet start ./net --every 10s --output json"],
  async run(invocation) {
    const { environment, positionals } = invocation;
    const testnet = readTestnet(resolve(positionals[0]!));
    const millis = readEvery(invocation);
    const logLevel = invocation.flag("log-level")!;
    if (!isLogLevel(logLevel)) throw new UsageError(`--log-level ${logLevel}: expected ${logLevels}`);
    const comet = await findComet({ flag: invocation.flag("cometbft"), configured: undefined, environment });
    await checkCometVersion(comet);
    await requireFreePorts(testnet);
    const signal = awaitSignal(() => processes?.kill());
    const processes: Processes = startProcesses(testnet, { comet, environment, logLevel });
    return follow(invocation, testnet, processes, signal, millis);
  },
};

function readEvery(invocation: Invocation): number {
  const text = invocation.flag("every") ?? (isLive(invocation) ? "1s" : "5s");
  const millis = parseDuration(text);
  if (millis === undefined || millis === 0)
    throw new UsageError(`--every ${text}: expected a time such as 1s or 500ms`);
  return millis;
}

/** Somebody looks at it. */
const isLive = ({ json, look }: Invocation): boolean => !json && look !== forPipes;

async function follow(
  invocation: Invocation,
  { chainId, nodes }: Testnet,
  processes: Processes,
  signal: Promise<NodeJS.Signals>,
  everyMillis: number,
): Promise<number> {
  const watch = new TestnetWatch(processes.nodes);
  const show = isLive(invocation) ? liveTable(invocation) : changesOnly(invocation);
  if (!invocation.json) invocation.answer(`Chain ${chainId}, ${nodes.length} nodes. Ctrl-C stops them all.\n`, {});
  let isOver = false;
  const over = Promise.race([signal, processes.allEnded]).then(() => {
    isOver = true;
  });
  while (!isOver) {
    show(await watch.look());
    await Promise.race([over, new Promise((next) => setTimeout(next, everyMillis).unref())]);
  }
  const fallen = processes.nodes.filter(({ ending }) => ending !== undefined);
  if (fallen.length < nodes.length) invocation.say("Stopping all nodes …\n");
  const begun = Date.now();
  await processes.stop();
  if (fallen.length < nodes.length) invocation.say(`All stopped in ${((Date.now() - begun) / 1000).toFixed(1)} s.\n`);
  for (const { node, ending } of fallen) invocation.say(`weir: ${node.name} ${ending}\n`);
  if (watch.divergence !== undefined) invocation.say(`weir: the nodes do not agree: ${watch.divergence}\n`);
  return fallen.length === 0 && watch.divergence === undefined ? 0 : 1;
}

const hashCharacters = 16;

/** Drawn over the one before. */
function liveTable({ answer, look }: Invocation) {
  let drawn = 0;
  return (states: readonly NodeState[]): void => {
    const rows = states.map(({ name, rpc, height, peers, appHash, words }) => [
      ...[name, rpc, grouped(String(height)), String(peers), appHash.slice(0, hashCharacters) || "-", words],
    ]);
    const heading = ["NODE", "RPC", "HEIGHT", "PEERS", "APP HASH", "STATE"];
    const lines = headed(columns([heading, ...rows], [false, false, true, true]), look);
    const back = drawn === 0 ? "" : `\u001b[${drawn}A\u001b[J`;
    drawn = lines.length;
    answer(`${back}${lines.join("\n")}\n`, {});
  };
}

/** A line when something is another than before. */
function changesOnly({ answer }: Invocation) {
  let before = "";
  return (states: readonly NodeState[]): void => {
    const text = `${states.map(lineOf).join(" | ")}\n`;
    if (text === before) return;
    before = text;
    const json = states.map(({ height, appHash, name, peers, rpc, words }) => {
      return { name, rpc, height: String(height), peers, app_hash: appHash, state: words };
    });
    answer(text, { time: new Date().toISOString(), nodes: json });
  };
}

function lineOf({ name, height, peers, appHash, words }: NodeState): string {
  if (words !== "running") return `${name} ${height} ${words}`;
  return `${name} ${height} peers ${peers} app hash ${appHash.slice(0, hashCharacters)}`;
}
