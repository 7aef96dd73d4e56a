/** When a reading must have begun: in the slot of its round, near the second that was drawn, or in its epoch at all. */
import { epoch as epochOf } from "../beacon/index.ts";
import type { Turn } from "./attestationssubmit.ts";
import { covertTime, type MillisRange, millisRange, remeasurementTime } from "./epochtimes.ts";
import { slotsUnknown, wrongCommittee, wrongSlot } from "./readingserrors.ts";
import type { RelayInEpoch } from "./readingsregistry.ts";
import { type EpochView, nanosOfTime } from "./readingsview.ts";

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
