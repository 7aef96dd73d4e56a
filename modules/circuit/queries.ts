/** Circuit's queries: the SDK's, and what the committee does and may do. */
import { accountAddress } from "../../chain/address.ts";
import type { ReadContext } from "../../chain/context.ts";
import { QueryError } from "../../chain/errors.ts";
import { query } from "../../chain/handlers.ts";
import type { AnyQueryHandler } from "../../chain/module.ts";
import { PageError, paginate } from "../../chain/pagination.ts";
import * as sdkProto from "../../proto/gen/cosmos/circuit/v1/query.ts";
import * as proto from "../../proto/gen/weir/circuit/v1/query.ts";
import { ActKind } from "../../proto/gen/weir/circuit/v1/state.ts";
import { checkAct } from "./act.ts";
import { affected, effectOn, standingActs } from "./acts.ts";
import { getCommittee, inOffice } from "./committee.ts";
import { kindWord } from "./events.ts";
import { getParams, paramsToProto } from "./params.ts";
import { contentOf, signDoc } from "./signing.ts";
import { disabled, ended, exitsOpen, nonces, pending, permissions, usedUp } from "./state.ts";

function status(ctx: ReadContext): proto.QueryStatusResponse {
  const paused = affected(ctx, ActKind.ACT_KIND_PAUSE_MESSAGES);
  return {
    acts: standingActs(ctx),
    pending: [...pending.iterate(ctx)].map(([, found]) => found),
    pausedMessages: [...new Set([...paused, ...disabled.keys(ctx)])],
    frozenDenoms: [...affected(ctx, ActKind.ACT_KIND_FREEZE_DENOM)],
    frozenAccounts: [...affected(ctx, ActKind.ACT_KIND_FREEZE_ACCOUNT)],
    redemptionPaused: effectOn(ctx, ActKind.ACT_KIND_PAUSE_REDEMPTION, "") !== undefined,
    stoppedUpgrades: [...affected(ctx, ActKind.ACT_KIND_STOP_UPGRADE)],
    usedUp: [...usedUp.keys(ctx)].map(([kind, target]) => `${kindWord(Number(kind) as ActKind)} ${target}`.trim()),
    exitsOpen: exitsOpen.get(ctx),
    nextNonce: nonces.peek(ctx),
  };
}

/** The SDK hands on what its pages say without a status. */
function asUnknown<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof PageError) throw new QueryError("Unknown", error.message);
    throw error;
  }
}

export const queries: Readonly<Record<string, AnyQueryHandler>> = {
  "/cosmos.circuit.v1.Query/Account": query(
    sdkProto.QueryAccountRequest,
    sdkProto.AccountResponse,
    (ctx, { address }) => {
      const permission = permissions.get(ctx, accountAddress.decode(address));
      if (permission !== undefined) return { permission };
      throw new QueryError("Unknown", "collections: not found: key 'no_key' of type cosmos.circuit.v1.Permissions");
    },
  ),
  "/cosmos.circuit.v1.Query/Accounts": query(
    sdkProto.QueryAccountsRequest,
    sdkProto.AccountsResponse,
    (ctx, { pagination }) => {
      const page = asUnknown(() =>
        paginate(ctx, permissions, pagination, (address, found) => ({
          address: accountAddress.encode(address),
          permissions: found,
        })),
      );
      return { accounts: page.items, pagination: page.pagination };
    },
  ),
  "/cosmos.circuit.v1.Query/DisabledList": query(
    sdkProto.QueryDisabledListRequest,
    sdkProto.DisabledListResponse,
    (ctx) => ({ disabledList: [...disabled.keys(ctx)] }),
  ),
  "/weir.circuit.v1.Query/Status": query(proto.QueryStatusRequest, proto.QueryStatusResponse, status),
  "/weir.circuit.v1.Query/History": query(proto.QueryHistoryRequest, proto.QueryHistoryResponse, (ctx) => ({
    acts: [...ended.iterate(ctx, { reverse: true })].map(([, act]) => act),
  })),
  "/weir.circuit.v1.Query/Committee": query(proto.QueryCommitteeRequest, proto.QueryCommitteeResponse, (ctx) => ({
    committee: getCommittee(ctx),
    inOffice: inOffice(ctx).length,
  })),
  "/weir.circuit.v1.Query/Params": query(proto.QueryParamsRequest, proto.QueryParamsResponse, (ctx) => ({
    params: paramsToProto(getParams(ctx)),
  })),
  "/weir.circuit.v1.Query/SignBytes": query(
    proto.QuerySignBytesRequest,
    proto.QuerySignBytesResponse,
    (ctx, request) => {
      const { member, act, validUntil } = request;
      accountAddress.decode(member);
      if (validUntil === undefined) throw new QueryError("InvalidArgument", "valid_until is missing");
      const content = contentOf(ctx, checkAct(act), validUntil);
      return { nonce: content.nonce, signDoc: signDoc(member, content) };
    },
  ),
};
