/** Slashing's queries, refused in the words and with the statuses of cosmos-sdk x/slashing/keeper/grpc_query.go. */
import { consensusAddress } from "../../chain/address.ts";
import { ChainError, QueryError, sdk } from "../../chain/errors.ts";
import { query } from "../../chain/handlers.ts";
import { PageError, paginate } from "../../chain/pagination.ts";
import * as proto from "../../proto/gen/cosmos/slashing/v1beta1/query.ts";
import { getParams, getSigningInfo } from "./keeper.ts";
import { paramsToProto } from "./params.ts";
import { signingInfoToProto } from "./signinginfo.ts";
import { signingInfos } from "./state.ts";

const otherPrefix = /^invalid Bech32 prefix; expected (\S+), got (\S+)$/;

/** The SDK wraps nothing around what its codec says: of another kind of address that is an error with a code, otherwise a bare one. */
function addressOf(text: string): Uint8Array {
  try {
    return consensusAddress.decode(text);
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    const [, expected, got] = otherPrefix.exec(error.message) ?? [];
    if (got === undefined) throw sdk.invalidRequest(error.message);
    const words = `hrp does not match bech32 prefix: expected '${expected}' got '${got}'`;
    throw sdk.unknownRequest(sdk.logic(words).message);
  }
}

export const queries = {
  "/cosmos.slashing.v1beta1.Query/Params": query(proto.QueryParamsRequest, proto.QueryParamsResponse, (ctx) => ({
    params: paramsToProto(getParams(ctx)),
  })),

  "/cosmos.slashing.v1beta1.Query/SigningInfo": query(
    proto.QuerySigningInfoRequest,
    proto.QuerySigningInfoResponse,
    (ctx, { consAddress }) => {
      if (consAddress === "") throw new QueryError("InvalidArgument", "invalid request");
      const info = getSigningInfo(ctx, addressOf(consAddress));
      if (info === undefined) throw new QueryError("NotFound", `SigningInfo not found for validator ${consAddress}`);
      return { valSigningInfo: signingInfoToProto(info) };
    },
  ),

  "/cosmos.slashing.v1beta1.Query/SigningInfos": query(
    proto.QuerySigningInfosRequest,
    proto.QuerySigningInfosResponse,
    (ctx, { pagination }) => {
      try {
        const page = paginate(ctx, signingInfos, pagination, (_address, info) => signingInfoToProto(info));
        return { info: page.items, pagination: page.pagination };
      } catch (error) {
        if (error instanceof PageError) throw sdk.invalidRequest(error.message);
        throw error;
      }
    },
  ),
};
