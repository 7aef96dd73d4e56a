/** What commands about proposals ask a node. Owns which queries those are; what is shown of the answers is view.ts. */
import type { AnyQueryHandler } from "../../chain/module.ts";
import { weir } from "../../modules/index.ts";
import type { NodeClient } from "../../node/chain/nodeclient.ts";
import type { PageRequest } from "../../proto/gen/cosmos/base/query/v1beta1/pagination.ts";
import type { Proposal } from "../../proto/gen/cosmos/gov/v1/gov.ts";
import type { QueryProposalResponse, QueryProposalsResponse } from "../../proto/gen/cosmos/gov/v1/query.ts";
import type {
  Meaning,
  QueryChangesResponse,
  QueryStandingResponse,
  QueryStandingsResponse,
  Standing,
} from "../../proto/gen/weir/gov/v1/query.ts";
import type { ModuleQuery } from "../query/modulequery.ts";

export const gov = weir.modules.find(({ name }) => name === "gov")!;

export const handlerOf = (path: string): AnyQueryHandler => gov.queries[path]!;

/** As `weir query gov WORD` would answer it. */
export function queryOf(path: string, word: string): ModuleQuery {
  return { module: gov, path, name: `query gov ${word}`, form: gov.commands?.queries[path] ?? {} };
}

async function ask<R>(node: NodeClient, path: string, request: object, height = 0n): Promise<R> {
  const handler = handlerOf(path);
  return node.query<object, R>(path, handler, handler.request.fromPartial(request), height);
}

export async function proposalOf(node: NodeClient, proposalId: bigint, height?: bigint): Promise<Proposal> {
  const answer = await ask<QueryProposalResponse>(node, "/cosmos.gov.v1.Query/Proposal", { proposalId }, height);
  return answer.proposal!;
}

export async function proposalsOf(node: NodeClient, request: object, height?: bigint) {
  return ask<QueryProposalsResponse>(node, "/cosmos.gov.v1.Query/Proposals", request, height);
}

export async function standingOf(node: NodeClient, proposalId: bigint, height?: bigint): Promise<Standing> {
  const answer = await ask<QueryStandingResponse>(node, "/weir.gov.v1.Query/Standing", { proposalId }, height);
  return answer.standing!;
}

export async function standingsOf(node: NodeClient, pagination: Partial<PageRequest>): Promise<readonly Standing[]> {
  return (await ask<QueryStandingsResponse>(node, "/weir.gov.v1.Query/Standings", { pagination })).standings;
}

export async function meaningOf(node: NodeClient, proposalId: bigint, height?: bigint): Promise<Meaning> {
  const answer = await ask<QueryChangesResponse>(node, "/weir.gov.v1.Query/Changes", { proposalId }, height);
  return answer.meaning!;
}
