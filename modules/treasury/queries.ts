/** The treasury's queries. */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { coinsToProto } from "../../chain/coins.ts";
import { query } from "../../chain/handlers.ts";
import * as proto from "../../proto/gen/weir/treasury/v1/query.ts";
import { balancesOf } from "../bank/index.ts";
import { getParams, paramsToProto } from "./params.ts";
import { getPolicy, leftNow } from "./policy.ts";
import { treasuryName } from "./spends.ts";
import { spends } from "./state.ts";

const address = moduleAddress(treasuryName);

export const queries = {
  "/weir.treasury.v1.Query/Treasury": query(proto.QueryTreasuryRequest, proto.QueryTreasuryResponse, (ctx) => ({
    address: accountAddress.encode(address),
    balance: coinsToProto(balancesOf(ctx, address)),
    policy: getPolicy(ctx),
    left: coinsToProto(leftNow(ctx)),
  })),
  "/weir.treasury.v1.Query/Spends": query(proto.QuerySpendsRequest, proto.QuerySpendsResponse, (ctx) => ({
    spends: [...spends.iterate(ctx)].map(([, spend]) => spend),
  })),
  "/weir.treasury.v1.Query/Params": query(proto.QueryParamsRequest, proto.QueryParamsResponse, (ctx) => ({
    params: paramsToProto(getParams(ctx)),
  })),
};
