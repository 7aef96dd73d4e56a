/** The constitution of staking's parameters: what each is, its range, and how it is changed. */
import { duration, integer, type ModuleParameters, share, text } from "../../chain/parameters.ts";
import { Params } from "../../proto/gen/cosmos/staking/v1beta1/staking.ts";
import type { MsgUpdateParams } from "../../proto/gen/cosmos/staking/v1beta1/tx.ts";
import { getParams } from "./keeper.ts";
import { entriesMax, historicalEntriesMax, unbondingSecondsMax, validatorsMax } from "./params.ts";

/** A missing message field holds zeros, as in Go, where it is held by value. */
export const paramsOf = ({ params }: MsgUpdateParams): Params => params ?? Params.fromPartial({});

export const parameters: ModuleParameters<Params> = {
  typeName: Params.$type,
  message: "/cosmos.staking.v1beta1.MsgUpdateParams",
  rules: {
    unbonding_time: duration("time between leaving a validator and having the coins", 0n, unbondingSecondsMax, {
      class: "economic",
    }),
    max_validators: integer("validators that sign blocks", "validators", 1n, BigInt(validatorsMax)),
    max_entries: integer("unbondings at one time from one validator", "unbondings", 1n, BigInt(entriesMax)),
    historical_entries: integer("blocks whose validators are kept", "blocks", 0n, BigInt(historicalEntriesMax)),
    bond_denom: text("the denomination that is staked", "a denomination", { class: "fixed" }),
    min_commission_rate: share("lowest commission of a validator", "0", "1", { class: "economic" }),
  },
  read: getParams,
  proposed: (_ctx, message) => paramsOf(message),
};
