/** When a reading must have begun: in the slot of its round, near the second that was drawn, or in its epoch at all. */
import { epoch as epochOf } from "../beacon/index.ts";
import type { Turn } from "./attestationssubmit.ts";
import { covertWindowMillis } from "./covert.ts";
import { slotsUnknown, wrongCommittee, wrongSlot } from "./readingserrors.ts";
import type { RelayInEpoch } from "./readingsregistry.ts";
import { type EpochView, type MillisRange, millisRange, nanosOfTime, nanosPerMilli } from "./readingsview.ts";
import { measuringEndNanos } from "./slots.ts";

export function requireTime(view: EpochView, relay: RelayInEpoch, turn: Turn, startMillis: bigint): void {
  const { fromMillis, untilMillis } = timeOf(view, relay, turn);
  if (startMillis < fromMillis || startMillis >= untilMillis) throw wrongSlot(startMillis, fromMillis, untilMillis);
}

function timeOf(view: EpochView, relay: RelayInEpoch, turn: Turn): MillisRange {
  switch (turn.kind) {
    case "overt":
      return slotOfRound(view, relay, turn.round);
    case "liveness":
      return epochTime(view);
    case "covert":
      return covertTime(view, turn.atMillis);
    case "remeasurement":
      return remeasurementTime(view, turn.round, turn.rounds);
  }
}

function slotOfRound(view: EpochView, relay: RelayInEpoch, round: number): MillisRange {
  if (view.slots() === undefined) throw slotsUnknown(view.number);
  const slot = view.slotOf(relay, round);
  if (slot === undefined) throw wrongCommittee(relay.id, relay.id, "overt");
  return view.slotTime(slot);
}

/** As long as it was open, which is longer than planned where the chain stood still. */
export function epochTime(view: EpochView): MillisRange {
  const next = epochOf(view.ctx, view.number + 1n);
  const planned = view.openNanos + view.lengthNanos;
  return millisRange(view.openNanos, next === undefined ? planned : nanosOfTime(next.openTime));
}

export type PlannedTimes = Pick<EpochView, "openNanos" | "lengthNanos">;

export function covertTime(view: PlannedTimes, atMillis: bigint): MillisRange {
  const fromMillis = view.openNanos / nanosPerMilli + atMillis;
  return { fromMillis, untilMillis: fromMillis + covertWindowMillis(view.lengthNanos / nanosPerMilli) + 1n };
}

/** Each member of a second committee has its part of the time for measuring, in the order in which they were drawn. */
export function remeasurementTime(view: PlannedTimes, round: number, rounds: number): MillisRange {
  const times = { openNanos: view.openNanos, epochNanos: view.lengthNanos };
  const length = measuringEndNanos(times) - times.openNanos;
  const begin = (of: number) => times.openNanos + (length * BigInt(of)) / BigInt(rounds);
  return millisRange(begin(round), begin(round + 1));
}
