/**
 * Networks of the real CometBFT on loopback for `bench comet`: keys, genesis, configuration, an application of each kind behind each engine.
 * Owns the processes; the load and its measures are comet.ts.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publicKeyJson } from "../chain/consensus/genesis.ts";
import { freshSignStateJson, newConsensusKey, nodeId, nodeKeyJson, validatorKeyJson } from "../chain/consensus/keys.ts";
import { abciCliBinary, cometBftBinary, end, freePort, sdkChainBinary } from "../test/helpers/cometbft.ts";
import { startAbciProcess } from "./abciprocess.ts";
import { appStateOf } from "./appstate.ts";
import { chainId } from "./load.ts";

export interface NetSettings {
  readonly validators: number;
  readonly timeoutCommit: "1s" | "200ms";
  readonly indexer: "kv" | "null";
  /** "sdk" is a chain of cosmos-sdk's parts with the engine in its own process, as chains in Go are run. */
  readonly application: "weir" | "kvstore" | "sdk";
  /** Funded in genesis. */
  readonly accounts: readonly string[];
}

export interface BenchNode {
  readonly url: string;
  /** Of the engine and of the application, since their start. */
  cpuSeconds(): Promise<{ readonly engine: number; readonly application: number }>;
}

export interface BenchNet {
  readonly nodes: readonly BenchNode[];
  stop(): Promise<void>;
}

interface Place {
  readonly home: string;
  readonly id: string;
  readonly rpcPort: number;
  readonly peerPort: number;
  readonly publicKey: Uint8Array;
}

interface RunningApplication {
  readonly address: string;
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

async function makePlace(root: string, index: number): Promise<Place> {
  const home = join(root, `node${index}`);
  for (const folder of ["config", "data"]) mkdirSync(join(home, folder), { recursive: true });
  const [key, nodeKey] = [newConsensusKey(), newConsensusKey()];
  writeFileSync(join(home, "config", "priv_validator_key.json"), validatorKeyJson(key));
  writeFileSync(join(home, "config", "node_key.json"), nodeKeyJson(nodeKey));
  writeFileSync(join(home, "data", "priv_validator_state.json"), freshSignStateJson());
  const [rpcPort, peerPort] = [await freePort(), await freePort()];
  return { home, id: nodeId(nodeKey), rpcPort, peerPort, publicKey: key.publicKey };
}

function genesisText(places: readonly Place[], { application, accounts }: NetSettings): string {
  return JSON.stringify({
    genesis_time: "2026-01-02T03:04:05Z",
    chain_id: chainId,
    initial_height: "1",
    app_hash: "",
    validators: places.map(({ publicKey }, i) => ({
      pub_key: publicKeyJson({ ed25519: publicKey }),
      power: "10",
      name: `v${i}`,
    })),
    ...(application === "kvstore" ? {} : { app_state: appStateOf(accounts) }),
  });
}

/** What is not here is CometBFT's own default; the mempool holds the whole load, so that no limit of it is measured. */
const configText = (place: Place, peers: readonly Place[], address: string, settings: NetSettings): string => `
proxy_app = "${address}"
log_level = "error"
[rpc]
laddr = "tcp://127.0.0.1:${place.rpcPort}"
max_body_bytes = 10000000
max_request_batch_size = 1000
[p2p]
laddr = "tcp://127.0.0.1:${place.peerPort}"
persistent_peers = "${peers.map(({ id, peerPort }) => `${id}@127.0.0.1:${peerPort}`).join(",")}"
addr_book_strict = false
allow_duplicate_ip = true
[mempool]
size = 200000
cache_size = 400000
[consensus]
timeout_commit = "${settings.timeoutCommit}"
[tx_index]
indexer = "${settings.indexer}"
`;

/** Nothing beside the engine where the application is in its process. */
const withinEngine: RunningApplication = { address: "", cpuSeconds: async () => 0, stop: async () => {} };

async function startApplication({ application }: NetSettings, home: string): Promise<RunningApplication> {
  if (application === "weir") return startAbciProcess({ workers: 0 });
  if (application === "sdk") return withinEngine;
  const address = `unix://${join(home, "kv.sock")}`;
  const child = spawn(abciCliBinary(), ["kvstore", "--address", address], { stdio: "ignore", cwd: home });
  return { address, cpuSeconds: async () => cpuSecondsOf(child), stop: () => end(child) };
}

/** Clock ticks of user and system, by Linux's proc(5). */
const ticksPerSecond = 100;

function cpuSecondsOf({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

const startMillisMax = 60_000;
const pollMillis = 50;

async function untilBlock(url: string): Promise<void> {
  for (const until = Date.now() + startMillisMax; Date.now() < until; ) {
    const status = await fetch(`${url}/status`).then(
      (response) => response.json() as Promise<{ result?: { sync_info: { latest_block_height: string } } }>,
      () => undefined,
    );
    if (Number(status?.result?.sync_info.latest_block_height ?? 0) > 0) return;
    await new Promise((resolve) => setTimeout(resolve, pollMillis));
  }
  throw new Error(`no block at ${url} in ${startMillisMax} ms`);
}

function startEngine({ application }: NetSettings, home: string): ChildProcess {
  const stdio = ["ignore", "ignore", "inherit"] as const;
  if (application === "sdk") return spawn(sdkChainBinary(), [home], { stdio: [...stdio] });
  return spawn(cometBftBinary(), ["start", "--home", home], { stdio: [...stdio] });
}

export async function startNet(settings: NetSettings): Promise<BenchNet> {
  const root = mkdtempSync(join(tmpdir(), "weir-bench-net-"));
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
    rmSync(root, { recursive: true, force: true });
  };
  try {
    const places = await Promise.all(Array.from({ length: settings.validators }, (_, i) => makePlace(root, i)));
    const genesis = genesisText(places, settings);
    const nodes: BenchNode[] = [];
    for (const place of places) {
      const application = await startApplication(settings, place.home);
      stops.push(() => application.stop());
      const peers = places.filter((other) => other !== place);
      writeFileSync(join(place.home, "config", "genesis.json"), genesis);
      writeFileSync(join(place.home, "config", "config.toml"), configText(place, peers, application.address, settings));
      const engine = startEngine(settings, place.home);
      stops.push(() => end(engine));
      nodes.push({
        url: `http://127.0.0.1:${place.rpcPort}`,
        cpuSeconds: async () => ({ engine: cpuSecondsOf(engine), application: await application.cpuSeconds() }),
      });
    }
    for (const { url } of nodes) await untilBlock(url);
    return { nodes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
