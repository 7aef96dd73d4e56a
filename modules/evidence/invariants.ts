/** What is always true of evidence that is stored. */
import type { Invariant } from "../../chain/module.ts";
import { compareBytes } from "../../chain/store/types.ts";
import { Equivocation, equivocationProblem, equivocationUrl, hashOf } from "./equivocation.ts";
import { evidences } from "./state.ts";

const evidenceIsUnderItsHash: Invariant = (ctx) => {
  for (const [hash, any] of evidences.iterate(ctx)) {
    if (compareBytes(hash, hashOf(any)) !== 0) return `evidence of hash ${hashOf(any)} is stored under ${hash}`;
    const problem = any.typeUrl === equivocationUrl ? equivocationProblem(Equivocation.decode(any.value)) : any.typeUrl;
    if (problem !== undefined) return `evidence ${hash}: ${problem}`;
  }
  return undefined;
};

export const invariants: Readonly<Record<string, Invariant>> = { evidenceIsUnderItsHash };
