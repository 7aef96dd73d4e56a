/** The constitution of distribution's parameters: what each is, its range, and how it is changed. */
import { flag, type ModuleParameters, share } from "../../chain/parameters.ts";
import { Params } from "../../proto/gen/cosmos/distribution/v1beta1/distribution.ts";
import type { MsgUpdateParams } from "../../proto/gen/cosmos/distribution/v1beta1/tx.ts";
import { completeParams, defaultParams } from "./params.ts";
import { params as stored } from "./state.ts";

/** A missing message field holds zeros, as in Go, where it is held by value. */
export const paramsOf = ({ params }: MsgUpdateParams): Params => params ?? Params.fromPartial({});

const deprecated = "left over from older chains; a genesis alone may set it";

export const parameters: ModuleParameters<Params> = {
  typeName: Params.$type,
  message: "/cosmos.distribution.v1beta1.MsgUpdateParams",
  rules: {
    community_tax: share("share of fees and rewards for the community pool", "0", "1", { class: "economic" }),
    base_proposer_reward: share(deprecated),
    bonus_proposer_reward: share(deprecated),
    withdraw_addr_enabled: flag("whether rewards may go to an address of the delegator's choice"),
  },
  read: (ctx) => completeParams(stored.get(ctx) ?? defaultParams),
  proposed: (_ctx, message) => completeParams(paramsOf(message)),
};
