/** The one message of cosmos.mint.v1beta1, as cosmos-sdk x/mint/keeper/msg_server.go handles it. */
import { requireAuthority } from "../../chain/authority.ts";
import { unregistered } from "../../chain/errors.ts";
import { message } from "../../chain/handlers.ts";
import { Params } from "../../proto/gen/cosmos/mint/v1beta1/mint.ts";
import * as proto from "../../proto/gen/cosmos/mint/v1beta1/tx.ts";
import { denomIsFixed } from "./errors.ts";
import { getParams } from "./keeper.ts";
import { paramsProblem } from "./params.ts";
import { emission, params } from "./state.ts";

/** A missing message field holds zeros, as in Go, where it is held by value. */
const paramsOf = (msg: proto.MsgUpdateParams): Params => msg.params ?? Params.fromPartial({});

const updateParams = message(proto.MsgUpdateParams, proto.MsgUpdateParamsResponse, {
  signers: (msg) => [msg.authority],
  validate(msg) {
    requireAuthority(msg.authority);
    const problem = paramsProblem(paramsOf(msg));
    if (problem !== undefined) throw unregistered(problem);
  },
  execute(ctx, msg) {
    const next = paramsOf(msg);
    const { mintDenom } = getParams(ctx);
    if (next.mintDenom !== mintDenom && emission.get(ctx) !== undefined) throw denomIsFixed(mintDenom);
    params.set(ctx, next);
    return {};
  },
});

export const messages = { "/cosmos.mint.v1beta1.MsgUpdateParams": updateParams };
