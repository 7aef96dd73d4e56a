/**
 * Who may measure this relay now: by the chain's own rules over what the chain says of the epoch. Owns what is remembered of an epoch and how often
 * the chain is asked; does not own the rules (../measurement/draws.ts) nor the measurement (measured.ts).
 */
import { attestationKind } from "../../modules/attestation/attestationbytes.ts";
import { QueryOracleRequest, QueryOracleResponse } from "../../proto/gen/weir/attestation/v1/query.ts";
import { type Measure, RefusalCode } from "../../proto/gen/weir/wire/v1/wire.ts";
import type { Clock } from "../clock.ts";
import { type Duty, dutiesOn, dutiesWithTimes, type EpochFacts, type RelayFacts } from "../measurement/draws.ts";
import { type ChainAnswers, readDraws, readEpoch, readTicks } from "../measurement/epochfacts.ts";
import { type Refusal, refusal } from "../transport/opening.ts";
import type { Admission, MeasureGate } from "./measured.ts";

export interface NewestBlock {
  readonly height: bigint;
  readonly timeNanos: bigint;
}

export interface GateOptions {
  readonly chain: ChainAnswers;
  readonly relay: bigint;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  wallMillis(): number;
  /** Undefined while none has been seen. */
  newest(): NewestBlock | undefined;
  /** Why nobody measures now; undefined: all is well. */
  closedReason(): string | undefined;
}

/** Clocks differ, and an oracle needs a while to dial: this part of a slot, within bounds. */
const toleranceParts = 8n;
const toleranceMillisMin = 1_000n;
const toleranceMillisMax = 5_000n;
/** A link can break: an oracle may begin anew, but not as often as it likes. */
const attemptsMax = 3;
/** The chain is asked about an epoch no more often than that, whoever knocks. */
const askMillisMin = 250;
const retryMillis = 200;
const epochsKept = 3;
const keysMax = 4_096;
const durationMillisMax = 20_000;
/** More than the claim may be shown, up to this; and what is in buffers beside it. */
const claimFactor = 3n;
const bufferBytes = 32n << 20n;
const bitsPerByte = 8n;

interface Known {
  readonly facts: EpochFacts;
  readonly relay: RelayFacts;
  readonly duties: readonly Duty[];
}

const notNow = (text: string, retryAfterMillis = 0): Refusal =>
  refusal(RefusalCode.REFUSAL_CODE_NOT_NOW, text, retryAfterMillis);
const stranger = (text: string): Refusal => refusal(RefusalCode.REFUSAL_CODE_UNKNOWN_PEER, text);
const malformed = (text: string): Refusal => refusal(RefusalCode.REFUSAL_CODE_MALFORMED, text);

const sameBytes = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0;

export class ChainGate implements MeasureGate {
  readonly #options: GateOptions;
  readonly #epochs = new Map<bigint, Known>();
  readonly #keys = new Map<string, Uint8Array>();
  readonly #attempts = new Map<string, number>();
  readonly #asking = new Map<bigint, Promise<Known | undefined>>();
  #askedAtMillis = Number.NEGATIVE_INFINITY;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  async admit(measure: Measure, peerKey: Uint8Array): Promise<Admission | Refusal> {
    try {
      return await this.#admit(measure, peerKey);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return notNow(`the relay cannot ask the chain: ${reason.slice(0, 200)}`, retryMillis);
    }
  }

  async #admit(measure: Measure, peerKey: Uint8Array): Promise<Admission | Refusal> {
    const { relay, closedReason } = this.#options;
    const closed = closedReason();
    if (closed !== undefined) return refusal(RefusalCode.REFUSAL_CODE_FULL, closed);
    if (measure.relay !== relay) return malformed(`this is relay ${relay}, not ${measure.relay}`);
    if (measure.kind !== attestationKind.overt && measure.kind !== attestationKind.remeasurement) {
      return malformed(`nothing of the kind ${measure.kind} is measured so`);
    }
    const known = await this.#epoch(measure.epoch);
    if (known === undefined) return notNow(`epoch ${measure.epoch} is not open, or not seeded yet`, retryMillis);
    const duty = known.duties.find(({ oracle, kind }) => oracle === measure.oracle && kind === measure.kind);
    if (duty === undefined) return stranger(`oracle ${measure.oracle} is not to measure this relay in this epoch`);
    const key = await this.#keyOf(measure.oracle, measure.epoch);
    if (key === undefined || !sameBytes(key, peerKey)) return stranger(`this is not the key of oracle ${duty.oracle}`);
    return this.#inTime(known, duty);
  }

  async #inTime(known: Known, duty: Duty): Promise<Admission | Refusal> {
    const time = duty.time ?? (await this.#slotOf(known, duty));
    if (time === undefined) return notNow("whose turn it is is not known yet", retryMillis);
    const { fromMillis, untilMillis } = time;
    const now = BigInt(this.#options.wallMillis());
    const tolerance = clamp((untilMillis - fromMillis) / toleranceParts, toleranceMillisMin, toleranceMillisMax);
    if (now < fromMillis - tolerance) return notNow(`its time begins at ${fromMillis} ms`, Number(fromMillis - now));
    if (now >= untilMillis + tolerance) return notNow(`its time was over at ${untilMillis} ms`);
    const place = `${known.facts.number}/${duty.oracle}/${duty.kind}`;
    const attempts = this.#attempts.get(place) ?? 0;
    if (attempts >= attemptsMax) return notNow(`it has begun ${attemptsMax} times already`);
    this.#attempts.set(place, attempts + 1);
    return { bytesMax: bytesMaxFor(duty.claimBps), durationMillisMax };
  }

  // ------------------------------------------------------------------------------------------------------- what the chain says

  /** Asked for again while the chain still plans its slots. */
  #epoch(number: bigint): Promise<Known | undefined> {
    const known = this.#epochs.get(number);
    if (known?.facts.plan !== undefined) return Promise.resolve(known);
    const asking = this.#asking.get(number);
    if (asking !== undefined) return asking;
    const now = this.#options.clock.now();
    if (now - this.#askedAtMillis < askMillisMin) return Promise.resolve(known);
    this.#askedAtMillis = now;
    const asked = this.#ask(number).finally(() => this.#asking.delete(number));
    this.#asking.set(number, asked);
    return asked;
  }

  async #ask(number: bigint): Promise<Known | undefined> {
    const { chain, relay: id } = this.#options;
    const open = await readEpoch(chain, undefined);
    if (open.number !== number) return undefined;
    const { facts, relays } = await readDraws(chain, open, { afterRelay: id - 1n, limit: 1 });
    const relay = relays.find((one) => one.id === id);
    if (facts === undefined || relay === undefined) return undefined;
    const known = { facts, relay, duties: dutiesOn(facts, relay) };
    this.#epochs.set(number, known);
    this.#forgetOld(number);
    return known;
  }

  #forgetOld(number: bigint): void {
    for (const old of this.#epochs.keys()) {
      if (old + BigInt(epochsKept) <= number) this.#epochs.delete(old);
    }
    for (const place of this.#attempts.keys()) {
      if (BigInt(place.slice(0, place.indexOf("/"))) + BigInt(epochsKept) <= number) this.#attempts.delete(place);
    }
    if (this.#keys.size > keysMax) this.#keys.clear();
  }

  /** Of the terms that act in the epoch. */
  async #keyOf(oracle: bigint, epoch: bigint): Promise<Uint8Array | undefined> {
    const place = `${epoch}/${oracle}`;
    const found = this.#keys.get(place);
    if (found !== undefined) return found;
    const key = await oracleKeyAt(this.#options.chain, oracle, epoch);
    if (key !== undefined) this.#keys.set(place, key);
    return key;
  }

  async #slotOf({ facts, relay }: Known, duty: Duty): Promise<Duty["time"]> {
    const newest = this.#options.newest();
    if (newest === undefined) return undefined;
    const ticks = await readTicks(this.#options.chain, facts.number, newest.timeNanos);
    return dutiesWithTimes(facts, relay, ticks).find(({ oracle, kind }) => oracle === duty.oracle && kind === duty.kind)
      ?.time;
  }
}

const clamp = (value: bigint, least: bigint, most: bigint): bigint =>
  value < least ? least : value > most ? most : value;

const bytesMaxFor = (claimBps: bigint): bigint =>
  (claimFactor * claimBps * BigInt(durationMillisMax)) / (bitsPerByte * 1000n) + bufferBytes;

/** What an oracle signs by in an epoch; undefined where there is no such oracle. */
export async function oracleKeyAt(chain: ChainAnswers, oracle: bigint, epoch: bigint): Promise<Uint8Array | undefined> {
  const request = QueryOracleRequest.encode({ oracle: `${oracle}` }).finish();
  const answer = await chain.query("/weir.attestation.v1.Query/Oracle", request, (bytes) =>
    QueryOracleResponse.decode(bytes),
  );
  return answer.oracle?.oracle?.terms.findLast(({ fromEpoch }) => fromEpoch <= epoch)?.transportKey;
}
