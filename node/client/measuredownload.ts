/** How fast something comes through a paid session: an ordinary GET over HTTP/1.1, counted as any program's bytes are. Owns the measuring alone. */
import type { Clock } from "../clock.ts";
import { retry } from "../daemon/failure.ts";
import type { PaidSession } from "./paidsession.ts";

export interface DownloadTerms {
  readonly host: string;
  readonly port: number;
  /** "/path?query". */
  readonly path: string;
  /** The most of it that is waited for. */
  readonly millis: number;
  /** At its begin, what does not count: a connection starts slowly. */
  readonly dropMillis: number;
  readonly bytesMax: number;
  readonly clock: Clock;
}

export interface Download {
  /** Behind the head of the answer, and behind what was dropped. */
  readonly bytes: number;
  readonly millis: number;
  readonly bps: bigint;
}

const requestOf = ({ host, port, path }: DownloadTerms): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host.includes(":") ? `[${host}]` : host}:${port}\r\nAccept: */*\r\nConnection: close\r\n\r\n`;

/** Ends when the time is over, the bytes are there or the other end has no more. Rejects where nothing at all came. */
export async function measureDownload(session: PaidSession, terms: DownloadTerms): Promise<Download> {
  const { host, port, millis, dropMillis, bytesMax, clock } = terms;
  const { stream, link, sent, received } = await session.connect({ host, port });
  const request = Buffer.from(requestOf(terms), "latin1");
  stream.write(request);
  sent(request.length);
  const began = clock.now();
  let [all, dropped, lastAt] = [0, 0, began];
  await new Promise<void>((resolve) => {
    const end = () => {
      cancel();
      resolve();
    };
    const cancel = clock.after(millis, end);
    stream.on("data", (chunk: Buffer) => {
      received(chunk.length);
      lastAt = clock.now();
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
  return figuresOf(all - dropped, lastAt - began - dropMillis);
}

function figuresOf(bytes: number, millis: number): Download {
  const counted = Math.max(1, Math.round(millis));
  return { bytes, millis: counted, bps: (BigInt(bytes) * 8_000n) / BigInt(counted) };
}
