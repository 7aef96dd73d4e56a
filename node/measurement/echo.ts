/**
 * A relay's side of being measured: every byte comes back, transformed by the link's keystream. Nothing is kept of it but a count. Owns the
 * stream until one of its ends is over; does not own who may measure and when (the relay's daemon).
 */
import type { Duplex } from "node:stream";
import { keystreamFrom, keystreamKeyBytes } from "./keystream.ts";

export interface KeyedLink {
  readonly stream: Duplex;
  exportKey(label: string, context: Uint8Array, length: number): Uint8Array;
}

const label = "weir-measure-1";

/** Both ends of a link compute it, for one measurement. */
export const echoKey = (link: KeyedLink, sessionNonce: Uint8Array): Uint8Array =>
  link.exportKey(label, sessionNonce, keystreamKeyBytes);

export interface Echoed {
  readonly bytes: bigint;
  /** Why the link broke. An oracle whose time is over hangs up as it likes, so that this alone says nothing. */
  readonly failure: Error | undefined;
}

export interface EchoLimits {
  /** The link is cut where more come, which no measurement needs. */
  readonly bytesMax: bigint;
  /** Called for what went back; for so many milliseconds nothing more is read. */
  carried?(bytes: number): number;
}

/** Until the link is over. */
export function echo(link: KeyedLink, sessionNonce: Uint8Array, { bytesMax, carried }: EchoLimits): Promise<Echoed> {
  const { stream } = link;
  const cipher = keystreamFrom(echoKey(link, sessionNonce), 0n);
  let bytes = 0n;
  let failure: Error | undefined;
  let isFull = false;
  let isPaced = false;
  const goOn = () => {
    if (!isFull && !isPaced) stream.resume();
  };
  const pace = (millis: number) => {
    isPaced = true;
    setTimeout(() => {
      isPaced = false;
      goOn();
    }, millis);
  };
  return new Promise((resolve) => {
    stream.on("data", (chunk: Buffer) => {
      bytes += BigInt(chunk.length);
      if (bytes > bytesMax) {
        stream.destroy(new Error(`more than the ${bytesMax} bytes that a measurement may take`));
        return;
      }
      isFull = !stream.write(cipher.update(chunk));
      const pauseMillis = carried?.(chunk.length) ?? 0;
      if (pauseMillis > 0) pace(pauseMillis);
      if (isFull || isPaced) stream.pause();
    });
    stream.on("drain", () => {
      isFull = false;
      goOn();
    });
    stream.once("end", () => stream.end());
    stream.on("error", (error: Error) => {
      failure = error;
    });
    stream.once("close", () => resolve({ bytes, failure }));
  });
}
