/** The one query of cosmos.consensus.v1. */
import { QueryError } from "../../chain/errors.ts";
import { query } from "../../chain/handlers.ts";
import { QueryParamsRequest, QueryParamsResponse } from "../../proto/gen/cosmos/consensus/v1/query.ts";
import { params } from "./state.ts";

export const queries = {
  "/cosmos.consensus.v1.Query/Params": query(QueryParamsRequest, QueryParamsResponse, (ctx) => {
    const stored = params.get(ctx);
    if (stored === undefined)
      throw new QueryError("Internal", "consensus parameters are not set: the chain has no genesis yet");
    return { params: stored };
  }),
};
