/** The queries of compliance. */
import { accountAddress } from "../../chain/address.ts";
import { coinsToProto } from "../../chain/coins.ts";
import type { ReadContext } from "../../chain/context.ts";
import { ChainError, QueryError } from "../../chain/errors.ts";
import { query } from "../../chain/handlers.ts";
import { PageError, paginate } from "../../chain/pagination.ts";
import * as proto from "../../proto/gen/weir/compliance/v1/query.ts";
import type { DenomRule } from "../../proto/gen/weir/compliance/v1/state.ts";
import { supplyOf } from "../bank/index.ts";
import { accountFreeze } from "../circuit/index.ts";
import { counts, credentialsOf, qualifies } from "./credentials.ts";
import { heldOf } from "./held.ts";
import { jurisdictionOf } from "./jurisdictions.ts";
import { leftOf, usedOf } from "./limits.ts";
import { getParams, paramsToProto } from "./params.ts";
import * as stored from "./state.ts";

function addressOf(text: string): Uint8Array {
  try {
    return accountAddress.decode(text);
  } catch (error) {
    if (error instanceof ChainError) throw new QueryError("InvalidArgument", error.message);
    throw error;
  }
}

function freezeView(ctx: ReadContext, address: string, denom: string): proto.AccountFreeze | undefined {
  const freeze = accountFreeze(ctx, address, denom);
  if (freeze === undefined) return undefined;
  const { actId, reason, ends, exitsOpen } = freeze;
  return { act: actId, reason, ends: { ...ends }, exitsOpen: { ...exitsOpen } };
}

function denomView(ctx: ReadContext, address: string, rule: DenomRule): proto.DenomView {
  const account = addressOf(address);
  const { denom, requirement, limits } = rule;
  return {
    denom,
    freeze: freezeView(ctx, address, denom),
    qualified: requirement === undefined || qualifies(ctx, account, requirement),
    flows: limits.map(({ flow, amount }) => {
      const left = leftOf(ctx, rule, flow, account);
      return { flow, limit: amount, used: `${usedOf(ctx, denom, flow, account)}`, left: `${left ?? amount}` };
    }),
  };
}

function jurisdictionsPage(ctx: ReadContext, { relay, pagination }: proto.QueryJurisdictionsRequest) {
  if (relay !== 0n) {
    const jurisdiction = jurisdictionOf(ctx, relay);
    return { jurisdictions: jurisdiction === "" ? [] : [{ relay, jurisdiction }], pagination: undefined };
  }
  try {
    const page = paginate(ctx, stored.jurisdictions, pagination, (id, jurisdiction) => ({ relay: id, jurisdiction }));
    return { jurisdictions: page.items, pagination: page.pagination };
  } catch (error) {
    if (error instanceof PageError) throw new QueryError("InvalidArgument", error.message);
    throw error;
  }
}

export const queries = {
  "/weir.compliance.v1.Query/Params": query(proto.QueryParamsRequest, proto.QueryParamsResponse, (ctx) => ({
    params: paramsToProto(getParams(ctx)),
  })),

  "/weir.compliance.v1.Query/Issuers": query(proto.QueryIssuersRequest, proto.QueryIssuersResponse, (ctx) => ({
    issuers: [...stored.issuers.iterate(ctx)].map(([, issuer]) => issuer),
  })),

  "/weir.compliance.v1.Query/Credentials": query(
    proto.QueryCredentialsRequest,
    proto.QueryCredentialsResponse,
    (ctx, { subject }) => ({
      credentials: credentialsOf(ctx, addressOf(subject)).map((credential) => ({
        credential,
        counts: counts(ctx, credential),
      })),
    }),
  ),

  "/weir.compliance.v1.Query/Rules": query(proto.QueryRulesRequest, proto.QueryRulesResponse, (ctx) => ({
    rules: [...stored.rules.iterate(ctx)].map(([, rule]) => rule),
  })),

  "/weir.compliance.v1.Query/Issuances": query(proto.QueryIssuancesRequest, proto.QueryIssuancesResponse, (ctx) => ({
    issuances: [...stored.issuances.iterate(ctx)].map(([denom, issuance]) => ({
      issuance,
      supply: `${supplyOf(ctx, denom)}`,
    })),
  })),

  "/weir.compliance.v1.Query/Account": query(
    proto.QueryAccountRequest,
    proto.QueryAccountResponse,
    (ctx, { address }) => ({
      denoms: [...stored.rules.iterate(ctx)].map(([, rule]) => denomView(ctx, address, rule)),
      held: coinsToProto(heldOf(ctx, addressOf(address))),
    }),
  ),

  "/weir.compliance.v1.Query/Jurisdictions": query(
    proto.QueryJurisdictionsRequest,
    proto.QueryJurisdictionsResponse,
    jurisdictionsPage,
  ),
};
