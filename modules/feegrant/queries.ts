/** Feegrant's queries, refused in the words and with the statuses of cosmossdk.io/x/feegrant keeper/grpc_query.go. */
import { accountAddress } from "../../chain/address.ts";
import { ChainError, QueryError, sdk } from "../../chain/errors.ts";
import { query } from "../../chain/handlers.ts";
import { PageError, paginate } from "../../chain/pagination.ts";
import { compareBytes } from "../../chain/store/types.ts";
import * as proto from "../../proto/gen/cosmos/feegrant/v1beta1/query.ts";
import { findGrant } from "./keeper.ts";
import { allowances } from "./state.ts";

/** What the SDK refuses without a status of its own becomes an invalid request on the way out. */
function addressOf(text: string): Uint8Array {
  try {
    return accountAddress.decode(text);
  } catch (error) {
    if (error instanceof ChainError) throw sdk.invalidRequest(error.message);
    throw error;
  }
}

function asInternal<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof PageError) throw new QueryError("Internal", error.message);
    throw error;
  }
}

export const queries = {
  "/cosmos.feegrant.v1beta1.Query/Allowance": query(
    proto.QueryAllowanceRequest,
    proto.QueryAllowanceResponse,
    (ctx, { granter, grantee }) => {
      const grant = findGrant(ctx, { granter: addressOf(granter), grantee: addressOf(grantee) });
      if (grant === undefined) throw new QueryError("Internal", sdk.notFound("fee-grant not found").message);
      return { allowance: { granter, grantee, allowance: grant.allowance } };
    },
  ),

  "/cosmos.feegrant.v1beta1.Query/Allowances": query(
    proto.QueryAllowancesRequest,
    proto.QueryAllowancesResponse,
    (ctx, { grantee, pagination }) => {
      const to = addressOf(grantee);
      const page = asInternal(() => paginate(ctx, allowances, pagination, (_key, grant) => grant, [to]));
      return { allowances: page.items, pagination: page.pagination };
    },
  ),

  "/cosmos.feegrant.v1beta1.Query/AllowancesByGranter": query(
    proto.QueryAllowancesByGranterRequest,
    proto.QueryAllowancesByGranterResponse,
    (ctx, { granter, pagination }) => {
      const from = addressOf(granter);
      const matches = ([, owner]: readonly [Uint8Array, Uint8Array]) => compareBytes(owner, from) === 0;
      const page = asInternal(() =>
        paginate(ctx, allowances, pagination, (_key, grant) => grant, undefined, { matches }),
      );
      return { allowances: page.items, pagination: page.pagination };
    },
  ),
};
