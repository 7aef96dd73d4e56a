/** Staking's queries about delegations and what leaves them, refused as cosmos-sdk x/staking/keeper/grpc_query.go does. */
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import { coinToProto, type ProtoCoin } from "../../chain/coins.ts";
import type { ReadContext } from "../../chain/context.ts";
import { type Dec, decTruncateInt } from "../../chain/dec.ts";
import { QueryError } from "../../chain/errors.ts";
import { query } from "../../chain/handlers.ts";
import { type Page, paginate } from "../../chain/pagination.ts";
import * as proto from "../../proto/gen/cosmos/staking/v1beta1/query.ts";
import type { DelegationResponse, RedelegationResponse } from "../../proto/gen/cosmos/staking/v1beta1/staking.ts";
import {
  type Delegation,
  delegationToProto,
  type Redelegation,
  redelegationToProto,
  type UnbondingDelegation,
  unbondingToProto,
} from "./delegation.ts";
import { bondDenom, getDelegation, requireDelegation, requireValidator } from "./keeper.ts";
import { asInternal, countsBeyond, notFound, requireText, requireTextAddress } from "./queryerrors.ts";
import { getRedelegation } from "./redelegation.ts";
import * as state from "./state.ts";
import { getUnbondingDelegation } from "./unbonding.ts";
import { tokensFromShares, type Validator, validatorToProto } from "./validator.ts";

function delegatorOf({ delegatorAddr }: { readonly delegatorAddr: string }): Uint8Array {
  requireText(delegatorAddr, "delegator");
  return requireTextAddress(accountAddress, delegatorAddr);
}

function operatorOf({ validatorAddr }: { readonly validatorAddr: string }): Uint8Array {
  requireText(validatorAddr, "validator");
  return requireTextAddress(validatorAddress, validatorAddr);
}

interface PairRequest {
  readonly delegatorAddr: string;
  readonly validatorAddr: string;
}

function pairOf(request: PairRequest): readonly [delegator: Uint8Array, operator: Uint8Array] {
  requireText(request.delegatorAddr, "delegator");
  requireText(request.validatorAddr, "validator");
  return [delegatorOf(request), operatorOf(request)];
}

/** Shares of a validator that has none any more are worth nothing. */
const worth = (validator: Validator, shares: Dec): bigint =>
  validator.delegatorShares === 0n ? 0n : decTruncateInt(tokensFromShares(validator, shares));

// --------------------------------------------------------------------------------------------------------------- delegations

function delegationResponse(ctx: ReadContext, delegation: Delegation): DelegationResponse {
  const validator = requireValidator(ctx, validatorAddress.decode(delegation.validatorAddress));
  const balance: ProtoCoin = coinToProto({ denom: bondDenom(ctx), amount: worth(validator, delegation.shares) });
  return { delegation: delegationToProto(delegation), balance };
}

const delegationAnswer = (page: Page<DelegationResponse>) => ({
  delegationResponses: page.items,
  pagination: page.pagination,
});

const ofDelegations = {
  "/cosmos.staking.v1beta1.Query/ValidatorDelegations": query(
    proto.QueryValidatorDelegationsRequest,
    proto.QueryValidatorDelegationsResponse,
    (ctx, request) => {
      const operator = operatorOf(request);
      const toResponse = ([, delegator]: readonly [Uint8Array, Uint8Array]) =>
        delegationResponse(ctx, requireDelegation(ctx, delegator, operator));
      return delegationAnswer(
        asInternal(() =>
          paginate(ctx, state.delegationsByValidator, request.pagination, toResponse, [operator], countsBeyond),
        ),
      );
    },
  ),

  "/cosmos.staking.v1beta1.Query/Delegation": query(
    proto.QueryDelegationRequest,
    proto.QueryDelegationResponse,
    (ctx, request) => {
      const [delegator, operator] = pairOf(request);
      const delegation = getDelegation(ctx, delegator, operator);
      if (delegation === undefined) {
        const { delegatorAddr, validatorAddr } = request;
        throw notFound(`delegation with delegator ${delegatorAddr} not found for validator ${validatorAddr}`);
      }
      return { delegationResponse: asInternal(() => delegationResponse(ctx, delegation)) };
    },
  ),

  "/cosmos.staking.v1beta1.Query/DelegatorDelegations": query(
    proto.QueryDelegatorDelegationsRequest,
    proto.QueryDelegatorDelegationsResponse,
    (ctx, request) => {
      const delegator = delegatorOf(request);
      const toResponse = (_key: unknown, delegation: Delegation) => delegationResponse(ctx, delegation);
      return delegationAnswer(
        asInternal(() => paginate(ctx, state.delegations, request.pagination, toResponse, [delegator], countsBeyond)),
      );
    },
  ),

  "/cosmos.staking.v1beta1.Query/DelegatorValidator": query(
    proto.QueryDelegatorValidatorRequest,
    proto.QueryDelegatorValidatorResponse,
    (ctx, request) => {
      const [delegator, operator] = pairOf(request);
      return asInternal(() => {
        requireDelegation(ctx, delegator, operator);
        return { validator: validatorToProto(requireValidator(ctx, operator)) };
      });
    },
  ),

  "/cosmos.staking.v1beta1.Query/DelegatorValidators": query(
    proto.QueryDelegatorValidatorsRequest,
    proto.QueryDelegatorValidatorsResponse,
    (ctx, request) => {
      const delegator = delegatorOf(request);
      const toValidator = ([, operator]: readonly [Uint8Array, Uint8Array]) =>
        validatorToProto(requireValidator(ctx, operator));
      const page = asInternal(() =>
        paginate(ctx, state.delegations, request.pagination, toValidator, [delegator], countsBeyond),
      );
      return { validators: page.items, pagination: page.pagination };
    },
  ),
};

// ----------------------------------------------------------------------------------------------------------------- unbondings

const toUnbonding = (_key: unknown, record: UnbondingDelegation) => unbondingToProto(record);

const ofUnbondings = {
  "/cosmos.staking.v1beta1.Query/ValidatorUnbondingDelegations": query(
    proto.QueryValidatorUnbondingDelegationsRequest,
    proto.QueryValidatorUnbondingDelegationsResponse,
    (ctx, request) => {
      const operator = operatorOf(request);
      const toResponse = ([, delegator]: readonly [Uint8Array, Uint8Array]) =>
        unbondingToProto(getUnbondingDelegation(ctx, delegator, operator)!);
      const page = asInternal(() =>
        paginate(ctx, state.unbondingsByValidator, request.pagination, toResponse, [operator], countsBeyond),
      );
      return { unbondingResponses: page.items, pagination: page.pagination };
    },
  ),

  "/cosmos.staking.v1beta1.Query/UnbondingDelegation": query(
    proto.QueryUnbondingDelegationRequest,
    proto.QueryUnbondingDelegationResponse,
    (ctx, request) => {
      const unbond = getUnbondingDelegation(ctx, ...pairOf(request));
      if (unbond === undefined) {
        const { delegatorAddr, validatorAddr } = request;
        throw notFound(`unbonding delegation with delegator ${delegatorAddr} not found for validator ${validatorAddr}`);
      }
      return { unbond: unbondingToProto(unbond) };
    },
  ),

  "/cosmos.staking.v1beta1.Query/DelegatorUnbondingDelegations": query(
    proto.QueryDelegatorUnbondingDelegationsRequest,
    proto.QueryDelegatorUnbondingDelegationsResponse,
    (ctx, request) => {
      const delegator = delegatorOf(request);
      const page = asInternal(() =>
        paginate(ctx, state.unbondingDelegations, request.pagination, toUnbonding, [delegator], countsBeyond),
      );
      return { unbondingResponses: page.items, pagination: page.pagination };
    },
  ),
};

// -------------------------------------------------------------------------------------------------------------- redelegations

function redelegationResponse(ctx: ReadContext, redelegation: Redelegation): RedelegationResponse {
  const destination = requireValidator(ctx, validatorAddress.decode(redelegation.validatorDstAddress));
  const { entries, ...route } = redelegationToProto(redelegation);
  return {
    redelegation: { ...route, entries: [] },
    entries: entries.map((entry, index) => ({
      redelegationEntry: { ...entry, unbondingOnHoldRefCount: 0n },
      balance: `${worth(destination, redelegation.entries[index]!.sharesDst)}`,
    })),
  };
}

function oneRedelegation(ctx: ReadContext, request: proto.QueryRedelegationsRequest): Page<RedelegationResponse> {
  const { delegatorAddr, srcValidatorAddr, dstValidatorAddr } = request;
  const redelegation = getRedelegation(ctx, [
    accountAddress.decode(delegatorAddr),
    validatorAddress.decode(srcValidatorAddr),
    validatorAddress.decode(dstValidatorAddr),
  ]);
  if (redelegation !== undefined) {
    return { items: [redelegationResponse(ctx, redelegation)], pagination: { nextKey: new Uint8Array(0), total: 0n } };
  }
  throw noRedelegationError(delegatorAddr, srcValidatorAddr);
}

/** The SDK wraps one status in another. */
const noRedelegationError = (delegator: string, source: string) =>
  new QueryError(
    "Internal",
    `rpc error: code = NotFound desc = redelegation not found for delegator address ${delegator} from validator address ${source}`,
  );

function redelegationsPage(ctx: ReadContext, request: proto.QueryRedelegationsRequest): Page<RedelegationResponse> {
  const { delegatorAddr, srcValidatorAddr, dstValidatorAddr, pagination } = request;
  if (delegatorAddr !== "" && srcValidatorAddr !== "" && dstValidatorAddr !== "") return oneRedelegation(ctx, request);
  if (delegatorAddr === "" && srcValidatorAddr !== "" && dstValidatorAddr === "") {
    const source = validatorAddress.decode(srcValidatorAddr);
    const toResponse = ([, delegator, destination]: readonly [Uint8Array, Uint8Array, Uint8Array]) =>
      redelegationResponse(ctx, getRedelegation(ctx, [delegator, source, destination])!);
    return paginate(ctx, state.redelegationsBySource, pagination, toResponse, [source], countsBeyond);
  }
  const toResponse = (_key: unknown, redelegation: Redelegation) => redelegationResponse(ctx, redelegation);
  return paginate(
    ctx,
    state.redelegations,
    pagination,
    toResponse,
    [accountAddress.decode(delegatorAddr)],
    countsBeyond,
  );
}

const ofRedelegations = {
  "/cosmos.staking.v1beta1.Query/Redelegations": query(
    proto.QueryRedelegationsRequest,
    proto.QueryRedelegationsResponse,
    (ctx, request) => {
      const page = asInternal(() => redelegationsPage(ctx, request));
      return { redelegationResponses: page.items, pagination: page.pagination };
    },
  ),
};

export const delegationQueries = { ...ofDelegations, ...ofUnbondings, ...ofRedelegations };
