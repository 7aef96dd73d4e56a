/** The beacon and the epoch clock: what other modules, the chain and nodes may use of it. */
import type { Module } from "../../chain/module.ts";
import { commands } from "./commands.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { messages } from "./messages.ts";
import { parameters } from "./parameters.ts";
import { beginBlock, endBlock } from "./proposers.ts";
import { queries } from "./queries.ts";
import { state, storeName } from "./state.ts";

export {
  beaconAt,
  currentEpoch,
  type Epoch,
  epoch,
  epochOpenedNow,
  forgetEpochHeights,
  tickCount,
} from "./epochs.ts";
export { afterValidatorRemoved } from "./keys.ts";
export { isPossession, provePossession } from "./proof.ts";
export { beaconValue, proofs } from "./proving.ts";

export const beacon: Module = {
  name: "beacon",
  storeName,
  state,
  messages,
  queries,
  genesis,
  invariants,
  parameters: [parameters],
  commands,
  beginBlock,
  endBlock,
};
