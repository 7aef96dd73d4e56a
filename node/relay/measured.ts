/**
 * A relay while it is measured: lets in who may, once for each measurement, echoes, answers pings, and remembers what it saw. Owns measurements
 * under way, their nonces and, for a while, what they came to; does not own who may measure when (the gate, out of the chain), nor the echo itself
 * (../measurement), nor what the relay agrees to (countersigning.ts).
 */
import type { Measure } from "../../proto/gen/weir/wire/v1/wire.ts";
import { RefusalCode } from "../../proto/gen/weir/wire/v1/wire.ts";
import type { Clock } from "../clock.ts";
import { echo } from "../measurement/echo.ts";
import { cellBytes } from "../measurement/echoed.ts";
import { pingKey } from "../measurement/pingpacket.ts";
import type { PingResponder } from "../measurement/pings.ts";
import { mainnetSamples, ReceivedBytes, type SampleRules } from "../measurement/samples.ts";
import { accept, type Refusal, refusal, refuse } from "../transport/opening.ts";
import type { Link } from "../transport/transport.ts";
import type { Background } from "./traffic.ts";

export const streamsMax = 16;
const nonceBytes = 16;
const bitsPerByte = 8;
/** Beyond the time that was announced a link is cut: clocks and last bytes take some. */
const graceMillis = 3_000;
/** Nonces that are remembered after their time: many epochs of committees. */
const usedNoncesMax = 65_536;
/** Measurements whose figures are kept for whoever shows what it will attest. */
const seenMax = 256;

export interface Admission {
  /** Of all streams together. */
  readonly bytesMax: bigint;
  readonly durationMillisMax: number;
}

export interface MeasureGate {
  /** Whether the holder of this key may measure now, what and for how long; asked once a measurement. Never rejects. */
  admit(measure: Measure, peerKey: Uint8Array): Promise<Admission | Refusal>;
}

/** What is carried for oracles, as traffic.ts counts it. */
export interface MeasuredTraffic {
  measured(bytes: number): number;
  measurementBegins(): Background;
  measurementEnds(background: Background): bigint;
}

export interface Seen {
  readonly measure: Measure;
  readonly peerKey: Uint8Array;
  /** Of all streams, by this relay's count. */
  readonly bytes: bigint;
  /** As an oracle computes it, but of what came here. */
  readonly bps: bigint;
  /** How fine that is: a cell more or less in a sample. */
  readonly cellBps: bigint;
  /** What was carried for buyers meanwhile. */
  readonly backgroundBps: bigint;
}

interface Running {
  readonly admission: Admission;
  readonly peerKey: Uint8Array;
  readonly streams: Set<number>;
  readonly background: Background;
  readonly received: ReceivedBytes;
  readonly fromMillis: number;
  open: number;
  bytes: bigint;
}

export interface MeasuredOptions {
  readonly gate: MeasureGate;
  readonly pings: PingResponder;
  readonly traffic: MeasuredTraffic;
  readonly clock: Clock;
  onSeen(seen: Seen): void;
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

export class MeasuredRelay {
  readonly #options: MeasuredOptions;
  readonly #running = new Map<string, Running>();
  /** Asked about at the gate; their first streams are not answered yet. */
  readonly #asked = new Set<string>();
  /** In the order of their use. */
  readonly #used = new Set<string>();
  readonly #seen = new Map<string, Seen>();

  constructor(options: MeasuredOptions) {
    this.#options = options;
  }

  /** How many measurements are under way: meanwhile a relay holds paid traffic back. */
  get running(): number {
    return this.#running.size;
  }

  /** What a measurement that is over came to, for as long as there is room to remember it. */
  seen(sessionNonce: Uint8Array): Seen | undefined {
    return this.#seen.get(hexOf(sessionNonce));
  }

  /** One stream of a measurement, from its Open to its end. */
  async serve(link: Link, measure: Measure): Promise<void> {
    const nonce = hexOf(measure.sessionNonce);
    const running = await this.#enter(link, measure, nonce);
    if ("code" in running) return refuse(link, running);
    running.open++;
    const { durationMillisMax, bytesMax } = running.admission;
    const deadline = setTimeout(
      () => link.stream.destroy(),
      Math.min(measure.durationMillis, durationMillisMax) + graceMillis,
    );
    accept(link, { pingPort: this.#options.pings.port });
    const carried = (bytes: number) => this.#carried(running, bytes);
    try {
      const limits = { bytesMax: bytesMax / BigInt(measure.streams), carried };
      const { bytes } = await echo(link, measure.sessionNonce, limits);
      running.bytes += bytes;
    } finally {
      clearTimeout(deadline);
      running.open--;
      if (running.open === 0) this.#leave(nonce, measure, running);
    }
  }

  #carried({ received, fromMillis }: Running, bytes: number): number {
    const { clock, traffic } = this.#options;
    received.add(clock.now() - fromMillis, bytes);
    return traffic.measured(bytes);
  }

  async #enter(link: Link, measure: Measure, nonce: string): Promise<Running | Refusal> {
    const problem = measureProblem(measure);
    if (problem !== undefined) return refusal(RefusalCode.REFUSAL_CODE_MALFORMED, problem);
    const { stream } = measure;
    const known = this.#running.get(nonce);
    if (known !== undefined) {
      const isSame = Buffer.compare(known.peerKey, link.peerKey) === 0 && !known.streams.has(stream);
      if (!isSame) return refusal(RefusalCode.REFUSAL_CODE_NOT_NOW, "this nonce belongs to another measurement");
      known.streams.add(stream);
      return known;
    }
    if (this.#used.has(nonce)) return refusal(RefusalCode.REFUSAL_CODE_NOT_NOW, "this nonce was used before");
    if (this.#asked.has(nonce))
      return refusal(RefusalCode.REFUSAL_CODE_NOT_NOW, "the first stream is not answered yet");
    this.#asked.add(nonce);
    try {
      const admission = await this.#options.gate.admit(measure, link.peerKey);
      return "code" in admission ? admission : this.#begin(link, measure, admission);
    } finally {
      this.#asked.delete(nonce);
    }
  }

  #begin(link: Link, measure: Measure, admission: Admission): Running | Refusal {
    const { pings, traffic, clock } = this.#options;
    if (link.stream.destroyed) return refusal(RefusalCode.REFUSAL_CODE_NOT_NOW, "the link is over");
    if (!pings.add(measure.sessionNonce, pingKey(link, measure.sessionNonce))) {
      return refusal(RefusalCode.REFUSAL_CODE_FULL, "too many measurements are under way", graceMillis);
    }
    const nonce = hexOf(measure.sessionNonce);
    remember(this.#used, nonce, usedNoncesMax);
    const running: Running = {
      admission,
      peerKey: link.peerKey,
      streams: new Set([measure.stream]),
      background: traffic.measurementBegins(),
      received: new ReceivedBytes(samplesFor(measure)),
      fromMillis: clock.now(),
      open: 0,
      bytes: 0n,
    };
    this.#running.set(nonce, running);
    return running;
  }

  #leave(nonce: string, measure: Measure, { background, bytes, peerKey, received }: Running): void {
    const { pings, traffic, onSeen } = this.#options;
    this.#running.delete(nonce);
    pings.forget(measure.sessionNonce);
    const cellBps = BigInt(Math.ceil((cellBytes * bitsPerByte * 1000) / samplesFor(measure).sampleMillis));
    const backgroundBps = traffic.measurementEnds(background);
    const seen = { measure, peerKey, bytes, bps: received.bps, cellBps, backgroundBps };
    this.#seen.set(nonce, seen);
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size <= seenMax) break;
      this.#seen.delete(oldest);
    }
    onSeen(seen);
  }
}

function remember(used: Set<string>, nonce: string, countMax: number): void {
  used.add(nonce);
  if (used.size <= countMax) return;
  for (const oldest of used) {
    used.delete(oldest);
    return;
  }
}

/** As on mainnet, for as long as the oracle says that it takes. */
function samplesFor({ durationMillis: announced }: Measure): SampleRules {
  const durationMillis = Math.min(announced, samplesMillisMax);
  const shareOf = (millis: number) => (millis * durationMillis) / mainnetSamples.durationMillis;
  return {
    durationMillis,
    warmUpMillis: shareOf(mainnetSamples.warmUpMillis),
    sampleMillis: shareOf(mainnetSamples.sampleMillis),
  };
}

const samplesMillisMax = 600_000;

function measureProblem({ sessionNonce, stream, streams, durationMillis }: Measure): string | undefined {
  if (sessionNonce.length !== nonceBytes) return `a nonce of ${sessionNonce.length} bytes; expected ${nonceBytes}`;
  if (streams < 1 || streams > streamsMax) return `${streams} streams; expected 1 to ${streamsMax}`;
  if (stream >= streams) return `stream ${stream} of ${streams}`;
  return durationMillis === 0 ? "a measurement that takes no time" : undefined;
}
