/** Punishing validators: what other modules may use of slashing. */
import type { Module } from "../../chain/module.ts";
import { commands } from "./commands.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { beginBlock } from "./liveness.ts";
import { messages } from "./messages.ts";
import { parameters } from "./parameters.ts";
import { queries } from "./queries.ts";
import { state, storeName } from "./state.ts";

export { afterValidatorBonded, afterValidatorCreated, afterValidatorRemoved } from "./hooks.ts";
export { type DoubleSign, getPublicKey, getSigningInfo, isTombstoned, punishDoubleSign } from "./keeper.ts";
export { validatorUpdateDelay } from "./liveness.ts";
export { forgetSigningHeights } from "./zeroheight.ts";

export const slashing: Module = {
  name: "slashing",
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
