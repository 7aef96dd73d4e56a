/** How the command line spells gov's queries: those of v1 as simd does, those for older clients with "legacy" before. */
import type { QueryForm } from "../../chain/commandforms.ts";

/** As the answer's JSON has it. */
interface ShownParameter {
  readonly module: string;
  readonly name: string;
  readonly value: string;
  readonly range: string;
  readonly class: string;
  readonly loosens: string;
}

const byId = (summary: string, name?: string): QueryForm => ({
  ...(name === undefined ? {} : { name }),
  summary,
  positionals: ["proposal_id"],
  examples: ["1"],
});

const of = (summary: string, whose: "voter" | "depositor", name?: string): QueryForm => ({
  ...(name === undefined ? {} : { name }),
  summary,
  positionals: ["proposal_id", whose],
  examples: ["1 weir1…"],
});

const ofType = (summary: string, optional: number, name?: string): QueryForm => ({
  ...(name === undefined ? {} : { name }),
  summary,
  positionals: ["params_type"],
  optional,
  examples: ["voting"],
});

const filters = { positionals: [], examples: ["", "--voter weir1…"] } as const;

export const queryForms: Readonly<Record<string, QueryForm>> = {
  "/cosmos.gov.v1.Query/Constitution": { summary: "the text that the chain gave itself", examples: [""] },
  "/cosmos.gov.v1.Query/Proposal": byId("a proposal: what it would change, and how its vote stands"),
  "/cosmos.gov.v1.Query/Proposals": { summary: "proposals with their status and votes, the newest first", ...filters },
  "/cosmos.gov.v1.Query/Vote": of("how somebody voted; after the count nobody is told any more", "voter"),
  "/cosmos.gov.v1.Query/Votes": byId("all votes on a proposal"),
  "/cosmos.gov.v1.Query/Params": ofType("the parameters of governance", 1),
  "/cosmos.gov.v1.Query/Deposit": of("what somebody has deposited on a proposal", "depositor"),
  "/cosmos.gov.v1.Query/Deposits": byId("all deposits on a proposal"),
  "/cosmos.gov.v1.Query/TallyResult": byId("how a vote ended, or would end now", "tally"),
  "/cosmos.gov.v1beta1.Query/Proposal": byId("a proposal, for older clients", "legacy-proposal"),
  "/cosmos.gov.v1beta1.Query/Proposals": {
    name: "legacy-proposals",
    summary: "proposals, for older clients",
    ...filters,
  },
  "/cosmos.gov.v1beta1.Query/Vote": of("a vote, for older clients", "voter", "legacy-vote"),
  "/cosmos.gov.v1beta1.Query/Votes": byId("votes, for older clients", "legacy-votes"),
  "/cosmos.gov.v1beta1.Query/Params": ofType("parameters, for older clients", 0, "legacy-params"),
  "/cosmos.gov.v1beta1.Query/Deposit": of("a deposit, for older clients", "depositor", "legacy-deposit"),
  "/cosmos.gov.v1beta1.Query/Deposits": byId("deposits, for older clients", "legacy-deposits"),
  "/cosmos.gov.v1beta1.Query/TallyResult": byId("a tally, for older clients", "legacy-tally"),
  "/weir.gov.v1.Query/Params": {
    name: "weir-params",
    summary: "the parameters of longer votes and delays",
    examples: [""],
  },
  "/weir.gov.v1.Query/Parameters": {
    summary: "the constitution: every parameter, its value, range and class",
    positionals: ["module"],
    optional: 1,
    examples: ["", "mint"],
    shown: ({ parameters }: { readonly parameters: readonly ShownParameter[] }) =>
      parameters.map(({ module, name, value, range, class: kind, loosens }) => ({
        parameter: `${module}.${name}`,
        value,
        range,
        class: loosens === "" ? kind : `${kind}, ${loosens} waits`,
      })),
  },
  "/weir.gov.v1.Query/Changes": byId("which parameters a proposal would change, from what to what"),
  "/weir.gov.v1.Query/Simulate": {
    name: "simulate",
    summary: "what a proposal in a file would change, and whether it would execute",
    positionals: [],
    examples: ["proposal.json"],
  },
  "/weir.gov.v1.Query/Standings": { summary: "how votes stand, the newest first", positionals: [], examples: [""] },
  "/weir.gov.v1.Query/Standing": byId("how the vote on a proposal stands"),
  "/weir.gov.v1.Query/Delayed": { summary: "accepted proposals that wait before they act", examples: [""] },
};
