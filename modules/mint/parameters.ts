/** The constitution of mint's parameters. What raises the emission waits; the emission schedule and its cap are no parameters at all. */
import { decimal, integer, type ModuleParameters, share, text } from "../../chain/parameters.ts";
import { Params } from "../../proto/gen/cosmos/mint/v1beta1/mint.ts";
import type { MsgUpdateParams } from "../../proto/gen/cosmos/mint/v1beta1/tx.ts";
import { getParams } from "./keeper.ts";

/** A missing message field holds zeros, as in Go, where it is held by value. */
export const paramsOf = ({ params }: MsgUpdateParams): Params => params ?? Params.fromPartial({});

const raising = { class: "economic", loosens: "up" } as const;

export const parameters: ModuleParameters<Params> = {
  typeName: Params.$type,
  message: "/cosmos.mint.v1beta1.MsgUpdateParams",
  rules: {
    mint_denom: text("the denomination that is minted", "a denomination", { class: "fixed" }),
    inflation_rate_change: decimal("how fast inflation may move in a year", "share", "0", "1", raising),
    inflation_max: share("highest yearly inflation", "0", "1", raising),
    inflation_min: share("lowest yearly inflation", "0", "1", raising),
    goal_bonded: share("share of the supply that should be staked", "0.000000000000000001", "1", raising),
    blocks_per_year: integer("blocks expected in a year", "blocks", 1n, (1n << 63n) - 1n, {
      class: "economic",
      loosens: "down",
    }),
  },
  read: getParams,
  proposed: (_ctx, message) => paramsOf(message),
};
