/** `weir start`: runs the node until a signal. Owns what is said, and how the process ends. */
import { availableParallelism } from "node:os";
import { type FlagSpec, type Parsed, UsageError } from "../arguments.ts";
import { typedDecCoins } from "../coins.ts";
import type { Command, Invocation } from "../command.ts";
import { parseDuration } from "../config.ts";
import { isLogLevel, lineLog, logLevels } from "../log.ts";
import { type NodeOptions, type RunningNode, startNode } from "../node.ts";

/** One thread executes; more than these would wait for it. */
const signatureWorkersMax = 4;

/** What a stop may take before the process ends anyway. */
const stopMillisMax = 5_000;

export const nodeFlags: readonly FlagSpec[] = [
  {
    name: "engine",
    value: "local|comet",
    help: "the consensus engine, as app.toml says it; local is the only one so far",
  },
  { name: "block-time", value: "TIME", help: 'between blocks, "1s"; 0 seals at once when there is a transaction' },
  { name: "create-empty-blocks", value: "true|false", help: "seal a block though nothing waits" },
  {
    name: "rpc.laddr",
    value: "ADDRESS",
    help: "where the RPC listens, tcp://127.0.0.1:26657; port 0 takes a free one",
  },
  { name: "minimum-gas-prices", value: "COINS", help: 'the least fee per gas taken, "0.025uweir"' },
  { name: "log-level", value: logLevels, help: "the least that is logged", default: "info" },
];

export const command: Command = {
  name: "start",
  positionals: [],
  summary: "Runs the node until Ctrl-C.",
  description:
    "Replays what was decided and not yet executed, seals blocks and answers the RPC. Ctrl-C ends it cleanly, a second one at once.",
  flags: nodeFlags,
  examples: [
    "weir start",
    "weir start --block-time 200ms",
    "weir start --block-time 0 --rpc.laddr tcp://127.0.0.1:26667",
  ],
  run: (invocation) => runNode(invocation, nodeOptions(invocation), () => []),
};

export function nodeOptions(invocation: Invocation): NodeOptions {
  const { home, say } = invocation;
  const engine = invocation.flag("engine");
  if (engine !== undefined && engine !== "local") {
    throw new UsageError(`--engine ${engine}: this version has only the local one`);
  }
  const level = invocation.flag("log-level") ?? "info";
  if (!isLogLevel(level)) throw new UsageError(`--log-level ${level}: expected ${logLevels}`);
  return {
    home,
    log: lineLog(say, level, invocation.isColoured),
    blockMillis: readDuration(invocation),
    createEmptyBlocks: readBoolean(invocation, "create-empty-blocks"),
    rpcAddress: invocation.flag("rpc.laddr"),
    minGasPrices: readPrices(invocation),
    signatureWorkers: Math.min(availableParallelism() - 1, signatureWorkersMax),
  };
}

function readDuration(parsed: Parsed): number | undefined {
  const text = parsed.flag("block-time");
  if (text === undefined) return undefined;
  const millis = parseDuration(text);
  if (millis === undefined) throw new UsageError(`--block-time ${text}: expected a time such as 1s, 500ms or 0`);
  return millis;
}

function readBoolean(parsed: Parsed, name: string): boolean | undefined {
  const text = parsed.flag(name);
  if (text === undefined) return undefined;
  if (text !== "true" && text !== "false") throw new UsageError(`--${name} ${text}: expected true or false`);
  return text === "true";
}

function readPrices(parsed: Parsed): NodeOptions["minGasPrices"] {
  const text = parsed.flag("minimum-gas-prices");
  if (text === undefined) return undefined;
  return typedDecCoins(text, "--minimum-gas-prices");
}

/** Runs until a signal or the node's own end; `more` are lines said once it answers. */
export async function runNode(
  invocation: Invocation,
  options: NodeOptions,
  more: (node: RunningNode) => readonly string[],
): Promise<number> {
  const signal = awaitSignal();
  const node = await startNode(options);
  invocation.answer(startedText(node, more(node)), {
    chain_id: node.genesis.chainId,
    rpc: node.rpcUrl,
    height: String(node.engine.height),
    home: options.home.folder,
  });
  const end = await Promise.race([signal.then((name) => ({ name })), node.ended.then((error) => ({ error }))]);
  if ("error" in end && end.error !== undefined) {
    options.log.error(`the node halts: ${end.error.stack ?? end.error.message}`);
    invocation.say(
      "Nothing that was answered is lost: the next start goes on from the last whole block, once the cause is gone.\n",
    );
  } else {
    options.log.info(
      "name" in end ? `${end.name}: stopping after the block under way` : "the halt height or time is reached",
    );
  }
  await closeInTime(node, options);
  options.log.info(`stopped at height ${node.engine.height}`);
  return "error" in end && end.error !== undefined ? 1 : 0;
}

function startedText({ genesis, rpcUrl, engine }: RunningNode, more: readonly string[]): string {
  const lines = [
    `Chain ${genesis.chainId} runs in this process, with the local engine (for development and tests; it has no peers).`,
    `RPC at ${rpcUrl}, height ${engine.height}. Ctrl-C stops it.`,
    ...more,
  ];
  return `${lines.join("\n")}\n`;
}

/** The first SIGINT or SIGTERM is returned; a second one ends the process where it stands. */
function awaitSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isStopping = false;
    const onSignal = (name: NodeJS.Signals) => {
      if (isStopping) process.exit(name === "SIGINT" ? 130 : 143);
      isStopping = true;
      resolve(name);
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
  });
}

async function closeInTime(node: RunningNode, { log }: NodeOptions): Promise<void> {
  const cut = setTimeout(() => {
    log.error(
      `the node did not stop within ${stopMillisMax / 1000} s and is ended; it replays its last block at the next start`,
    );
    process.exit(1);
  }, stopMillisMax);
  await node.close();
  clearTimeout(cut);
}
