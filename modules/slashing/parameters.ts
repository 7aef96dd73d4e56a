/** The constitution of slashing's parameters: what each is, its range, and how it is changed. */
import { duration, integer, type ModuleParameters, share } from "../../chain/parameters.ts";
import { Params } from "../../proto/gen/cosmos/slashing/v1beta1/slashing.ts";
import type { MsgUpdateParams } from "../../proto/gen/cosmos/slashing/v1beta1/tx.ts";
import { getParams } from "./keeper.ts";
import { paramsToProto, signedBlocksWindowMax } from "./params.ts";

/** A missing message field holds zeros, as in Go, where it is held by value. */
export const paramsOf = ({ params }: MsgUpdateParams): Params => params ?? Params.fromPartial({});

/** Go's time.Duration, in seconds: 292 years. */
const jailSecondsMax = 9_223_372_036n;

export const parameters: ModuleParameters<Params> = {
  typeName: Params.$type,
  message: "/cosmos.slashing.v1beta1.MsgUpdateParams",
  rules: {
    signed_blocks_window: integer("blocks over which missed ones are counted", "blocks", 10n, signedBlocksWindowMax),
    min_signed_per_window: share("share of those blocks that a validator must sign"),
    downtime_jail_duration: duration("time in jail after missing too many", 60n, jailSecondsMax),
    slash_fraction_double_sign: share("what signing twice costs, of the stake", "0", "1", { class: "economic" }),
    slash_fraction_downtime: share("what missing too many costs, of the stake", "0", "1", { class: "economic" }),
  },
  read: (ctx) => paramsToProto(getParams(ctx)),
  proposed: (_ctx, message) => paramsOf(message),
};
