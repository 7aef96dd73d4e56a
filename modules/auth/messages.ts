/** Auth's one message: new parameters, by governance. */
import { requireAuthority } from "../../chain/authority.ts";
import { unregistered } from "../../chain/errors.ts";
import { message } from "../../chain/handlers.ts";
import { Params } from "../../proto/gen/cosmos/auth/v1beta1/auth.ts";
import { MsgUpdateParams, MsgUpdateParamsResponse } from "../../proto/gen/cosmos/auth/v1beta1/tx.ts";
import { paramsProblem } from "./params.ts";
import { params } from "./state.ts";

/** A missing message field holds zeros, as in Go, where it is held by value. */
const paramsOf = (msg: MsgUpdateParams): Params => msg.params ?? Params.fromPartial({});

const updateParams = message(MsgUpdateParams, MsgUpdateParamsResponse, {
  signers: (msg) => [msg.authority],
  validate(msg) {
    requireAuthority(msg.authority);
    const problem = paramsProblem(paramsOf(msg));
    if (problem !== undefined) throw unregistered(problem);
  },
  execute(ctx, msg) {
    params.set(ctx, paramsOf(msg));
    return {};
  },
});

export const messages = { "/cosmos.auth.v1beta1.MsgUpdateParams": updateParams };
