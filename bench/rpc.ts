/** Sends through the RPC from a second process: broadcast_tx_sync over keep-alive HTTP, in JSON-RPC batches, over websockets. */
import { Agent, request as httpRequest } from "node:http";
import { WebSocket } from "ws";
import { type ChainProcess, startChainProcess } from "./chainprocess.ts";
import type { BenchOptions, Figure } from "./figure.ts";
import { makeSigners, type Signer, signedSend } from "./load.ts";

interface Sizes {
  readonly signers: number;
  readonly accounts: number;
  readonly sendsPerSample: number;
  readonly samples: number;
}

const full: Sizes = { signers: 20_000, accounts: 50_000, sendsPerSample: 20_000, samples: 5 };
const quick: Sizes = { signers: 4_000, accounts: 10_000, sendsPerSample: 4_000, samples: 2 };
const batchSize = 100;
const lanes = 8;
const blockMillis = 200;

interface Answer {
  readonly result?: { readonly code: number; readonly log: string };
  readonly error?: { readonly data: string };
}

/** Throws unless the transaction was taken. */
function check(answer: Answer): void {
  if (answer.result?.code === 0) return;
  throw new Error(`a send was refused: ${answer.result?.log ?? answer.error?.data}`);
}

const bodyOf = (tx: Uint8Array, id: number): string =>
  `{"jsonrpc":"2.0","id":${id},"method":"broadcast_tx_sync","params":{"tx":"${Buffer.from(tx).toString("base64")}"}}`;

type Transport = (chain: ChainProcess, txs: readonly Uint8Array[], latencies: number[]) => Promise<void>;

function post(agent: Agent, port: number, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sending = httpRequest({ agent, host: "127.0.0.1", port, path: "/", method: "POST" }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve(Buffer.concat(chunks).toString()));
      response.on("error", reject);
    });
    sending.on("error", reject);
    sending.end(body);
  });
}

const inLanes = async (count: number, run: (index: number) => Promise<void>): Promise<void> => {
  let next = 0;
  const lane = async () => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
};

const single: Transport = async ({ port }, txs, latencies) => {
  const agent = new Agent({ keepAlive: true, maxSockets: lanes });
  await inLanes(txs.length, async (index) => {
    const start = performance.now();
    check(JSON.parse(await post(agent, port, bodyOf(txs[index]!, index))) as Answer);
    latencies.push(performance.now() - start);
  });
  agent.destroy();
};

const batches: Transport = async ({ port }, txs, latencies) => {
  const agent = new Agent({ keepAlive: true, maxSockets: lanes });
  await inLanes(Math.ceil(txs.length / batchSize), async (index) => {
    const part = txs.slice(index * batchSize, (index + 1) * batchSize);
    const start = performance.now();
    const answers = JSON.parse(await post(agent, port, `[${part.map(bodyOf).join(",")}]`)) as Answer | Answer[];
    for (const answer of Array.isArray(answers) ? answers : [answers]) check(answer);
    latencies.push(performance.now() - start);
  });
  agent.destroy();
};

/** Each lane keeps a window of requests under way. */
const sockets: Transport = async ({ port }, txs, latencies) => {
  let next = 0;
  const lane = async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/websocket`);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", () => resolve());
      socket.once("error", reject);
    });
    const started = new Map<number, number>();
    await new Promise<void>((resolve, reject) => {
      const sendOne = () => {
        if (next >= txs.length) {
          if (started.size === 0) resolve();
          return;
        }
        const index = next++;
        started.set(index, performance.now());
        socket.send(bodyOf(txs[index]!, index));
      };
      socket.on("error", reject);
      socket.on("close", () => reject(new Error("the node closed a websocket of the load")));
      socket.on("message", (data) => {
        const answer = JSON.parse(String(data)) as Answer & { readonly id: number };
        try {
          check(answer);
        } catch (error) {
          reject(error);
        }
        latencies.push(performance.now() - (started.get(answer.id) ?? 0));
        started.delete(answer.id);
        sendOne();
      });
      for (let i = 0; i < batchSize; i++) sendOne();
    });
    socket.removeAllListeners("close");
    socket.terminate();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
};

const transports: Readonly<Record<string, Transport>> = { single, batches, sockets };

async function untilEmpty({ url }: ChainProcess): Promise<void> {
  for (;;) {
    const answer = (await (await fetch(`${url}/num_unconfirmed_txs`)).json()) as { result: { total: string } };
    if (answer.result.total === "0") return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const percentile = (values: number[], share: number): number =>
  values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

interface Samples {
  readonly accepted: number[];
  readonly included: number[];
  readonly p99: number[];
  readonly cpuMicros: number[];
  readonly mainCpuMicros: number[];
}

async function measure(chain: ChainProcess, signers: readonly Signer[], transport: Transport, sizes: Sizes) {
  const samples: Samples = { accepted: [], included: [], p99: [], cpuMicros: [], mainCpuMicros: [] };
  let bytes = 0;
  for (let sample = 0; sample <= sizes.samples; sample++) {
    const txs = Array.from({ length: sizes.sendsPerSample }, (_, i) =>
      signedSend(signers[i % signers.length]!, signers[(i * 7919 + 13) % signers.length]!.address),
    );
    bytes = txs[0]?.length ?? 0;
    const latencies: number[] = [];
    const [cpuBefore, mainBefore] = [await chain.cpuSeconds(), await chain.mainCpuSeconds()];
    const start = performance.now();
    await transport(chain, txs, latencies);
    const accepted = performance.now() - start;
    await untilEmpty(chain);
    const included = performance.now() - start;
    const cpu = (await chain.cpuSeconds()) - cpuBefore;
    const mainCpu = (await chain.mainCpuSeconds()) - mainBefore;
    if (sample === 0) continue;
    samples.accepted.push((txs.length * 1000) / accepted);
    samples.included.push((txs.length * 1000) / included);
    samples.p99.push(percentile(latencies, 0.99));
    samples.cpuMicros.push((cpu * 1e6) / txs.length);
    samples.mainCpuMicros.push((mainCpu * 1e6) / txs.length);
  }
  return { samples, bytes };
}

export default async function* rpc({ quick: isQuick, args }: BenchOptions): AsyncGenerator<Figure> {
  const sizes = isQuick ? quick : full;
  const workers = args.includes("workers") ? 1 : 0;
  const asked = args.filter((name) => Object.hasOwn(transports, name));
  const signers = makeSigners(sizes.signers);
  const chain = await startChainProcess({ signers: sizes.signers, accounts: sizes.accounts, workers, blockMillis });
  try {
    for (const name of asked.length === 0 ? Object.keys(transports) : asked) {
      const { samples, bytes } = await measure(chain, signers, transports[name]!, sizes);
      const params = { keys: sizes.accounts * 4, workers, lanes, bytesPerTx: bytes };
      const figure = (part: string, unit: string, values: number[]): Figure => ({
        bench: `rpc.${name}.${part}`,
        unit,
        params,
        samples: values,
      });
      yield figure("accepted", "tx/s", samples.accepted);
      yield figure("included", "tx/s", samples.included);
      yield figure("p99", "ms", samples.p99);
      yield figure("cpu", "µs/tx", samples.cpuMicros);
      yield figure("mainCpu", "µs/tx", samples.mainCpuMicros);
    }
  } finally {
    await chain.stop();
  }
}
