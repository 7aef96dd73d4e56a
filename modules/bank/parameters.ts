/** The constitution of bank's parameters: what each is, its range, and how it is changed. */
import { flag, list, type ModuleParameters } from "../../chain/parameters.ts";
import { Params } from "../../proto/gen/cosmos/bank/v1beta1/bank.ts";
import type { MsgUpdateParams } from "../../proto/gen/cosmos/bank/v1beta1/tx.ts";
import { getParams } from "./sendenabled.ts";

/** A missing message field holds zeros, as in Go, where it is held by value. */
export const paramsOf = ({ params }: MsgUpdateParams): Params => params ?? Params.fromPartial({});

export const parameters: ModuleParameters<Params> = {
  typeName: Params.$type,
  message: "/cosmos.bank.v1beta1.MsgUpdateParams",
  rules: {
    send_enabled: list("left over from older chains; MsgSetSendEnabled does this now", "entries", 0n, 0n),
    default_send_enabled: flag("whether coins may be sent where nothing is said of their denomination"),
  },
  read: getParams,
  proposed: (_ctx, message) => paramsOf(message),
};
