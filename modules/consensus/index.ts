/** The engine's parameters: what other modules and the chain may use of them. */
import type { Module } from "../../chain/module.ts";
import { commands } from "./commands.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { messages } from "./messages.ts";
import { parameters } from "./parameters.ts";
import { queries } from "./queries.ts";
import { state, storeName } from "./state.ts";

export { consensusParams } from "./keeper.ts";
export { blockBytesMax, consensusParamsProblem, defaultConsensusParams } from "./validate.ts";

export const consensus: Module = {
  name: "consensus",
  storeName,
  state,
  messages,
  queries,
  genesis,
  invariants,
  parameters: [parameters],
  commands,
};
