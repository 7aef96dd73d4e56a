/**
 * Both sides of pinging over UDP: a relay answers those that belong to a measurement, an oracle asks at even intervals and notes what comes
 * back when. Owns the sockets; does not own the packets (pingpacket.ts) nor how long a measurement takes.
 */
import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Address } from "../transport/transport.ts";
import { nonceOfPing, numberOfPing, pingDirections, pingPacket } from "./pingpacket.ts";
import { quantile } from "./samples.ts";

/** Measurements at a time whose pings are answered. */
const keysMax = 4096;
/** Questions of one measurement that are answered: far more than one asks. */
const answersMax = 10_000;

interface Answered {
  readonly key: Uint8Array;
  left: number;
}

/** The relay's side. Whoever has no key gets nothing, not even an error. */
export class PingResponder {
  readonly #socket: Socket;
  readonly #keys = new Map<string, Answered>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("message", (packet, from) => this.#answer(packet, from.port, from.address));
  }

  static async listen({ host, port }: Address): Promise<PingResponder> {
    const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.bind(port, host, () => {
        socket.off("error", reject);
        resolve();
      });
    });
    // A datagram that could not be sent is one that was lost.
    socket.on("error", () => undefined);
    return new PingResponder(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Answers a measurement's pings until it is forgotten. False where too many are under way. */
  add(sessionNonce: Uint8Array, key: Uint8Array): boolean {
    if (this.#keys.size >= keysMax) return false;
    this.#keys.set(Buffer.from(sessionNonce).toString("hex"), { key, left: answersMax });
    return true;
  }

  forget(sessionNonce: Uint8Array): void {
    this.#keys.delete(Buffer.from(sessionNonce).toString("hex"));
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }

  #answer(packet: Buffer, port: number, address: string): void {
    const nonce = nonceOfPing(packet);
    const entry = nonce === undefined ? undefined : this.#keys.get(nonce);
    if (entry === undefined || entry.left === 0) return;
    const number = numberOfPing(entry.key, packet, pingDirections.question);
    if (number === undefined) return;
    entry.left--;
    const answer = pingPacket(entry.key, Buffer.from(nonce!, "hex"), number, pingDirections.answer);
    this.#socket.send(answer, port, address);
  }
}

export interface PingFigures {
  readonly sent: number;
  readonly lost: number;
  readonly lossPpm: number;
  readonly rttP50Micros: number;
  readonly rttP95Micros: number;
}

/** What was asked and what came back; a ping counts once, and only if its answer comes while anybody listens. */
export class PingLedger {
  readonly #sentAtMillis: number[] = [];
  readonly #rttMicros = new Map<number, number>();

  /** The next number. */
  ask(atMillis: number): number {
    return this.#sentAtMillis.push(atMillis) - 1;
  }

  answered(number: number, atMillis: number): void {
    const sentAt = this.#sentAtMillis[number];
    if (sentAt === undefined || this.#rttMicros.has(number)) return;
    this.#rttMicros.set(number, Math.max(1, Math.round((atMillis - sentAt) * 1000)));
  }

  get allAnswered(): boolean {
    return this.#rttMicros.size === this.#sentAtMillis.length;
  }

  get figures(): PingFigures {
    const sent = this.#sentAtMillis.length;
    const lost = sent - this.#rttMicros.size;
    const times = [...this.#rttMicros.values()];
    return {
      sent,
      lost,
      lossPpm: sent === 0 ? 0 : Math.round((lost * 1_000_000) / sent),
      rttP50Micros: quantile(times, 0.5),
      rttP95Micros: quantile(times, 0.95),
    };
  }
}

export interface PingOptions {
  readonly key: Uint8Array;
  readonly sessionNonce: Uint8Array;
  readonly intervalMillis: number;
  /** How long answers are waited for after the last question. */
  readonly patienceMillis: number;
  /** Asks until then. */
  readonly signal: AbortSignal;
}

/** The oracle's side: asks until the signal, and says what came of it. */
export async function ping({ host, port }: Address, options: PingOptions): Promise<PingFigures> {
  const { key, sessionNonce, intervalMillis, patienceMillis, signal } = options;
  const ledger = new PingLedger();
  const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
  // What cannot be sent is lost, and counted so.
  socket.on("error", () => undefined);
  let allHere: () => void = () => undefined;
  socket.on("message", (packet) => {
    const number = numberOfPing(key, packet, pingDirections.answer);
    if (number === undefined) return;
    ledger.answered(number, performance.now());
    if (ledger.allAnswered) allHere();
  });
  const ask = () => {
    const number = ledger.ask(performance.now());
    socket.send(pingPacket(key, sessionNonce, number, pingDirections.question), port, host);
  };
  ask();
  const timer = setInterval(ask, intervalMillis);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
  clearInterval(timer);
  if (!ledger.allAnswered) await settled((done) => (allHere = done), patienceMillis);
  socket.close();
  return ledger.figures;
}

/** Until all answers are here, or nobody waits any longer. */
const settled = (whenAllHere: (done: () => void) => void, patienceMillis: number): Promise<void> =>
  new Promise((resolve) => {
    const deadline = setTimeout(resolve, patienceMillis);
    whenAllHere(() => {
      clearTimeout(deadline);
      resolve();
    });
  });
