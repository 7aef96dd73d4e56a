/** The rewards' queries. */

import { accountAddress } from "../../chain/address.ts";
import type { ReadContext } from "../../chain/context.ts";
import { decToProto } from "../../chain/dec.ts";
import { ChainError, QueryError } from "../../chain/errors.ts";
import { query } from "../../chain/handlers.ts";
import { PageError, paginate } from "../../chain/pagination.ts";
import { addDuration } from "../../chain/time.ts";
import * as proto from "../../proto/gen/weir/rewards/v1/query.ts";
import { promisesNotice, relay, relaysOfOperator } from "../attestation/index.ts";
import { currentEpoch } from "../beacon/index.ts";
import { emitsBySchedule, scheduledEmission } from "../mint/index.ts";
import { relayRecord, rewardOf } from "./accrual.ts";
import { requiredBondRate } from "./bondrate.ts";
import { claimable, withdrawAddressOf } from "./claims.ts";
import { getClock } from "./clock.ts";
import { burnsUntil, epochRecord, poolsToProto } from "./epochrecord.ts";
import { explain } from "./explain.ts";
import { accruedOracle, coinsToProto, oracleOwed, oracleRecord } from "./oraclerecord.ts";
import { getParams, paramsToProto } from "./params.ts";
import { availabilityShare, poolsOf, utilization } from "./pools.ts";
import { type RelayRecord, recordToProto } from "./record.ts";
import { isStable, shownReputation } from "./reputation.ts";
import { shift } from "./shift.ts";
import { cells, epochRecords, relaysByWeight, results, settlement } from "./state.ts";
import { thresholdsOf } from "./thresholds.ts";
import { unvested, vest } from "./vesting.ts";

const digits = /^[0-9]{1,19}$/;
const emissionEpochsDefault = 30n;
const emissionEpochsMax = 1_000n;
/** Two centuries: by then a day emits less than the smallest unit. */
const emissionSecondsMax = 200n * 365n * 86_400n;

const invalid = (text: string) => new QueryError("InvalidArgument", text);
const notFound = (text: string) => new QueryError("NotFound", text);

/** By its number, or by its operator's address where that has one relay. */
function relayIdOf(ctx: ReadContext, text: string): bigint {
  if (digits.test(text)) return BigInt(text);
  try {
    accountAddress.decode(text);
  } catch (error) {
    if (error instanceof ChainError)
      throw invalid(`"${text}" names no relay; expected its number or its operator's address`);
    throw error;
  }
  const ids = relaysOfOperator(ctx, text, 2);
  if (ids.length === 1) return ids[0]!;
  throw notFound(
    ids.length === 0 ? `${text} operates no relay` : `${text} operates more than one relay; name it by its number`,
  );
}

function requireRecord(ctx: ReadContext, text: string): { readonly id: bigint; readonly record: RelayRecord } {
  const id = relayIdOf(ctx, text);
  const record = relayRecord(ctx, id);
  if (record === undefined) throw notFound(`rewards know no relay ${id}: it never had a bond, or is long gone`);
  return { id, record };
}

/** Of a relay, the epoch that was settled last, unless one is named. */
function epochOf(ctx: ReadContext, id: bigint, text: string): bigint {
  if (text === "") {
    for (const [, last] of results.keys(ctx, { leading: [id], reverse: true })) return last;
    const { nextEpoch } = getClock(ctx);
    return nextEpoch > 0n ? nextEpoch - 1n : 0n;
  }
  if (!digits.test(text)) throw invalid(`"${text}" is no number of an epoch; expected decimal digits`);
  const epoch = BigInt(text);
  if (epoch >= getClock(ctx).nextEpoch && !results.has(ctx, [id, epoch])) {
    throw notFound(`epoch ${epoch} is not settled yet: that is done when the third epoch after it is open`);
  }
  return epoch;
}

const page = <T>(body: () => T): T => {
  try {
    return body();
  } catch (error) {
    if (error instanceof PageError) throw invalid(error.message);
    throw error;
  }
};

const reputationOf = (ctx: ReadContext, { reputation, auditedEpochs }: RelayRecord) =>
  shownReputation(reputation, auditedEpochs, getParams(ctx).probationEpochs);

/** What was paid for a result; undefined until its epoch is finalized. */
function paidFor(ctx: ReadContext, id: bigint, epoch: bigint) {
  const result = results.get(ctx, [id, epoch]);
  const record = epochRecord(ctx, epoch);
  if (result === undefined || record === undefined) return undefined;
  const reward = rewardOf(ctx, id, { ...result, epoch });
  return reward === undefined ? undefined : { reward, record };
}

function listEmission(ctx: ReadContext, skip: bigint, count: bigint): proto.QueryEmissionResponse {
  const rules = getParams(ctx);
  const current = currentEpoch(ctx);
  const { nextEpoch, emittedUntil } = getClock(ctx);
  const last = nextEpoch === 0n ? undefined : epochRecord(ctx, nextEpoch - 1n);
  const { burned, scheduled } = last === undefined ? { burned: 0n, scheduled: 0n } : burnsUntil(ctx, last);
  const used = utilization(burned > 0n ? burned : 0n, scheduled);
  const epochs: proto.EmissionEpoch[] = [];
  if (current === undefined || !emitsBySchedule(ctx)) return { epochs, availabilityShare: decToProto(0n) };
  const { seconds } = current.duration;
  if ((skip + count) * seconds > emissionSecondsMax) {
    throw invalid(`epoch ${nextEpoch + skip + count} is more than 200 years ahead; expected a nearer one`);
  }
  let from = addDuration(emittedUntil ?? current.openTime, { seconds: seconds * skip, nanos: 0 });
  for (let number = nextEpoch + skip; number < nextEpoch + skip + count; number++) {
    const until = addDuration(from, current.duration);
    const emission = scheduledEmission(ctx, from, until);
    epochs.push({ epoch: number, until, emission: `${emission}`, pools: poolsToProto(poolsOf(emission, used, rules)) });
    from = until;
  }
  return { epochs, availabilityShare: decToProto(availabilityShare(used, rules)) };
}

const epochQueries = {
  "/weir.rewards.v1.Query/Params": query(proto.QueryParamsRequest, proto.QueryParamsResponse, (ctx) => ({
    params: paramsToProto(getParams(ctx)),
  })),

  "/weir.rewards.v1.Query/Epoch": query(proto.QueryEpochRequest, proto.QueryEpochResponse, (ctx, { number }) => {
    if (number !== "" && !digits.test(number))
      throw invalid(`"${number}" is no number of an epoch; expected decimal digits`);
    const { nextEpoch } = getClock(ctx);
    const epoch = number === "" ? nextEpoch - 1n : BigInt(number);
    const record = epoch < 0n ? undefined : epochRecord(ctx, epoch);
    if (record === undefined)
      throw notFound(`no record of epoch ${number}: it is not settled yet, or long ago; ${nextEpoch} is next`);
    return { epoch: record };
  }),

  "/weir.rewards.v1.Query/Epochs": query(proto.QueryEpochsRequest, proto.QueryEpochsResponse, (ctx, request) =>
    page(() => {
      const found = paginate(ctx, epochRecords, request.pagination, (_number, record) => record);
      return { epochs: found.items, pagination: found.pagination };
    }),
  ),

  "/weir.rewards.v1.Query/Settlement": query(proto.QuerySettlementRequest, proto.QuerySettlementResponse, (ctx) => {
    const { nextEpoch, emittedUntil, firstEmission, bondRate } = getClock(ctx);
    return {
      clock: { nextEpoch, emittedUntil, firstEmission: `${firstEmission}`, bondRate: decToProto(bondRate) },
      settlement: settlement.get(ctx),
    };
  }),

  "/weir.rewards.v1.Query/Emission": query(
    proto.QueryEmissionRequest,
    proto.QueryEmissionResponse,
    (ctx, { skip, epochs }) => {
      if (epochs > emissionEpochsMax) throw invalid(`${epochs} epochs, expected at most ${emissionEpochsMax}`);
      return listEmission(ctx, skip, epochs === 0n ? emissionEpochsDefault : epochs);
    },
  ),

  "/weir.rewards.v1.Query/Shift": query(proto.QueryShiftRequest, proto.QueryShiftResponse, (ctx, { epochs }) => ({
    epochs: shift(ctx, epochs),
  })),

  "/weir.rewards.v1.Query/BondRate": query(proto.QueryBondRateRequest, proto.QueryBondRateResponse, (ctx) => ({
    rate: decToProto(requiredBondRate(ctx)),
  })),

  "/weir.rewards.v1.Query/Cells": query(proto.QueryCellsRequest, proto.QueryCellsResponse, (ctx, request) =>
    page(() => {
      const found = paginate(ctx, cells, request.pagination, (name, cell) => ({ name, cell }));
      return { cells: found.items, pagination: found.pagination };
    }),
  ),
};

const relayQueries = {
  "/weir.rewards.v1.Query/Relay": query(proto.QueryRelayRequest, proto.QueryRelayResponse, (ctx, request) => {
    const { id, record } = requireRecord(ctx, request.relay);
    const rules = getParams(ctx);
    const { vesting } = vest(record.vesting, ctx.block.time.seconds, rules.vestingSeconds);
    const known = relay(ctx, id);
    return {
      id,
      record: recordToProto(record),
      reputation: decToProto(reputationOf(ctx, record)),
      unvested: `${unvested(vesting)}`,
      stable: known !== undefined && isStable(record.uptimes, rules, promisesNotice(ctx, known)),
    };
  }),

  "/weir.rewards.v1.Query/Result": query(proto.QueryResultRequest, proto.QueryResultResponse, (ctx, request) => {
    const relayId = relayIdOf(ctx, request.relay);
    const epoch = epochOf(ctx, relayId, request.epoch);
    const result = results.get(ctx, [relayId, epoch]);
    if (result === undefined) {
      throw notFound(`no result of relay ${relayId} in epoch ${epoch}: it was not measured, or that is too long ago`);
    }
    const reward = paidFor(ctx, relayId, epoch)?.reward;
    const availability = reward === undefined ? "" : `${reward.availability}`;
    return { relayId, epoch, result, availability, usage: reward === undefined ? "" : `${reward.usage}` };
  }),

  "/weir.rewards.v1.Query/Explain": query(proto.QueryExplainRequest, proto.QueryExplainResponse, (ctx, request) => {
    const { id, record } = requireRecord(ctx, request.relay);
    const epoch = epochOf(ctx, id, request.epoch);
    const result = results.get(ctx, [id, epoch]);
    const rules = getParams(ctx);
    const lines = explain({ relay: id, epoch, result, paid: paidFor(ctx, id, epoch), record, rules });
    return { relayId: id, epoch, lines };
  }),

  "/weir.rewards.v1.Query/Thresholds": query(
    proto.QueryThresholdsRequest,
    proto.QueryThresholdsResponse,
    (ctx, request) => {
      const { id, record } = requireRecord(ctx, request.relay);
      const thresholds = thresholdsOf(record, getParams(ctx));
      return { relayId: id, thresholds: thresholds.map((of) => ({ ...of, slash: decToProto(of.slash) })) };
    },
  ),

  "/weir.rewards.v1.Query/Claimable": query(
    proto.QueryClaimableRequest,
    proto.QueryClaimableResponse,
    (ctx, request) => {
      const { id } = requireRecord(ctx, request.relay);
      accountAddress.decode(request.claimant);
      return { relayId: id, amount: `${claimable(ctx, id, request.claimant)}` };
    },
  ),

  "/weir.rewards.v1.Query/Leaderboard": query(
    proto.QueryLeaderboardRequest,
    proto.QueryLeaderboardResponse,
    (ctx, request) =>
      page(() => {
        const pagination = request.pagination ?? {
          key: new Uint8Array(0),
          offset: 0n,
          limit: 0n,
          countTotal: false,
          reverse: false,
        };
        const heaviestFirst = { ...pagination, reverse: !pagination.reverse };
        const found = paginate(ctx, relaysByWeight, heaviestFirst, ([weight, relayId]) => {
          const record = relayRecord(ctx, relayId)!;
          const reputation = decToProto(reputationOf(ctx, record));
          return { relayId, operator: record.operator, weight, earned: `${record.earned}`, reputation };
        });
        return { relays: found.items, pagination: found.pagination };
      }),
  ),
};

const accountQueries = {
  "/weir.rewards.v1.Query/Oracle": query(proto.QueryOracleRequest, proto.QueryOracleResponse, (ctx, { oracleId }) => {
    const record = oracleRecord(ctx, oracleId);
    if (record === undefined) throw notFound(`rewards know no oracle ${oracleId}: it was in no settled epoch`);
    return { record, claimable: coinsToProto(oracleOwed(accruedOracle(ctx, record).record)) };
  }),

  "/weir.rewards.v1.Query/WithdrawAddress": query(
    proto.QueryWithdrawAddressRequest,
    proto.QueryWithdrawAddressResponse,
    (ctx, { owner }) => ({
      withdrawAddress: accountAddress.encode(withdrawAddressOf(ctx, accountAddress.decode(owner))),
    }),
  ),
};

export const queries = { ...epochQueries, ...relayQueries, ...accountQueries };
