/** Slashing's messages, refused in the order and words of cosmos-sdk x/slashing/keeper/msg_server.go. */
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import { requireAuthority } from "../../chain/authority.ts";
import { ChainError, sdk, unregistered } from "../../chain/errors.ts";
import { message } from "../../chain/handlers.ts";
import * as types from "../../proto/gen/cosmos/slashing/v1beta1/slashing.ts";
import * as proto from "../../proto/gen/cosmos/slashing/v1beta1/tx.ts";
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

/** A missing message field holds zeros, as in Go, where it is held by value. */
const paramsOf = (msg: proto.MsgUpdateParams): types.Params => msg.params ?? types.Params.fromPartial({});

const updateParams = message(proto.MsgUpdateParams, proto.MsgUpdateParamsResponse, {
  signers: (msg) => [msg.authority],
  validate(msg) {
    requireAuthority(msg.authority);
    const problem = paramsProblem(paramsOf(msg));
    if (problem !== undefined) throw unregistered(problem);
  },
  execute(ctx, msg) {
    params.set(ctx, paramsFromProto(paramsOf(msg)));
    return {};
  },
});

export const messages = {
  "/cosmos.slashing.v1beta1.MsgUnjail": unjailHandler,
  "/cosmos.slashing.v1beta1.MsgUpdateParams": updateParams,
};
