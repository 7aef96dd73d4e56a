/** What an event costs with a thousand subscriptions over websockets: CPU of the chain's process, and how long the last reader waits. */
import { WebSocket } from "ws";
import { type ChainProcess, startChainProcess } from "./chainprocess.ts";
import type { BenchOptions, Figure } from "./figure.ts";

const clients = 100;
const perClient = 10;
const accounts = 1_000;
const blockMillis = 100;

interface Readers {
  /** Events that came so far. */
  count: number;
  readonly sockets: readonly WebSocket[];
}

async function subscribeAll({ port }: ChainProcess): Promise<Readers> {
  const readers = { count: 0, sockets: [] as WebSocket[] };
  for (let i = 0; i < clients; i++) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/websocket`);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", () => resolve());
      socket.once("error", reject);
    });
    readers.sockets.push(socket);
    const answered = new Promise<void>((resolve) => {
      let answers = 0;
      socket.on("message", (data: Buffer) => {
        if (data.length > 200) readers.count++;
        else if (++answers === perClient) resolve();
      });
    });
    for (let id = 0; id < perClient; id++) {
      // Unlike texts, so that each is a subscription of its own.
      const params = { query: `tm.event='${id === 0 ? "NewBlock" : "NewBlockHeader"}'${" ".repeat(id)}` };
      socket.send(JSON.stringify({ jsonrpc: "2.0", id, method: "subscribe", params }));
    }
    await answered;
  }
  return readers;
}

const wait = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

export default async function* subscriptions({ quick }: BenchOptions): AsyncGenerator<Figure> {
  const seconds = quick ? 2 : 8;
  const chain = await startChainProcess({ signers: 10, accounts, workers: 0, blockMillis });
  const params = { subscriptions: clients * perClient, clients };
  try {
    const usage = async () => {
      const before = await chain.cpuSeconds();
      await wait(seconds * 1000);
      return (await chain.cpuSeconds()) - before;
    };
    await wait(500);
    const idle = await usage();
    const readers = await subscribeAll(chain);
    const samples: number[] = [];
    const rates: number[] = [];
    for (let sample = 0; sample < 5; sample++) {
      const countBefore = readers.count;
      const busy = await usage();
      const events = readers.count - countBefore;
      if (events === 0) throw new Error("no event came in the whole sample");
      samples.push((Math.max(0, busy - idle) * 1e6) / events);
      rates.push(events / seconds);
    }
    for (const socket of readers.sockets) socket.terminate();
    yield { bench: "subscriptions.cpu", unit: "µs/event", params, samples };
    yield { bench: "subscriptions.events", unit: "events/s", params, samples: rates };
  } finally {
    await chain.stop();
  }
}
