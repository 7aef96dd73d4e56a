/** The constitution of the committee's parameters. Exit paths stay closed for 72 hours at most, whatever is voted. */
import { duration, integer, type ModuleParameters } from "../../chain/parameters.ts";
import { Params } from "../../proto/gen/weir/circuit/v1/state.ts";
import type { MsgUpdateParams } from "../../proto/gen/weir/circuit/v1/tx.ts";
import {
  actDurationSecondsMax,
  actsMaxMax,
  approvalSecondsMax,
  exitPauseSecondsMax,
  getParams,
  paramsToProto,
} from "./params.ts";

export const paramsOf = ({ params }: MsgUpdateParams): Params => params ?? Params.fromPartial({});

export const parameters: ModuleParameters<Params> = {
  typeName: Params.$type,
  message: "/weir.circuit.v1.MsgUpdateParams",
  rules: {
    act_duration_max: duration("longest time that an emergency act stands", 3_600n, actDurationSecondsMax),
    exit_pause_max: duration("longest time that emergency acts close exit paths", 0n, exitPauseSecondsMax),
    approval_period: duration("time to collect a committee's approvals", 600n, approvalSecondsMax),
    acts_max: integer("emergency acts that may stand at a time", "acts", 1n, actsMaxMax),
  },
  read: (ctx) => paramsToProto(getParams(ctx)),
  proposed: (_ctx, message) => paramsOf(message),
};
