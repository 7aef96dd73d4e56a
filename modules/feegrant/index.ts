/** Fees that one account pays for another: what the chain may use of feegrant. */
import type { Module } from "../../chain/module.ts";
import { commands } from "./commands.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { expiredPerBlockMax, removeExpired } from "./keeper.ts";
import { messages } from "./messages.ts";
import { queries } from "./queries.ts";
import { state, storeName } from "./state.ts";

export { anteGrants } from "./keeper.ts";

export const feegrant: Module = {
  name: "feegrant",
  storeName,
  state,
  messages,
  queries,
  genesis,
  invariants,
  exits: ["/cosmos.feegrant.v1beta1.MsgRevokeAllowance"],
  commands,
  endBlock(ctx) {
    removeExpired(ctx, expiredPerBlockMax);
    return [];
  },
};
