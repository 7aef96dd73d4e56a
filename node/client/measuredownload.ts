/** How fast something comes through a paid session: an ordinary GET over HTTP/1.1, counted as any program's bytes are. Owns the measuring alone. */
import type { Clock } from "../clock.ts";
import { retry } from "../daemon/failure.ts";
import type { Forwarded } from "./paidsession.ts";
import type { Destination } from "./socks.ts";

/** What a paid session is to a measurement. */
export interface Downloading {
  connect(
    destination: Destination,
  ): Promise<Pick<Forwarded, "stream" | "sent" | "received"> & { readonly link: Pick<Forwarded["link"], "reset"> }>;
}

export interface DownloadTerms {
  readonly host: string;
  readonly port: number;
  /** "/path?query". */
  readonly path: string;
  /** The most of it that is waited for. */
  readonly millis: number;
  /** At its begin, what does not count: a connection starts slowly. Where all was there before twice of it is over, all counts. */
  readonly dropMillis: number;
  readonly bytesMax: number;
  readonly clock: Clock;
}

export interface Download {
  /** Without what was dropped. */
  readonly bytes: number;
  readonly millis: number;
  readonly bps: bigint;
}

const requestOf = ({ host, port, path }: DownloadTerms): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host.includes(":") ? `[${host}]` : host}:${port}\r\nAccept: */*\r\nConnection: close\r\n\r\n`;

/** A head that is longer is none that says how much follows. */
const headBytesMax = 16_384;
/** Less than this says nothing of how fast a way is. */
export const wholeBytesMin = 65_536;

/** How many bytes the whole answer has, head and all: undefined while that is not known, or where it is not what was asked for. */
function wholeBytesOf(head: string): number | undefined {
  const end = head.indexOf("\r\n\r\n");
  const length = /\r\ncontent-length: *(\d{1,15})\r\n/i.exec(head.slice(0, end + 2))?.[1];
  if (end < 0 || length === undefined || !/^HTTP\/1\.[01] 200 /.test(head)) return undefined;
  return end + 4 + Number(length);
}

/** Ends when the time is over, the bytes are there or the other end has no more. Rejects where nothing at all came. */
export async function measureDownload(session: Downloading, terms: DownloadTerms): Promise<Download> {
  const { host, port, millis, dropMillis, bytesMax, clock } = terms;
  const { stream, link, sent, received } = await session.connect({ host, port });
  const request = Buffer.from(requestOf(terms), "latin1");
  stream.write(request);
  sent(request.length);
  const began = clock.now();
  let [all, dropped, lastAt, head] = [0, 0, began, ""];
  await new Promise<void>((resolve) => {
    const end = () => {
      cancel();
      resolve();
    };
    const cancel = clock.after(millis, end);
    stream.on("data", (chunk: Buffer) => {
      received(chunk.length);
      lastAt = clock.now();
      if (all < headBytesMax) head += chunk.toString("latin1", 0, headBytesMax - all);
      all += chunk.length;
      if (lastAt - began < dropMillis) dropped = all;
      if (all >= bytesMax) end();
    });
    stream.once("end", end);
    stream.once("close", end);
    stream.resume();
  });
  link.reset();
  if (all === 0) throw retry(`nothing came from there within ${millis} ms`);
  const took = lastAt - began;
  const isWhole = all >= Math.min(bytesMax, wholeBytesOf(head) ?? bytesMax) && all >= wholeBytesMin;
  // A fast way has carried all of it before it is warm: then nothing is dropped, which tells a little less than the truth.
  if (isWhole && took < 2 * dropMillis) return figuresOf(all, took);
  return figuresOf(all - dropped, took - dropMillis);
}

function figuresOf(bytes: number, millis: number): Download {
  const counted = Math.max(1, Math.round(millis));
  return { bytes, millis: counted, bps: (BigInt(bytes) * 8_000n) / BigInt(counted) };
}
