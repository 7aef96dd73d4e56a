/** Tallies out of the state: what tally.ts says of what is stored. Computed when asked for, since readings do not change any more. */
import type { ReadContext } from "../../chain/context.ts";
import type { RelayReadings } from "./readingspacked.ts";
import type { RelayInEpoch } from "./readingsregistry.ts";
import { refutations } from "./readingsstate.ts";
import { type EpochView, epochView, isVoidEpoch } from "./readingsview.ts";
import { type Tally, tallyOfReadings } from "./tally.ts";

export function relayTally(
  view: EpochView,
  relay: RelayInEpoch,
  { isAudited, committee, readings }: RelayReadings = view.readings(relay.id),
  isVoid = false,
): Tally {
  const tally = tallyOfReadings({
    isVoid,
    isAudited,
    committee,
    readings,
    claimBps: relay.claimBps,
    claimedRttMicros: relay.rttMicros,
    cell: relay.cell,
    placeOf: view.placesFor(relay),
    rules: view.rules,
  });
  // Until it says that it is elsewhere.
  return refutations.get(view.ctx, relay.id) === relay.cell ? { ...tally, rttRefuted: true } : tally;
}

/** For a page of relays of one epoch; undefined of those that could not be measured in it. */
export function tallyReader(ctx: ReadContext, epoch: bigint): (relay: bigint) => Tally | undefined {
  const view = epochView(ctx, epoch);
  if (view === undefined) return () => undefined;
  const isVoid = isVoidEpoch(ctx, epoch);
  return (id) => {
    const relay = view.relay(id);
    return relay === undefined ? undefined : relayTally(view, relay, view.readings(id), isVoid);
  };
}

export const tallyOf = (ctx: ReadContext, epoch: bigint, relay: bigint): Tally | undefined =>
  tallyReader(ctx, epoch)(relay);
