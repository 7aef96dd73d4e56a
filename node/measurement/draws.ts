/**
 * Who measures whom and when, as a daemon finds it out: the chain's pure rules over what the chain says of an epoch (epochfacts.ts asks for it).
 * Relays admit by it, oracles work by it. Owns no rule: those are modules/attestation's, and a test compares the two block by block. Pure.
 */
import { attestationKind } from "../../modules/attestation/attestationbytes.ts";
import {
  type CommitteeRules,
  drawCommittee,
  isAudited,
  type OracleAtOpen,
  type RelayAtOpen,
} from "../../modules/attestation/committee.ts";
import type { CovertTerms } from "../../modules/attestation/covert.ts";
import {
  type MillisRange,
  millisRange,
  type PlannedTimes,
  remeasurementTime,
} from "../../modules/attestation/epochtimes.ts";
import {
  measuringEndNanos,
  partOf,
  type SlotPlan,
  slotBeginNanos,
  slotTable,
  slotTick,
  turnsOf,
} from "../../modules/attestation/slots.ts";
import { livenessCommitteeSize } from "../../modules/attestation/tally.ts";
import { tickCount } from "../../modules/beacon/tickcount.ts";

/** A relay as it stood when the epoch opened. */
export interface RelayFacts extends RelayAtOpen {
  readonly cell: string;
  readonly transportKey: Uint8Array;
  readonly endpoints: readonly string[];
  readonly auditOneIn: bigint;
  /** It is measured again, by a second committee. */
  readonly isDisputed: boolean;
}

/** What all draws of an epoch share. */
export interface EpochFacts extends PlannedTimes {
  readonly chainId: string;
  readonly number: bigint;
  /** Known. */
  readonly seed: Uint8Array;
  readonly rules: CommitteeRules;
  /** In ascending order of id. */
  readonly oracles: readonly OracleAtOpen[];
  /** Undefined while the chain still gathers it. */
  readonly plan: SlotPlan | undefined;
  /** What covert readings are drawn by; undefined before the plan has begun. */
  readonly covert: CovertTerms | undefined;
}

/** What somebody has to read of a relay. */
export interface Duty {
  readonly oracle: bigint;
  readonly relay: bigint;
  readonly kind: (typeof attestationKind)["overt" | "liveness" | "remeasurement"];
  readonly round: number;
  readonly claimBps: bigint;
  readonly cell: string;
  /** Undefined where it is known from the beginning: of all but overt readings. */
  readonly time: MillisRange | undefined;
}

export const epochMillis = ({ lengthNanos }: PlannedTimes): bigint => lengthNanos / 1_000_000n;
export const openMillis = ({ openNanos }: PlannedTimes): bigint => openNanos / 1_000_000n;

/** As planned: nobody knows yet how long it stays open. */
const wholeEpoch = ({ openNanos, lengthNanos }: PlannedTimes): MillisRange =>
  millisRange(openNanos, openNanos + lengthNanos);

/** In the order of their rounds. */
export const committeeOf = (facts: EpochFacts, relay: RelayFacts): bigint[] =>
  drawCommittee({ seed: facts.seed, epoch: facts.number }, relay, facts.oracles, facts.rules);

const secondCommitteeOf = (facts: EpochFacts, relay: RelayFacts): bigint[] => {
  const rules = { ...facts.rules, size: 2 * facts.rules.size };
  const place = { seed: facts.seed, epoch: facts.number };
  return drawCommittee(place, relay, facts.oracles, rules, "second committee");
};

/** Of everybody; those of overt readings without their time, which nobody knows before it has come. */
export function dutiesOn(facts: EpochFacts, relay: RelayFacts): Duty[] {
  const base = { relay: relay.id, claimBps: relay.claimBps, cell: relay.cell };
  const isMeasured = isAudited(facts.seed, facts.number, relay.id, relay.auditOneIn);
  const committee = committeeOf(facts, relay);
  const { overt, liveness, remeasurement } = attestationKind;
  const first = isMeasured
    ? committee.map((oracle, round) => ({ ...base, oracle, round, kind: overt, time: undefined }))
    : committee
        .slice(0, livenessCommitteeSize)
        .map((oracle, round) => ({ ...base, oracle, round, kind: liveness, time: wholeEpoch(facts) }));
  const second = relay.isDisputed ? secondCommitteeOf(facts, relay) : [];
  return [
    ...first,
    ...second.map((oracle, round) => ({
      ...base,
      oracle,
      round,
      kind: remeasurement,
      time: remeasurementTime(facts, round, second.length),
    })),
  ];
}

// ------------------------------------------------------------------------------------------------------------- whose turn it is

/** The beacons of an epoch as far as they are known at the time of a block. */
export interface KnownTicks {
  /** In ascending order; each holds until the next one that is listed. */
  readonly ticks: readonly { readonly number: bigint; readonly beacon: Uint8Array }[];
  /** Of a block that the answer with the ticks is not older than. */
  readonly blockTimeNanos: bigint;
}

const tickNanos = (times: PlannedTimes, tick: bigint): bigint => {
  const { openNanos, lengthNanos } = times;
  return ((measuringEndNanos({ openNanos, epochNanos: lengthNanos }) - openNanos) * tick) / tickCount;
};

/** Undefined while a block could still change it. */
function beaconAt(times: PlannedTimes, { ticks, blockTimeNanos }: KnownTicks, tick: bigint): Uint8Array | undefined {
  if (tickNanos(times, tick) >= blockTimeNanos - times.openNanos) return undefined;
  return ticks.findLast(({ number }) => number <= tick)?.beacon;
}

/** Slots by part and round, as far as they are known. */
export interface SlotsKnown {
  readonly plan: SlotPlan;
  /** -1 where its turn has not come. */
  readonly table: readonly (readonly number[])[];
  /** Of slots. */
  readonly count: number;
}

export function slotsKnown(facts: EpochFacts, known: KnownTicks): SlotsKnown | undefined {
  const { plan } = facts;
  if (plan === undefined) return undefined;
  const beacons: Uint8Array[] = [];
  for (let slot = 0; slot < plan.slotCount; slot++) {
    const beacon = beaconAt(facts, known, slotTick(slot, plan.slotCount, tickCount));
    if (beacon === undefined) break;
    beacons.push(beacon);
  }
  return { plan, table: slotTable(plan, turnsOf(plan, facts.number, beacons)), count: beacons.length };
}

/** Of an overt duty; undefined where its turn is not known. */
export function slotOfDuty(facts: EpochFacts, slots: SlotsKnown, duty: Pick<Duty, "cell" | "relay" | "round">) {
  const part = partOf(slots.plan, { seed: facts.seed, epoch: facts.number }, duty.cell, duty.relay);
  const slot = slots.table[part]?.[duty.round] ?? -1;
  return slot === -1 ? undefined : slot;
}

export function timeOfSlot(
  { openNanos, lengthNanos }: PlannedTimes,
  { slotCount }: SlotPlan,
  slot: number,
): MillisRange {
  const begin = (of: number) => slotBeginNanos({ openNanos, epochNanos: lengthNanos }, slotCount, of);
  return millisRange(begin(slot), begin(slot + 1));
}

/** With the times that are known by now. */
export function dutiesWithTimes(facts: EpochFacts, relay: RelayFacts, known: KnownTicks): Duty[] {
  const slots = slotsKnown(facts, known);
  return dutiesOn(facts, relay).map((duty) => {
    if (duty.kind !== attestationKind.overt || slots === undefined) return duty;
    const slot = slotOfDuty(facts, slots, duty);
    return slot === undefined ? duty : { ...duty, time: timeOfSlot(facts, slots.plan, slot) };
  });
}
