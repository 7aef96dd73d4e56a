/** Tier B: the load of `exec` through a unix socket to an application in a second process, beside the same in this process. */
import { connect, type Socket } from "node:net";
import type { ChainApplication } from "../chain/abci/chainapplication.ts";
import { FrameReader, frameOf } from "../chain/abci/framing.ts";
import { parseAbciAddress } from "../chain/abci/server.ts";
import {
  Request,
  type RequestFinalizeBlock,
  type RequestInitChain,
  Response,
} from "../proto/gen/tendermint/abci/types.ts";
import { openBenchApplication, startAbciProcess } from "./abciprocess.ts";
import { appStateOf } from "./appstate.ts";
import type { BenchOptions, Figure } from "./figure.ts";
import { chainId, makeBlocks, makeHolders, makeSigners } from "./load.ts";

interface Sizes {
  readonly signers: number;
  readonly accounts: number;
  readonly sendsPerBlock: number;
  readonly blocksPerSample: number;
  readonly samples: number;
}

const full: Sizes = { signers: 50_000, accounts: 250_000, sendsPerBlock: 2000, blocksPerSample: 6, samples: 6 };
const quick: Sizes = { signers: 8000, accounts: 20_000, sendsPerBlock: 2000, blocksPerSample: 1, samples: 5 };

const time = { seconds: 1_700_000_000n, nanos: 0 };

function genesis(everyone: readonly string[]): RequestInitChain {
  const appStateBytes = Buffer.from(JSON.stringify(appStateOf(everyone)));
  return { time, chainId, consensusParams: undefined, validators: [], appStateBytes, initialHeight: 1n };
}

const blockAt = (height: bigint, txs: Uint8Array[]): RequestFinalizeBlock => ({
  txs,
  height,
  time,
  proposerAddress: new Uint8Array(20),
  hash: new Uint8Array(32),
  nextValidatorsHash: new Uint8Array(32),
  misbehavior: [],
  decidedLastCommit: { round: 0, votes: [] },
});

/** The engine's side, which does nothing but wait for the answers: reading them is the engine's work, and not measured here. */
class Asking {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  #answered: (frame: Uint8Array) => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes) => {
      this.#reader.push(bytes);
      const frame = this.#reader.next();
      if (frame !== undefined) this.#answered(frame);
    });
  }

  static async connect(address: string): Promise<Asking> {
    const where = parseAbciAddress(address);
    if (where.kind !== "unix") throw new Error("the bench asks over a unix socket");
    const socket = connect(where.path);
    await new Promise((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return new Asking(socket);
  }

  ask(frame: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#socket.write(frame);
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

const asFrame = (request: Request): Uint8Array => frameOf(Request.encode(request).finish());
const commitFrame = asFrame({ commit: {} });

function check(codes: readonly number[]): void {
  if (codes.some((code) => code !== 0)) throw new Error(`a send of the load failed with code ${codes.find(Boolean)}`);
}

async function overSocket(asking: Asking, requests: readonly RequestFinalizeBlock[]): Promise<number> {
  const frames = requests.map((finalizeBlock) => asFrame({ finalizeBlock }));
  const answers: Uint8Array[] = [];
  const start = performance.now();
  for (const frame of frames) {
    answers.push(await asking.ask(frame));
    await asking.ask(commitFrame);
  }
  const seconds = (performance.now() - start) / 1000;
  for (const answer of answers) check(Response.decode(answer).finalizeBlock?.txResults.map(({ code }) => code) ?? [1]);
  return seconds;
}

function inProcess(application: ChainApplication, requests: readonly RequestFinalizeBlock[]): number {
  const start = performance.now();
  const answers = requests.map((request) => {
    const answer = application.finalizeBlock(request);
    application.commit();
    return answer;
  });
  const seconds = (performance.now() - start) / 1000;
  for (const { txResults } of answers) check(txResults.map(({ code }) => code));
  return seconds;
}

/** Sample by sample in turn, so that what else the machine does meets both alike; one more than asked for warms up and is dropped. */
async function measure(sizes: Sizes, workers: number) {
  const signers = makeSigners(sizes.signers);
  const everyone = [...signers.map(({ address }) => address), ...makeHolders(sizes.accounts - sizes.signers)];
  const far = await startAbciProcess({ workers });
  const near = await openBenchApplication({ workers });
  const asking = await Asking.connect(far.address);
  const figures = {
    exec: [] as number[],
    inProcess: [] as number[],
    farMicros: [] as number[],
    nearMicros: [] as number[],
  };
  try {
    const first = blockAt(1n, []);
    await asking.ask(asFrame({ initChain: genesis(everyone) }));
    near.application.initChain(genesis(everyone));
    await overSocket(asking, [first]);
    inProcess(near.application, [first]);
    let height = 2n;
    for (let sample = 0; sample <= sizes.samples; sample++) {
      const senders = [...signers.slice(offsetOf(sizes, sample)), ...signers.slice(0, offsetOf(sizes, sample))];
      const blocks = makeBlocks(senders, everyone, sizes.blocksPerSample, sizes.sendsPerBlock);
      const requests = blocks.map((txs, i) => blockAt(height + BigInt(i), txs));
      height += BigInt(blocks.length);
      const sends = blocks.flat().length;
      const cpuBefore = await far.cpuSeconds();
      const farSeconds = await overSocket(asking, requests);
      const cpuSeconds = (await far.cpuSeconds()) - cpuBefore;
      const usedBefore = process.cpuUsage();
      const nearSeconds = inProcess(near.application, requests);
      const used = process.cpuUsage(usedBefore);
      if (sample === 0) continue;
      figures.exec.push(sends / farSeconds);
      figures.inProcess.push(sends / nearSeconds);
      figures.farMicros.push((cpuSeconds * 1e6) / sends);
      figures.nearMicros.push((used.user + used.system) / sends);
    }
  } finally {
    asking.close();
    await far.stop();
    await near.close();
  }
  return figures;
}

const offsetOf = ({ signers, blocksPerSample, sendsPerBlock }: Sizes, sample: number): number =>
  (sample * blocksPerSample * sendsPerBlock) % signers;

export default async function* abci({ quick: isQuick, args }: BenchOptions): AsyncGenerator<Figure> {
  const sizes = isQuick ? quick : full;
  const workers = args.includes("workers") ? 1 : 0;
  const { exec, inProcess: here, farMicros, nearMicros } = await measure(sizes, workers);
  const params = { keys: sizes.accounts * 4, sendsPerBlock: sizes.sendsPerBlock, workers, socket: "unix" };
  yield { bench: "abci.exec", unit: "tx/s", params, samples: exec };
  yield { bench: "abci.inProcess", unit: "tx/s", params, samples: here };
  yield { bench: "abci.share", unit: "%", params, samples: exec.map((value, i) => (100 * value) / here[i]!) };
  yield { bench: "abci.cpu", unit: "µs/tx", params, samples: farMicros };
  yield { bench: "abci.cpuInProcess", unit: "µs/tx", params, samples: nearMicros };
}
