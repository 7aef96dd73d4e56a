/** The beacon's queries. */
import { validatorAddress } from "../../chain/address.ts";
import type { ReadContext } from "../../chain/context.ts";
import { ChainError, QueryError } from "../../chain/errors.ts";
import { query } from "../../chain/handlers.ts";
import { PageError, paginate } from "../../chain/pagination.ts";
import * as proto from "../../proto/gen/weir/beacon/v1/query.ts";
import type { Proposer } from "../../proto/gen/weir/beacon/v1/state.ts";
import { currentEpoch, type Epoch, epoch, epochToProto, tickCount } from "./epochs.ts";
import { getProposer, usableKey } from "./keys.ts";
import { getParams, paramsToProto } from "./params.ts";
import { beaconValue } from "./proving.ts";
import { beacon, epochs, finesDue, proposers, ticks } from "./state.ts";

function operatorOf(text: string): Uint8Array {
  try {
    return validatorAddress.decode(text);
  } catch (error) {
    if (error instanceof ChainError) throw new QueryError("InvalidArgument", error.message);
    throw error;
  }
}

const entryOf = (ctx: ReadContext, operator: Uint8Array, proposer: Proposer): proto.ProposerEntry => ({
  operator: validatorAddress.encode(operator),
  proposer,
  fineDue: `${finesDue.get(ctx, operator) ?? 0n}`,
});

function requireProposer(ctx: ReadContext, text: string): { readonly operator: Uint8Array; readonly found: Proposer } {
  const operator = operatorOf(text);
  const found = getProposer(ctx, operator);
  if (found !== undefined) return { operator, found };
  throw new QueryError("NotFound", `${text} has registered no beacon key and proposed no block`);
}

const numberPattern = /^(0|[1-9][0-9]{0,18})$/;

function requireEpoch(ctx: ReadContext, text: string): Epoch {
  if (text !== "" && !numberPattern.test(text)) {
    throw new QueryError("InvalidArgument", `the number of an epoch is ${text}; expected decimal digits`);
  }
  const found = text === "" ? currentEpoch(ctx) : epoch(ctx, BigInt(text));
  if (found !== undefined) return found;
  throw new QueryError("NotFound", `there is no epoch ${text}: it has not opened yet, or is forgotten`);
}

export const queries = {
  "/weir.beacon.v1.Query/Params": query(proto.QueryParamsRequest, proto.QueryParamsResponse, (ctx) => ({
    params: paramsToProto(getParams(ctx)),
  })),

  "/weir.beacon.v1.Query/Beacon": query(proto.QueryBeaconRequest, proto.QueryBeaconResponse, (ctx) => ({
    beacon: { value: beaconValue(ctx), height: beacon.get(ctx)?.height ?? 0n },
  })),

  "/weir.beacon.v1.Query/Key": query(proto.QueryKeyRequest, proto.QueryKeyResponse, (ctx, request) => {
    const { operator, found } = requireProposer(ctx, request.validatorAddress);
    return { usableKey: usableKey(ctx, operator) ?? new Uint8Array(0), keys: found.keys };
  }),

  "/weir.beacon.v1.Query/Proposer": query(proto.QueryProposerRequest, proto.QueryProposerResponse, (ctx, request) => {
    const { operator, found } = requireProposer(ctx, request.validatorAddress);
    return { proposer: entryOf(ctx, operator, found) };
  }),

  "/weir.beacon.v1.Query/Proposers": query(
    proto.QueryProposersRequest,
    proto.QueryProposersResponse,
    (ctx, request) => {
      try {
        const page = paginate(ctx, proposers, request.pagination, (operator, found) => entryOf(ctx, operator, found));
        return { proposers: page.items, pagination: page.pagination };
      } catch (error) {
        if (error instanceof PageError) throw new QueryError("InvalidArgument", error.message);
        throw error;
      }
    },
  ),

  "/weir.beacon.v1.Query/Epoch": query(proto.QueryEpochRequest, proto.QueryEpochResponse, (ctx, { number }) => ({
    epoch: epochToProto(requireEpoch(ctx, number)),
  })),

  "/weir.beacon.v1.Query/Epochs": query(proto.QueryEpochsRequest, proto.QueryEpochsResponse, (ctx) => ({
    epochs: [...epochs.iterate(ctx)].map(([, found]) => found),
  })),

  "/weir.beacon.v1.Query/Ticks": query(proto.QueryTicksRequest, proto.QueryTicksResponse, (ctx, request) => {
    const found = requireEpoch(ctx, `${request.epoch}`);
    const kept = [...ticks.iterate(ctx, { leading: [found.number] })];
    return { tickCount, ticks: kept.map(([[, number], value]) => ({ number, beacon: value })) };
  }),
};
