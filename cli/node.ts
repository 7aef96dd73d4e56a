/**
 * A whole node in one process: state, application, embedded engine and RPC, put together from a home folder. Owns the order of opening
 * and closing; each part owns itself. With CometBFT beside it the node is servednode.ts.
 */
import { existsSync } from "node:fs";
import type { ChainApplication } from "../chain/abci/chainapplication.ts";
import { observed } from "../chain/abci/observed.ts";
import { recordTo } from "../chain/abci/record.ts";
import type { HostedApplication } from "../chain/abci/server.ts";
import type { AppliedBlock } from "../chain/consensus/executor.ts";
import { type GenesisDocument, parseGenesis } from "../chain/consensus/genesis.ts";
import { loadSigner, nodeId, parseKey, type Signer } from "../chain/consensus/keys.ts";
import { LocalEngine } from "../chain/consensus/local.ts";
import { RpcServer } from "../chain/server/rpc.ts";
import { blockLine, isHaltDue, refuseHalted, type WatchedBlock } from "./blockwatch.ts";
import { type AppConfig, type NodeConfig, readAppConfig, readNodeConfig } from "./config.ts";
import { chooseEngine } from "./enginechoice.ts";
import { readText } from "./home.ts";
import { type ApplicationOptions, openApplication } from "./nodeapplication.ts";
import { NodeMetrics, serveMetrics } from "./nodemetrics.ts";
import { otherSigners } from "./validatorkeys.ts";

export interface NodeOptions extends ApplicationOptions {
  readonly blockMillis?: number | undefined;
  readonly createEmptyBlocks?: boolean | undefined;
  readonly rpcAddress?: string | undefined;
  readonly minGasPrices?: AppConfig["minGasPrices"] | undefined;
  /** A file that the calls between engine and application are written to. */
  readonly abciLog?: string | undefined;
}

/** A node as whoever started it sees it, whatever its engine. */
export interface RunningNode {
  readonly genesis: GenesisDocument;
  /** Which engine, in words. */
  readonly engineText: string;
  /** Undefined where an engine of its own serves it elsewhere. */
  readonly rpcUrl: string | undefined;
  /** Of the newest block. */
  readonly height: bigint;
  /** Resolves when it answers. */
  readonly ready: Promise<void>;
  /** Settles when the node has to end by itself: with the reason, or with nothing when it reached its halt height. */
  readonly ended: Promise<Error | undefined>;
  close(): Promise<void>;
}

export interface LocalNode extends RunningNode {
  readonly engine: LocalEngine;
  readonly rpcUrl: string;
}

/** Clients want one to be shown; the local engine has no peers. */
const unusedPeerAddress = "tcp://127.0.0.1:26656";

export async function startNode(options: NodeOptions): Promise<LocalNode> {
  const { home, log } = options;
  const genesis = parseGenesis(readText(home.genesis, "run `weir init MONIKER` first"), home.genesis);
  const app = {
    ...readAppConfig(home),
    ...defined({ blockMillis: options.blockMillis, minGasPrices: options.minGasPrices }),
  };
  const config = readNodeConfig(home);
  const rpcAddress = parseAddress(options.rpcAddress ?? config.rpc.address);
  chooseEngine(home, "local", app.engine);
  const signer = loadSigner(home.validatorKey, home.validatorState);
  const signers = [signer, ...otherSigners(options.validatorKeys, signer, !existsSync(home.engineData))];
  const closing: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    const metrics = app.metricsAddress === undefined ? undefined : new NodeMetrics();
    const opened = await openApplication({ ...options, onLogSync: metrics?.onLogSync }, genesis, app);
    const { application } = opened;
    closing.push(opened.close);
    const ended = Promise.withResolvers<Error | undefined>();
    const hosted = metrics === undefined ? application : observed(application, metrics);
    const engine = await openEngine(options, genesis, app, config, signers, hosted, ended.resolve);
    closing.push(() => engine.stop());
    if (metrics !== undefined && app.metricsAddress !== undefined) {
      const mempool = async () => ({ transactions: engine.mempool.size, bytes: engine.mempool.bytes });
      metrics.attach({ chainId: genesis.chainId, engine: "local", ...opened, mempool });
      closing.push(await serveMetrics(metrics, parseAddress(app.metricsAddress), log));
    }
    application.resume({ height: engine.height, time: engine.state.lastBlockTime });
    refuseHalted(app, engine.height, engine.state.lastBlockTime.seconds);
    engine.onBlock((applied) => {
      const block = watched(applied);
      log.info(blockLine(block));
      if (isHaltDue(app, block.height, block.timeSeconds)) ended.resolve(undefined);
    });
    const ready = Promise.withResolvers<void>();
    const rpc = await listen(options, rpcAddress, genesis, config, signer, application, engine, ready.promise);
    closing.push(() => rpc.server.close());
    if (engine.height === 0n) await firstBlock(engine, ended.promise);
    else engine.run();
    ready.resolve();
    return {
      genesis,
      engine,
      engineText: "with the local engine (for development and tests; it has no peers)",
      rpcUrl: rpc.url,
      get height() {
        return engine.height;
      },
      ready: Promise.resolve(),
      ended: ended.promise,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

function openEngine(
  { home, log, createEmptyBlocks, abciLog }: NodeOptions,
  genesis: GenesisDocument,
  app: AppConfig,
  config: NodeConfig,
  signers: readonly Signer[],
  application: HostedApplication,
  onHalt: (error: Error) => void,
): Promise<LocalEngine> {
  return LocalEngine.open({
    app: abciLog === undefined ? application : observed(application, recordTo(abciLog)),
    genesis,
    signers,
    path: home.engineData,
    blockMillis: app.blockMillis,
    createEmptyBlocks: createEmptyBlocks ?? config.createEmptyBlocks,
    mempool: config.mempool,
    log,
    onHalt,
  });
}

function watched({ block, results, state }: AppliedBlock): WatchedBlock {
  const { height, time } = block.header;
  const failed = results.txResults.filter(({ code }) => code !== 0).length;
  return {
    height,
    timeSeconds: time?.seconds ?? 0n,
    transactions: block.data.txs.length,
    failed,
    appHash: state.appHash,
  };
}

/** Nothing is answered before there is a block to answer about. */
async function firstBlock(engine: LocalEngine, ended: Promise<Error | undefined>): Promise<void> {
  const sealed = new Promise<undefined>((resolve) => {
    const stop = engine.onBlock(() => {
      stop();
      resolve(undefined);
    });
  });
  engine.run();
  const error = await Promise.race([sealed, ended]);
  if (error !== undefined) throw error;
}

async function listen(
  { home, log }: NodeOptions,
  wanted: ReturnType<typeof parseAddress>,
  genesis: GenesisDocument,
  config: NodeConfig,
  signer: Signer,
  application: ChainApplication,
  engine: LocalEngine,
  ready: Promise<void>,
) {
  const identity = {
    nodeId: nodeId(parseKey(readText(home.nodeKey, "run `weir init MONIKER` first"), home.nodeKey)),
    moniker: config.moniker,
    listenAddress: unusedPeerAddress,
    rpcAddress: `tcp://${wanted.host}:${wanted.port}`,
  };
  const { publicKey, address } = signer;
  const backend = {
    engine,
    app: application,
    genesis,
    identity,
    validatorKey: publicKey,
    validatorAddress: address,
    log,
    expect: (txs: readonly Uint8Array[]) => application.expect(txs),
  };
  const { corsOrigins, ...limits } = config.rpc;
  const server = await RpcServer.listen(backend, { ...wanted, corsOrigins, limits, ready });
  return { server, url: `http://${wanted.host.includes(":") ? `[${wanted.host}]` : wanted.host}:${server.port}` };
}

/** tcp://HOST:PORT, as CometBFT writes it; port 0 takes a free one. */
export function parseAddress(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:tcp:\/\/)?(\[[0-9a-fA-F:]+\]|[^:/[\]]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  const host = match?.[1]?.replace(/^\[|\]$/g, "");
  if (host === undefined || port > 65_535) {
    throw new Error(
      `the RPC address ${JSON.stringify(text)} is not understood; expected tcp://HOST:PORT, as tcp://127.0.0.1:26657`,
    );
  }
  return { host, port };
}
