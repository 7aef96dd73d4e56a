/** Queries about readings: who committed and read what, when who measures, what it came to, disputes. */
import type { ReadContext } from "../../chain/context.ts";
import { decToProto } from "../../chain/dec.ts";
import { QueryError } from "../../chain/errors.ts";
import { query } from "../../chain/handlers.ts";
import type { AnyQueryHandler } from "../../chain/module.ts";
import { PageError, paginate } from "../../chain/pagination.ts";
import * as proto from "../../proto/gen/weir/attestation/v1/query.ts";
import { EpochPlan, type Tally as TallyMessage, TallyStatus } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { millisRange } from "./epochtimes.ts";
import { type AssignmentInEpoch, assignmentsOf } from "./readingsassignments.ts";
import { drawsOf } from "./readingsdraws.ts";
import { readingsToProto } from "./readingspacked.ts";
import { knownTurns } from "./readingsslots.ts";
import { commits, covertLists, disputeRecords, disputes, oracleTallies, plans, readings } from "./readingsstate.ts";
import { isTallied } from "./readingssweep.ts";
import { type EpochView, epochNow, epochView } from "./readingsview.ts";
import { planOfProto, slotBeginNanos } from "./slots.ts";
import { tallyOf } from "./tallies.ts";
import type { Tally } from "./tally.ts";

function pageOrRefuse<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof PageError) throw new QueryError("InvalidArgument", error.message);
    throw error;
  }
}

const numberPattern = /^[0-9]{1,19}$/;

function numberOf(name: string, text: string): bigint {
  if (!numberPattern.test(text)) {
    throw new QueryError("InvalidArgument", `the ${name} is "${text}"; expected a whole number`);
  }
  return BigInt(text);
}

/** Empty is the one that is open. */
function viewOf(ctx: ReadContext, text: string): EpochView {
  const number = text === "" ? epochNow(ctx) : numberOf("epoch", text);
  const view = epochView(ctx, number);
  if (view === undefined) throw new QueryError("NotFound", `epoch ${number} has not opened, or is forgotten`);
  return view;
}

const statuses: Readonly<Record<Tally["status"], TallyStatus>> = {
  conclusive: TallyStatus.TALLY_STATUS_CONCLUSIVE,
  inconclusive: TallyStatus.TALLY_STATUS_INCONCLUSIVE,
  void: TallyStatus.TALLY_STATUS_VOID,
  unaudited: TallyStatus.TALLY_STATUS_UNAUDITED,
};

const tallyToProto = (tally: Tally, claimBps: bigint): TallyMessage => ({
  status: statuses[tally.status],
  committee: [...tally.committee],
  present: tally.present,
  missing: [...tally.missing],
  zeros: tally.zeros,
  medianBps: tally.medianBps,
  nonZeroMedianBps: tally.nonZeroMedianBps,
  backgroundBps: tally.backgroundBps,
  uptime: tally.uptime === undefined ? "" : decToProto(tally.uptime),
  loss: tally.loss === undefined ? "" : decToProto(tally.loss),
  rttMicros: Number(tally.rttMicros ?? 0n),
  covertBps: [...tally.covert],
  isBad: tally.bad,
  shortfall: decToProto(tally.shortfall),
  isCellRefuted: tally.rttRefuted,
  bandBps: tally.bandBps,
  claimBps,
});

function slotsAnswer(ctx: ReadContext, view: EpochView): proto.QuerySlotsResponse {
  const stored = plans.get(ctx, view.number);
  const plan = stored === undefined ? undefined : planOfProto(stored);
  const base = { epoch: view.number, seed: view.epoch.seed, plan: stored ?? EpochPlan.fromPartial({}) };
  if (plan === undefined) return { ...base, slotCount: 0, partsPerSlot: 0, slots: [] };
  const times = { openNanos: view.openNanos, epochNanos: view.lengthNanos };
  const begin = (slot: number) => slotBeginNanos(times, plan.slotCount, slot);
  const slots = knownTurns(ctx, view.number, plan).map((turns, slot) => ({
    slot,
    beginMillis: millisRange(begin(slot), begin(slot + 1)).fromMillis,
    turns: turns.map(({ part, round }) => ({ cell: plan.parts[part]!.cell, part: plan.parts[part]!.index, round })),
  }));
  return { ...base, slotCount: plan.slotCount, partsPerSlot: plan.partsPerSlot, slots };
}

const assignmentToProto = ({ relay, kind, round, claimBps, time }: AssignmentInEpoch): proto.AssignmentView => ({
  relay,
  kind,
  round,
  claimBps,
  fromMillis: time?.fromMillis ?? 0n,
  untilMillis: time?.untilMillis ?? 0n,
});

const ofEpochs: Readonly<Record<string, AnyQueryHandler>> = {
  "/weir.attestation.v1.Query/Commits": query(proto.QueryCommitsRequest, proto.QueryCommitsResponse, (ctx, request) => {
    const { epoch } = request;
    const page = pageOrRefuse(() =>
      paginate(ctx, commits, request.pagination, ([, oracle], commit) => ({ oracle, commit }), [epoch]),
    );
    return { commits: page.items, pagination: page.pagination };
  }),
  "/weir.attestation.v1.Query/Slots": query(proto.QuerySlotsRequest, proto.QuerySlotsResponse, (ctx, { epoch }) =>
    slotsAnswer(ctx, viewOf(ctx, epoch)),
  ),
  "/weir.attestation.v1.Query/Assignments": query(
    proto.QueryAssignmentsRequest,
    proto.QueryAssignmentsResponse,
    (ctx, { oracle, epoch, afterRelay }) => {
      const view = viewOf(ctx, epoch);
      const { assignments, nextAfter } = assignmentsOf(view, numberOf("oracle", oracle), afterRelay);
      return { assignments: assignments.map(assignmentToProto), nextAfterRelay: nextAfter };
    },
  ),
  "/weir.attestation.v1.Query/Draws": query(proto.QueryDrawsRequest, proto.QueryDrawsResponse, (ctx, request) =>
    drawsOf(viewOf(ctx, request.epoch), request),
  ),
  "/weir.attestation.v1.Query/OracleTally": query(
    proto.QueryOracleTallyRequest,
    proto.QueryOracleTallyResponse,
    (ctx, request) => {
      const view = viewOf(ctx, request.epoch);
      const oracle = numberOf("oracle", request.oracle);
      return {
        tally: oracleTallies.get(ctx, [view.number, oracle]),
        disputes: disputeRecords.get(ctx, oracle),
        covert: covertLists.get(ctx, [view.number, oracle]),
        isFinal: isTallied(ctx, view.number),
      };
    },
  ),
};

const settledAfter = 3n;

/** Those of a settled epoch are forgotten relay by relay: what is not there any more must not look as if nobody had read. */
function viewWithReadings(ctx: ReadContext, epoch: bigint, relay: bigint): EpochView {
  const view = viewOf(ctx, `${epoch}`);
  if (epoch + settledAfter > epochNow(ctx) || readings.has(ctx, [epoch, relay])) return view;
  const advice = "they are forgotten once it is settled; `weir query rewards result` tells what came of them";
  throw new QueryError("NotFound", `no readings of relay ${relay} in epoch ${epoch} are kept: ${advice}`);
}

const ofRelays: Readonly<Record<string, AnyQueryHandler>> = {
  "/weir.attestation.v1.Query/Readings": query(
    proto.QueryReadingsRequest,
    proto.QueryReadingsResponse,
    (ctx, { epoch, relay }) => ({ readings: readingsToProto(viewWithReadings(ctx, epoch, relay).readings(relay)) }),
  ),
  "/weir.attestation.v1.Query/Tally": query(
    proto.QueryTallyRequest,
    proto.QueryTallyResponse,
    (ctx, { epoch, relay }) => {
      const claimBps = viewWithReadings(ctx, epoch, relay).relay(relay)?.claimBps;
      const tally = tallyOf(ctx, epoch, relay);
      if (tally === undefined || claimBps === undefined) {
        throw new QueryError("NotFound", `there was no relay ${relay} to measure in epoch ${epoch}`);
      }
      return { tally: tallyToProto(tally, claimBps), isFinal: isTallied(ctx, epoch) };
    },
  ),
  "/weir.attestation.v1.Query/Dispute": query(
    proto.QueryDisputeRequest,
    proto.QueryDisputeResponse,
    (ctx, { epoch, relay }) => {
      const dispute = disputes.get(ctx, [epoch, relay]);
      if (dispute !== undefined) return { dispute };
      throw new QueryError("NotFound", `nobody disputed the readings of relay ${relay} in epoch ${epoch}`);
    },
  ),
  "/weir.attestation.v1.Query/Disputes": query(
    proto.QueryDisputesRequest,
    proto.QueryDisputesResponse,
    (ctx, request) => {
      const page = pageOrRefuse(() => paginate(ctx, disputes, request.pagination, (_key, dispute) => dispute));
      return { disputes: page.items, pagination: page.pagination };
    },
  ),
};

export const readingsQueries: Readonly<Record<string, AnyQueryHandler>> = { ...ofEpochs, ...ofRelays };
