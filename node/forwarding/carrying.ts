/**
 * Carries bytes between a client's link and a destination's connection, both ways, as long as the session pays. Owns when a stream is read and when
 * it rests (a slow reader, a missing voucher, the operator's cap), the end of each direction and what a break of one end means for the other.
 * Nothing is kept of the bytes but their number; at most one chunk of a direction is held back.
 */
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "../clock.ts";
import type { PaidTraffic } from "../relay/traffic.ts";
import type { Link } from "../transport/transport.ts";

/** What a direction needs of its session. */
export interface Payer {
  /** How many of these bytes are carried now. */
  take(bytes: number): number;
  /** Called once, when there may be more. */
  wait(resume: () => void): void;
}

/** Where a direction's bytes go. */
export interface Sink {
  /** False: no more until `onDrain`. */
  write(chunk: Buffer): boolean;
  end(): void;
}

const rests = { drain: 1, credit: 2, pace: 4, turn: 8 } as const;

/** What a direction carries before all others have their turn: one that is never empty would keep them waiting for megabytes. */
const turnBytesMax = 256 << 10;

export interface DirectionOptions {
  readonly from: Duplex;
  readonly to: Sink;
  readonly payer: Payer;
  readonly traffic: Pick<PaidTraffic, "carried">;
  readonly clock: Clock;
  onBytes(bytes: number): void;
}

export class Direction {
  readonly #options: DirectionOptions;
  /** Why it rests: a set of bits. */
  #resting = 0;
  #turnBytes = 0;
  #held: Buffer | undefined;
  #isEnded = false;
  #isOver = false;

  constructor(options: DirectionOptions) {
    this.#options = options;
    const { from } = options;
    from.on("data", this.#onData);
    from.once("end", () => {
      this.#isEnded = true;
      this.#endWhenEmpty();
    });
  }

  /** The other side takes more. */
  readonly drained = (): void => this.#goOn(rests.drain);

  /** Nothing is carried from now on. */
  stop(): void {
    this.#isOver = true;
    this.#held = undefined;
    this.#options.from.off("data", this.#onData);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#isOver) return;
    const taken = this.#options.payer.take(chunk.length);
    if (taken === chunk.length) return void this.#pass(chunk);
    this.#held = chunk.subarray(taken);
    this.#rest(rests.credit);
    this.#options.payer.wait(this.#credited);
    if (taken > 0) this.#pass(chunk.subarray(0, taken));
  };

  readonly #credited = (): void => {
    const held = this.#held;
    if (held === undefined || this.#isOver) return;
    this.#held = undefined;
    this.#onData(held);
    if (this.#held !== undefined) return;
    this.#endWhenEmpty();
    this.#goOn(rests.credit);
  };

  #pass(chunk: Buffer): void {
    const { to, traffic, onBytes, clock } = this.#options;
    onBytes(chunk.length);
    if (!to.write(chunk)) this.#rest(rests.drain);
    this.#turnBytes += chunk.length;
    if (this.#turnBytes >= turnBytesMax) this.#yield();
    const pauseMillis = traffic.carried(chunk.length);
    if (pauseMillis === 0) return;
    this.#rest(rests.pace);
    clock.after(pauseMillis, () => this.#goOn(rests.pace));
  }

  #yield(): void {
    this.#turnBytes = 0;
    this.#rest(rests.turn);
    setImmediate(() => this.#goOn(rests.turn));
  }

  #rest(why: number): void {
    if (this.#resting === 0) this.#options.from.pause();
    this.#resting |= why;
  }

  #goOn(why: number): void {
    if ((this.#resting & why) === 0) return;
    this.#resting &= ~why;
    if (this.#resting === 0 && !this.#isOver) this.#options.from.resume();
  }

  #endWhenEmpty(): void {
    if (this.#isEnded && this.#held === undefined && !this.#isOver) this.#options.to.end();
  }
}

const sinkOf = (stream: Duplex): Sink => ({
  // What is written to a stream that is gone is lost with it.
  write: (chunk) => !stream.writable || stream.write(chunk),
  end: () => {
    if (stream.writable) stream.end();
  },
});

export interface CarryOptions {
  readonly payer: Payer;
  readonly traffic: Pick<PaidTraffic, "carried">;
  readonly clock: Clock;
  onBytes(bytes: number): void;
}

export interface Carrying {
  /** When both ends are gone. */
  readonly over: Promise<void>;
  /** One end has said all that it has to say. */
  isHalfClosed(): boolean;
  /** Breaks both off. */
  cut(): void;
}

/** The link's stream is half-open by now (wire.ts), and so is the socket. */
export function carryStream(link: Link, socket: Socket, options: CarryOptions): Carrying {
  const { stream } = link;
  const out = new Direction({ ...options, from: stream, to: sinkOf(socket) });
  const back = new Direction({ ...options, from: socket, to: sinkOf(stream) });
  socket.on("drain", out.drained);
  stream.on("drain", back.drained);
  const cut = () => {
    out.stop();
    back.stop();
    if (!socket.destroyed) socket.resetAndDestroy();
    if (!stream.destroyed) link.reset();
  };
  const closed = (one: Duplex, resolve: () => void) => () => {
    // An end in both directions is an orderly close; anything else is a break, which the other end has to see as one.
    if (!one.readableEnded || !one.writableFinished) cut();
    resolve();
  };
  const gone = [stream, socket].map(
    (one) =>
      new Promise<void>((resolve) => {
        one.on("error", cut);
        if (one.destroyed) closed(one, resolve)();
        else one.once("close", closed(one, resolve));
      }),
  );
  return {
    over: Promise.all(gone).then(() => undefined),
    isHalfClosed: () => stream.readableEnded || socket.readableEnded,
    cut,
  };
}
