/** A board to pin notes on: the worked example of CONTRIBUTING.md. Other modules would import from here only. */
import type { Module } from "../../../chain/module.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { messages } from "./messages.ts";
import { queries } from "./queries.ts";
import { state, storeName } from "./state.ts";

export { pin } from "./keeper.ts";

export const bulletin: Module = { name: "bulletin", storeName, state, messages, queries, genesis, invariants };
