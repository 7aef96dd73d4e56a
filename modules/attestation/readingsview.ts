/**
 * One epoch as whoever takes or counts its readings sees it: its times, its slots, its rules, and what the registry said when it opened. Made for
 * one message or one page of a sweep, so that what many readings share is looked up once. Owns no state.
 */
import type { ReadContext, Timestamp } from "../../chain/context.ts";
import { currentEpoch, type Epoch, epoch as epochOf } from "../beacon/index.ts";
import type { OracleAtOpen } from "./committee.ts";
import { type MillisRange, millisRange } from "./epochtimes.ts";
import type { Params } from "./params.ts";
import type { RelayReadings } from "./readingspacked.ts";
import {
  committeeOf,
  isAuditedIn,
  leastRttMicros,
  type OracleInEpoch,
  oracleInEpoch,
  paramsAt,
  type RelayInEpoch,
  relayInEpoch,
} from "./readingsregistry.ts";
import { drawnFrom, slotOf } from "./readingsslots.ts";
import { commits, plans, readings } from "./readingsstate.ts";
import { partOf, planOfProto, type SlotPlan, slotBeginNanos } from "./slots.ts";
import type { OraclePlace, TallyRules } from "./tally.ts";

const nanosPerSecond = 1_000_000_000n;

export const nanosOfTime = ({ seconds, nanos }: Timestamp): bigint => seconds * nanosPerSecond + BigInt(nanos);

interface SlotsOfEpoch {
  readonly plan: SlotPlan;
  readonly table: Uint8Array;
}

export class EpochView {
  readonly ctx: ReadContext;
  readonly epoch: Epoch;
  readonly params: Params;
  #oracles: readonly OracleAtOpen[] | undefined;
  #slots: SlotsOfEpoch | undefined;
  readonly #relays = new Map<bigint, RelayInEpoch | undefined>();
  readonly #oracleRecords = new Map<bigint, OracleInEpoch | undefined>();

  constructor(ctx: ReadContext, epoch: Epoch) {
    this.ctx = ctx;
    this.epoch = epoch;
    this.params = paramsAt(ctx, epoch.number);
  }

  get number(): bigint {
    return this.epoch.number;
  }

  get openNanos(): bigint {
    return nanosOfTime(this.epoch.openTime);
  }

  /** As planned. */
  get lengthNanos(): bigint {
    const { seconds, nanos } = this.epoch.duration;
    return seconds * nanosPerSecond + BigInt(nanos);
  }

  get rules(): TallyRules {
    return this.params;
  }

  /** In ascending order of id. */
  oracles(): readonly OracleAtOpen[] {
    this.#oracles ??= drawnFrom(this.ctx, this.number);
    return this.#oracles;
  }

  relay(id: bigint): RelayInEpoch | undefined {
    if (!this.#relays.has(id)) this.#relays.set(id, relayInEpoch(this.ctx, this.number, id));
    return this.#relays.get(id);
  }

  oracle(id: bigint): OracleInEpoch | undefined {
    if (!this.#oracleRecords.has(id)) this.#oracleRecords.set(id, oracleInEpoch(this.ctx, this.number, id));
    return this.#oracleRecords.get(id);
  }

  /** What is stored of a relay, or what a first reading will be stored with. */
  readings(relay: bigint): RelayReadings {
    return readings.get(this.ctx, [this.number, relay]) ?? this.noReadings(relay);
  }

  noReadings(relay: bigint): RelayReadings {
    const committee = committeeOf(this.ctx, this.number, relay, this.oracles());
    return { isAudited: isAuditedIn(this.ctx, this.number, relay), committee, readings: [] };
  }

  /** Undefined while the slots are being planned still. */
  slots(): SlotsOfEpoch | undefined {
    if (this.#slots === undefined) {
      const stored = plans.get(this.ctx, this.number);
      const plan = stored === undefined ? undefined : planOfProto(stored);
      if (plan !== undefined && stored!.slots.length > 0) this.#slots = { plan, table: stored!.slots };
    }
    return this.#slots;
  }

  /** Which slot the relay's round had; undefined where it had none. */
  slotOf(relay: RelayInEpoch, round: number): number | undefined {
    const found = this.slots();
    if (found === undefined) return undefined;
    const { seed, number: epoch } = this.epoch;
    return slotOf(found.table, found.plan, partOf(found.plan, { seed, epoch }, relay.cell, relay.id), round);
  }

  slotTime(slot: number): MillisRange {
    const times = { openNanos: this.openNanos, epochNanos: this.lengthNanos };
    const { slotCount } = this.slots()!.plan;
    return millisRange(slotBeginNanos(times, slotCount, slot), slotBeginNanos(times, slotCount, slot + 1));
  }

  /** Where the oracles that read of a relay stood. */
  placesFor(relay: RelayInEpoch): (oracle: bigint) => OraclePlace | undefined {
    return (id) => {
      const found = this.oracle(id);
      if (found === undefined) return undefined;
      const { cell, kin } = found;
      return { cell, kin, leastRttMicros: leastRttMicros(this.ctx, relay.cell, cell) };
    };
  }
}

/** Undefined of an epoch that has not opened, and of those that are forgotten. */
export function epochView(ctx: ReadContext, number: bigint): EpochView | undefined {
  const found = epochOf(ctx, number);
  return found === undefined ? undefined : new EpochView(ctx, found);
}

/** -1 before the first one. */
export const epochNow = (ctx: ReadContext): bigint => currentEpoch(ctx)?.number ?? -1n;

export const hasCommits = (ctx: ReadContext, epoch: bigint): boolean =>
  commits.keys(ctx, { leading: [epoch] }).next().done !== true;

/** Nobody could measure: no seed, no oracles, or nobody committed to a reading. Of an epoch that is over. */
export function isVoidEpoch(ctx: ReadContext, epoch: bigint): boolean {
  const found = epochOf(ctx, epoch);
  return found === undefined || found.seed.length === 0 || !hasCommits(ctx, epoch);
}

/** An epoch that lasts longer than this share of its plan is one in which the chain stood still. */
const haltNumerator = 5n;
const haltDenominator = 4n;

function wasLengthened(ctx: ReadContext, number: bigint): boolean {
  const [found, next] = [epochOf(ctx, number), epochOf(ctx, number + 1n)];
  if (found === undefined || next === undefined) return false;
  const planned = found.duration.seconds * nanosPerSecond + BigInt(found.duration.nanos);
  return (nanosOfTime(next.openTime) - nanosOfTime(found.openTime)) * haltDenominator > planned * haltNumerator;
}

/**
 * The chain stood still over the end of the epoch, when oracles commit, or of the next one, when they submit what is missing: who could not is not
 * to blame. Of an epoch that is counted, so that the two after it have opened.
 */
export const wasCutShort = (ctx: ReadContext, number: bigint): boolean =>
  wasLengthened(ctx, number) || wasLengthened(ctx, number + 1n);
