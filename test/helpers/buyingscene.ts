/**
 * A whole market on this machine: a node, relays that carry paid traffic, a shop, and buyers, each with a home of its own. Owns putting them together
 * and taking them apart.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Log, silentLog } from "../../chain/log.ts";
import { Registry } from "../../chain/server/metrictext.ts";
import { type ChainClient, openChainClient } from "../../node/chain/chainclient.ts";
import { codeSigner, type Purse } from "../../node/client/accounts.ts";
import { Client, type ClientOptions } from "../../node/client/client.ts";
import { clientChain } from "../../node/client/clientchain.ts";
import { fundCodes, redeemCode } from "../../node/client/codes.ts";
import type { ClientEvent } from "../../node/client/events.ts";
import type { Surroundings } from "../../node/client/paidsession.ts";
import { ClientStore } from "../../node/client/store.ts";
import { codeSecretBytes, formatCode, parseCode } from "../../node/client/topupcode.ts";
import { type Sender, Turns } from "../../node/client/transactions.ts";
import { clientKeys } from "../../node/client/wallets.ts";
import { systemClock } from "../../node/clock.ts";
import { defaultsOf } from "../../node/daemon/settings.ts";
import { type DaemonStore, memoryStore, openStore } from "../../node/daemon/store.ts";
import { openForwarding } from "../../node/relay/paid.ts";
import { type RunningRelay, startRelay } from "../../node/relay/relay.ts";
import { type RelaySettings, relaySchema } from "../../node/relay/settings.ts";
import { tlsTransport } from "../../node/transport/tls.ts";
import {
  type MeasuringNode,
  type MeasuringOptions,
  measuringChainId,
  type Party,
  startMeasuringNode,
} from "./measuringnode.ts";

export const sceneChainId = measuringChainId;

/** Below the range that the system hands out by itself, so that nobody takes one between our look and its use. */
export async function freePorts(count: number): Promise<number[]> {
  const first = 20_000 + (randomBytes(2).readUInt16BE() % 10_000);
  const ports: number[] = [];
  for (let port = first; ports.length < count; port++) if (await isFree(port)) ports.push(port);
  return ports;
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });

export interface SceneRelay {
  readonly party: Party;
  readonly port: number;
  readonly relay: RunningRelay;
  readonly directory: string;
  stop(): Promise<void>;
}

export interface Scene {
  readonly node: MeasuringNode;
  readonly relays: SceneRelay[];
  readonly shop: Party;
  readonly sender: Sender;
  /** A code that the shop has paid into. */
  code(amount: bigint): Promise<string>;
  startRelay(index: number, changes?: Partial<RelaySettings>, log?: Log): Promise<SceneRelay>;
  buyer(amount: bigint, more?: Partial<Buying>): Promise<Buyer>;
  /** Runs at the end, the last one first. */
  onEnd(action: () => Promise<void> | void): void;
  end(): Promise<void>;
}

export interface Buying {
  readonly root: Uint8Array;
  readonly store: DaemonStore;
  readonly log: Log;
}

export interface Buyer {
  readonly purse: Purse;
  readonly store: ClientStore;
  readonly surroundings: Surroundings;
  readonly events: ClientEvent[];
  connect(changes?: Partial<ClientOptions>): Promise<Client>;
  /** The next event of the kind, or one that was there before. */
  saw<Kind extends ClientEvent["event"]>(kind: Kind): Promise<Extract<ClientEvent, { readonly event: Kind }>>;
}

export interface SceneOptions {
  readonly relays?: number;
  /** Of the relays, those that run; all of them unless it is said. */
  readonly running?: number;
  readonly epochSeconds?: number;
  readonly blockMillis?: number;
  readonly accounts?: MeasuringOptions["accounts"];
  readonly amend?: MeasuringOptions["amend"];
}

const dollar = 1_000_000n;

export async function buyingScene(options: SceneOptions = {}): Promise<Scene> {
  const { relays: count = 1, running = count, epochSeconds = 30, blockMillis = 60 } = options;
  const ends: (() => Promise<void> | void)[] = [];
  const ports = await freePorts(count);
  const node = await startMeasuringNode({
    oracles: 3,
    relayEndpoints: ports.map((port) => `127.0.0.1:${port}`),
    claimBps: 100_000_000n,
    epochSeconds,
    blockMillis,
    ...(options.accounts === undefined ? {} : { accounts: options.accounts }),
    ...(options.amend === undefined ? {} : { amend: options.amend }),
  });
  ends.push(() => node.remove());
  const [shop] = node.oracles;
  const { sender, chain } = senderAt(node);
  ends.push(() => chain.close());
  const scene: Scene = {
    node,
    relays: [],
    shop: shop!,
    sender,
    async code(amount) {
      const secret = new Uint8Array(randomBytes(codeSecretBytes));
      const expiration = { seconds: BigInt(Math.floor(Date.now() / 1_000)) + 86_400n, nanos: 0 };
      const terms = { amount: { denom: "uusdc", amount }, fees: [{ denom: "uweir", amount: dollar }], expiration };
      await fundCodes(sender, shop!.signer, [codeSigner(sceneChainId, secret).address], terms);
      return formatCode(sceneChainId, secret);
    },
    async startRelay(index, changes = {}, log = silentLog) {
      const started = await relayAt(node, index, ports[index]!, changes, log);
      ends.push(() => started.stop());
      return started;
    },
    buyer: (amount, more = {}) => buyerOf(scene, amount, more),
    onEnd: (action) => void ends.push(action),
    async end() {
      for (const action of ends.splice(0).reverse()) await action();
    },
  };
  for (let index = 0; index < running; index++) scene.relays.push(await scene.startRelay(index));
  return scene;
}

export function senderAt(
  node: MeasuringNode,
  store: DaemonStore = memoryStore(),
): { sender: Sender; chain: ChainClient } {
  const chain = openChainClient({
    chainId: sceneChainId,
    rpc: [node.rpcUrl ?? ""],
    store,
    clock: systemClock,
    log: silentLog,
    gasPrices: () => "",
    pollMillis: 40,
  });
  const nodes = { endpoints: chain.nodes, clock: systemClock };
  return { chain, sender: { chain: clientChain(chain, nodes), gasPrices: [], turns: new Turns() } };
}

async function relayAt(
  node: MeasuringNode,
  index: number,
  port: number,
  changes: Partial<RelaySettings>,
  log: Log,
): Promise<SceneRelay> {
  const party = node.relays[index]!;
  const directory = mkdtempSync(join(tmpdir(), "weir-relay-"));
  const store = await openStore(directory, { daemon: "relay", chainId: sceneChainId });
  const chain = openChainClient({
    chainId: sceneChainId,
    rpc: [node.rpcUrl ?? ""],
    signer: party.signer,
    store,
    clock: systemClock,
    log,
    gasPrices: () => "",
    pollMillis: 40,
  });
  const defaults = defaultsOf(relaySchema);
  const settings: RelaySettings = {
    ...defaults,
    listen: { host: "127.0.0.1", port },
    allowPrivateAddresses: true,
    exit: { ...defaults.exit, policy: "all" },
    lowerClaim: false,
    ...changes,
  };
  const relay = await startRelay({
    settings,
    identity: party.identity,
    chain,
    store,
    directory,
    log,
    clock: systemClock,
    registry: new Registry(),
    wallMillis: () => Date.now(),
    openForwarding,
  });
  let isStopped = false;
  const stop = async () => {
    if (isStopped) return;
    isStopped = true;
    await relay.stop();
    await chain.close();
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  };
  return { party, port, relay, directory, stop };
}

async function buyerOf(scene: Scene, amount: bigint, more: Partial<Buying>): Promise<Buyer> {
  const { root = new Uint8Array(randomBytes(32)), store: kept = memoryStore(), log = silentLog } = more;
  const { sender, chain } = senderAt(scene.node, kept);
  scene.onEnd(() => chain.close());
  const purse: Purse = { sender, keys: await clientKeys(root, sceneChainId), root };
  const store = new ClientStore(kept);
  if (amount > 0n) await redeemCode(purse, store, parseCode(await scene.code(amount), sceneChainId));
  const surroundings = { clock: systemClock, log, transport: tlsTransport, allowsPrivate: true };
  const events: ClientEvent[] = [];
  let look = () => {};
  const onEvent = (event: ClientEvent) => {
    events.push(event);
    look();
  };
  return {
    purse,
    store,
    surroundings,
    events,
    async connect(changes = {}) {
      const wishes = {
        regions: [],
        bytes: 1n << 30n,
        priceMax: undefined,
        stableOnly: false,
        ports: [],
        jurisdictions: [],
        relays: [],
      };
      const client = await Client.start({
        purse,
        store,
        surroundings,
        wishes,
        rules: { budget: amount, deposit: dollar / 4n, depositMin: 10_000n, isWarm: false, epochs: 30n },
        listen: { host: "127.0.0.1", port: 0 },
        allowsOthers: false,
        isUnlinked: false,
        wallTime: Date.now,
        onEvent,
        ...changes,
      });
      scene.onEnd(() => client.leave());
      return client;
    },
    saw: (kind) =>
      new Promise((resolve) => {
        look = () => {
          const found = events.find(({ event }) => event === kind);
          if (found === undefined) return;
          look = () => {};
          resolve(found as never);
        };
        look();
      }),
  };
}
