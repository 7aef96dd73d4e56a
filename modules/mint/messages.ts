/** The one message of cosmos.mint.v1beta1, as cosmos-sdk x/mint/keeper/msg_server.go handles it. */
import { parameterUpdate } from "../../chain/parameterupdate.ts";
import * as proto from "../../proto/gen/cosmos/mint/v1beta1/tx.ts";
import { denomIsFixed } from "./errors.ts";
import { getParams } from "./keeper.ts";
import { parameters, paramsOf } from "./parameters.ts";
import { paramsProblem } from "./params.ts";
import { emission, params } from "./state.ts";

const updateParams = parameterUpdate(proto.MsgUpdateParams, proto.MsgUpdateParamsResponse, parameters, {
  params: paramsOf,
  problem: paramsProblem,
  store(ctx, next) {
    const { mintDenom } = getParams(ctx);
    if (next.mintDenom !== mintDenom && emission.get(ctx) !== undefined) throw denomIsFixed(mintDenom);
    params.set(ctx, next);
  },
});

export const messages = { "/cosmos.mint.v1beta1.MsgUpdateParams": updateParams };
