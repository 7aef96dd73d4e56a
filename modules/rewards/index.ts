/** Settlement of epochs and what it pays: what other modules and the chain may use of rewards. */
import type { Module } from "../../chain/module.ts";
import { commands } from "./commands.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { messages } from "./messages.ts";
import { parameters } from "./parameters.ts";
import { queries } from "./queries.ts";
import { state, storeName } from "./state.ts";
import { endBlock } from "./sweep.ts";

export { relayRecord } from "./accrual.ts";
export { requiredBondRate, validatorShare } from "./bondrate.ts";
export {
  afterRelayPardoned,
  afterRelayRemoved,
  afterRelaySharesModified,
  beforeRelaySharesModified,
} from "./claims.ts";
export { epochRecord } from "./epochrecord.ts";
export type { RelayRecord } from "./record.ts";

export const rewards: Module = {
  name: "rewards",
  storeName,
  state,
  messages,
  queries,
  genesis,
  invariants,
  exits: ["/weir.rewards.v1.MsgClaim", "/weir.rewards.v1.MsgClaimAll", "/weir.rewards.v1.MsgClaimOracle"],
  parameters: [parameters],
  commands,
  endBlock,
};
