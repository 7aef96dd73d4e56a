/** How the nodes of a running network are, asked by RPC: height, peers, app hash, and whether all have the same. Owns the question, not how it looks. */
import { asArray, asInteger, asObject, asString, type JsonObject } from "../../chain/consensus/json.ts";
import { rpcUrlOf, type TestnetNode } from "./layout.ts";
import type { NodeProcess } from "./processes.ts";

export interface NodeState {
  readonly name: string;
  readonly rpc: string;
  readonly height: bigint;
  readonly peers: number;
  /** After the block below the newest one, which is what the newest one's header holds. */
  readonly appHash: string;
  /** starting, running, catching up, or why it does not run. */
  readonly words: string;
}

const answerMillisMax = 900;
/** Heights whose app hash is remembered for comparing. */
const heightsMax = 1_000;

export class TestnetWatch {
  readonly #nodes: readonly NodeProcess[];
  readonly #appHashes = new Map<bigint, string>();
  readonly #last = new Map<string, NodeState>();
  #divergence: string | undefined;

  constructor(nodes: readonly NodeProcess[]) {
    this.#nodes = nodes;
  }

  /** In words, when two nodes had another app hash at a height. */
  get divergence(): string | undefined {
    return this.#divergence;
  }

  /** Of each node, in their order; what does not answer keeps the height it had. */
  async look(): Promise<readonly NodeState[]> {
    const states = await Promise.all(this.#nodes.map((process) => this.#stateOf(process)));
    for (const state of states) {
      this.#last.set(state.name, state);
      if (state.appHash !== "") this.#compare(state.name, state.height - 1n, state.appHash);
    }
    return states;
  }

  async #stateOf({ node, ending }: NodeProcess): Promise<NodeState> {
    const { name } = node;
    const before = this.#last.get(name);
    const silent = { name, rpc: rpcUrlOf(node), height: before?.height ?? 0n, peers: 0, appHash: "" };
    if (ending !== undefined) return { ...silent, words: ending };
    try {
      const [status, net, info] = await Promise.all([
        ask(node, "status"),
        ask(node, "net_info"),
        ask(node, "abci_info"),
      ]);
      const sync = asObject(status.sync_info, "sync_info");
      this.#compareExecuted(name, asObject(info.response, "response"));
      return {
        ...silent,
        height: asInteger(sync.latest_block_height, "latest_block_height"),
        peers: asArray(net.peers, "peers").length,
        appHash: asString(sync.latest_app_hash, "latest_app_hash"),
        words: sync.catching_up === true ? "catching up" : "running",
      };
    } catch {
      // Not up yet, or too busy to answer: the next look tells.
      return { ...silent, words: before === undefined || before.height === 0n ? "starting" : "does not answer" };
    }
  }

  /** No header holds it yet: where the nodes differ in it, there will be none. */
  #compareExecuted(name: string, { last_block_height: height, last_block_app_hash: hash }: JsonObject): void {
    if (height === undefined || hash === undefined) return;
    const appHash = Buffer.from(asString(hash, "last_block_app_hash"), "base64").toString("hex").toUpperCase();
    this.#compare(name, asInteger(height, "last_block_height"), appHash);
  }

  /** Of the state after a height. */
  #compare(name: string, height: bigint, appHash: string): void {
    const known = this.#appHashes.get(height);
    if (known === undefined) {
      this.#appHashes.set(height, appHash);
      if (this.#appHashes.size > heightsMax) this.#appHashes.delete([...this.#appHashes.keys()][0]!);
    } else if (known !== appHash) {
      this.#divergence ??= `${name} has app hash ${appHash} at height ${height}, and another node ${known}`;
    }
  }
}

async function ask(node: TestnetNode, method: string): Promise<JsonObject> {
  const response = await fetch(`${rpcUrlOf(node)}/${method}`, { signal: AbortSignal.timeout(answerMillisMax) });
  return asObject(asObject(await response.json(), method).result, method);
}
