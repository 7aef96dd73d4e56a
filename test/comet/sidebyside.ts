/** Runs cometbft with its kvstore and our engine with the same kvstore, asks both the same, and lists where they differ. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { WebSocket } from "ws";
import { asEvidence } from "../../chain/consensus/evidence.ts";
import { nodeId, parseKey } from "../../chain/consensus/keys.ts";
import { fromRfc3339 } from "../../chain/consensus/time.ts";
import { silentLog } from "../../chain/log.ts";
import { RpcServer } from "../../chain/server/rpc.ts";
import { doubleVoteJson, evidenceJson } from "../../chain/server/rpc-evidence.ts";
import { readLightAttack } from "../../chain/server/rpc-lightattack.ts";
import { type CometNode, startCometNode } from "../helpers/cometbft.ts";
import { makeDoubleVote, makeLightAttack } from "../helpers/evidence.ts";
import { KvStore } from "../helpers/kvstore.ts";
import { makeHome, openChain } from "../helpers/local-chain.ts";
import { type JsonCase, jsonCases, queriesToSubscribe, rawBodies, uriCases } from "./cases.ts";
import { type Answer, type Difference, differencesOf } from "./compare.ts";

export const chainId = "side-by-side-1";
/** A multiple of ten, so that both nodes have the same. */
const power = 10n;

async function startOurs(): Promise<CometNode> {
  const home = makeHome([Number(power)], 1, { chain_id: chainId, app_state: undefined });
  const app = new KvStore();
  const chain = await openChain(home, app, { blockMillis: 50 });
  const first = chain.reach(1n);
  chain.engine.run();
  await first;
  const keyPath = join(home.folder, "key0.json");
  const [signer] = home.signers;
  if (signer === undefined) throw new Error("the home was made with one key");
  const backend = {
    engine: chain.engine,
    app,
    genesis: home.genesis,
    identity: {
      nodeId: nodeId(parseKey(readFileSync(keyPath, "utf8"), keyPath)),
      moniker: "side",
      listenAddress: "tcp://127.0.0.1:1",
      rpcAddress: "tcp://127.0.0.1:1",
    },
    validatorKey: signer.publicKey,
    validatorAddress: signer.address,
    log: silentLog,
  };
  const rpc = await RpcServer.listen(backend, { host: "127.0.0.1", port: 0 });
  const stop = async () => {
    await rpc.close();
    await chain.stop();
    home.remove();
  };
  return { url: `http://127.0.0.1:${rpc.port}`, keyPath, stop };
}

async function ask(url: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  const { headers, status } = response;
  const [type, cache] = [headers.get("content-type") ?? "", headers.get("cache-control") ?? ""];
  return { status, type, cache, body: await response.text() };
}

const post = (url: string, body: string): Promise<Answer> => ask(`${url}/`, { method: "POST", body });

const bodyOf = ({ method, params }: JsonCase): string =>
  JSON.stringify({ jsonrpc: "2.0", id: 1, method, ...(params === undefined ? {} : { params }) });

const nameOf = (body: string): string => (body.length > 160 ? `${body.slice(0, 80)}… (${body.length} bytes)` : body);

class Socket {
  readonly #socket: WebSocket;
  readonly #messages: string[] = [];
  #arrived: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => {
      this.#messages.push(String(data));
      this.#arrived();
    });
  }

  static async open(url: string): Promise<Socket> {
    const socket = new WebSocket(`${url.replace("http", "ws")}/websocket`);
    const opened = new Socket(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", () => resolve());
      socket.once("error", reject);
    });
    return opened;
  }

  async next(): Promise<string> {
    while (this.#messages.length === 0) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
    return this.#messages.shift() ?? "";
  }

  /** The first that is no answer to another request. */
  async ask(body: string): Promise<Answer> {
    this.#socket.send(body);
    return { status: "socket", type: "", cache: "", body: await this.next() };
  }

  send(body: string): void {
    this.#socket.send(body);
  }

  close(): void {
    this.#socket.terminate();
  }
}

type Both<T> = readonly [cometbft: T, weir: T];

const both = async <T, R>([a, b]: Both<T>, run: (one: T) => Promise<R>): Promise<Both<R>> =>
  Promise.all([run(a), run(b)]);

const commit = (tx: string) => (url: string) =>
  post(url, bodyOf({ method: "broadcast_tx_commit", params: { tx: Buffer.from(tx).toString("base64") } }));

interface Shown {
  readonly result?: { readonly hash?: string; readonly sync_info?: { readonly latest_block_height: string } };
}

/** An empty block follows each that changed the application's hash: wait until nothing follows. */
async function settled(url: string): Promise<void> {
  const height = async () =>
    (JSON.parse((await ask(`${url}/status`)).body) as Shown).result?.sync_info?.latest_block_height;
  for (let last = await height(), quiet = 0; quiet < 3; ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const now = await height();
    quiet = now === last ? quiet + 1 : 0;
    last = now;
  }
}

async function compareHttp(urls: Both<string>, txHash: string): Promise<Difference[]> {
  const found: Difference[] = [];
  const compare = async (name: string, run: (url: string) => Promise<Answer>) => {
    const [cometbft, weir] = await both(urls, run);
    found.push(...differencesOf(name, cometbft, weir));
  };
  await compare("GET /", (url) => ask(`${url}/`, { headers: { Host: "node.example" } }));
  for (const path of uriCases({ txHash })) await compare(`GET ${path}`, (url) => ask(`${url}/${path}`));
  for (const json of jsonCases({ txHash })) {
    const name = nameOf(JSON.stringify(json.params) ?? "");
    await compare(`POST ${json.method} ${name}`.trimEnd(), (url) => post(url, bodyOf(json)));
  }
  for (const body of rawBodies) await compare(`body ${nameOf(body)}`, (url) => post(url, body));
  for (const method of ["PUT", "DELETE", "HEAD"]) {
    await compare(`${method} status`, (url) => ask(`${url}/status`, { method }));
  }
  return found;
}

async function compareSockets(urls: Both<string>, txHash: string): Promise<Difference[]> {
  const found: Difference[] = [];
  const sockets = await both(urls, (url) => Socket.open(url));
  const compare = async (name: string, body: string) => {
    const [cometbft, weir] = await both(sockets, (socket) => socket.ask(body));
    found.push(...differencesOf(name, cometbft, weir));
  };
  for (const json of jsonCases({ txHash })) {
    const name = nameOf(JSON.stringify(json.params) ?? "");
    await compare(`socket ${json.method} ${name}`.trimEnd(), bodyOf(json));
  }
  const request = (method: string, params?: unknown) => bodyOf({ method, ...(params === undefined ? {} : { params }) });
  const subscriptions: readonly (readonly [string, unknown?])[] = [
    ["subscribe"],
    ["subscribe", { query: "tm.event=" }],
    ["subscribe", { query: 5 }],
    ["subscribe", []],
    ["subscribe", { query: "x".repeat(513) }],
    ["unsubscribe", { query: "tm.event='Nothing'" }],
    ["unsubscribe", { query: "=" }],
    ["unsubscribe_all"],
    ...queriesToSubscribe.map((query) => ["subscribe", { query }] as const),
    ["subscribe", { query: "tm.event='Vote'" }],
  ];
  for (const [method, params] of subscriptions) {
    await compare(`socket ${method} ${nameOf(JSON.stringify(params) ?? "")}`.trimEnd(), request(method, params));
  }
  await both(urls, commit("delta=4"));
  const events = await both(sockets, (socket) => eventsOf(socket));
  for (const query of queriesToSubscribe) {
    const [cometbft, weir] = [events[0].get(query), events[1].get(query)];
    const answer = (body = "none"): Answer => ({ status: "event", type: "", cache: "", body });
    found.push(...differencesOf(`event ${query}`, answer(cometbft), answer(weir)));
  }
  for (const socket of sockets) socket.close();
  return [...found, ...(await compareUnsubscribing(urls))];
}

async function compareUnsubscribing(urls: Both<string>): Promise<Difference[]> {
  const found: Difference[] = [];
  const sockets = await both(urls, (url) => Socket.open(url));
  const query = "tm.event='NewBlock' AND block.height=900000";
  for (const [method, params] of [
    ["subscribe", { query }],
    ["subscribe", { query }],
    ["unsubscribe", { query }],
    ["unsubscribe", { query }],
    ["subscribe", { query }],
    ["unsubscribe_all", undefined],
    ["unsubscribe_all", {}],
  ] as const) {
    const body = bodyOf({ method, ...(params === undefined ? {} : { params }) });
    const [cometbft, weir] = await both(sockets, (socket) => socket.ask(body));
    found.push(...differencesOf(`socket again: ${method}`, cometbft, weir));
  }
  for (const socket of sockets) socket.close();
  return found;
}

/** The event of the transaction's own block for each subscription; blocks without it are passed over. */
async function eventsOf(socket: Socket): Promise<Map<string, string>> {
  const events = new Map<string, string>();
  const withTx = /"num_txs":"1"|"txs":\["|"TxResult"/;
  while (events.size < queriesToSubscribe.length) {
    const text = await socket.next();
    const { result } = JSON.parse(text) as { result?: { query?: string } };
    const query = result?.query;
    if (query === undefined || events.has(query)) continue;
    if (query.includes("Header") || withTx.test(text)) events.set(query, text);
  }
  return events;
}

async function compareEvidence(urls: Both<string>, nodes: Both<CometNode>): Promise<Difference[]> {
  const found: Difference[] = [];
  const bodies = await both(nodes, async ({ url, keyPath }) => {
    const answer = JSON.parse((await ask(`${url}/header?height=1`)).body) as {
      result: { header: { time: string } };
    };
    const time = fromRfc3339(answer.result.header.time);
    if (time === undefined) throw new Error("a header's time is RFC 3339");
    const { value, type } = doubleVoteJson(makeDoubleVote({ keyPath, chainId, height: 1n, time, power }));
    const wrong = { type, value: { ...value, ValidatorPower: "7" } };
    const backwards = { type, value: { ...value, vote_a: value.vote_b, vote_b: value.vote_a } };
    return [backwards, wrong, { type, value }, { type, value }].map((evidence) =>
      bodyOf({ method: "broadcast_evidence", params: { evidence } }),
    );
  });
  for (let i = 0; i < bodies[0].length; i++) {
    const [cometbft, weir] = await Promise.all([post(urls[0], bodies[0][i] ?? ""), post(urls[1], bodies[1][i] ?? "")]);
    found.push(
      ...differencesOf(`broadcast_evidence ${["backwards", "wrong power", "right", "again"][i]}`, cometbft, weir),
    );
  }
  // A block with something in it follows, whoever waits for one.
  await both(urls, commit("epsilon=5"));
  await both(urls, settled);
  const punished = await both(urls, punishment);
  found.push(...differencesOf("the block with evidence", ...punished));
  return [...found, ...(await compareAttacks(urls, nodes))];
}

/** A block that a validator signed beside its chain: refused for each reason, and taken. */
async function compareAttacks(urls: Both<string>, nodes: Both<CometNode>): Promise<Difference[]> {
  const found: Difference[] = [];
  const attacks = await both(nodes, async ({ url, keyPath }) => {
    const result = async (path: string) =>
      (JSON.parse((await ask(`${url}/${path}`)).body) as { result: object }).result;
    const { signed_header } = (await result("commit?height=1")) as { signed_header: object };
    const { conflictingBlock } = readLightAttack({
      ConflictingBlock: { signed_header, validator_set: await result("validators?height=1") },
    });
    const header = conflictingBlock?.signedHeader?.header;
    const validators = conflictingBlock?.validatorSet;
    if (header?.time === undefined || validators === undefined) throw new Error("a block has a header and validators");
    const known = { keyPath, chainId, header, validators, commonHeight: 1n, commonTime: header.time };
    const right = makeLightAttack({ ...known, change: { dataHash: new Uint8Array(32).fill(9) } });
    const bytes = new Uint8Array(32).fill(8);
    return {
      "of no block": { ...right, conflictingBlock: undefined },
      "with the wrong power": { ...right, totalVotingPower: 77n },
      "of the chain's own block": makeLightAttack({ ...known, change: {} }),
      "that is not derived": makeLightAttack({ ...known, change: { appHash: bytes } }),
      "with nobody blamed": { ...right, byzantineValidators: [] },
      "in another round": makeLightAttack({ ...known, change: { dataHash: bytes }, round: 1 }),
      "that is right": right,
    };
  });
  for (const [name, attack] of Object.entries(attacks[0])) {
    const other = attacks[1][name as keyof (typeof attacks)[1]];
    const body = (evidence: typeof attack) =>
      bodyOf({ method: "broadcast_evidence", params: { evidence: evidenceJson(asEvidence(evidence)) } });
    const answers = await Promise.all([post(urls[0], body(attack)), post(urls[1], body(other))]);
    const [cometbft, weir] = answers.map(withoutBlock) as [Answer, Answer];
    found.push(...differencesOf(`broadcast_evidence of an attack ${name}`, cometbft, weir));
  }
  return found;
}

/** After its reason CometBFT prints the whole block over many lines, where this engine names what is blamed: the reasons are compared. */
function withoutBlock(answer: Answer): Answer {
  const { error, ...rest } = JSON.parse(answer.body) as { readonly error?: { readonly data: string } };
  if (error === undefined) return answer;
  const data = error.data.replace(/ Evidence: LightClientAttackEvidence\{.*/s, "").replace(/[0-9A-F]{64}/, "HASH");
  return { ...answer, body: JSON.stringify({ ...rest, error: { ...error, data } }) };
}

interface Blocks {
  readonly result: { readonly blocks: readonly { readonly block: ShownBlock }[] };
}

interface ShownBlock {
  readonly header: { readonly height: string; readonly evidence_hash: string };
  readonly evidence: { readonly evidence: readonly unknown[] };
}

/** The evidence as its block holds it, and what the application made of it; cometbft may put transactions beside it. */
async function punishment(url: string): Promise<Answer> {
  const query = encodeURIComponent('"block.height > 0"');
  const page = JSON.parse((await ask(`${url}/block_search?query=${query}&per_page=100`)).body) as Blocks;
  const found = page.result.blocks.find(({ block }) => block.evidence.evidence.length > 0)?.block;
  if (found === undefined) return { status: "none", type: "", cache: "", body: "no block holds evidence" };
  const results = await ask(`${url}/block_results?height=${found.header.height}`);
  const { result } = JSON.parse(results.body) as { readonly result: { readonly validator_updates: unknown } };
  const shown = { evidence: found.evidence, hash: found.header.evidence_hash, updates: result.validator_updates };
  return { ...results, body: JSON.stringify(shown) };
}

/** Everything in which our node's answers differ from cometbft's. */
export async function compareNodes(): Promise<Difference[]> {
  const cometbft = await startCometNode({ chain_id: chainId });
  const ours = await startOurs().catch(async (error) => {
    await cometbft.stop();
    throw error;
  });
  try {
    const nodes: Both<CometNode> = [cometbft, ours];
    const urls: Both<string> = [cometbft.url, ours.url];
    const [answer] = await both(urls, commit("alpha=1"));
    await both(urls, commit("beta=2"));
    await both(urls, settled);
    const hash = (JSON.parse(answer.body) as Shown).result?.hash;
    if (hash === undefined) throw new Error(`the first transaction was not taken: ${answer.body}`);
    const txHash = Buffer.from(hash, "hex").toString("base64");
    const http = await compareHttp(urls, txHash);
    const sockets = await compareSockets(urls, txHash);
    return [...http, ...sockets, ...(await compareEvidence(urls, nodes))];
  } finally {
    await Promise.all([cometbft.stop(), ours.stop()]);
  }
}
