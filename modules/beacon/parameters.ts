/** The constitution of the beacon's parameters: what each is, its range, and how it is changed. */
import { duration, integer, type ModuleParameters, share } from "../../chain/parameters.ts";
import { Params } from "../../proto/gen/weir/beacon/v1/state.ts";
import type { MsgUpdateParams } from "../../proto/gen/weir/beacon/v1/tx.ts";
import { countedMax, epochSecondsMax, fineBlocksMax, getParams, keyDelayMax, paramsToProto } from "./params.ts";

export const paramsOf = ({ params }: MsgUpdateParams): Params => params ?? Params.fromPartial({});

export const parameters: ModuleParameters<Params> = {
  typeName: Params.$type,
  message: "/weir.beacon.v1.MsgUpdateParams",
  rules: {
    epoch_duration: duration("planned length of an epoch, from the next one on", 1n, epochSecondsMax),
    key_delay_epochs: integer("epochs until a registered key is used", "epochs", 1n, keyDelayMax),
    withheld_fine_blocks: integer("what a block without proof costs", "block rewards", 0n, fineBlocksMax),
    counted_durations_max: integer("planned lengths that a longer epoch counts for", "epochs", 1n, countedMax, {
      class: "economic",
      loosens: "up",
    }),
    fine_share_max: share("most that a validator is fined in an epoch, of its tokens"),
  },
  read: (ctx) => paramsToProto(getParams(ctx)),
  proposed: (_ctx, message) => paramsOf(message),
};
