/**
 * The sealing of blocks while clients misbehave, against the same chain in the same minutes left alone: the time between blocks, and the
 * time that a block takes to seal. What it costs to be flooded shows in both. Owns the clients; the chain is a process of its own.
 */
import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { WebSocket } from "ws";
import { type ChainProcess, type SealTimes, startChainProcess } from "./chainprocess.ts";
import type { BenchOptions, Figure } from "./figure.ts";
import { makeSigners, type Signer, signedSend } from "./load.ts";

interface Sizes {
  readonly signers: number;
  readonly accounts: number;
  readonly secondsPerSample: number;
  readonly samples: number;
}

const full: Sizes = { signers: 4_000, accounts: 50_000, secondsPerSample: 5, samples: 5 };
const quick: Sizes = { signers: 1_000, accounts: 5_000, secondsPerSample: 1, samples: 2 };
const blockMillis = 500;
/** Sends in each block, so that there is something to seal and something to tell. */
const sendsPerBlock = 100;
const lanes = 4;

/** Begins to misbehave; what it returns ends that. */
type Abuse = (chain: ChainProcess, signers: readonly Signer[]) => Promise<() => void>;

const opened = (socket: WebSocket): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("error", reject);
  });

const subscribe = (query: string, id: number): string =>
  JSON.stringify({ jsonrpc: "2.0", id, method: "subscribe", params: { query } });

/** Readers that ask for everything and never read: each is dropped at its limit and comes back. */
const slowReader: Abuse = async ({ port }) => {
  let isOn = true;
  const sockets = new Set<WebSocket>();
  const open = async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/websocket`);
    sockets.add(socket);
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      sockets.delete(socket);
      // A connection that fails closes too, and then this is done again.
      if (isOn) open().catch(() => {});
    });
    await opened(socket);
    for (const [id, name] of ["NewBlock", "Tx", "NewBlockEvents"].entries()) {
      socket.send(subscribe(`tm.event='${name}'`, id));
    }
    socket.pause();
    for (let id = 10; id < 60; id++) socket.send(JSON.stringify({ jsonrpc: "2.0", id, method: "genesis" }));
  };
  for (let i = 0; i < 10; i++) await open();
  return () => {
    isOn = false;
    for (const socket of sockets) socket.terminate();
  };
};

/** As fast as a few connections can ask. */
function flood(body: (index: number) => string): Abuse {
  return async ({ port }) => {
    const state = { isOn: true, answers: 0 };
    const agent = new Agent({ keepAlive: true, maxSockets: lanes });
    let next = 0;
    const post = () =>
      new Promise<void>((resolve) => {
        const sending = httpRequest({ agent, host: "127.0.0.1", port, path: "/", method: "POST" }, (response) => {
          response.resume();
          response.on("close", () => {
            state.answers++;
            resolve();
          });
        });
        // A node under a flood may hang up; a flood that is never answered at all is found below.
        sending.on("error", () => resolve());
        sending.end(body(next++));
      });
    const lane = async () => {
      while (state.isOn) await post();
    };
    for (let i = 0; i < lanes; i++) void lane();
    return () => {
      state.isOn = false;
      agent.destroy();
      if (state.answers === 0) throw new Error("the flood was never answered: the figure would say nothing");
    };
  };
}

const call = (method: string, params: object, id: number): object => ({ jsonrpc: "2.0", id, method, params });
const batchOf = (make: (id: number) => object): string =>
  JSON.stringify(Array.from({ length: 10 }, (_, id) => make(id)));

const invalid = [
  "{",
  JSON.stringify(call("nothing", {}, 1)),
  JSON.stringify(call("block", { height: "999999999" }, 1)),
  JSON.stringify(call("broadcast_tx_sync", { tx: Buffer.alloc(300, 7).toString("base64") }, 1)),
  `[${"[".repeat(900)}`,
  batchOf((id) => call("abci_query", { path: "/nowhere", data: "00" }, id)),
];
const valid = [
  batchOf((id) => call("status", {}, id)),
  batchOf((id) => call("block_results", {}, id)),
  batchOf((id) => call("tx_search", { query: "message.action='/cosmos.bank.v1beta1.MsgSend'", per_page: "100" }, id)),
  batchOf((id) => call("abci_query", { path: "/cosmos.bank.v1beta1.Query/TotalSupply", data: "" }, id)),
];

/** Two hundred connections that begin a request and say no more. */
const halfOpen: Abuse = async ({ port }) => {
  const sockets = Array.from({ length: 200 }, () => connect(port, "127.0.0.1"));
  for (const socket of sockets) {
    socket.on("error", () => socket.destroy());
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{");
  }
  return () => {
    for (const socket of sockets) socket.destroy();
  };
};

/** A thousand subscriptions of a hundred clients, most to what concerns one address. */
const subscriptions: Abuse = async ({ port }, signers) => {
  const sockets = await Promise.all(
    Array.from({ length: 100 }, async (_, client) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/websocket`);
      await opened(socket);
      socket.on("error", () => socket.terminate());
      socket.resume();
      socket.send(subscribe("tm.event='NewBlockHeader'", 0));
      for (let id = 1; id < 10; id++) {
        const { address } = signers[(client * 10 + id) % signers.length]!;
        socket.send(subscribe(`tm.event='Tx' AND transfer.recipient='${address}'`, id));
      }
      return socket;
    }),
  );
  return () => {
    for (const socket of sockets) socket.terminate();
  };
};

const abuses: Readonly<Record<string, Abuse>> = {
  slowReader,
  invalidFlood: flood((index) => invalid[index % invalid.length]!),
  validFlood: flood((index) => valid[index % valid.length]!),
  halfOpen,
  subscriptions,
};

const wait = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

/** A steady load of sends through the front door beside what is measured. */
async function sendSteadily({ port }: ChainProcess, signers: readonly Signer[], state: { isOn: boolean }) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/websocket`);
  await opened(socket);
  socket.on("error", () => socket.terminate());
  socket.resume();
  for (let next = 0; state.isOn; ) {
    for (let i = 0; i < sendsPerBlock / 5; i++, next++) {
      const tx = signedSend(signers[next % signers.length]!, signers[(next * 7919) % signers.length]!.address);
      socket.send(JSON.stringify(call("broadcast_tx_sync", { tx: Buffer.from(tx).toString("base64") }, next)));
    }
    await wait(blockMillis / 5);
  }
  socket.terminate();
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

async function measured(chain: ChainProcess, seconds: number): Promise<SealTimes> {
  await chain.sealTimes();
  await wait(seconds * 1000);
  return chain.sealTimes();
}

export default async function* sealing({ quick: isQuick, args }: BenchOptions): AsyncGenerator<Figure> {
  const sizes = isQuick ? quick : full;
  const signers = makeSigners(sizes.signers);
  const limits = { subscribedClientsMax: 110, subscriptionsPerClientMax: 100 };
  const chain = await startChainProcess({ ...sizes, workers: 0, blockMillis, limits });
  const state = { isOn: true };
  const sending = sendSteadily(chain, signers, state);
  try {
    const asked = args.filter((name) => Object.hasOwn(abuses, name));
    for (const name of asked.length === 0 ? Object.keys(abuses) : asked) {
      const figures = new Map<string, { unit: string; samples: number[] }>();
      const add = (figure: string, unit: string, value: number) => {
        const known = figures.get(figure) ?? { unit, samples: [] };
        known.samples.push(value);
        figures.set(figure, known);
      };
      for (let sample = 0; sample < sizes.samples; sample++) {
        const quiet = await measured(chain, sizes.secondsPerSample);
        const stop = await abuses[name]!(chain, signers);
        const abused = await measured(chain, sizes.secondsPerSample);
        stop();
        await wait(200);
        for (const [kind, times] of Object.entries({ quiet, abused })) {
          add(`${kind}.interval`, "ms", mean(times.intervals));
          add(`${kind}.intervalMax`, "ms", Math.max(...times.intervals));
          add(`${kind}.seal`, "ms", mean(times.seals));
        }
        add("slowdown", "%", (100 * mean(abused.intervals)) / mean(quiet.intervals) - 100);
      }
      const params = { blockMillis, sendsPerBlock, seconds: sizes.secondsPerSample };
      for (const [part, { unit, samples }] of figures)
        yield { bench: `sealing.${name}.${part}`, unit, params, samples };
    }
  } finally {
    state.isOn = false;
    await sending;
    await chain.stop();
  }
}
