/** `weir start`: runs the node until a signal. Owns what is said, and how the process ends. */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Log } from "../../chain/log.ts";
import { UpgradeHalt } from "../../chain/upgrades.ts";
import { type FlagSpec, type Parsed, UsageError } from "../arguments.ts";
import { typedDecCoins } from "../coins.ts";
import type { Command, Invocation } from "../command.ts";
import { type EngineName, engineNames, parseDuration, readAppConfig } from "../config.ts";
import { isEngineName } from "../enginechoice.ts";
import { type JoinOptions, joinOptions } from "../joining.ts";
import { isLogLevel, jsonLog, type LogLevel, lineLog, logFormats, logLevels } from "../log.ts";
import { type NodeOptions, type RunningNode, startNode } from "../node.ts";
import { startServedNode } from "../servednode.ts";
import { awaitSignal } from "../signals.ts";
import { leaveWord, lingerMillis, readSkippedHeights } from "../upgradehalt.ts";

/** One thread executes; more than these would wait for it. */
const signatureWorkersMax = 4;

/** What a stop may take before the process ends anyway. */
const stopMillisMax = 5_000;

export const nodeFlags: readonly FlagSpec[] = [
  { name: "block-time", value: "TIME", help: 'between blocks, "1s"; 0 seals at once when there is a transaction' },
  { name: "create-empty-blocks", value: "true|false", help: "seal a block though nothing waits" },
  {
    name: "rpc.laddr",
    value: "ADDRESS",
    help: "where the RPC listens, tcp://127.0.0.1:26657; port 0 takes a free one",
  },
  { name: "minimum-gas-prices", value: "COINS", help: 'the least fee per gas taken, "0.025uweir"' },
  {
    name: "validator-keys",
    value: "DIR",
    help: "local: sign with the keys there too, each a file NAME_key.json; validators without a key here are absent",
  },
  { name: "abci-log", value: "FILE", help: "append the calls between engine and application to a file" },
  {
    name: "unsafe-skip-upgrades",
    aliases: ["unsafe-skip-upgrade"],
    value: "HEIGHTS",
    help: "drop the upgrades planned for these heights (1200,1300): only where two thirds of the power do the same",
  },
  { name: "log-level", value: logLevels, help: "the least that is logged", default: "info" },
  { name: "log-format", value: logFormats.join("|"), help: "of the log (default plain on a terminal, json elsewhere)" },
];

const engineFlags: readonly FlagSpec[] = [
  {
    name: "engine",
    value: "local|comet|none",
    help: "the consensus engine, kept in app.toml: local; comet, run beside the node; none, run by you",
  },
  { name: "p2p.laddr", value: "ADDRESS", help: "comet: where peers connect, tcp://0.0.0.0:26656" },
  {
    name: "abci",
    value: "ADDRESS",
    help: "comet, none: where CometBFT reaches the application, unix://PATH or tcp://HOST:PORT",
  },
  {
    name: "cometbft",
    value: "PATH",
    help: "comet: the program; otherwise app.toml's, the PATH's, or that of `weir comet install`",
  },
  {
    name: "state-sync-rpc",
    value: "URL,URL",
    help: "comet: begin by a snapshot of the network that these nodes run; peers and genesis are asked for where the home names none",
  },
  {
    name: "trust-height",
    value: "N",
    help: "with --state-sync-rpc: a block that you know, instead of the nodes' word",
  },
  { name: "trust-hash", value: "HASH", help: "with --trust-height: the hash of that block" },
];

export const command: Command = {
  name: "start",
  positionals: [],
  summary: "Runs the node until Ctrl-C.",
  description:
    "Replays what was decided and not yet executed, seals blocks and answers the RPC. Ctrl-C ends it cleanly, a second one at once.",
  flags: [...engineFlags, ...nodeFlags],
  examples: [
    "weir start",
    "weir start --block-time 200ms",
    "weir start --block-time 0 --rpc.laddr tcp://127.0.0.1:26667",
    "weir start --engine comet",
    "weir start --engine comet --state-sync-rpc http://a.example:26657,http://b.example:26657",
    "weir start --engine none --abci tcp://127.0.0.1:26658",
  ],
  run(invocation) {
    const options = nodeOptions(invocation);
    const engine = engineOf(invocation);
    if (engine !== "local" && options.validatorKeys !== undefined) {
      throw new UsageError(
        "--validator-keys is for the local engine: under CometBFT each validator signs in a process of its own",
      );
    }
    return runNode(invocation, options, engine);
  },
};

/** By flag, or as app.toml has it. */
function engineOf(invocation: Invocation): EngineName {
  const flag = invocation.flag("engine");
  // Without a home the start itself says what is missing.
  if (flag === undefined && invocation.flag("state-sync-rpc") !== undefined) return "comet";
  if (flag === undefined) return existsSync(invocation.home.genesis) ? readAppConfig(invocation.home).engine : "local";
  if (isEngineName(flag)) return flag;
  throw new UsageError(`--engine ${flag}: expected ${engineNames.join(", ")}`);
}

export function nodeOptions(invocation: Invocation): NodeOptions {
  const { home } = invocation;
  const level = invocation.flag("log-level") ?? "info";
  if (!isLogLevel(level)) throw new UsageError(`--log-level ${level}: expected ${logLevels}`);
  return {
    home,
    log: makeLog(invocation, level),
    blockMillis: readDuration(invocation),
    createEmptyBlocks: readBoolean(invocation, "create-empty-blocks"),
    rpcAddress: invocation.flag("rpc.laddr"),
    minGasPrices: readPrices(invocation),
    validatorKeys: invocation.flag("validator-keys"),
    abciLog: invocation.flag("abci-log"),
    skipUpgradeHeights: readSkippedHeights(invocation),
    signatureWorkers: Math.min(availableParallelism() - 1, signatureWorkersMax),
  };
}

/** Words where somebody looks on, JSON where a program does. */
function makeLog({ say, isColoured, flag }: Invocation, level: LogLevel): Log {
  const format = flag("log-format") ?? (process.stderr.isTTY === true ? "plain" : "json");
  if (!logFormats.some((known) => known === format)) {
    throw new UsageError(`--log-format ${format}: expected ${logFormats.join(" or ")}`);
  }
  return format === "json" ? jsonLog(say, level) : lineLog(say, level, isColoured);
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
  engine: EngineName,
  more: () => readonly string[] = () => [],
): Promise<number> {
  const signal = awaitSignal();
  let node: RunningNode;
  try {
    node = await startWith(invocation, options, engine);
  } catch (error) {
    if (!(error instanceof UpgradeHalt)) throw error;
    options.log.error(error.message);
    return leaveWord(options, error, invocation, signal);
  }
  const ending = Promise.race([signal.then((name) => ({ name })), node.ended.then((error) => ({ error }))]);
  const isReady = await Promise.race([node.ready.then(() => true), ending.then(() => false)]);
  if (isReady) answerStarted(invocation, node, more());
  const end = await ending;
  const error = "error" in end ? end.error : undefined;
  if (error instanceof UpgradeHalt) {
    options.log.error(error.message);
    // Peers that are a vote behind get it from this node's engine, which still answers them.
    if (engine !== "local") await Promise.race([signal, new Promise((resolve) => setTimeout(resolve, lingerMillis))]);
    await closeInTime(node, options);
    return leaveWord(options, error, invocation, signal);
  }
  if (error !== undefined) {
    options.log.error(`the node halts: ${error.stack ?? error.message}`);
    invocation.say(
      "Nothing that was answered is lost: the next start goes on from the last whole block, once the cause is gone.\n",
    );
  } else {
    options.log.info(
      "name" in end ? `${end.name}: stopping after the block under way` : "the halt height or time is reached",
    );
  }
  await closeInTime(node, options);
  options.log.info(`stopped at height ${node.height}`);
  return error === undefined ? 0 : 1;
}

function startWith(invocation: Invocation, options: NodeOptions, engine: EngineName): Promise<RunningNode> {
  if (engine === "local") return startNode(options);
  return startServedNode({
    ...options,
    engine,
    comet: invocation.flag("cometbft"),
    abciAddress: invocation.flag("abci"),
    peerAddress: invocation.flag("p2p.laddr"),
    joining: readJoining(invocation),
    environment: invocation.environment,
  });
}

function readJoining(invocation: Invocation): JoinOptions | undefined {
  const urls = invocation.flag("state-sync-rpc");
  if (urls === undefined) return undefined;
  return joinOptions(urls, invocation.flag("trust-height"), invocation.flag("trust-hash"));
}

function answerStarted(invocation: Invocation, node: RunningNode, more: readonly string[]): void {
  const { genesis, engineText, rpcUrl, height } = node;
  const rpc = rpcUrl === undefined ? "" : `RPC at ${rpcUrl}, `;
  const lines = [
    `Chain ${genesis.chainId} runs in this process, ${engineText}.`,
    `${rpc}${rpc === "" ? "Height" : "height"} ${height}. Ctrl-C stops it.`,
    ...more,
  ];
  invocation.answer(`${lines.join("\n")}\n`, {
    chain_id: genesis.chainId,
    rpc: rpcUrl ?? null,
    height: String(height),
    home: invocation.home.folder,
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
