/** Slashing's messages, refused in the order and words of cosmos-sdk x/slashing/keeper/msg_server.go. */
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import { ChainError, sdk } from "../../chain/errors.ts";
import { message } from "../../chain/handlers.ts";
import { parameterUpdate } from "../../chain/parameterupdate.ts";
import * as proto from "../../proto/gen/cosmos/slashing/v1beta1/tx.ts";
import { parameters, paramsOf } from "./parameters.ts";
import { paramsFromProto, paramsProblem } from "./params.ts";
import { params } from "./state.ts";
import { unjail } from "./unjail.ts";

function operatorOf(text: string): Uint8Array {
  try {
    return validatorAddress.decode(text);
  } catch (error) {
    if (error instanceof ChainError) throw sdk.invalidAddress(`validator input address: ${error.message}`);
    throw error;
  }
}

const unjailHandler = message(proto.MsgUnjail, proto.MsgUnjailResponse, {
  signers: (msg) => [accountAddress.encode(operatorOf(msg.validatorAddr))],
  validate(msg) {
    operatorOf(msg.validatorAddr);
  },
  execute(ctx, msg) {
    unjail(ctx, operatorOf(msg.validatorAddr));
    return {};
  },
});

const updateParams = parameterUpdate(proto.MsgUpdateParams, proto.MsgUpdateParamsResponse, parameters, {
  params: paramsOf,
  problem: paramsProblem,
  store: (ctx, next) => params.set(ctx, paramsFromProto(next)),
});

export const messages = {
  "/cosmos.slashing.v1beta1.MsgUnjail": unjailHandler,
  "/cosmos.slashing.v1beta1.MsgUpdateParams": updateParams,
};
