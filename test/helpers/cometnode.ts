/** Whole nodes under the real CometBFT for tests: homes in temporary folders, free ports, blocks fast, and what one asks them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../chain/log.ts";
import { writeHome } from "../../cli/commands/init.ts";
import { readAccount } from "../../cli/genesis.ts";
import { type Home, homeAt } from "../../cli/home.ts";
import { type ServedNode, type ServedNodeOptions, startServedNode } from "../../cli/servednode.ts";
import { setTomlKeys, type TomlKeys } from "../../cli/tomledit.ts";
import { makeSenders, type Sender } from "./accountsthatsend.ts";
import { cometBftBinary } from "./cometbft.ts";

export const chainId = "weir-comet-1";

export interface TestHome {
  readonly home: Home;
  readonly senders: readonly Sender[];
}

export interface TestHomeOptions {
  /** Into config.toml. */
  readonly comet?: TomlKeys;
  /** Into app.toml. */
  readonly app?: TomlKeys;
  readonly senders?: number;
}

const fast: TomlKeys = {
  consensus: { timeout_commit: "20ms", create_empty_blocks: true },
  p2p: { laddr: "tcp://127.0.0.1:0", addr_book_strict: false, allow_duplicate_ip: true },
  rpc: { laddr: "tcp://127.0.0.1:0" },
};

export function makeTestHome({ comet = {}, app = {}, senders: count = 4 }: TestHomeOptions = {}): TestHome {
  const home = homeAt(mkdtempSync(join(tmpdir(), "weir-net-")));
  const senders = makeSenders(count);
  const accounts = senders.map(({ address }) => readAccount(address, "1000000000uweir"));
  writeHome(home, { moniker: "test", chainId, accounts });
  edit(home.configToml, fast);
  edit(home.configToml, comet);
  edit(home.appToml, app);
  return { home, senders };
}

export const edit = (path: string, keys: TomlKeys): void =>
  writeFileSync(path, setTomlKeys(readFileSync(path, "utf8"), keys));

/** Settles when the node answers; fails, closed, with the reason when it ends before. */
export async function startNodeUnderComet(home: Home, options: Partial<ServedNodeOptions> = {}): Promise<ServedNode> {
  const node = await openNodeUnderComet(home, options);
  const error = await Promise.race([node.ready, node.ended]);
  if (error === undefined) return node;
  await node.close();
  throw error;
}

/** As `startNodeUnderComet`, but it need not come to an answer. */
export const openNodeUnderComet = (home: Home, options: Partial<ServedNodeOptions> = {}): Promise<ServedNode> =>
  startServedNode({
    home,
    log: silentLog,
    engine: "comet",
    comet: cometBftBinary(),
    peerAddress: "tcp://127.0.0.1:0",
    checkInvariants: true,
    ...options,
  });

export const removeHome = ({ folder }: Home): void => rmSync(folder, { recursive: true, force: true });

/** Settles when the node has decided this height; fails with the reason when it ends before. */
export function reached(node: ServedNode, height: bigint): Promise<void> {
  return new Promise((resolve, reject) => {
    if (node.height >= height) resolve();
    node.watch.onBlock((block) => {
      if (block.height >= height) resolve();
    });
    void node.ended.then((error) => reject(error ?? new Error(`the node ended before height ${height}`)));
  });
}

export async function rpc<T = Record<string, unknown>>(
  node: ServedNode,
  method: string,
  params: object = {},
): Promise<T> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const response = await fetch(`${node.rpcUrl}/`, { method: "POST", body });
  const answer = (await response.json()) as { readonly result?: T; readonly error?: object };
  if (answer.result === undefined) throw new Error(`${method} was refused: ${JSON.stringify(answer.error)}`);
  return answer.result;
}

export interface TxCommit {
  readonly check_tx: { readonly code: number; readonly log: string };
  readonly tx_result: { readonly code: number; readonly log: string };
  readonly height: string;
}

export const broadcastCommit = (node: ServedNode, tx: Uint8Array): Promise<TxCommit> =>
  rpc(node, "broadcast_tx_commit", { tx: Buffer.from(tx).toString("base64") });
