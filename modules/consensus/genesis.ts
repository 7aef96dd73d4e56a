/** Consensus has no genesis state of its own: its parameters stand in genesis.json beside app_state, for the engine too. */
import type { Genesis } from "../../chain/module.ts";
import { fieldError, shown } from "../../chain/protojson.ts";
import { params } from "./state.ts";
import { defaultConsensusParams } from "./validate.ts";

type Nothing = Readonly<Record<never, never>>;

export const genesis: Genesis<Nothing> = {
  default: () => ({}),
  parse(json) {
    const isEmpty =
      json === null || (typeof json === "object" && !Array.isArray(json) && Object.keys(json).length === 0);
    if (isEmpty) return {};
    throw fieldError("app_state.consensus", shown(json), "null or {}; write consensus parameters to consensus.params");
  },
  toJson: () => ({}),
  init(ctx) {
    if (params.get(ctx) === undefined) params.set(ctx, defaultConsensusParams);
    return undefined;
  },
  export: () => ({}),
};
