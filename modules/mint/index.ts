/** The supply's schedule: what other modules and the chain may use of mint. */
import type { Module } from "../../chain/module.ts";
import { commands } from "./commands.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { beginBlock } from "./keeper.ts";
import { messages } from "./messages.ts";
import { parameters } from "./parameters.ts";
import { queries } from "./queries.ts";
import { state, storeName } from "./state.ts";

export { inflationGenesis } from "./genesis.ts";
export type { MintingRoom } from "./keeper.ts";
export {
  blockEmission,
  emitsBySchedule,
  forfeitScheduled,
  mintDenom,
  mintFurther,
  mintingRoom,
  mintScheduled,
  scheduledEmission,
  supplyCap,
} from "./keeper.ts";

export const mint: Module = {
  name: "mint",
  storeName,
  state,
  messages,
  queries,
  genesis,
  invariants,
  parameters: [parameters],
  commands,
  beginBlock,
};
