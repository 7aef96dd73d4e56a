/**
 * An oracle's side of one stream of a measurement: sends a keystream as fast as the link takes it, counts what comes back, and checks cells of
 * it that the relay cannot foresee. Owns the stream while it measures; does not own how many streams there are, or what the figures mean.
 */
import { randomInt } from "node:crypto";
import type { Duplex } from "node:stream";
import type { Clock } from "../clock.ts";
import { echoKey, type KeyedLink } from "./echo.ts";
import { addKeystream, keystreamFrom } from "./keystream.ts";

/** What is sent and checked at a time. */
export const cellBytes = 64 << 10;
/** Of so many cells one is checked in full, on average. */
const checkedOneIn = 64;
const zeros = Buffer.alloc(cellBytes);

/** What came back was not what was sent, transformed by the link's key. */
export class FalseEcho extends Error {}

export interface EchoOptions {
  /** Foreseen by nobody else; of one stream. */
  readonly seed: Uint8Array;
  readonly sessionNonce: Uint8Array;
  /** Sends no faster; undefined: as fast as the link takes it. */
  readonly bpsMax?: bigint;
  /** Called for whatever comes back. */
  onBytes(bytes: number): void;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

interface Checker {
  take(chunk: Buffer): void;
}

/** Looks at whole cells now and then; the first is always looked at, so that even a short stream is checked. */
function cellChecker(seed: Uint8Array, key: Uint8Array): Checker {
  let offset = 0;
  let cell = 0;
  let held: Buffer[] | undefined = [];
  const check = () => {
    const at = BigInt(cell) * BigInt(cellBytes);
    const expected = addKeystream(key, at, addKeystream(seed, at, zeros));
    if (!Buffer.concat(held ?? []).equals(expected))
      throw new FalseEcho(`what came back at byte ${at} is not what was sent`);
  };
  const endCell = () => {
    if (held !== undefined) check();
    cell++;
    offset = 0;
    held = randomInt(checkedOneIn) === 0 ? [] : undefined;
  };
  return {
    take(chunk) {
      for (let at = 0; at < chunk.length; ) {
        const end = Math.min(chunk.length, at + cellBytes - offset);
        held?.push(chunk.subarray(at, end));
        offset += end - at;
        at = end;
        if (offset === cellBytes) endCell();
      }
    },
  };
}

/** Bytes that may be sent by now: as many as the rate gives, and a tenth of a second's at once. */
class Pace {
  readonly #bytesPerMillisecond: number;
  readonly #clock: Clock;
  #allowed = cellBytes;
  #at: number;

  constructor(bpsMax: bigint, clock: Clock) {
    this.#bytesPerMillisecond = Number(bpsMax) / 8000;
    this.#clock = clock;
    this.#at = clock.now();
  }

  /** Milliseconds until a cell may be sent; 0 takes it. */
  wait(): number {
    const now = this.#clock.now();
    const burst = Math.max(cellBytes, this.#bytesPerMillisecond * 100);
    this.#allowed = Math.min(burst, this.#allowed + (now - this.#at) * this.#bytesPerMillisecond);
    this.#at = now;
    if (this.#allowed < cellBytes) return Math.ceil((cellBytes - this.#allowed) / this.#bytesPerMillisecond);
    this.#allowed -= cellBytes;
    return 0;
  }
}

function send(stream: Duplex, { seed, bpsMax, signal, clock }: EchoOptions): void {
  const cipher = keystreamFrom(seed, 0n);
  const pace = bpsMax === undefined ? undefined : new Pace(bpsMax, clock);
  const more = () => {
    while (!signal.aborted && stream.writable) {
      const wait = pace?.wait() ?? 0;
      if (wait > 0) return void clock.after(wait, more);
      if (!stream.write(cipher.update(zeros))) return void stream.once("drain", more);
    }
  };
  more();
}

/** Until `signal` says that the time is over; then the stream is ended. Rejects where the link breaks or the echo is false. */
export function measureEcho(link: KeyedLink, options: EchoOptions): Promise<void> {
  const { stream } = link;
  const checker = cellChecker(options.seed, echoKey(link, options.sessionNonce));
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      stream.destroy();
      reject(error);
    };
    stream.on("data", (chunk: Buffer) => {
      try {
        checker.take(chunk);
      } catch (error) {
        return fail(error instanceof Error ? error : new Error(String(error)));
      }
      options.onBytes(chunk.length);
    });
    stream.once("error", fail);
    stream.once("close", () => reject(new Error("the relay hung up before the time was over")));
    const finish = () => {
      resolve();
      stream.destroy();
    };
    if (options.signal.aborted) return finish();
    options.signal.addEventListener("abort", finish, { once: true });
    send(stream, options);
  });
}
