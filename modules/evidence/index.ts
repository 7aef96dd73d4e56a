/** Proof that a validator signed twice: no other module uses it. */
import type { Module } from "../../chain/module.ts";
import { commands } from "./commands.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { messages } from "./messages.ts";
import { beginBlock } from "./misbehavior.ts";
import { queries } from "./queries.ts";
import { state, storeName } from "./state.ts";

export const evidence: Module = {
  name: "evidence",
  storeName,
  state,
  messages,
  queries,
  genesis,
  invariants,
  commands,
  beginBlock,
};
