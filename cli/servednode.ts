/**
 * A node whose engine is CometBFT: state and application here, behind an ABCI socket; CometBFT beside it, started and stopped with it, or
 * run by someone else. Owns the order of opening and closing (the application goes last) and where a node halts.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChainApplication } from "../chain/abci/chainapplication.ts";
import { observed } from "../chain/abci/observed.ts";
import { recordTo } from "../chain/abci/record.ts";
import { AbciServer, socketPathBytesMax } from "../chain/abci/server.ts";
import { CometEngine } from "../chain/consensus/comet.ts";
import { checkCometVersion, findComet } from "../chain/consensus/cometprogram.ts";
import { type GenesisDocument, parseGenesis } from "../chain/consensus/genesis.ts";
import { fromRfc3339 } from "../chain/consensus/time.ts";
import { BlockWatch, refuseHalted } from "./blockwatch.ts";
import { explainComet } from "./cometadvice.ts";
import { writeCometConfig } from "./cometconfig.ts";
import { type AppConfig, readAppConfig, readNodeConfig } from "./config.ts";
import { chooseEngine } from "./enginechoice.ts";
import { type Home, readText } from "./home.ts";
import {
  beginJoining,
  clearCutOffJoining,
  endJoining,
  type JoinOptions,
  lookUpTrust,
  makeJoiningHome,
} from "./joining.ts";
import { type NodeOptions, parseAddress, type RunningNode } from "./node.ts";
import { openApplication } from "./nodeapplication.ts";
import { type MempoolFigures, NodeMetrics, serveMetrics } from "./nodemetrics.ts";

export interface ServedNodeOptions extends NodeOptions {
  readonly engine: "comet" | "none";
  /** Path of the program, by --cometbft. */
  readonly comet?: string | undefined;
  readonly abciAddress?: string | undefined;
  readonly peerAddress?: string | undefined;
  /** Begin by a snapshot of a running network. */
  readonly joining?: JoinOptions | undefined;
  readonly environment?: NodeJS.ProcessEnv | undefined;
}

export interface ServedNode extends RunningNode {
  readonly abciAddress: string;
  readonly watch: BlockWatch;
  /** Undefined where someone else runs it. */
  readonly engine: CometEngine | undefined;
}

/** What was opened, in order; closed in the other one. */
type Closing = (() => Promise<void> | void)[];

interface Opened {
  readonly genesis: GenesisDocument;
  readonly application: ChainApplication;
  readonly watch: BlockWatch;
  readonly server: AbciServer;
  readonly ended: PromiseWithResolvers<Error | undefined>;
  /** Of the engine, once it is known. */
  readonly rpc: { url: string | undefined };
}

export async function startServedNode(options: ServedNodeOptions): Promise<ServedNode> {
  const { home, log, joining } = options;
  if (joining !== undefined) await makeJoiningHome(home, joining, log);
  const genesis = parseGenesis(readText(home.genesis, "run `weir init MONIKER` first"), home.genesis);
  const config = readAppConfig(home);
  const app = options.minGasPrices === undefined ? config : { ...config, minGasPrices: options.minGasPrices };
  chooseEngine(home, options.engine, app.engine);
  const program = options.engine === "comet" ? await readyProgram(options, app) : undefined;
  clearCutOffJoining(home, log);
  const closing: Closing = [];
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    const opened = await openBehindSocket(options, genesis, app, closing);
    if (program === undefined) return served(opened, close, undefined);
    return served(opened, close, await startEngine(options, opened, program, closing));
  } catch (error) {
    await close();
    throw error;
  }
}

async function readyProgram({ comet, environment = process.env }: ServedNodeOptions, app: AppConfig): Promise<string> {
  const program = await findComet({ flag: comet, configured: app.comet, environment });
  await checkCometVersion(program);
  return program;
}

async function openBehindSocket(
  options: ServedNodeOptions,
  genesis: GenesisDocument,
  app: AppConfig,
  closing: Closing,
): Promise<Opened> {
  const { home, log, abciLog } = options;
  const metrics = app.metricsAddress === undefined ? undefined : new NodeMetrics();
  const opened = await openApplication({ ...options, onLogSync: metrics?.onLogSync }, genesis, app);
  const { application, state } = opened;
  closing.push(opened.close);
  const height = BigInt(state.height);
  refuseHalted(app, height, undefined);
  const watch = new BlockWatch(log, app, height);
  const records = abciLog === undefined ? [] : [recordTo(abciLog)];
  for (const record of records) closing.push(() => record.close());
  const ended = Promise.withResolvers<Error | undefined>();
  const address = options.abciAddress ?? (app.abciAddress || socketOf(home, closing));
  const hosted = observed(application, watch, ...records, ...(metrics === undefined ? [] : [metrics]));
  const server = await AbciServer.listen({ app: hosted, address, log, onHalt: ended.resolve });
  closing.push(() => server.close());
  watch.onBlock((block) => {
    if (!watch.isHaltDue(block)) return;
    server.hold();
    ended.resolve(undefined);
  });
  const rpc: { url: string | undefined } = { url: undefined };
  if (metrics !== undefined && app.metricsAddress !== undefined) {
    const mempool = () => mempoolOf(rpc.url);
    metrics.attach({ chainId: genesis.chainId, engine: options.engine, ...opened, mempool });
    closing.push(await serveMetrics(metrics, parseAddress(app.metricsAddress), log));
  }
  return { genesis, application, watch, server, ended, rpc };
}

/** In the home; where its path is too long for a socket, in a private folder of the system's temporary one. */
function socketOf({ data }: Home, closing: Closing): string {
  const path = join(data, "abci.sock");
  if (Buffer.byteLength(path) <= socketPathBytesMax) return `unix://${path}`;
  const folder = mkdtempSync(join(tmpdir(), "weir-abci-"));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  return `unix://${join(folder, "abci.sock")}`;
}

interface StartedEngine {
  readonly engine: CometEngine;
  readonly rpcUrl: string;
  readonly ready: Promise<void>;
}

async function startEngine(
  options: ServedNodeOptions,
  opened: Opened,
  program: string,
  closing: Closing,
): Promise<StartedEngine> {
  const { home, log, rpcAddress, peerAddress, environment = process.env } = options;
  const { application, watch, server, ended } = opened;
  writeCometConfig(home, { abciAddress: server.address, stateSync: await stateSync(options, opened) });
  const rpc = await takenAddress(rpcAddress ?? readNodeConfig(home).rpc.address);
  const flags = [
    ...["--rpc.laddr", `tcp://${rpc}`],
    ...(peerAddress === undefined ? [] : ["--p2p.laddr", `tcp://${await takenAddress(peerAddress)}`]),
    ...(options.createEmptyBlocks === undefined
      ? []
      : [`--consensus.create_empty_blocks=${options.createEmptyBlocks}`]),
  ];
  const engine = new CometEngine({ program, home: home.folder, flags, environment, log, explain: explainComet });
  let isJoined = false;
  watch.onBlock(() => {
    engine.noteProgress();
    if (!isJoined) endJoining(home);
    isJoined = true;
  });
  engine.ended.then(ended.resolve);
  engine.start();
  closing.push(() => engine.stop());
  const rpcUrl = `http://${rpc.replace(/^0\.0\.0\.0:/, "127.0.0.1:")}`;
  opened.rpc.url = rpcUrl;
  const abort = new AbortController();
  closing.push(() => abort.abort());
  const ready = untilAnswered(rpcUrl, abort.signal).then((last) => {
    if (last !== undefined) application.resume(last);
  });
  return { engine, rpcUrl, ready };
}

/** Undefined where the chain has begun here already, or nothing else was asked for. */
async function stateSync({ home, log, joining }: ServedNodeOptions, { genesis, watch }: Opened) {
  if (joining === undefined) return undefined;
  if (watch.height > 0n) {
    log.info(`there is no need of state sync: the state is at height ${watch.height}`);
    return undefined;
  }
  const trusted = await lookUpTrust(home, genesis, joining, log);
  beginJoining(home);
  return trusted;
}

/** HOST:PORT; where the port is 0 a free one, since the engine cannot say which it took. */
async function takenAddress(text: string): Promise<string> {
  const { host, port } = parseAddress(text);
  const shown = host.includes(":") ? `[${host}]` : host;
  if (port !== 0) return `${shown}:${port}`;
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once("error", reject);
    probe.listen(0, host, resolve);
  });
  const taken = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (taken === null || typeof taken === "string") throw new Error(`no free port at ${host}`);
  return `${shown}:${taken.port}`;
}

const mempoolMillisMax = 500;

/** The engine keeps the mempool: it is asked, and undefined when it does not answer in time. */
async function mempoolOf(rpcUrl: string | undefined): Promise<MempoolFigures | undefined> {
  if (rpcUrl === undefined) return undefined;
  try {
    const response = await fetch(`${rpcUrl}/num_unconfirmed_txs`, { signal: AbortSignal.timeout(mempoolMillisMax) });
    const { result } = (await response.json()) as { result: { total: string; total_bytes: string } };
    return { transactions: Number(result.total), bytes: Number(result.total_bytes) };
  } catch {
    return undefined;
  }
}

const pollMillis = 100;

interface Status {
  readonly result?: {
    readonly sync_info: { readonly latest_block_height: string; readonly latest_block_time: string };
  };
}

/** The engine's newest block when its RPC answers; never settles once it is given up. */
async function untilAnswered(rpcUrl: string, signal: AbortSignal) {
  for (;;) {
    const status = await fetch(`${rpcUrl}/status`, { signal }).then(
      (response) => response.json() as Promise<Status>,
      () => undefined,
    );
    if (status?.result !== undefined) {
      const { latest_block_height, latest_block_time } = status.result.sync_info;
      const time = fromRfc3339(latest_block_time);
      return time === undefined ? undefined : { height: BigInt(latest_block_height), time };
    }
    await new Promise<void>((resolve) => {
      if (!signal.aborted) setTimeout(resolve, pollMillis);
    });
  }
}

function served(
  { genesis, server, watch, ended }: Opened,
  close: () => Promise<void>,
  started: StartedEngine | undefined,
): ServedNode {
  return {
    genesis,
    abciAddress: server.address,
    watch,
    engine: started?.engine,
    engineText:
      started === undefined
        ? `and waits for an engine at ${server.address}`
        : `under CometBFT, which reaches it at ${server.address}`,
    rpcUrl: started?.rpcUrl,
    get height() {
      return watch.height;
    },
    ready: started?.ready ?? Promise.resolve(),
    ended: ended.promise,
    close,
  };
}
