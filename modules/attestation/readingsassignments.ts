/** What one oracle has to read in an epoch and when, as far as that is known: for its daemon, and for whoever checks it. Owns no state. */
import { attestationKind } from "./attestationbytes.ts";
import { epochTime } from "./attestationstimes.ts";
import { covertListOf } from "./covertlists.ts";
import { disputeMeasuredIn } from "./disputesstate.ts";
import { covertTime, type MillisRange, millisRange, remeasurementTime } from "./epochtimes.ts";
import { type RelayInEpoch, relaysFrom } from "./readingsregistry.ts";
import { knownTurns } from "./readingsslots.ts";
import { plans } from "./readingsstate.ts";
import type { EpochView } from "./readingsview.ts";
import { partOf, planOfProto, type SlotPlan, slotBeginNanos, slotTable } from "./slots.ts";
import { livenessCommitteeSize } from "./tally.ts";

export interface AssignmentInEpoch {
  readonly relay: bigint;
  readonly kind: (typeof attestationKind)[keyof typeof attestationKind];
  readonly round: number;
  readonly claimBps: bigint;
  /** Undefined while nobody knows. */
  readonly time: MillisRange | undefined;
}

export interface AssignmentPage {
  readonly assignments: AssignmentInEpoch[];
  /** 0 when there are no more. */
  readonly nextAfter: bigint;
}

/** Relays that one answer looks at: each costs the drawing of a committee. */
const relaysPerPage = 200;

export function assignmentsOf(view: EpochView, oracle: bigint, afterRelay: bigint): AssignmentPage {
  const page = relaysFrom(view.ctx, afterRelay, relaysPerPage);
  const slots = knownSlots(view);
  const assignments = page.flatMap(({ id }) => {
    const relay = view.relay(id);
    if (relay === undefined) return [];
    const told = assignmentsOn(view, relay, slots).filter((one) => one.oracle === oracle);
    return [...told, ...covertAssignmentOn(view, relay, oracle)];
  });
  return { assignments, nextAfter: page.length < relaysPerPage ? 0n : page.at(-1)!.id };
}

/** What everyone knows of a relay: who has to read it how, and when. */
export function assignmentsOn(
  view: EpochView,
  relay: RelayInEpoch,
  slots: KnownSlots | undefined,
): (AssignmentInEpoch & { readonly oracle: bigint })[] {
  const { isAudited, committee } = view.readings(relay.id);
  const base = { relay: relay.id, claimBps: relay.claimBps };
  const { overt, liveness, remeasurement } = attestationKind;
  const first = isAudited
    ? committee.map((oracle, round) => ({
        ...base,
        oracle,
        kind: overt,
        round,
        time: slotTimeOf(view, relay, round, slots),
      }))
    : committee
        .slice(0, livenessCommitteeSize)
        .map((oracle, round) => ({ ...base, oracle, kind: liveness, round, time: epochTime(view) }));
  const second = disputeMeasuredIn(view.ctx, view.number, relay.id)?.committee ?? [];
  return [
    ...first,
    ...second.map((oracle, round) => ({
      ...base,
      oracle,
      kind: remeasurement,
      round,
      time: remeasurementTime(view, round, second.length),
    })),
  ];
}

/** Known once its proof is published. */
function covertAssignmentOn(view: EpochView, relay: RelayInEpoch, oracle: bigint): AssignmentInEpoch[] {
  const covert = covertListOf(view.ctx, view.number, oracle)?.assignments.find((one) => one.relay === relay.id);
  if (covert === undefined) return [];
  const time = covertTime(view, covert.atMillis);
  return [{ relay: relay.id, claimBps: relay.claimBps, kind: attestationKind.covert, round: 0, time }];
}

export interface KnownSlots {
  readonly plan: SlotPlan;
  readonly table: readonly (readonly number[])[];
}

export function knownSlots(view: EpochView): KnownSlots | undefined {
  const stored = plans.get(view.ctx, view.number);
  const plan = stored === undefined ? undefined : planOfProto(stored);
  if (plan === undefined) return undefined;
  return { plan, table: slotTable(plan, knownTurns(view.ctx, view.number, plan)) };
}

function slotTimeOf(
  view: EpochView,
  relay: RelayInEpoch,
  round: number,
  slots: KnownSlots | undefined,
): MillisRange | undefined {
  if (slots === undefined) return undefined;
  const { plan, table } = slots;
  const { seed, number: epoch } = view.epoch;
  const slot = table[partOf(plan, { seed, epoch }, relay.cell, relay.id)]?.[round] ?? -1;
  if (slot === -1) return undefined;
  const times = { openNanos: view.openNanos, epochNanos: view.lengthNanos };
  return millisRange(slotBeginNanos(times, plan.slotCount, slot), slotBeginNanos(times, plan.slotCount, slot + 1));
}
