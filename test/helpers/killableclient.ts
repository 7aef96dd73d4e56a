/** A client for killabledaemon.ts: takes a code over, goes on with what an earlier life left, and says where its proxy is. */
import type { Log } from "../../chain/log.ts";
import type { ChainClient } from "../../node/chain/chainclient.ts";
import { Client } from "../../node/client/client.ts";
import { clientChain } from "../../node/client/clientchain.ts";
import { redeemCode } from "../../node/client/codes.ts";
import { ClientStore } from "../../node/client/store.ts";
import { parseCode } from "../../node/client/topupcode.ts";
import { Turns } from "../../node/client/transactions.ts";
import { clientKeys } from "../../node/client/wallets.ts";
import type { Clock } from "../../node/clock.ts";
import type { DaemonStore } from "../../node/daemon/store.ts";
import { tlsTransport } from "../../node/transport/tls.ts";

export interface KillableClientParts {
  readonly chain: ChainClient;
  readonly store: DaemonStore;
  readonly chainId: string;
  readonly root: Uint8Array;
  readonly code: string;
  readonly clock: Clock;
  readonly log: Log;
  say(line: object): void;
}

const dollar = 1_000_000n;

export async function killableClient({
  chain,
  store: kept,
  chainId,
  root,
  code,
  clock,
  log,
  say,
}: KillableClientParts) {
  const sender = { chain: clientChain(chain, { endpoints: chain.nodes, clock }), gasPrices: [], turns: new Turns() };
  const purse = { sender, keys: await clientKeys(root, chainId), root };
  const store = new ClientStore(kept);
  await redeemCode(purse, store, parseCode(code, chainId));
  const client = await Client.start({
    purse,
    store,
    surroundings: { clock, log, transport: tlsTransport, allowsPrivate: true },
    wishes: {
      regions: [],
      bytes: 1n << 30n,
      priceMax: undefined,
      stableOnly: false,
      ports: [],
      jurisdictions: [],
      relays: [],
    },
    rules: { budget: dollar, deposit: dollar / 4n, depositMin: 10_000n, isWarm: false, epochs: 30n },
    listen: { host: "127.0.0.1", port: 0 },
    allowsOthers: false,
    isUnlinked: false,
    wallTime: Date.now,
    onEvent: ({ event }) => say({ says: event }),
  });
  say({ says: "proxy", port: client.address.port });
  return {
    finished: client.finished.then(() => undefined),
    stop: () => client.stop(),
  };
}
