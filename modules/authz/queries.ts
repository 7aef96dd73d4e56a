/** Authz's queries, refused in the words of cosmos-sdk x/authz/keeper/grpc_query.go. */
import { accountAddress } from "../../chain/address.ts";
import type { ReadContext } from "../../chain/context.ts";
import { ChainError, sdk } from "../../chain/errors.ts";
import { query } from "../../chain/handlers.ts";
import { PageError, paginate } from "../../chain/pagination.ts";
import { compareBytes } from "../../chain/store/types.ts";
import type { Grant, GrantAuthorization } from "../../proto/gen/cosmos/authz/v1beta1/authz.ts";
import * as proto from "../../proto/gen/cosmos/authz/v1beta1/query.ts";
import { noAuthorizationFound } from "./errors.ts";
import { findGrant, type GrantKey } from "./keeper.ts";
import { grants } from "./state.ts";

/** What the SDK refuses without a status of its own becomes an invalid request on the way out. */
function asInvalidRequest<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof PageError) throw sdk.invalidRequest(error.message);
    if (error instanceof ChainError && error.codespace === "sdk") throw sdk.invalidRequest(error.message);
    throw error;
  }
}

const addressOf = (text: string): Uint8Array => asInvalidRequest(() => accountAddress.decode(text));

const named = ([granter, grantee]: GrantKey, { authorization, expiration }: Grant): GrantAuthorization => ({
  granter: accountAddress.encode(granter),
  grantee: accountAddress.encode(grantee),
  authorization,
  expiration,
});

function oneGrant(ctx: ReadContext, key: GrantKey) {
  const grant = findGrant(ctx, key);
  if (grant === undefined) throw noAuthorizationFound(`authorization not found for ${key[2]} type`);
  return { grants: [grant], pagination: undefined };
}

export const queries = {
  "/cosmos.authz.v1beta1.Query/Grants": query(
    proto.QueryGrantsRequest,
    proto.QueryGrantsResponse,
    (ctx, { granter, grantee, msgTypeUrl, pagination }) => {
      const [from, to] = [addressOf(granter), addressOf(grantee)];
      if (msgTypeUrl !== "") return oneGrant(ctx, [from, to, msgTypeUrl]);
      const page = asInvalidRequest(() => paginate(ctx, grants, pagination, (_key, grant) => grant, [from, to]));
      return { grants: page.items, pagination: page.pagination };
    },
  ),

  "/cosmos.authz.v1beta1.Query/GranterGrants": query(
    proto.QueryGranterGrantsRequest,
    proto.QueryGranterGrantsResponse,
    (ctx, { granter, pagination }) => {
      const from = addressOf(granter);
      const page = asInvalidRequest(() => paginate(ctx, grants, pagination, named, [from]));
      return { grants: page.items, pagination: page.pagination };
    },
  ),

  "/cosmos.authz.v1beta1.Query/GranteeGrants": query(
    proto.QueryGranteeGrantsRequest,
    proto.QueryGranteeGrantsResponse,
    (ctx, { grantee, pagination }) => {
      const to = addressOf(grantee);
      const matches = (key: GrantKey) => compareBytes(key[1], to) === 0;
      const page = asInvalidRequest(() => paginate(ctx, grants, pagination, named, undefined, { matches }));
      return { grants: page.items, pagination: page.pagination };
    },
  ),
};
