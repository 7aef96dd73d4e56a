/** The engine's parameters as the chain holds them. Owns their validity; the application reads them and tells the engine of changes. */

import type { ConsensusParamsKeeper } from "../../chain/definition.ts";
import { unregistered } from "../../chain/errors.ts";
import { fieldError } from "../../chain/protojson.ts";
import type { ConsensusParams } from "../../proto/gen/tendermint/types/params.ts";
import { params } from "./state.ts";
import { consensusParamsProblem } from "./validate.ts";

export function requireConsensusParams(candidate: ConsensusParams): void {
  const problem = consensusParamsProblem(candidate);
  if (problem !== undefined) throw unregistered(problem);
}

export const consensusParams: ConsensusParamsKeeper = {
  get: (ctx) => params.get(ctx),
  set(ctx, value) {
    const problem = consensusParamsProblem(value);
    if (problem !== undefined) throw fieldError("consensus.params", problem, "parameters that CometBFT accepts");
    params.set(ctx, value);
  },
};
