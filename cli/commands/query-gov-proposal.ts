/** `weir query gov proposal N`: what it would change, and how its vote stands. With --output json, the query's answer as it is. */

import { NodeClient } from "../../node/chain/nodeclient.ts";
import type { QueryProposalRequest } from "../../proto/gen/cosmos/gov/v1/query.ts";
import type { Command } from "../command.ts";
import { meaningOf, proposalOf, queryOf, standingOf } from "../governance/asking.ts";
import { isDecided, kindOf, meaningLines, measures, stageOf, tallyBars, timeLeft } from "../governance/view.ts";
import { moduleQuery, readHeight, requestOf } from "../query/modulequery.ts";
import { coinText, sanitize } from "../table.ts";

const query = queryOf("/cosmos.gov.v1.Query/Proposal", "proposal");
const plain = moduleQuery(query);

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

export const command: Command = {
  ...plain,
  summary:
    "Asks a node for a proposal: each parameter that it would change, from what to what, and how its vote stands.",
  examples: ["weir query gov proposal 1", "weir query gov proposal 1 --output json"],
  async run(invocation) {
    if (invocation.json || invocation.has("prove")) return plain.run(invocation);
    const node = new NodeClient(invocation.flag("node") ?? "");
    const height = readHeight(invocation);
    const { proposalId } = (await requestOf(query, invocation)) as QueryProposalRequest;
    const proposal = await proposalOf(node, proposalId, height);
    const [standing, meaning] = await Promise.all([
      standingOf(node, proposalId, height),
      meaningOf(node, proposalId, height),
    ]);
    const { look } = invocation;
    const left = timeLeft(standing.endsAt, BigInt(Math.floor(Date.now() / 1000)));
    const deposit = proposal.totalDeposit.map((coin) => coinText(coin, look)).join(", ") || "nothing";
    const outcome = proposal.failedReason === "" ? [] : [`reason      ${sanitize(proposal.failedReason)}`];
    // What it did is in the state already: old and new are the same then.
    const changes = isDecided(standing)
      ? ["It is decided: the event parameter_changed of its block tells what it changed."]
      : meaningLines(meaning);
    const text = [
      look.heading(`Proposal ${proposalId}: ${sanitize(proposal.title).replaceAll("\n", " ")}`),
      `status      ${[stageOf(standing), kindOf(standing), left].filter((part) => part !== "").join(", ")}`,
      ...outcome,
      `proposer    ${proposal.proposer}`,
      `deposit     ${deposit}`,
      ...(proposal.metadata === "" ? [] : [`metadata    ${sanitize(proposal.metadata)}`]),
      `summary     ${sanitize(proposal.summary).replaceAll("\n", "\n            ")}`,
      ...meaning.messages.map((url, index) => `message ${index}   ${url}`),
      "",
      look.heading("Changes"),
      ...indented(changes),
      "",
      look.heading("Vote"),
      ...indented([measures(standing), ...tallyBars(standing.tally, look)]),
    ];
    invocation.answer(`${text.join("\n")}\n`, {});
    return 0;
  },
};
