/** Funds that so many of so many members spend, a limit a day: no other module uses it. */
import type { Context } from "../../chain/context.ts";
import type { Module } from "../../chain/module.ts";
import { commands } from "./commands.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { messages } from "./messages.ts";
import { parameters } from "./params.ts";
import { forgetOldPayments } from "./policy.ts";
import { queries } from "./queries.ts";
import { dropExpired } from "./spends.ts";
import { state, storeName } from "./state.ts";

export const treasury: Module = {
  name: "treasury",
  storeName,
  state,
  messages,
  queries,
  genesis,
  invariants,
  parameters: [parameters],
  exits: [],
  commands,
  beginBlock(ctx: Context) {
    dropExpired(ctx);
    forgetOldPayments(ctx);
  },
};
