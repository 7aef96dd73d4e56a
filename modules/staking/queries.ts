/** Staking's queries about validators, pools and parameters, refused in the words of cosmos-sdk x/staking/keeper/grpc_query.go. */
import { validatorAddress } from "../../chain/address.ts";
import { QueryError } from "../../chain/errors.ts";
import { query } from "../../chain/handlers.ts";
import { paginate } from "../../chain/pagination.ts";
import * as proto from "../../proto/gen/cosmos/staking/v1beta1/query.ts";
import { BondStatus, HistoricalInfo } from "../../proto/gen/cosmos/staking/v1beta1/staking.ts";
import { delegationQueries } from "./delegationqueries.ts";
import { getParams, getValidator } from "./keeper.ts";
import { totalBondedTokens, totalNotBondedTokens } from "./pools.ts";
import { asInternal, countsBeyond, notFound, requireText, requireTextAddress } from "./queryerrors.ts";
import * as state from "./state.ts";
import { type Validator, validatorToProto } from "./validator.ts";

/** Undefined for a request that names none. */
function statusOf(text: string): number | undefined {
  if (text === "") return undefined;
  const status = Object.entries(BondStatus).find(([name]) => name === text && name !== "BOND_STATUS_UNSPECIFIED")?.[1];
  if (status === undefined) throw new QueryError("InvalidArgument", `invalid validator status ${text}`);
  return status;
}

export const queries = {
  "/cosmos.staking.v1beta1.Query/Validators": query(
    proto.QueryValidatorsRequest,
    proto.QueryValidatorsResponse,
    (ctx, { status, pagination }) => {
      const wanted = statusOf(status);
      const matches = (_key: Uint8Array, validator: Validator) => validator.status === wanted;
      const rules = wanted === undefined ? countsBeyond : { ...countsBeyond, matches };
      const toProto = (_key: Uint8Array, validator: Validator) => validatorToProto(validator);
      const page = asInternal(() => paginate(ctx, state.validators, pagination, toProto, undefined, rules));
      return { validators: page.items, pagination: page.pagination };
    },
  ),

  "/cosmos.staking.v1beta1.Query/Validator": query(
    proto.QueryValidatorRequest,
    proto.QueryValidatorResponse,
    (ctx, { validatorAddr }) => {
      requireText(validatorAddr, "validator");
      const validator = getValidator(ctx, requireTextAddress(validatorAddress, validatorAddr));
      if (validator === undefined) throw notFound(`validator ${validatorAddr} not found`);
      return { validator: validatorToProto(validator) };
    },
  ),

  ...delegationQueries,

  "/cosmos.staking.v1beta1.Query/HistoricalInfo": query(
    proto.QueryHistoricalInfoRequest,
    proto.QueryHistoricalInfoResponse,
    (ctx, { height }) => {
      if (height < 0n) throw new QueryError("InvalidArgument", "height cannot be negative");
      const bytes = state.historicalInfos.get(ctx, height);
      if (bytes === undefined) throw notFound(`historical info for height ${height} not found`);
      return { hist: HistoricalInfo.decode(bytes) };
    },
  ),

  "/cosmos.staking.v1beta1.Query/Pool": query(proto.QueryPoolRequest, proto.QueryPoolResponse, (ctx) => ({
    pool: { notBondedTokens: `${totalNotBondedTokens(ctx)}`, bondedTokens: `${totalBondedTokens(ctx)}` },
  })),

  "/cosmos.staking.v1beta1.Query/Params": query(proto.QueryParamsRequest, proto.QueryParamsResponse, (ctx) => ({
    params: getParams(ctx),
  })),
};
