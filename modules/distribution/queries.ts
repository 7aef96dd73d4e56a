/** Distribution's queries, refused in the words and with the statuses of cosmos-sdk x/distribution/keeper/grpc_query.go. */
import { type AddressFormat, accountAddress, validatorAddress } from "../../chain/address.ts";
import type { ReadContext } from "../../chain/context.ts";
import type { DecCoins } from "../../chain/deccoins.ts";
import { addDecCoins, decCoinsToProto, noDecCoins } from "../../chain/deccoinsets.ts";
import { ChainError, QueryError, sdk } from "../../chain/errors.ts";
import { query } from "../../chain/handlers.ts";
import { PageError, paginate } from "../../chain/pagination.ts";
import * as proto from "../../proto/gen/cosmos/distribution/v1beta1/query.ts";
import { type Delegation, delegatorDelegations, requireDelegation, requireValidator } from "../staking/index.ts";
import { rewardsNow } from "./delegations.ts";
import { getAccumulatedCommission, getOutstandingRewards } from "./periods.ts";
import { getCommunityPool, getParams, withdrawAddressOf } from "./pool.ts";
import { slashToProto } from "./records.ts";
import { slashEvents } from "./state.ts";

const invalidArgument = (text: string) => new QueryError("InvalidArgument", text);

/** `which` names the field as the SDK does. */
function readAddress(format: AddressFormat, text: string, which: "delegator" | "validator"): Uint8Array {
  if (text === "") throw invalidArgument(`empty ${which} address`);
  try {
    return format.decode(text);
  } catch (error) {
    if (error instanceof ChainError) throw sdk.invalidRequest(error.message);
    throw error;
  }
}

const readDelegator = (text: string) => readAddress(accountAddress, text, "delegator");
const readOperator = (text: string) => readAddress(validatorAddress, text, "validator");

/** What a module's own error becomes on its way through the SDK's query server. */
function asUnknown<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof ChainError) throw sdk.unknownRequest(error.message);
    throw error;
  }
}

/** As bytes, a validator that is there. */
function requireOperator(ctx: ReadContext, text: string): Uint8Array {
  const operator = readOperator(text);
  asUnknown(() => requireValidator(ctx, operator));
  return operator;
}

const rewardsOf = (ctx: ReadContext, delegator: Uint8Array, operator: Uint8Array): DecCoins =>
  asUnknown(() => {
    const validator = requireValidator(ctx, operator);
    return rewardsNow(ctx, delegator, operator, validator, requireDelegation(ctx, delegator, operator));
  });

/** Delegations that one answer names; a delegator with more asks for each. */
const delegationsMax = 10_000;

function delegationsOf(ctx: ReadContext, delegator: Uint8Array): Delegation[] {
  const list = [...delegatorDelegations(ctx, delegator, delegationsMax + 1)];
  if (list.length <= delegationsMax) return list;
  throw invalidArgument(`more than ${delegationsMax} delegations; ask for one at a time, by validator`);
}

function totalRewards(ctx: ReadContext, delegator: Uint8Array): proto.QueryDelegationTotalRewardsResponse {
  let total = noDecCoins;
  const rewards = delegationsOf(ctx, delegator).map(({ validatorAddress: validator }) => {
    const reward = rewardsOf(ctx, delegator, validatorAddress.decode(validator));
    total = addDecCoins(total, reward);
    return { validatorAddress: validator, reward: decCoinsToProto(reward) };
  });
  return { rewards, total: decCoinsToProto(total) };
}

function slashesOf(ctx: ReadContext, request: proto.QueryValidatorSlashesRequest): proto.QueryValidatorSlashesResponse {
  const { startingHeight, endingHeight, pagination } = request;
  const operator = readOperator(request.validatorAddress);
  if (endingHeight < startingHeight) {
    throw invalidArgument(`starting height greater than ending height (${startingHeight} > ${endingHeight})`);
  }
  const isWithin = ([, height]: readonly [Uint8Array, bigint, bigint]) =>
    height >= startingHeight && height <= endingHeight;
  try {
    const page = paginate(ctx, slashEvents, pagination, (_key, slash) => slashToProto(slash), [operator], {
      matches: isWithin,
    });
    return { slashes: page.items, pagination: page.pagination };
  } catch (error) {
    if (error instanceof PageError) throw sdk.invalidRequest(error.message);
    throw error;
  }
}

const validatorQueries = {
  "/cosmos.distribution.v1beta1.Query/ValidatorDistributionInfo": query(
    proto.QueryValidatorDistributionInfoRequest,
    proto.QueryValidatorDistributionInfoResponse,
    (ctx, { validatorAddress: text }) => {
      const operator = requireOperator(ctx, text);
      return {
        operatorAddress: accountAddress.encode(operator),
        selfBondRewards: decCoinsToProto(rewardsOf(ctx, operator, operator)),
        commission: decCoinsToProto(getAccumulatedCommission(ctx, operator)),
      };
    },
  ),

  "/cosmos.distribution.v1beta1.Query/ValidatorOutstandingRewards": query(
    proto.QueryValidatorOutstandingRewardsRequest,
    proto.QueryValidatorOutstandingRewardsResponse,
    (ctx, { validatorAddress: text }) => {
      const operator = requireOperator(ctx, text);
      return { rewards: { rewards: decCoinsToProto(getOutstandingRewards(ctx, operator)) } };
    },
  ),

  "/cosmos.distribution.v1beta1.Query/ValidatorCommission": query(
    proto.QueryValidatorCommissionRequest,
    proto.QueryValidatorCommissionResponse,
    (ctx, { validatorAddress: text }) => {
      const operator = requireOperator(ctx, text);
      return { commission: { commission: decCoinsToProto(getAccumulatedCommission(ctx, operator)) } };
    },
  ),

  "/cosmos.distribution.v1beta1.Query/ValidatorSlashes": query(
    proto.QueryValidatorSlashesRequest,
    proto.QueryValidatorSlashesResponse,
    slashesOf,
  ),
};

const delegatorQueries = {
  "/cosmos.distribution.v1beta1.Query/DelegationRewards": query(
    proto.QueryDelegationRewardsRequest,
    proto.QueryDelegationRewardsResponse,
    (ctx, { delegatorAddress, validatorAddress: text }) => {
      const delegator = readDelegator(delegatorAddress);
      return { rewards: decCoinsToProto(rewardsOf(ctx, delegator, readOperator(text))) };
    },
  ),

  "/cosmos.distribution.v1beta1.Query/DelegationTotalRewards": query(
    proto.QueryDelegationTotalRewardsRequest,
    proto.QueryDelegationTotalRewardsResponse,
    (ctx, { delegatorAddress }) => totalRewards(ctx, readDelegator(delegatorAddress)),
  ),

  "/cosmos.distribution.v1beta1.Query/DelegatorValidators": query(
    proto.QueryDelegatorValidatorsRequest,
    proto.QueryDelegatorValidatorsResponse,
    (ctx, { delegatorAddress }) => ({
      validators: delegationsOf(ctx, readDelegator(delegatorAddress)).map(({ validatorAddress: text }) => text),
    }),
  ),

  "/cosmos.distribution.v1beta1.Query/DelegatorWithdrawAddress": query(
    proto.QueryDelegatorWithdrawAddressRequest,
    proto.QueryDelegatorWithdrawAddressResponse,
    (ctx, { delegatorAddress }) => ({
      withdrawAddress: accountAddress.encode(withdrawAddressOf(ctx, readDelegator(delegatorAddress))),
    }),
  ),
};

export const queries = {
  "/cosmos.distribution.v1beta1.Query/Params": query(proto.QueryParamsRequest, proto.QueryParamsResponse, (ctx) => ({
    params: getParams(ctx),
  })),
  ...validatorQueries,
  ...delegatorQueries,
  "/cosmos.distribution.v1beta1.Query/CommunityPool": query(
    proto.QueryCommunityPoolRequest,
    proto.QueryCommunityPoolResponse,
    (ctx) => ({ pool: decCoinsToProto(getCommunityPool(ctx)) }),
  ),
};
