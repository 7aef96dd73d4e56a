/** What a relay is made to do, and what is read off meanwhile: bits a second over streams, round trips, memory. Owns no process. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { type ConnectionOptions, connect } from "node:tls";
import { systemClock } from "../../node/clock.ts";
import { measureEcho } from "../../node/measurement/echoed.ts";
import { quantile } from "../../node/measurement/samples.ts";
import type { Address, Link } from "../../node/transport/transport.ts";
import { wishes } from "./ends.ts";

const warmUpMillis = 300;
const cell = Buffer.alloc(64 << 10);

export const passed = (millis: number) => new Promise<void>((resolve) => void setTimeout(resolve, millis));

/** One stream at work until the signal; says what it moved. */
export type Work = (onBytes: (bytes: number) => void, signal: AbortSignal) => Promise<void>;

export interface Moved {
  /** Gigabits a second. */
  readonly rate: number;
  /** Milliseconds of a processor that the relay's process took for a GiB: on a busy machine the better figure. */
  readonly cpuPerGib: number;
}

const bytesPerGib = 1 << 30;

/** What is moved, all together, after the first moments. */
export async function moved(
  works: readonly Work[],
  millis: number,
  usage?: () => Promise<{ readonly cpuMillis: number }>,
): Promise<Moved> {
  const over = new AbortController();
  let bytes = 0;
  const ends = works.map((work) =>
    work((more) => {
      bytes += more;
    }, over.signal),
  );
  await passed(warmUpMillis);
  const before = await usage?.();
  const from = performance.now();
  bytes = 0;
  await passed(millis);
  const seconds = (performance.now() - from) / 1000;
  const done = bytes;
  const after = await usage?.();
  over.abort();
  await Promise.all(ends);
  const cpuMillis = (after?.cpuMillis ?? 0) - (before?.cpuMillis ?? 0);
  return { rate: (done * 8) / seconds / 1e9, cpuPerGib: (cpuMillis * bytesPerGib) / done };
}

export const measured =
  (link: Link, sessionNonce: Uint8Array): Work =>
  (onBytes, signal) =>
    measureEcho(link, { seed: randomBytes(32), sessionNonce, onBytes, signal, clock: systemClock });

async function writing(stream: Duplex, signal: AbortSignal, onWritten: (bytes: number) => void): Promise<void> {
  const more = () => {
    while (!signal.aborted && stream.writable) {
      onWritten(cell.length);
      if (!stream.write(cell)) return;
    }
  };
  stream.on("drain", more);
  more();
  await once(signal, "abort");
  stream.destroy();
}

export const bare =
  ({ stream }: Link): Work =>
  async (onBytes, signal) => {
    stream.on("data", (chunk: Buffer) => onBytes(chunk.length));
    stream.on("error", () => stream.destroy());
    await writing(stream, signal, () => undefined);
  };

export const download =
  (stream: Duplex): Work =>
  async (onBytes, signal) => {
    stream.on("data", (chunk: Buffer) => onBytes(chunk.length));
    stream.on("error", () => stream.destroy());
    stream.write(Buffer.of(wishes.send));
    await once(signal, "abort");
    stream.destroy();
  };

export const upload =
  (stream: Duplex): Work =>
  async (onBytes, signal) => {
    stream.on("error", () => stream.destroy());
    stream.resume();
    stream.write(Buffer.of(wishes.take));
    await writing(stream, signal, onBytes);
  };

/** Round trips in milliseconds, one after the other. */
export async function pings(stream: Duplex, count: number): Promise<number[]> {
  const times: number[] = [];
  stream.write(Buffer.of(wishes.echo));
  for (let index = 0; index < count; index++) {
    const from = performance.now();
    stream.write(randomBytes(32));
    for (let left = 32; left > 0; ) {
      const [chunk] = (await once(stream, "data")) as [Buffer];
      left -= chunk.length;
    }
    times.push(performance.now() - from);
    await passed(2);
  }
  return times;
}

export const addedP99 = (through: readonly number[], direct: readonly number[]): number =>
  Math.max(0, quantile(through, 0.99) - quantile(direct, 0.5));

/** SOCKS 5 within TLS to a native proxy: the stream to the destination. */
export async function nativeStream(proxy: Address, destination: Address): Promise<Duplex> {
  const options: ConnectionOptions = { ...proxy, rejectUnauthorized: false, minVersion: "TLSv1.3" };
  const stream = connect(options);
  await once(stream, "secureConnect");
  stream.write(Buffer.of(5, 1, 0));
  await taken(stream, 2);
  const octets = destination.host.split(".").map(Number);
  stream.write(Buffer.of(5, 1, 0, 1, ...octets, destination.port >> 8, destination.port & 0xff));
  const answer = await taken(stream, 10);
  if (answer[1] !== 0) throw new Error(`the native proxy answers ${answer[1]}`);
  return stream;
}

async function taken(stream: Duplex, bytes: number): Promise<Buffer> {
  for (;;) {
    const found = stream.read(bytes) as Buffer | null;
    if (found !== null) return found;
    await once(stream, "readable");
  }
}
