/** `weir query gov proposals`: proposals with their status, time left and votes. With --output json, the query's answer as it is. */
import { base64 } from "../../chain/base64.ts";
import { NodeClient } from "../../node/chain/nodeclient.ts";
import type { QueryProposalsRequest } from "../../proto/gen/cosmos/gov/v1/query.ts";
import type { Command } from "../command.ts";
import { proposalsOf, queryOf, standingOf } from "../governance/asking.ts";
import { standingLines } from "../governance/view.ts";
import { moduleQuery, readHeight, requestOf } from "../query/modulequery.ts";

const query = queryOf("/cosmos.gov.v1.Query/Proposals", "proposals");
const plain = moduleQuery(query);

/** Each is asked for how it stands. */
const shownDefault = 20n;

export const command: Command = {
  ...plain,
  summary: "Asks a node for proposals, the newest first: status, time left, and how the vote stands.",
  examples: [
    "weir query gov proposals",
    "weir query gov proposals --proposal-status PROPOSAL_STATUS_VOTING_PERIOD",
    "weir query gov proposals --voter alice --output json",
  ],
  async run(invocation) {
    if (invocation.json || invocation.has("prove")) return plain.run(invocation);
    const node = new NodeClient(invocation.flag("node") ?? "");
    const height = readHeight(invocation);
    const request = (await requestOf(query, invocation)) as QueryProposalsRequest;
    const page = request.pagination;
    const pagination = {
      key: page?.key ?? new Uint8Array(0),
      offset: page?.offset ?? 0n,
      limit: page !== undefined && page.limit > 0n ? page.limit : shownDefault,
      countTotal: page?.countTotal ?? false,
      reverse: !(page?.reverse ?? false),
    };
    const { proposals, pagination: next } = await proposalsOf(node, { ...request, pagination }, height);
    const now = BigInt(Math.floor(Date.now() / 1000));
    const blocks = await Promise.all(
      proposals.map(async ({ id }) => standingLines(await standingOf(node, id, height), now, invocation.look)),
    );
    const more = next === undefined || next.nextKey.length === 0 ? [] : [`more: --page-key ${base64(next.nextKey)}`];
    const text =
      blocks.length === 0 ? ["There is no such proposal."] : [...blocks.flatMap((block) => [...block, ""]), ...more];
    invocation.answer(`${text.join("\n").trimEnd()}\n`, {});
    return 0;
  },
};
