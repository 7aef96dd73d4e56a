/** `weir query gov simulate FILE`: what a proposal in a file would change in the present state, and whether it would execute. */
import { readFileSync } from "node:fs";
import { toJson } from "../../chain/protojson.ts";
import { readProposalFile } from "../../modules/gov/index.ts";
import { NodeClient } from "../../node/chain/nodeclient.ts";
import type { QuerySimulateResponse } from "../../proto/gen/weir/gov/v1/query.ts";
import { UsageError } from "../arguments.ts";
import type { Command } from "../command.ts";
import { handlerOf } from "../governance/asking.ts";
import { meaningLines } from "../governance/view.ts";
import { parseJsonText } from "../jsontext.ts";
import { heightFlag, readHeight } from "../query/modulequery.ts";
import { sanitize } from "../table.ts";

const path = "/weir.gov.v1.Query/Simulate";
const fileBytesMax = 1 << 20;

function readFile(name: string): unknown {
  const text = readFileSync(name === "-" ? 0 : name, "utf8");
  if (text.length > fileBytesMax) throw new UsageError(`${name}: more than ${fileBytesMax} characters`);
  return parseJsonText(text, name, "; `weir tx gov draft` writes such a file");
}

export const command: Command = {
  name: "query gov simulate",
  positionals: ["PROPOSAL-JSON-FILE"],
  summary:
    "Tries a proposal's file out on a copy of the present state: what would change, and whether it would execute.",
  description:
    "The query /weir.gov.v1.Query/Simulate. Nothing is sent or changed. The exit code is 1 where it would not be accepted or not execute.",
  flags: [heightFlag],
  examples: ["weir query gov simulate proposal.json", "weir query gov simulate proposal.json --output json"],
  async run(invocation) {
    const { messages, expedited } = readProposalFile(readFile(invocation.positionals[0]!));
    const node = new NodeClient(invocation.flag("node") ?? "");
    const request = { messages: [...messages], expedited };
    const answer = await node.query<object, QuerySimulateResponse>(
      path,
      handlerOf(path),
      request,
      readHeight(invocation),
    );
    const { executes, problem, gasUsed, gasMax, meaning, events } = answer;
    const gas = `${invocation.look.number(`${gasUsed}`)} of ${invocation.look.number(`${gasMax}`)} gas`;
    const text = [
      ...meaningLines({ ...meaning!, problem: "" }),
      executes ? `It would execute, with ${gas}.` : `It would NOT execute: ${sanitize(problem)}`,
      ...(events.length === 0 ? [] : [`events: ${events.map(sanitize).join(", ")}`]),
    ];
    invocation.answer(`${text.join("\n")}\n`, toJson(handlerOf(path).response.typeName, answer));
    return executes ? 0 : 1;
  },
};
