/**
 * A chain in a process of its own for the benches that come from outside: an embedded engine and its RPC over funded accounts. Started as
 * a program it prints one JSON line when it serves, and ends when its input does. `startChainProcess` is the other side.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ChainApplication } from "../chain/abci/chainapplication.ts";
import { type GenesisDocument, parseGenesis, publicKeyJson } from "../chain/consensus/genesis.ts";
import { freshSignStateJson, loadSigner, newConsensusKey, validatorKeyJson } from "../chain/consensus/keys.ts";
import { LocalEngine } from "../chain/consensus/local.ts";
import { inlineVerifier, workerVerifier } from "../chain/crypto/verifier.ts";
import { makeRegistry } from "../chain/definition.ts";
import { silentLog } from "../chain/log.ts";
import { type RpcLimits, RpcServer } from "../chain/server/rpc.ts";
import { MultiStore } from "../chain/store/multistore.ts";
import { weir } from "../modules/index.ts";
import { appStateOf } from "./appstate.ts";
import { chainId, makeHolders, makeSigners } from "./load.ts";

export interface ChainProcessOptions {
  readonly signers: number;
  readonly accounts: number;
  readonly workers: number;
  readonly blockMillis: number;
  /** Of the RPC; by default as much as a load needs. */
  readonly limits?: Partial<RpcLimits>;
}

/** What was counted since the question before. */
export interface SealTimes {
  /** Milliseconds between two blocks, and from the first request for a block to its publication. */
  readonly intervals: readonly number[];
  readonly seals: readonly number[];
}

/** As much as the load needs and no test of limits: those are tested elsewhere. */
const limits = {
  batchMax: 1_000,
  subscribedClientsMax: 1_000,
  subscriptionsPerClientMax: 100,
  connectionsPerAddressMax: 2_000,
  connectionsMax: 2_000,
  requestsPerSecondMax: 1_000_000,
};

function writeGenesis(everyone: readonly string[], publicKey: Uint8Array): GenesisDocument {
  return parseGenesis(
    JSON.stringify({
      genesis_time: "2026-01-02T03:04:05Z",
      chain_id: chainId,
      initial_height: "1",
      app_hash: "",
      validators: [{ pub_key: publicKeyJson({ ed25519: publicKey }), power: "10", name: "bench" }],
      app_state: appStateOf(everyone),
    }),
  );
}

async function openApplication(directory: string, workers: number) {
  const verifier = workers === 0 ? inlineVerifier() : workerVerifier({ workers });
  const state = await MultiStore.open({
    directory: directory,
    storeNames: makeRegistry(weir.modules).storeNames,
  });
  const application = new ChainApplication({
    definition: weir,
    state,
    verifier,
    minGasPrices: [],
    chainId,
    version: "bench",
    appVersion: 0n,
    log: silentLog,
    queryGasLimit: 0n,
    checkInvariants: false,
    optimisticExecution: true,
  });
  return { application, verifier, state };
}

/** Taken where the engine asks the application to prepare a block, and where it publishes the block. */
function timeSeals(application: ChainApplication) {
  let times: { intervals: number[]; seals: number[] } = { intervals: [], seals: [] };
  let started = 0;
  let sealed = 0;
  const prepare = application.prepareProposal.bind(application);
  application.prepareProposal = (request) => {
    started = performance.now();
    return prepare(request);
  };
  const onBlock = () => {
    const now = performance.now();
    if (sealed > 0) times.intervals.push(now - sealed);
    times.seals.push(now - started);
    sealed = now;
  };
  const take = (): SealTimes => {
    const taken = times;
    times = { intervals: [], seals: [] };
    return taken;
  };
  return { onBlock, take };
}

async function serve({
  signers: count,
  accounts,
  workers,
  blockMillis,
  limits: asked,
}: ChainProcessOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "weir-bench-chain-"));
  const key = newConsensusKey();
  const [keyPath, statePath] = [join(folder, "key.json"), join(folder, "state.json")];
  writeFileSync(keyPath, validatorKeyJson(key));
  writeFileSync(statePath, freshSignStateJson());
  const everyone = [...makeSigners(count).map(({ address }) => address), ...makeHolders(accounts - count)];
  const genesis = writeGenesis(everyone, key.publicKey);
  const { application, verifier, state } = await openApplication(join(folder, "state"), workers);
  const signer = loadSigner(keyPath, statePath);
  const engine = await LocalEngine.open({
    app: application,
    genesis,
    signers: [signer],
    path: join(folder, "engine.db"),
    blockMillis,
    createEmptyBlocks: true,
    mempool: { transactionsMax: 100_000, cacheMax: 200_000 },
    log: silentLog,
    onHalt: (error) => {
      throw error;
    },
  });
  const first = new Promise<void>((resolve) => {
    const stop = engine.onBlock(() => {
      stop();
      resolve();
    });
  });
  const seals = timeSeals(application);
  engine.onBlock(seals.onBlock);
  engine.run();
  await first;
  const identity = { nodeId: "bench", moniker: "bench", listenAddress: "tcp://127.0.0.1:1", rpcAddress: "tcp://x" };
  const { publicKey, address } = signer;
  const expect = (txs: readonly Uint8Array[]) => application.expect(txs);
  const known = { engine, app: application, genesis, identity, log: silentLog, expect };
  const backend = { ...known, validatorKey: publicKey, validatorAddress: address };
  const rpc = await RpcServer.listen(backend, { host: "127.0.0.1", port: 0, limits: asked ?? limits });
  process.stdout.write(`${JSON.stringify({ port: rpc.port })}\n`);
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    if (line === "usage") process.stdout.write(`${JSON.stringify(usage())}\n`);
    if (line === "seals") process.stdout.write(`${JSON.stringify(seals.take())}\n`);
  }
  await rpc.close(0);
  await engine.stop();
  await state.close();
  await verifier.close();
  rmSync(folder, { recursive: true, force: true });
}

interface Usage {
  readonly all: number;
  readonly main: number;
}

/** Seconds of CPU: of every thread, and of the one that executes, which is what limits a chain with cores to spare. */
function usage(): Usage {
  const seconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1e6;
  return { all: seconds(process.cpuUsage()), main: seconds(process.threadCpuUsage()) };
}

export interface ChainProcess {
  readonly url: string;
  readonly port: number;
  /** Seconds of CPU that the chain has used, its workers included. */
  cpuSeconds(): Promise<number>;
  /** Those of the thread that executes. */
  mainCpuSeconds(): Promise<number>;
  sealTimes(): Promise<SealTimes>;
  stop(): Promise<void>;
}

export async function startChainProcess(options: ChainProcessOptions): Promise<ChainProcess> {
  const child: ChildProcess = spawn(process.execPath, [import.meta.filename, JSON.stringify(options)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  if (child.stdout === null || child.stdin === null) throw new Error("the chain's process has no pipes");
  const { stdin } = child;
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async <T>(): Promise<T> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error("the chain's process ended");
    return JSON.parse(value) as T;
  };
  const { port } = await next<{ port: number }>();
  const ask = () => {
    stdin.write("usage\n");
    return next<Usage>();
  };
  const cpuSeconds = async () => (await ask()).all;
  const mainCpuSeconds = async () => (await ask()).main;
  const sealTimes = () => {
    stdin.write("seals\n");
    return next<SealTimes>();
  };
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    stdin.end();
    await ended;
  };
  return { url: `http://127.0.0.1:${port}`, port, cpuSeconds, mainCpuSeconds, sealTimes, stop };
}

if (import.meta.main) await serve(JSON.parse(process.argv[2] ?? "{}") as ChainProcessOptions);
