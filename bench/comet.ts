/**
 * Tier C: pre-signed sends over the RPC of real CometBFT networks, beside the same
 * CometBFT with its kvstore on a unix socket, and a chain of cosmos-sdk's parts in one process with it. Needs Go.
 */
import { Agent, request as httpRequest } from "node:http";
import { WebSocket } from "ws";
import { whyNoCometBft } from "../test/helpers/cometbft.ts";
import { type BenchNet, type BenchNode, type NetSettings, startNet } from "./cometnet.ts";
import type { BenchOptions, Figure } from "./figure.ts";
import { makeSigners, type Signer, signedSend } from "./load.ts";

interface Sizes {
  readonly sends: number;
  readonly samples: number;
  readonly settings: readonly Omit<NetSettings, "accounts">[];
}

const matrix = <A, B>(left: readonly A[], right: readonly B[]): (A & B)[] =>
  left.flatMap((a) => right.map((b) => ({ ...a, ...b })));

const applications = [{ application: "weir" }, { application: "kvstore" }, { application: "sdk" }] as const;
const everySetting = matrix(
  matrix(
    [{ validators: 1 }, { validators: 4 }],
    matrix(
      [{ timeoutCommit: "1s" }, { timeoutCommit: "200ms" }] as const,
      [{ indexer: "kv" }, { indexer: "null" }] as const,
    ),
  ),
  applications,
);
const quickSettings = matrix(
  matrix([{ validators: 1 }, { validators: 4 }], [{ timeoutCommit: "200ms", indexer: "null" }] as const),
  applications,
);

const full: Sizes = { sends: 20_000, samples: 3, settings: everySetting };
const quick: Sizes = { sends: 1_000, samples: 1, settings: quickSettings };
const batchSize = 20;
const lanes = 8;
const waitingMax = 3_000;

const txHeader = (tx: Uint8Array, id: number): string =>
  `{"jsonrpc":"2.0","id":${id},"method":"broadcast_tx_async","params":{"tx":"${Buffer.from(tx).toString("base64")}"}}`;

/** What kvstore takes, of the same length. */
function kvTx(index: number, length: number): Uint8Array {
  const head = `bench${index}=`;
  return Buffer.from(head.padEnd(length, "x"));
}

function post(agent: Agent, { url }: BenchNode, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sending = httpRequest(url, { agent, method: "POST" }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve(Buffer.concat(chunks).toString()));
      response.on("error", reject);
    });
    sending.on("error", reject);
    sending.end(body);
  });
}

/** CometBFT cuts a request that it could not answer in ten seconds; what it took of it before is known to it then. */
async function sendBatch(agent: Agent, node: BenchNode, txs: readonly Uint8Array[]): Promise<void> {
  const body = `[${txs.map(txHeader).join(",")}]`;
  const answer = await post(agent, node, body).catch(() => post(agent, node, body));
  const refused = answer.match(/"error":\{[^}]*\}/g)?.find((error) => !error.includes("tx already exists in cache"));
  if (refused !== undefined) throw new Error(`a send was refused: ${refused}`);
}

interface BlockWatch {
  /** When each height became known here. */
  readonly arrivals: Map<number, number>;
  /** Transactions in blocks so far. */
  included(): number;
  /** Resolves with the next block. */
  next(): Promise<void>;
  close(): void;
}

/** The engine tells of each block as soon as it has applied it. */
async function watchBlocks({ url }: BenchNode): Promise<BlockWatch> {
  const arrivals = new Map<number, number>();
  let included = 0;
  let arrived = Promise.withResolvers<void>();
  const socket = new WebSocket(`${url.replace("http", "ws")}/websocket`);
  await new Promise<void>((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("error", reject);
  });
  socket.on("message", (data) => {
    const [, height, count] = /"height":"(\d+)".*"num_txs":"(\d+)"/s.exec(String(data)) ?? [];
    if (height === undefined) return;
    arrivals.set(Number(height), performance.now());
    included += Number(count);
    arrived.resolve();
    arrived = Promise.withResolvers();
  });
  const query = "tm.event='NewBlockEvents'";
  socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "subscribe", params: { query } }));
  return { arrivals, included: () => included, next: () => arrived.promise, close: () => socket.terminate() };
}

async function get<T>({ url }: BenchNode, path: string): Promise<T> {
  const { result } = (await (await fetch(`${url}/${path}`)).json()) as { result?: T };
  if (result === undefined) throw new Error(`${url}/${path} is refused`);
  return result;
}

/**
 * Sends everything in batches over several connections, to the nodes in turn; when each transaction was sent. Never more at once than a
 * mempool of CometBFT's usual size holds: it checks all of them again after each block.
 */
async function send(nodes: readonly BenchNode[], txs: readonly Uint8Array[], watch: BlockWatch) {
  const agent = new Agent({ keepAlive: true, maxSockets: lanes });
  const sentAt = new Map<string, number>();
  let next = 0;
  const lane = async () => {
    while (next < txs.length) {
      const from = next;
      next += batchSize;
      while (next - watch.included() > waitingMax) await watch.next();
      const part = txs.slice(from, from + batchSize);
      const now = performance.now();
      for (const tx of part) sentAt.set(Buffer.from(tx).toString("base64"), now);
      await sendBatch(agent, nodes[(from / batchSize) % nodes.length]!, part);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  agent.destroy();
  return sentAt;
}

interface Sample {
  readonly txPerSecond: number;
  readonly p99: number;
  readonly intervals: number[];
}

const stillMillisMax = 60_000;

/** Follows the blocks until every transaction is in one. */
async function measureOnce(net: BenchNet, txs: readonly Uint8Array[]): Promise<Sample> {
  const [first] = net.nodes;
  if (first === undefined) throw new Error("a network has a node");
  const watch = await watchBlocks(first);
  const { sync_info } = await get<{ sync_info: { latest_block_height: string } }>(first, "status");
  let looked = Number(sync_info.latest_block_height);
  const start = performance.now();
  const sentAt = await send(net.nodes, txs, watch);
  const latencies: number[] = [];
  let last = start;
  for (const until = Date.now() + stillMillisMax; latencies.length < txs.length; ) {
    if (Date.now() > until) throw new Error(`${txs.length - latencies.length} of ${txs.length} sends are in no block`);
    const arrived = watch.arrivals.get(looked + 1);
    if (arrived === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      continue;
    }
    looked++;
    const { block } = await get<{ block: { data: { txs: string[] | null } } }>(first, `block?height=${looked}`);
    for (const tx of block.data.txs ?? []) {
      const sent = sentAt.get(tx);
      if (sent === undefined) continue;
      latencies.push(arrived - sent);
      last = arrived;
    }
  }
  watch.close();
  const times = [...watch.arrivals.entries()].sort(([a], [b]) => a - b).map(([, time]) => time);
  const intervals = times.slice(1).map((time, i) => time - times[i]!);
  return { txPerSecond: (txs.length * 1000) / (last - start), p99: percentile(latencies, 0.99), intervals };
}

const percentile = (values: number[], share: number): number =>
  values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

async function cpuOf(net: BenchNet) {
  const used = await Promise.all(net.nodes.map((node) => node.cpuSeconds()));
  const sum = (part: "engine" | "application") => used.reduce((total, each) => total + each[part], 0);
  return { engine: sum("engine"), application: sum("application") };
}

async function* measure(setting: Omit<NetSettings, "accounts">, sizes: Sizes, signers: readonly Signer[]) {
  const { application, ...params } = setting;
  for (const signer of signers) signer.sequence = 0n;
  const net = await startNet({ ...setting, accounts: signers.map(({ address }) => address) });
  const figures = {
    rate: [] as number[],
    p99: [] as number[],
    interval: [] as number[],
    engine: [] as number[],
    app: [] as number[],
  };
  let bytes = 0;
  try {
    for (let sample = 0; sample <= sizes.samples; sample++) {
      const sends = signers.map((signer, i) => signedSend(signer, signers[(i * 7919 + 13) % signers.length]!.address));
      bytes = sends[0]!.length;
      const txs = application === "kvstore" ? sends.map((tx, i) => kvTx(sample * sends.length + i, tx.length)) : sends;
      const before = await cpuOf(net);
      const { txPerSecond, p99, intervals } = await measureOnce(net, txs);
      const after = await cpuOf(net);
      if (sample === 0) continue;
      const perTx = (part: "engine" | "application") =>
        ((after[part] - before[part]) * 1e6) / (txs.length * net.nodes.length);
      figures.rate.push(txPerSecond);
      figures.p99.push(p99);
      figures.interval.push(percentile(intervals, 0.5));
      figures.engine.push(perTx("engine"));
      figures.app.push(perTx("application"));
    }
  } finally {
    await net.stop();
  }
  const name = application === "weir" ? "comet.sends" : `comet.${application}`;
  const figure = (suffix: string, unit: string, samples: number[]): Figure => ({
    bench: `${name}${suffix}`,
    unit,
    params: { ...params, sends: sizes.sends, bytesPerTx: bytes },
    samples,
  });
  yield figure("", "tx/s", figures.rate);
  yield figure(".p99", "ms", figures.p99);
  yield figure(".interval", "ms", figures.interval);
  yield figure(".cpuEngine", "µs/tx", figures.engine);
  yield figure(".cpuApp", "µs/tx", figures.app);
}

export default async function* comet({ quick: isQuick, args }: BenchOptions): AsyncGenerator<Figure> {
  const why = whyNoCometBft();
  if (why !== undefined) throw new Error(`this bench runs the real CometBFT, and ${why}`);
  const sizes = isQuick ? quick : full;
  const signers = makeSigners(sizes.sends);
  const isAsked = ({ validators, timeoutCommit, indexer, application }: Omit<NetSettings, "accounts">) =>
    args.every((arg) => [String(validators), timeoutCommit, indexer, application].includes(arg));
  for (const setting of sizes.settings.filter(isAsked)) yield* measure(setting, sizes, signers);
}
