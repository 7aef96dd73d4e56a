/**
 * All that a relay carries, counted in one place: how fast it may go, how much of a month is used, and how much of it was paid for while the relay
 * was measured. Owns those counts and how long a stream has to pause; does not own streams, nor where the month's count is kept.
 */
import type { Clock } from "../clock.ts";

/** What a paid stream is given of it. */
export interface PaidTraffic {
  /** Once for each chunk that was carried on, either way: for how many milliseconds the stream that it came from pauses; 0: it goes on. */
  carried(bytes: number): number;
  /** Why nothing new is taken; undefined: all is well. */
  readonly closedReason: string | undefined;
}

export interface TrafficLimits {
  /** Of all together, in each direction; undefined: as fast as it goes. */
  readonly bpsMax: bigint | undefined;
  /** Of what is carried on in a calendar month (UTC); undefined: any. */
  readonly monthBytesMax: bigint | undefined;
  /** What the relay says it carries: while it is measured, a tenth of it is left to paid traffic. */
  readonly claimBps: bigint;
}

/** "2026-11", and how many bytes are counted as carried in it: never fewer than were. */
export interface MonthMark {
  readonly month: string;
  readonly bytes: bigint;
}

export interface TrafficOptions {
  readonly limits: TrafficLimits;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  wallMillis(): number;
  /** As it was kept. */
  readonly mark: MonthMark | undefined;
  /** Once this resolves, no power cut takes it away. */
  keep(mark: MonthMark): Promise<void>;
}

/** What may go at once: what a busy machine came too late for is made up, and no measurement sees it (its first moments are thrown away). */
const burstMillis = 100;
/** Of what is carried while a relay is measured (measurement.md 4). */
const paidPercentWhileMeasured = 10n;
/** The last part of a month is kept for being measured: a relay that is measured no more is paid for nothing. */
const paidPercentOfMonth = 95n;
/** Counted before it is carried, so that the count is right after a kill -9: that much is lost by one at most. */
export const leaseBytes = 64n << 20n;
const leasePauseMillis = 5;
const bitsPerByte = 8;
const millisPerSecond = 1000;

/** Whoever asks is given the moment at which all that was asked for before has gone: the first to ask is the first to go on. */
class Pace {
  #freeAtMillis = Number.NEGATIVE_INFINITY;

  take(bytes: number, bps: bigint, nowMillis: number): number {
    const from = Math.max(this.#freeAtMillis, nowMillis - burstMillis);
    this.#freeAtMillis = from + (bytes * bitsPerByte * millisPerSecond) / Number(bps);
    return Math.max(0, Math.ceil(this.#freeAtMillis - nowMillis));
  }
}

export const monthOf = (wallMillis: number): string => new Date(wallMillis).toISOString().slice(0, 7);

/** What was carried for buyers since a measurement began. */
export interface Background {
  readonly paidBytesBefore: bigint;
  readonly fromMillis: number;
}

export class Traffic implements PaidTraffic {
  readonly #options: TrafficOptions;
  readonly #all = new Pace();
  readonly #paidWhileMeasured = new Pace();
  #limits: TrafficLimits;
  #month: string;
  #monthBytes: bigint;
  #markedBytes: bigint;
  #keeping = false;
  #problem: string | undefined;
  #measurements = 0;
  #paidBytes = 0n;
  #measuredBytes = 0n;

  constructor(options: TrafficOptions) {
    const { limits, mark, wallMillis } = options;
    this.#options = options;
    this.#limits = limits;
    this.#month = monthOf(wallMillis());
    this.#monthBytes = mark?.month === this.#month ? mark.bytes : 0n;
    this.#markedBytes = this.#monthBytes;
  }

  // --------------------------------------------------------------------------------------------------------------- carrying

  carried(bytes: number): number {
    this.#paidBytes += BigInt(bytes);
    const now = this.#options.clock.now();
    const pause = this.#carry(bytes, now);
    if (this.#measurements === 0) return pause;
    return Math.max(pause, this.#paidWhileMeasured.take(bytes, this.#paidBpsWhileMeasured, now));
  }

  /** The same for what oracles send and get back. */
  measured(bytes: number): number {
    this.#measuredBytes += BigInt(bytes);
    return this.#carry(bytes, this.#options.clock.now());
  }

  #carry(bytes: number, now: number): number {
    const { bpsMax } = this.#limits;
    const lease = this.#count(BigInt(bytes));
    return bpsMax === undefined ? lease : Math.max(lease, this.#all.take(bytes, bpsMax, now));
  }

  get #paidBpsWhileMeasured(): bigint {
    const { bpsMax, claimBps } = this.#limits;
    const whole = bpsMax !== undefined && bpsMax < claimBps ? bpsMax : claimBps;
    const part = (whole * paidPercentWhileMeasured) / 100n;
    return part > 0n ? part : 1n;
  }

  // ---------------------------------------------------------------------------------------------------------- being measured

  measurementBegins(): Background {
    this.#measurements++;
    return { paidBytesBefore: this.#paidBytes, fromMillis: this.#options.clock.now() };
  }

  /** What was carried for buyers meanwhile, in bits a second, rounded down. */
  measurementEnds({ paidBytesBefore, fromMillis }: Background): bigint {
    this.#measurements--;
    const millis = BigInt(Math.max(1, Math.round(this.#options.clock.now() - fromMillis)));
    return ((this.#paidBytes - paidBytesBefore) * BigInt(bitsPerByte * millisPerSecond)) / millis;
  }

  // --------------------------------------------------------------------------------------------------------------- the month

  #count(bytes: bigint): number {
    const month = monthOf(this.#options.wallMillis());
    if (month !== this.#month) {
      this.#month = month;
      this.#monthBytes = 0n;
      this.#markedBytes = 0n;
    }
    this.#monthBytes += bytes;
    if (this.#limits.monthBytesMax === undefined) return 0;
    if (this.#monthBytes + leaseBytes / 2n > this.#markedBytes) this.#mark(this.#monthBytes + leaseBytes);
    return this.#monthBytes > this.#markedBytes ? leasePauseMillis : 0;
  }

  #mark(bytes: bigint): void {
    if (this.#keeping) return;
    this.#keeping = true;
    const month = this.#month;
    const kept = () => {
      if (this.#month === month) this.#markedBytes = bytes;
      this.#problem = undefined;
    };
    const failed = (error: unknown) => {
      this.#problem = `the month's count cannot be written: ${error instanceof Error ? error.message : String(error)}`;
    };
    this.#options
      .keep({ month, bytes })
      .then(kept, failed)
      .finally(() => {
        this.#keeping = false;
      });
  }

  /** Of this month, in a clean stop: exactly what was carried. */
  async close(): Promise<void> {
    await this.#options.keep({ month: this.#month, bytes: this.#monthBytes });
  }

  // ---------------------------------------------------------------------------------------------------------------- figures

  setLimits(limits: TrafficLimits): void {
    this.#limits = limits;
  }

  get closedReason(): string | undefined {
    return this.#problem ?? this.#usedUp(paidPercentOfMonth);
  }

  /** Why it is not measured any more, either. */
  get measuringClosedReason(): string | undefined {
    return this.#problem ?? this.#usedUp(100n);
  }

  #usedUp(percent: bigint): string | undefined {
    const { monthBytesMax } = this.#limits;
    if (monthBytesMax === undefined || this.#month !== monthOf(this.#options.wallMillis())) return undefined;
    return this.#monthBytes * 100n >= monthBytesMax * percent ? "this month's volume is used up" : undefined;
  }

  get figures(): {
    readonly month: string;
    readonly monthBytes: bigint;
    readonly paidBytes: bigint;
    readonly measuredBytes: bigint;
    readonly measurements: number;
  } {
    return {
      month: this.#month,
      monthBytes: this.#monthBytes,
      paidBytes: this.#paidBytes,
      measuredBytes: this.#measuredBytes,
      measurements: this.#measurements,
    };
  }
}
