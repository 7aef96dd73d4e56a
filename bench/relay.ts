/**
 * A relay's throughput over links on this machine: bits a second that come back while it is measured, beside a bare echo over the same TLS in
 * the same run. The relay is a process of its own, the oracle is this one.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ed25519 } from "@noble/curves/ed25519.js";
import { systemClock } from "../node/clock.ts";
import { measureEcho } from "../node/measurement/echoed.ts";
import { tlsTransport } from "../node/transport/tls.ts";
import type { Address, Identity, Link } from "../node/transport/transport.ts";
import type { BenchOptions, Figure } from "./figure.ts";
import type { RelayProcessOptions } from "./relayprocess.ts";

const connections = 4;
const runs = 5;
const millisDefault = 4_000;
const millisQuick = 1_500;
const warmUpMillis = 500;
const cell = Buffer.alloc(64 << 10);
const nonce = randomBytes(16);

function identity(): Identity {
  const seed = randomBytes(32);
  return { seed, publicKey: ed25519.getPublicKey(seed) };
}

const oracle = tlsTransport(identity());

export default async function* relay({ quick }: BenchOptions): AsyncIterable<Figure> {
  const millis = quick ? millisQuick : millisDefault;
  const echoed: number[] = [];
  const bare: number[] = [];
  for (let run = 0; run < runs; run++) {
    bare.push(await withRelay(true, (links) => rate(links, millis, bareStream)));
    echoed.push(await withRelay(false, (links) => rate(links, millis, measuredStream)));
  }
  const params = { connections, millis };
  yield { bench: "relay.echo", unit: "Gbit/s", params, samples: echoed };
  yield { bench: "relay.yardstick", unit: "Gbit/s", params, samples: bare };
  const share = echoed.map((value, run) => value / bare[run]!);
  yield { bench: "relay.echoShare", unit: "of bare", params, samples: share };
}

type Stream = (link: Link, onBytes: (bytes: number) => void, signal: AbortSignal) => Promise<void>;

async function measuredStream(link: Link, onBytes: (bytes: number) => void, signal: AbortSignal): Promise<void> {
  await measureEcho(link, { seed: randomBytes(32), sessionNonce: nonce, onBytes, signal, clock: systemClock });
}

async function bareStream({ stream }: Link, onBytes: (bytes: number) => void, signal: AbortSignal): Promise<void> {
  stream.on("data", (chunk: Buffer) => onBytes(chunk.length));
  stream.on("error", () => stream.destroy());
  const more = () => {
    while (!signal.aborted && stream.write(cell));
  };
  stream.on("drain", more);
  more();
  await once(signal, "abort");
  stream.destroy();
}

/** Gigabits that come back in a second, all links together, after the first moments. */
async function rate(links: readonly Link[], millis: number, stream: Stream): Promise<number> {
  const over = new AbortController();
  let bytes = 0;
  const ends = links.map((link) => stream(link, (more) => (bytes += more), over.signal));
  await passed(warmUpMillis);
  const from = performance.now();
  bytes = 0;
  await passed(millis);
  const result = (bytes * 8) / (performance.now() - from) / 1e6;
  over.abort();
  await Promise.all(ends);
  return result;
}

const passed = (millis: number) => new Promise<void>((resolve) => void setTimeout(resolve, millis));

async function withRelay(isBare: boolean, use: (links: readonly Link[]) => Promise<number>): Promise<number> {
  const { seed, publicKey } = identity();
  const options: RelayProcessOptions = {
    seedHex: Buffer.from(seed).toString("hex"),
    publicKeyHex: Buffer.from(publicKey).toString("hex"),
    nonceHex: nonce.toString("hex"),
    isBare,
  };
  const script = join(import.meta.dirname, "relayprocess.ts");
  const child = spawn(process.execPath, [script, JSON.stringify(options)], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    const address = await listeningAt(child);
    const dial = () => oracle.dial(address, { expectedKey: publicKey, deadlineMillis: 10_000 });
    return await use(await Promise.all(Array.from({ length: connections }, dial)));
  } finally {
    child.stdin?.end();
    if (child.exitCode === null) await once(child, "exit");
  }
}

async function listeningAt(child: ChildProcess): Promise<Address> {
  const ended = once(child, "exit").then(() => {
    throw new Error("the relay's process ended before it listened");
  });
  const lines = createInterface({ input: child.stdout! });
  const [line] = await Promise.race([once(lines, "line"), ended]);
  // From here on the relay's process may end: its bench is what ends it.
  ended.catch(() => undefined);
  return JSON.parse(line) as Address;
}
