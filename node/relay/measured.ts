/**
 * A relay while it is measured: lets in who may, once for each measurement, echoes, answers pings, and remembers what it saw. Owns measurements
 * under way and their nonces; does not own who may measure when (the gate, out of the chain), nor the echo itself (../measurement).
 */
import type { Measure } from "../../proto/gen/weir/wire/v1/wire.ts";
import { RefusalCode } from "../../proto/gen/weir/wire/v1/wire.ts";
import { echo } from "../measurement/echo.ts";
import { pingKey } from "../measurement/pingpacket.ts";
import type { PingResponder } from "../measurement/pings.ts";
import { accept, type Refusal, refusal, refuse } from "../transport/opening.ts";
import type { Link } from "../transport/transport.ts";

export const streamsMax = 16;
const nonceBytes = 16;
/** Beyond the time that was announced a link is cut: clocks and last bytes take some. */
const graceMillis = 3_000;
/** Nonces that are remembered after their time: many epochs of committees. */
const usedNoncesMax = 65_536;

export interface Admission {
  /** Of all streams together. */
  readonly bytesMax: bigint;
  readonly durationMillisMax: number;
}

export interface MeasureGate {
  /** Whether the holder of this key may measure now, what and for how long; asked once a measurement. */
  admit(measure: Measure, peerKey: Uint8Array): Admission | Refusal;
}

export interface Seen {
  readonly measure: Measure;
  readonly bytes: bigint;
}

interface Running {
  readonly admission: Admission;
  readonly peerKey: Uint8Array;
  readonly streams: Set<number>;
  open: number;
  bytes: bigint;
}

export class MeasuredRelay {
  readonly #gate: MeasureGate;
  readonly #pings: PingResponder;
  readonly #onSeen: (seen: Seen) => void;
  readonly #running = new Map<string, Running>();
  /** In the order of their use. */
  readonly #used = new Set<string>();

  constructor(gate: MeasureGate, pings: PingResponder, onSeen: (seen: Seen) => void) {
    this.#gate = gate;
    this.#pings = pings;
    this.#onSeen = onSeen;
  }

  /** How many measurements are under way: meanwhile a relay holds paid traffic back. */
  get running(): number {
    return this.#running.size;
  }

  /** One stream of a measurement, from its Open to its end. */
  async serve(link: Link, measure: Measure): Promise<void> {
    const nonce = Buffer.from(measure.sessionNonce).toString("hex");
    const running = this.#enter(link, measure, nonce);
    if ("code" in running) return refuse(link, running);
    running.open++;
    const { durationMillisMax, bytesMax } = running.admission;
    const deadline = setTimeout(
      () => link.stream.destroy(),
      Math.min(measure.durationMillis, durationMillisMax) + graceMillis,
    );
    accept(link, { pingPort: this.#pings.port });
    try {
      const { bytes } = await echo(link, measure.sessionNonce, bytesMax / BigInt(measure.streams));
      running.bytes += bytes;
    } finally {
      clearTimeout(deadline);
      running.open--;
      if (running.open === 0) this.#leave(nonce, measure, running);
    }
  }

  #enter(link: Link, measure: Measure, nonce: string): Running | Refusal {
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
    const admission = this.#gate.admit(measure, link.peerKey);
    if ("code" in admission) return admission;
    if (!this.#pings.add(measure.sessionNonce, pingKey(link, measure.sessionNonce))) {
      return refusal(RefusalCode.REFUSAL_CODE_FULL, "too many measurements are under way", graceMillis);
    }
    this.#remember(nonce);
    const running = { admission, peerKey: link.peerKey, streams: new Set([stream]), open: 0, bytes: 0n };
    this.#running.set(nonce, running);
    return running;
  }

  #remember(nonce: string): void {
    this.#used.add(nonce);
    if (this.#used.size <= usedNoncesMax) return;
    for (const oldest of this.#used) {
      this.#used.delete(oldest);
      return;
    }
  }

  #leave(nonce: string, measure: Measure, { bytes }: Running): void {
    this.#running.delete(nonce);
    this.#pings.forget(measure.sessionNonce);
    this.#onSeen({ measure, bytes });
  }
}

function measureProblem({ sessionNonce, stream, streams, durationMillis }: Measure): string | undefined {
  if (sessionNonce.length !== nonceBytes) return `a nonce of ${sessionNonce.length} bytes; expected ${nonceBytes}`;
  if (streams < 1 || streams > streamsMax) return `${streams} streams; expected 1 to ${streamsMax}`;
  if (stream >= streams) return `stream ${stream} of ${streams}`;
  return durationMillis === 0 ? "a measurement that takes no time" : undefined;
}
