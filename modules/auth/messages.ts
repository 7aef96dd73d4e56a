/** Auth's one message: new parameters, by governance. */
import { parameterUpdate } from "../../chain/parameterupdate.ts";
import { MsgUpdateParams, MsgUpdateParamsResponse } from "../../proto/gen/cosmos/auth/v1beta1/tx.ts";
import { parameters, paramsOf } from "./parameters.ts";
import { paramsProblem } from "./params.ts";
import { params } from "./state.ts";

const updateParams = parameterUpdate(MsgUpdateParams, MsgUpdateParamsResponse, parameters, {
  params: paramsOf,
  problem: paramsProblem,
  store: params.set,
});

export const messages = { "/cosmos.auth.v1beta1.MsgUpdateParams": updateParams };
