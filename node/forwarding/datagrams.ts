/**
 * A flow of datagrams: what a client's link brings in frames goes out over UDP, and what those answer whom it was sent to comes back in frames.
 * Owns the sockets, who may answer, and the limits; a datagram that does not fit any of them is lost, as datagrams are.
 */
import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Clock } from "../clock.ts";
import type { PaidTraffic } from "../relay/traffic.ts";
import type { Link } from "../transport/transport.ts";
import { type Carrying, Direction, type Payer, type Sink } from "./carrying.ts";
import { type Destination, destinationOf } from "./exits.ts";
import { DatagramReader, datagramBytesMax, datagramFrame } from "./wire.ts";

export interface DatagramLimits {
  /** Whom a flow talks to; the oldest is forgotten for a new one. */
  readonly peersMax: number;
  /** Of one name, while it is resolved. */
  readonly waitingMax: number;
  /** A flow sends no more in a second, and so many at once. */
  readonly perSecondMax: number;
  /** What waits in a socket, or in the link. */
  readonly queuedBytesMax: number;
}

export const datagramLimits: DatagramLimits = {
  peersMax: 256,
  waitingMax: 8,
  perSecondMax: 50_000,
  queuedBytesMax: 512 << 10,
};

export interface WholePayer extends Payer {
  /** All of them or none. */
  takeWhole(bytes: number): boolean;
}

export interface DatagramOptions {
  readonly payer: WholePayer;
  readonly traffic: Pick<PaidTraffic, "carried">;
  readonly clock: Clock;
  readonly limits: DatagramLimits;
  onBytes(bytes: number): void;
  /** One that was not carried, and why: a word of a fixed list. */
  onLost(why: "policy" | "unresolved" | "rate" | "queue" | "unpaid"): void;
  /** The literal address to send to, where the policy lets it; rejects otherwise. */
  resolve(destination: Destination): Promise<string>;
  refusal(destination: Destination): string | undefined;
}

interface Target {
  address: string | undefined;
  readonly waiting: Uint8Array[];
}

/** Tokens that fill up evenly. */
class Rate {
  readonly #perMillisecond: number;
  readonly #burst: number;
  readonly #clock: Clock;
  #tokens: number;
  #at: number;

  constructor(perSecond: number, clock: Clock) {
    this.#perMillisecond = perSecond / 1000;
    this.#burst = Math.max(1, perSecond / 10);
    this.#tokens = this.#burst;
    this.#clock = clock;
    this.#at = clock.now();
  }

  take(): boolean {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) * this.#perMillisecond);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

const placeOf = (host: string, port: number): string => `${host} ${port}`;

class DatagramFlow implements Sink {
  readonly #link: Link;
  readonly #options: DatagramOptions;
  readonly #reader = new DatagramReader();
  readonly #rate: Rate;
  readonly #sockets = new Map<"udp4" | "udp6", Socket>();
  /** By what the client asked for, the oldest first. */
  readonly #targets = new Map<string, Target>();
  /** Who may answer, the oldest first. */
  readonly #peers = new Set<string>();
  #silentUntilMillis = 0;
  #isClosed = false;
  readonly #onFailure: () => void;

  constructor(link: Link, options: DatagramOptions, onFailure: () => void) {
    this.#link = link;
    this.#options = options;
    this.#rate = new Rate(options.limits.perSecondMax, options.clock);
    this.#onFailure = onFailure;
  }

  write(chunk: Buffer): boolean {
    try {
      for (const { host, port, payload } of this.#reader.take(chunk)) this.#send(host, port, payload);
    } catch {
      // Not a datagram in its frame: nothing behind it can be read either.
      this.#onFailure();
    }
    return true;
  }

  end(): void {
    this.#link.stream.end();
    this.close();
  }

  close(): void {
    this.#isClosed = true;
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  // ---------------------------------------------------------------------------------------------------------------- there

  #send(host: string, port: number, payload: Uint8Array): void {
    const { onLost, refusal } = this.#options;
    if (!this.#rate.take()) return void onLost("rate");
    const place = placeOf(host, port);
    const known = this.#targets.get(place);
    if (known?.address !== undefined) return void this.#sendTo(known.address, port, payload);
    if (known !== undefined) return void this.#hold(known, payload);
    const destination = destinationOf(host, port);
    if (destination === undefined || refusal(destination) !== undefined) return void onLost("policy");
    const target: Target = { address: undefined, waiting: [payload] };
    this.#remember(this.#targets, place);
    this.#targets.set(place, target);
    this.#options.resolve(destination).then(
      (address) => {
        target.address = address;
        for (const one of target.waiting.splice(0)) this.#sendTo(address, port, one);
      },
      () => {
        this.#targets.delete(place);
        onLost("unresolved");
      },
    );
  }

  #hold({ waiting }: Target, payload: Uint8Array): void {
    if (waiting.length < this.#options.limits.waitingMax) waiting.push(payload);
    else this.#options.onLost("unresolved");
  }

  #remember(known: Map<string, unknown> | Set<string>, place: string): void {
    known.delete(place);
    if (known.size < this.#options.limits.peersMax) return;
    for (const oldest of known.keys()) {
      known.delete(oldest);
      return;
    }
  }

  #sendTo(address: string, port: number, payload: Uint8Array): void {
    if (this.#isClosed) return;
    const socket = this.#socketFor(address);
    if (socket.getSendQueueSize() > this.#options.limits.queuedBytesMax) return void this.#options.onLost("queue");
    const place = placeOf(address, port);
    if (!this.#peers.has(place)) {
      this.#remember(this.#peers, place);
      this.#peers.add(place);
    }
    // What cannot be sent is lost.
    socket.send(payload, port, address, () => undefined);
  }

  #socketFor(address: string): Socket {
    const kind = isIPv6(address) ? "udp6" : "udp4";
    const known = this.#sockets.get(kind);
    if (known !== undefined) return known;
    const socket = createSocket(kind);
    socket.on("error", () => undefined);
    socket.on("message", (payload, from) => this.#receive(payload, from.address, from.port));
    this.#sockets.set(kind, socket);
    return socket;
  }

  // ----------------------------------------------------------------------------------------------------------------- back

  #receive(payload: Buffer, host: string, port: number): void {
    const { payer, traffic, clock, limits, onBytes, onLost } = this.#options;
    const { stream } = this.#link;
    if (!this.#peers.has(placeOf(host, port)) || !stream.writable) return;
    if (payload.length > datagramBytesMax || stream.writableLength > limits.queuedBytesMax) return void onLost("queue");
    if (clock.now() < this.#silentUntilMillis) return void onLost("rate");
    const frame = datagramFrame({ host, port, payload });
    if (!payer.takeWhole(frame.length)) return void onLost("unpaid");
    onBytes(frame.length);
    stream.write(frame);
    const pauseMillis = traffic.carried(frame.length);
    if (pauseMillis > 0) this.#silentUntilMillis = clock.now() + pauseMillis;
  }
}

/** The link's stream is half-open by now (wire.ts). */
export function carryDatagrams(link: Link, options: DatagramOptions): Carrying {
  const { stream } = link;
  const cut = () => {
    direction.stop();
    flow.close();
    if (!stream.destroyed) link.reset();
  };
  const flow = new DatagramFlow(link, options, cut);
  const direction = new Direction({ ...options, from: stream, to: flow });
  stream.on("error", cut);
  const over = new Promise<void>((resolve) => {
    const closed = () => {
      cut();
      resolve();
    };
    if (stream.destroyed) closed();
    else stream.once("close", closed);
  });
  return { over, isHalfClosed: () => stream.readableEnded, cut };
}
