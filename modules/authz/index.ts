/** What one account lets another do in its name. */
import type { Module } from "../../chain/module.ts";
import type { MessageRegistry } from "../../chain/tx/decode.ts";
import { commands } from "./commands.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { removeExpiredGrants } from "./keeper.ts";
import { messagesOver } from "./messages.ts";
import { queries } from "./queries.ts";
import { state, storeName } from "./state.ts";

/** Authz executes messages of every module: it is told where their handlers are, once all modules are listed. */
export const authzOver = (registry: MessageRegistry): Module => ({
  name: "authz",
  storeName,
  state,
  messages: messagesOver(registry),
  queries,
  genesis,
  invariants,
  exits: ["/cosmos.authz.v1beta1.MsgRevoke"],
  commands,
  beginBlock: removeExpiredGrants,
});
