/** Disputes as they are stored and asked for: by the epoch that is disputed, which tells the one in which is measured again. */
import type { ReadContext } from "../../chain/context.ts";
import { decFromProto } from "../../chain/dec.ts";
import { type Dispute, DisputeState } from "../../proto/gen/weir/attestation/v1/readings.ts";
import type { DisputeOutcome } from "./disputesverdict.ts";
import { disputes } from "./readingsstate.ts";

/** Epoch e is challenged in e + 2, and measured again in the epoch after that. */
export const challengedAfter = 2n;
export const measuredAfter = 3n;

export const disputeMeasuredIn = (ctx: ReadContext, epoch: bigint, relay: bigint): Dispute | undefined =>
  epoch < measuredAfter ? undefined : disputes.get(ctx, [epoch - measuredAfter, relay]);

export const stateOfOutcome: Readonly<Record<DisputeOutcome, DisputeState>> = {
  lifted: DisputeState.DISPUTE_STATE_LIFTED,
  confirmed: DisputeState.DISPUTE_STATE_CONFIRMED,
  madeBad: DisputeState.DISPUTE_STATE_MADE_BAD,
  inconclusive: DisputeState.DISPUTE_STATE_INCONCLUSIVE,
};

/** As those who settle see it. */
export interface DisputeView {
  readonly state: "open" | DisputeOutcome;
  /** The epoch whose tally ends it. */
  readonly measuredIn: bigint;
  readonly medianBps: bigint;
  /** d by the second committee's readings. */
  readonly shortfall: bigint;
  readonly challenger: string;
  readonly isThirdParty: boolean;
}

const outcomes = Object.entries(stateOfOutcome) as [DisputeOutcome, DisputeState][];

export function disputeOf(ctx: ReadContext, epoch: bigint, relay: bigint): DisputeView | undefined {
  const found = disputes.get(ctx, [epoch, relay]);
  if (found === undefined) return undefined;
  const { measuredIn, challenger, isThirdParty, secondMedianBps: medianBps } = found;
  const state = outcomes.find(([, code]) => code === found.state)?.[0] ?? "open";
  return { state, measuredIn, medianBps, shortfall: decFromProto(found.shortfall), challenger, isThirdParty };
}

export const isOpen = ({ state }: Dispute): boolean => state === DisputeState.DISPUTE_STATE_OPEN;
