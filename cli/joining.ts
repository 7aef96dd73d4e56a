/**
 * Joining a running network by state sync: which block to trust, whom to connect to, and what is cleared away when an earlier attempt did
 * not come to its end. Owns the look-up; CometBFT's light client verifies from there.
 */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { type GenesisDocument, parseGenesis } from "../chain/consensus/genesis.ts";
import { asInteger, asObject, asString } from "../chain/consensus/json.ts";
import { sha256 } from "../chain/crypto/hash.ts";
import type { Log } from "../chain/log.ts";
import { type Rpc, rpcAt, rpcUrl } from "../node/chain/rpc.ts";
import { UsageError } from "./arguments.ts";
import type { TrustedStart } from "./cometconfig.ts";
import { writeHome } from "./commands/init.ts";
import { readPeers } from "./config.ts";
import { type Home, readText, writeText } from "./home.ts";
import { setTomlKeys } from "./tomledit.ts";

export interface JoinOptions {
  /** Of two nodes at least: one alone could tell anything. */
  readonly rpcUrls: readonly string[];
  /** What the operator knows from elsewhere; looked up when left out. */
  readonly trusted?: { readonly height: bigint; readonly hash: string } | undefined;
}

/** Below the newest block, so that every one of the nodes has it. */
const trustedBelowNewest = 2n;
const genesisChunksMax = 1_000;

export function joinOptions(urls: string, height: string | undefined, hash: string | undefined): JoinOptions {
  const rpcUrls = urls.split(",").map((url) => url.trim());
  if (new Set(rpcUrls).size < 2 || rpcUrls.some((url) => url === "")) {
    throw new UsageError(`--state-sync-rpc ${urls}: expected the RPC addresses of two nodes at least, URL,URL`);
  }
  if ((height === undefined) !== (hash === undefined)) {
    throw new UsageError("--trust-height and --trust-hash come together: a height, and the hash of its block");
  }
  if (height === undefined || hash === undefined) return { rpcUrls };
  if (!/^[1-9]\d{0,17}$/.test(height)) throw new UsageError(`--trust-height ${height}: expected a height`);
  if (!/^[0-9A-Fa-f]{64}$/.test(hash)) throw new UsageError(`--trust-hash ${hash}: expected 64 hexadecimal digits`);
  return { rpcUrls, trusted: { height: BigInt(height), hash: hash.toUpperCase() } };
}

// ------------------------------------------------------------------------------------------------------------------ a home

/** A home for the network that these nodes run, where there is none yet. */
export async function makeJoiningHome(home: Home, { rpcUrls }: JoinOptions, log: Log): Promise<void> {
  if (existsSync(home.genesis)) return;
  const texts = await Promise.all(rpcUrls.map((url) => fetchGenesis(rpcAt(url))));
  const [text = ""] = texts;
  const other = texts.findIndex((each) => digest(each) !== digest(text));
  if (other >= 0)
    throw new Error(`${rpcUrls[0]} and ${rpcUrls[other]} have another genesis: one of them is of another chain`);
  const { chainId } = parseGenesis(text, `the genesis of ${rpcUrls[0]}`);
  const moniker = hostname().slice(0, 64) || "node";
  writeHome(home, { moniker, chainId, accounts: [], engine: "comet", genesis: text });
  log.info(`made ${home.folder} for chain ${chainId}; SHA-256 of its genesis: ${digest(text)}`);
}

const digest = (text: string): string => Buffer.from(sha256(Buffer.from(text))).toString("hex");

async function fetchGenesis(rpc: Rpc): Promise<string> {
  const parts: Buffer[] = [];
  for (let chunk = 0, total = 1; chunk < total; chunk++) {
    const answer = await rpc.call("genesis_chunked", { chunk: String(chunk) });
    total = Number(asInteger(answer.total, "total"));
    if (total > genesisChunksMax)
      throw new Error(`${rpc.url} has a genesis of ${total} pieces; at most ${genesisChunksMax} are read`);
    parts.push(Buffer.from(asString(answer.data, "data"), "base64"));
  }
  return Buffer.concat(parts).toString();
}

// ---------------------------------------------------------------------------------------------------------- whom to trust

export async function lookUpTrust(
  home: Home,
  genesis: GenesisDocument,
  { rpcUrls, trusted }: JoinOptions,
  log: Log,
): Promise<TrustedStart> {
  const nodes = await Promise.all(rpcUrls.map((url) => statusOf(rpcAt(url), genesis.chainId)));
  connectTo(home, nodes, log);
  const { height, hash } = trusted ?? (await agreedBlock(nodes));
  const by =
    trusted === undefined ? `as ${rpcUrls.join(" and ")} tell it: compare it with someone you trust` : "as you say";
  log.info(`state sync trusts block ${height}, hash ${hash}, ${by}`);
  return { rpcUrls, height, hash };
}

interface StatusOfNode {
  readonly rpc: Rpc;
  readonly height: bigint;
  /** ID@HOST:PORT. */
  readonly peer: string;
}

async function statusOf(rpc: Rpc, chainId: string): Promise<StatusOfNode> {
  const { node_info, sync_info } = await rpc.call("status");
  const node = asObject(node_info, "node_info");
  if (node.network !== chainId) {
    throw new Error(
      `${rpc.url} is a node of chain ${node.network}, and genesis.json is of ${chainId}: ask nodes of that one`,
    );
  }
  const port = /:(\d+)$/.exec(asString(node.listen_addr, "listen_addr"))?.[1] ?? "26656";
  const height = asInteger(asObject(sync_info, "sync_info").latest_block_height, "latest_block_height");
  return { rpc, height, peer: `${asString(node.id, "id")}@${rpcUrl(rpc.url).hostname}:${port}` };
}

async function agreedBlock(nodes: readonly StatusOfNode[]): Promise<{ height: bigint; hash: string }> {
  const newest = nodes.reduce((least, { height }) => (height < least ? height : least), nodes[0]?.height ?? 0n);
  const height = newest - trustedBelowNewest;
  if (height < 1n) throw new Error(`the network is at height ${newest}: too young for state sync, start without it`);
  const hashes = await Promise.all(
    nodes.map(async ({ rpc }) => {
      const { signed_header } = await rpc.call("commit", { height: String(height) });
      const commit = asObject(asObject(signed_header, "signed_header").commit, "commit");
      return asString(asObject(commit.block_id, "block_id").hash, "hash");
    }),
  );
  const [hash = ""] = hashes;
  if (hashes.some((other) => other !== hash)) {
    const told = nodes.map(({ rpc }, i) => `${rpc.url} says ${hashes[i]}`).join(", ");
    throw new Error(
      `the nodes do not agree on block ${height}: ${told}. Find out which one lies, and trust none until then`,
    );
  }
  return { height, hash };
}

/** Where the operator names no peer, the nodes that were asked are the first. */
function connectTo(home: Home, nodes: readonly StatusOfNode[], log: Log): void {
  const { seeds, persistentPeers } = readPeers(home);
  if (seeds !== "" || persistentPeers !== "") return;
  const byId = new Map(nodes.map(({ peer }) => [peer.split("@")[0], peer]));
  const peers = [...byId.values()].join(",");
  const text = readText(home.configToml, "it was there just now");
  writeText(home.configToml, setTomlKeys(text, { p2p: { persistent_peers: peers } }));
  log.info(`config.toml names no peers: ${peers} are written there`);
}

// ------------------------------------------------------------------------------------------------- an attempt and its end

const markerOf = ({ data }: Home): string => join(data, "state-sync-under-way");

export const beginJoining = (home: Home): void =>
  writeText(
    markerOf(home),
    "State sync has begun, and no block was decided since. A start in this state begins it anew.\n",
  );

export const endJoining = (home: Home): void => rmSync(markerOf(home), { force: true });

/**
 * Clears away what an attempt that was cut off has left: state without blocks, or blocks without state, which nothing could go on from.
 * What the validator has signed stays.
 */
export function clearCutOffJoining(home: Home, log: Log): void {
  if (!existsSync(markerOf(home))) return;
  const kept = new Set([home.validatorState, markerOf(home)]);
  for (const name of readdirSync(home.data)) {
    const path = join(home.data, name);
    if (!kept.has(path)) rmSync(path, { recursive: true, force: true });
  }
  log.warn("state sync was cut off before its end: it begins anew");
}
