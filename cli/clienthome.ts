/**
 * What every `weir client` command works with, opened in one place: the secret out of the keyring, the store, the chain, the purse. Owns that order
 * and what is said to somebody who has nothing yet; does not own what a command does.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDecCoins } from "../chain/deccoins.ts";
import { type Log, silentLog } from "../chain/log.ts";
import { type ChainClient, openChainClient } from "../node/chain/chainclient.ts";
import { NodeClient } from "../node/chain/nodeclient.ts";
import type { Purse } from "../node/client/accounts.ts";
import { clientChain } from "../node/client/clientchain.ts";
import { ClientStore } from "../node/client/store.ts";
import { type Sender, Turns } from "../node/client/transactions.ts";
import { clientKeys } from "../node/client/wallets.ts";
import { systemClock } from "../node/clock.ts";
import { type DaemonStore, openStore } from "../node/daemon/store.ts";
import { type FlagSpec, UsageError } from "./arguments.ts";
import type { Invocation } from "./command.ts";
import { daemonData } from "./daemon.ts";
import { type DaemonKeys, openDaemonKeys } from "./daemonkeys.ts";
import { makeFolders, writeText } from "./home.ts";
import { keyFlags } from "./keys.ts";
import { clientToml } from "./templates.ts";
import { trustFlags, trustOf } from "./trust.ts";

/** The one secret that all wallets follow from, in the keyring's folder and format. */
export const rootName = "client-root";

const gasFlag: FlagSpec = {
  name: "gas-prices",
  value: "COINS",
  help: "what to pay for each gas: 0.025uweir; without it what the node asks for",
};

export const clientFlags: readonly FlagSpec[] = [...keyFlags, gasFlag, ...trustFlags];

export interface ClientHome {
  readonly purse: Purse;
  readonly store: ClientStore;
  readonly chain: ChainClient;
  close(): Promise<void>;
}

export interface OpenClient {
  readonly keys: DaemonKeys;
  readonly log?: Log;
}

export const hasRoot = (keys: DaemonKeys): boolean => keys.machines.has(rootName);

export const clientKeysOf = (invocation: Invocation): DaemonKeys => openDaemonKeys(invocation);

/** Addresses of nodes, with commas between. */
const nodesOf = (invocation: Invocation): readonly string[] =>
  (invocation.flag("node") ?? "")
    .split(",")
    .map((url) => url.trim())
    .filter((url) => url !== "");

/** Of the line or client.toml; else the first node's word, which is kept. */
async function chainIdOf(invocation: Invocation): Promise<string> {
  const given = invocation.flag("chain-id");
  if (given !== undefined) return given;
  const [node = ""] = nodesOf(invocation);
  const found = await new NodeClient(node).chainId();
  const { home } = invocation;
  if (!existsSync(home.clientToml)) {
    makeFolders(home);
    writeText(
      home.clientToml,
      clientToml(found).replace(/^node = .*$/m, `node = ${JSON.stringify(nodesOf(invocation).join(","))}`),
    );
  }
  return found;
}

export interface OpenSender {
  readonly sender: Sender;
  readonly chain: ChainClient;
  readonly store: DaemonStore;
  close(): Promise<void>;
}

/** The chain and a way to send, for whoever has a key of their own, or none; without a folder nothing is kept. */
export async function openSender(invocation: Invocation, folder?: string, log: Log = silentLog): Promise<OpenSender> {
  const chainId = await chainIdOf(invocation);
  const trust = trustOf(invocation);
  const directory = folder ?? mkdtempSync(join(tmpdir(), "weir-client-"));
  const store = await openStore(directory, { daemon: "client", chainId });
  const chain = openChainClient({
    chainId,
    rpc: nodesOf(invocation),
    store,
    clock: systemClock,
    log,
    gasPrices: () => invocation.flag("gas-prices") ?? "",
    ...(trust === undefined ? {} : { trusted: trust, trustMillisMax: trust.millisMax }),
  });
  const sender = {
    chain: clientChain(chain, { endpoints: chain.nodes, clock: systemClock }),
    gasPrices: gasPricesOf(invocation),
    turns: new Turns(),
  };
  return {
    sender,
    chain,
    store,
    async close() {
      await chain.close();
      await store.close();
      if (folder === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

export async function openClient(invocation: Invocation, { keys, log = silentLog }: OpenClient): Promise<ClientHome> {
  if (!hasRoot(keys)) throw noWallet();
  const { seed: root } = await keys.machine(rootName);
  const { sender, chain, store, close } = await openSender(invocation, daemonData(invocation.home, "client"), log);
  const { chainId } = chain;
  return {
    purse: { sender, keys: await clientKeys(root, chainId), root },
    store: new ClientStore(store),
    chain,
    close,
  };
}

function gasPricesOf(invocation: Invocation) {
  const text = invocation.flag("gas-prices") ?? "";
  try {
    return parseDecCoins(text);
  } catch (error) {
    throw new UsageError(`--gas-prices ${text}: ${error instanceof Error ? error.message : error}`);
  }
}

const noWallet = (): Error =>
  new Error(
    "there is no wallet here yet: `weir client topup` takes a top-up code from a shop and makes one. If you have one elsewhere, pass its --home",
  );

/** Makes the secret where there is none. True where it was made. */
export async function ensureRoot(invocation: Invocation, keys: DaemonKeys): Promise<boolean> {
  if (hasRoot(keys)) return false;
  makeFolders(invocation.home);
  await keys.makeMachine(rootName);
  return true;
}
