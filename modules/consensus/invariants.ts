/** What is always true of consensus parameters. */
import type { Invariant } from "../../chain/module.ts";
import { params } from "./state.ts";
import { consensusParamsProblem } from "./validate.ts";

const paramsAreValid: Invariant = (ctx) => {
  const stored = params.get(ctx);
  return stored === undefined ? "consensus parameters are not set" : consensusParamsProblem(stored);
};

export const invariants: Readonly<Record<string, Invariant>> = { paramsAreValid };
