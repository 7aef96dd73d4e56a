/** What one oracle has to read in an epoch and when, as far as that is known: for its daemon, and for whoever checks it. Owns no state. */
import { attestationKind } from "./attestationbytes.ts";
import { covertTime, epochTime, remeasurementTime } from "./attestationstimes.ts";
import { covertListOf } from "./covertlists.ts";
import { disputeMeasuredIn } from "./disputesstate.ts";
import { type RelayInEpoch, relaysFrom } from "./readingsregistry.ts";
import { knownTurns, planOfProto } from "./readingsslots.ts";
import { plans } from "./readingsstate.ts";
import { type EpochView, type MillisRange, millisRange } from "./readingsview.ts";
import { partOf, type SlotPlan, slotBeginNanos, slotTable } from "./slots.ts";
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
    return relay === undefined ? [] : assignmentsOn(view, relay, oracle, slots);
  });
  return { assignments, nextAfter: page.length < relaysPerPage ? 0n : page.at(-1)!.id };
}

interface KnownSlots {
  readonly plan: SlotPlan;
  readonly table: readonly (readonly number[])[];
}

function knownSlots(view: EpochView): KnownSlots | undefined {
  const stored = plans.get(view.ctx, view.number);
  const plan = stored === undefined ? undefined : planOfProto(stored);
  if (plan === undefined) return undefined;
  return { plan, table: slotTable(plan, knownTurns(view.ctx, view.number, plan)) };
}

function assignmentsOn(
  view: EpochView,
  relay: RelayInEpoch,
  oracle: bigint,
  slots: KnownSlots | undefined,
): AssignmentInEpoch[] {
  const { isAudited, committee } = view.readings(relay.id);
  const found: AssignmentInEpoch[] = [];
  const base = { relay: relay.id, claimBps: relay.claimBps };
  const round = committee.indexOf(oracle);
  if (isAudited && round !== -1) {
    found.push({ ...base, kind: attestationKind.overt, round, time: slotTimeOf(view, relay, round, slots) });
  }
  if (!isAudited && round !== -1 && round < livenessCommitteeSize) {
    found.push({ ...base, kind: attestationKind.liveness, round, time: epochTime(view) });
  }
  const covert = covertListOf(view.ctx, view.number, oracle)?.assignments.find((one) => one.relay === relay.id);
  if (covert !== undefined) {
    found.push({ ...base, kind: attestationKind.covert, round: 0, time: covertTime(view, covert.atMillis) });
  }
  const members = disputeMeasuredIn(view.ctx, view.number, relay.id)?.committee ?? [];
  const second = members.indexOf(oracle);
  if (second !== -1) {
    const time = remeasurementTime(view, second, members.length);
    found.push({ ...base, kind: attestationKind.remeasurement, round: second, time });
  }
  return found;
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
