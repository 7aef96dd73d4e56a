/** Gov's queries: v1, v1beta1 as the same seen by older clients, and this chain's own. */
import { decToProtoBytes, parseDec } from "../../chain/dec.ts";
import { QueryError } from "../../chain/errors.ts";
import { query } from "../../chain/handlers.ts";
import type { AnyQueryHandler } from "../../chain/module.ts";
import * as v1 from "../../proto/gen/cosmos/gov/v1/query.ts";
import * as v1beta1 from "../../proto/gen/cosmos/gov/v1beta1/query.ts";
import {
  depositOf,
  depositsPage,
  paramsOfType,
  proposalOf,
  proposalsPage,
  tallyOf,
  voteOf,
  votesPage,
} from "./answers.ts";
import type { Router } from "./constitution.ts";
import { legacyProposal, legacyTally, legacyVote } from "./legacy.ts";
import { constitution } from "./state.ts";
import { weirQueriesOver } from "./weirqueries.ts";

const queries = {
  "/cosmos.gov.v1.Query/Constitution": query(v1.QueryConstitutionRequest, v1.QueryConstitutionResponse, (ctx) => ({
    constitution: constitution.get(ctx) ?? "",
  })),

  "/cosmos.gov.v1.Query/Proposal": query(v1.QueryProposalRequest, v1.QueryProposalResponse, (ctx, { proposalId }) => ({
    proposal: proposalOf(ctx, proposalId),
  })),

  "/cosmos.gov.v1.Query/Proposals": query(v1.QueryProposalsRequest, v1.QueryProposalsResponse, (ctx, request) => {
    const { items, pagination } = proposalsPage(ctx, request);
    return { proposals: items, pagination };
  }),

  "/cosmos.gov.v1.Query/Vote": query(v1.QueryVoteRequest, v1.QueryVoteResponse, (ctx, { proposalId, voter }) => ({
    vote: voteOf(ctx, proposalId, voter),
  })),

  "/cosmos.gov.v1.Query/Votes": query(v1.QueryVotesRequest, v1.QueryVotesResponse, (ctx, request) => {
    const { items, pagination } = votesPage(ctx, request.proposalId, request.pagination);
    return { votes: items, pagination };
  }),

  "/cosmos.gov.v1.Query/Params": query(v1.QueryParamsRequest, v1.QueryParamsResponse, (ctx, { paramsType }) =>
    paramsOfType(ctx, paramsType),
  ),

  "/cosmos.gov.v1.Query/Deposit": query(
    v1.QueryDepositRequest,
    v1.QueryDepositResponse,
    (ctx, { proposalId, depositor }) => ({ deposit: depositOf(ctx, proposalId, depositor) }),
  ),

  "/cosmos.gov.v1.Query/Deposits": query(v1.QueryDepositsRequest, v1.QueryDepositsResponse, (ctx, request) => {
    const { items, pagination } = depositsPage(ctx, request.proposalId, request.pagination);
    return { deposits: items, pagination };
  }),

  "/cosmos.gov.v1.Query/TallyResult": query(
    v1.QueryTallyResultRequest,
    v1.QueryTallyResultResponse,
    (ctx, { proposalId }) => ({ tally: tallyOf(ctx, proposalOf(ctx, proposalId)) }),
  ),
};

const noTime = { seconds: 0n, nanos: 0 };

const scaled = (text: string): Uint8Array => decToProtoBytes(parseDec(text));

const legacyQueries = {
  "/cosmos.gov.v1beta1.Query/Proposal": query(
    v1beta1.QueryProposalRequest,
    v1beta1.QueryProposalResponse,
    (ctx, { proposalId }) => ({ proposal: legacyProposal(proposalOf(ctx, proposalId)) }),
  ),

  "/cosmos.gov.v1beta1.Query/Proposals": query(
    v1beta1.QueryProposalsRequest,
    v1beta1.QueryProposalsResponse,
    (ctx, request) => {
      const { items, pagination } = proposalsPage(ctx, request);
      return { proposals: items.map(legacyProposal), pagination };
    },
  ),

  "/cosmos.gov.v1beta1.Query/Vote": query(
    v1beta1.QueryVoteRequest,
    v1beta1.QueryVoteResponse,
    (ctx, { proposalId, voter }) => ({ vote: legacyVote(voteOf(ctx, proposalId, voter)) }),
  ),

  "/cosmos.gov.v1beta1.Query/Votes": query(v1beta1.QueryVotesRequest, v1beta1.QueryVotesResponse, (ctx, request) => {
    const { items, pagination } = votesPage(ctx, request.proposalId, request.pagination);
    return { votes: items.map(legacyVote), pagination };
  }),

  "/cosmos.gov.v1beta1.Query/Params": query(
    v1beta1.QueryParamsRequest,
    v1beta1.QueryParamsResponse,
    (ctx, { paramsType }) => {
      const { depositParams, votingParams, tallyParams: tally } = paramsOfType(ctx, paramsType);
      if (depositParams === undefined && votingParams === undefined && tally === undefined) {
        throw new QueryError("InvalidArgument", `${paramsType} is not a valid parameter type`);
      }
      // Go holds all three by value: those that were not asked for are zeros.
      const { quorum, threshold, vetoThreshold } = tally ?? { quorum: "0", threshold: "0", vetoThreshold: "0" };
      return {
        depositParams: depositParams ?? { minDeposit: [], maxDepositPeriod: noTime },
        votingParams: votingParams ?? { votingPeriod: noTime },
        tallyParams: { quorum: scaled(quorum), threshold: scaled(threshold), vetoThreshold: scaled(vetoThreshold) },
      };
    },
  ),

  "/cosmos.gov.v1beta1.Query/Deposit": query(
    v1beta1.QueryDepositRequest,
    v1beta1.QueryDepositResponse,
    (ctx, { proposalId, depositor }) => ({ deposit: depositOf(ctx, proposalId, depositor) }),
  ),

  "/cosmos.gov.v1beta1.Query/Deposits": query(
    v1beta1.QueryDepositsRequest,
    v1beta1.QueryDepositsResponse,
    (ctx, request) => {
      const { items, pagination } = depositsPage(ctx, request.proposalId, request.pagination);
      return { deposits: items, pagination };
    },
  ),

  "/cosmos.gov.v1beta1.Query/TallyResult": query(
    v1beta1.QueryTallyResultRequest,
    v1beta1.QueryTallyResultResponse,
    (ctx, { proposalId }) => ({ tally: legacyTally(tallyOf(ctx, proposalOf(ctx, proposalId))) }),
  ),
};

/** `router` has the messages and parameters of every module of the chain. */
export const queriesOver = (router: Router): Readonly<Record<string, AnyQueryHandler>> => ({
  ...queries,
  ...legacyQueries,
  ...weirQueriesOver(router),
});
