/**
 * A whole node in one process: state, application, embedded engine and RPC, put together from a home folder. Owns the order of opening
 * and closing; each part owns itself. The CometBFT engine joins here when there is one.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ChainApplication } from "../chain/abci/chainapplication.ts";
import type { AppliedBlock } from "../chain/consensus/executor.ts";
import { type GenesisDocument, parseGenesis } from "../chain/consensus/genesis.ts";
import { hexUpper } from "../chain/consensus/json.ts";
import { loadSigner, nodeId, parseKey, type Signer } from "../chain/consensus/keys.ts";
import { LocalEngine } from "../chain/consensus/local.ts";
import { verifierInUse } from "../chain/crypto/secp256k1.ts";
import type { SignatureVerifier } from "../chain/crypto/types.ts";
import { inlineVerifier, workerVerifier } from "../chain/crypto/verifier.ts";
import { makeRegistry } from "../chain/definition.ts";
import type { Log } from "../chain/log.ts";
import { RpcServer } from "../chain/server/rpc.ts";
import { MultiStore } from "../chain/store/multistore.ts";
import { weir } from "../modules/index.ts";
import { type AppConfig, type NodeConfig, readAppConfig, readNodeConfig } from "./config.ts";
import { type Home, readText } from "./home.ts";
import { version } from "./version.ts";

export interface NodeOptions {
  readonly home: Home;
  readonly log: Log;
  readonly blockMillis?: number | undefined;
  readonly createEmptyBlocks?: boolean | undefined;
  readonly rpcAddress?: string | undefined;
  readonly minGasPrices?: AppConfig["minGasPrices"] | undefined;
  /** Threads that verify signatures beside the one that executes; 0 by default. */
  readonly signatureWorkers?: number;
  /** Halt on a broken invariant after every block: for tests and devnets. */
  readonly checkInvariants?: boolean;
}

export interface RunningNode {
  readonly genesis: GenesisDocument;
  readonly engine: LocalEngine;
  readonly rpcUrl: string;
  /** Settles when the node has to end by itself: with the reason, or with nothing when it reached its halt height. */
  readonly ended: Promise<Error | undefined>;
  close(): Promise<void>;
}

/** Clients want one to be shown; the local engine has no peers. */
const unusedPeerAddress = "tcp://127.0.0.1:26656";
const appVersion = 0n;

export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const { home, log } = options;
  const genesis = parseGenesis(readText(home.genesis, "run `weir init MONIKER` first"), home.genesis);
  const app = {
    ...readAppConfig(home),
    ...defined({ blockMillis: options.blockMillis, minGasPrices: options.minGasPrices }),
  };
  const config = readNodeConfig(home);
  const rpcAddress = parseAddress(options.rpcAddress ?? config.rpc.address);
  refuseOtherEngine(home, app);
  const signer = loadSigner(home.validatorKey, home.validatorState);
  const closing: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    const { application, verifier, state } = await openApplication(home, genesis, app, options);
    closing.push(
      () => state.close(),
      () => verifier.close(),
    );
    const ended = Promise.withResolvers<Error | undefined>();
    const engine = await openEngine(options, genesis, app, config, signer, application, ended.resolve);
    closing.push(() => engine.stop());
    application.resume({ height: engine.height, time: engine.state.lastBlockTime });
    refuseHalted(app, engine);
    engine.onBlock((applied) => {
      log.info(blockLine(applied));
      if (isHaltDue(app, applied)) ended.resolve(undefined);
    });
    const isNew = engine.height === 0n;
    if (isNew) await firstBlock(engine, ended.promise);
    const rpc = await listen(options, rpcAddress, genesis, config, signer, application, engine);
    closing.push(() => rpc.server.close());
    if (!isNew) engine.run();
    return { genesis, engine, rpcUrl: rpc.url, ended: ended.promise, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

/** One chain must not be signed by two engines: what CometBFT has begun it goes on with. */
function refuseOtherEngine(home: Home, { engine }: AppConfig): void {
  if (engine !== "local") {
    throw new Error(`${home.appToml} says engine = "${engine}", and this version has only the local one`);
  }
  const foreign = ["blockstore.db", "state.db"].map((name) => join(home.data, name)).find((path) => existsSync(path));
  if (foreign === undefined) return;
  throw new Error(
    `${foreign} is CometBFT's: the local engine would fork that chain with the same key. Use another --home for a local chain`,
  );
}

async function openApplication(home: Home, genesis: GenesisDocument, app: AppConfig, options: NodeOptions) {
  const { log } = options;
  const { storeNames } = makeRegistry(weir.modules);
  const state = await MultiStore.open({
    directory: home.applicationData,
    storeNames,
    pruning: app.pruning,
    snapshot: app.snapshot,
    log: (message) => log.info(message),
  });
  const verifier = makeVerifier(options);
  const application = new ChainApplication({
    definition: weir,
    state,
    verifier,
    minGasPrices: app.minGasPrices,
    chainId: genesis.chainId,
    version,
    appVersion,
    log,
    queryGasLimit: app.queryGasLimit,
    checkInvariants: options.checkInvariants ?? false,
    optimisticExecution: true,
  });
  return { application, verifier, state };
}

function makeVerifier({ signatureWorkers = 0, log }: NodeOptions): SignatureVerifier {
  log.info(`signatures are verified by ${verifierInUse}`);
  if (signatureWorkers === 0) return inlineVerifier();
  return workerVerifier({ workers: signatureWorkers, onWorkerLost: (reason) => log.warn(reason) });
}

function openEngine(
  { home, log, createEmptyBlocks }: NodeOptions,
  genesis: GenesisDocument,
  app: AppConfig,
  config: NodeConfig,
  signer: Signer,
  application: ChainApplication,
  onHalt: (error: Error) => void,
): Promise<LocalEngine> {
  return LocalEngine.open({
    app: application,
    genesis,
    signers: [signer],
    path: home.engineData,
    blockMillis: app.blockMillis,
    createEmptyBlocks: createEmptyBlocks ?? config.createEmptyBlocks,
    minRetainBlocks: app.minRetainBlocks,
    mempool: config.mempool,
    log,
    onHalt,
  });
}

function refuseHalted({ haltHeight, haltTimeSeconds }: AppConfig, { height, state }: LocalEngine): void {
  if (haltHeight > 0n && height >= haltHeight) {
    throw new Error(
      `halt-height ${haltHeight} is reached, the chain is at ${height}: set it to 0 in app.toml to go on`,
    );
  }
  if (height > 0n && haltTimeSeconds > 0n && state.lastBlockTime.seconds >= haltTimeSeconds) {
    throw new Error(`halt-time ${haltTimeSeconds} is reached: set it to 0 in app.toml to go on`);
  }
}

const isHaltDue = ({ haltHeight, haltTimeSeconds }: AppConfig, { state }: AppliedBlock): boolean =>
  (haltHeight > 0n && state.lastBlockHeight >= haltHeight) ||
  (haltTimeSeconds > 0n && state.lastBlockTime.seconds >= haltTimeSeconds);

function blockLine({ block, results, state }: AppliedBlock): string {
  const count = block.data.txs.length;
  const failed = results.txResults.filter(({ code }) => code !== 0).length;
  const txs = count === 1 ? "1 transaction" : `${count} transactions`;
  const outcome = failed === 0 ? "" : `, ${failed} failed`;
  return `block ${block.header.height}: ${txs}${outcome}, app hash ${hexUpper(state.appHash).slice(0, 16)}`;
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
  const server = await RpcServer.listen(backend, { ...wanted, corsOrigins, limits });
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
