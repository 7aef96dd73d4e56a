/** What queries of v1 and v1beta1 both ask, refused in the words and with the statuses of cosmos-sdk x/gov/keeper/grpc_query.go. */
import { accountAddress } from "../../chain/address.ts";
import type { ReadContext } from "../../chain/context.ts";
import { ChainError, QueryError, sdk } from "../../chain/errors.ts";
import { PageError, paginate } from "../../chain/pagination.ts";
import type { PageRequest } from "../../proto/gen/cosmos/base/query/v1beta1/pagination.ts";
import type { Deposit, Proposal, TallyResult, Vote } from "../../proto/gen/cosmos/gov/v1/gov.ts";
import { noVotes, resultOf } from "./count.ts";
import { getParams, getProposal, inDepositPeriod, inVotingPeriod } from "./keeper.ts";
import { deposits, proposals, votes } from "./state.ts";
import { previewCount } from "./tally.ts";

const invalid = (text: string) => new QueryError("InvalidArgument", text);

function requireId(id: bigint): void {
  if (id === 0n) throw invalid("proposal id can not be 0");
}

/** What the SDK refuses without a status of its own becomes an invalid request on the way out. */
function addressOf(text: string): Uint8Array {
  try {
    return accountAddress.decode(text);
  } catch (error) {
    if (error instanceof ChainError) throw sdk.invalidRequest(error.message);
    throw error;
  }
}

function asInternal<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof PageError) throw new QueryError("Internal", error.message);
    throw error;
  }
}

export function proposalOf(ctx: ReadContext, id: bigint): Proposal {
  requireId(id);
  const proposal = getProposal(ctx, id);
  if (proposal === undefined) throw new QueryError("NotFound", `proposal ${id} doesn't exist`);
  return proposal;
}

export interface ProposalFilter {
  readonly proposalStatus: number;
  readonly voter: string;
  readonly depositor: string;
  readonly pagination: PageRequest | undefined;
}

const lastStatus = 5;

export function proposalsPage(ctx: ReadContext, filter: ProposalFilter) {
  const { proposalStatus, pagination } = filter;
  const hasStatus = proposalStatus > 0 && proposalStatus <= lastStatus;
  const voter = filter.voter === "" ? undefined : internalAddressOf(filter.voter);
  const depositor = filter.depositor === "" ? undefined : internalAddressOf(filter.depositor);
  const matches = (id: bigint, { status }: Proposal) =>
    (!hasStatus || status === proposalStatus) &&
    (voter === undefined || votes.has(ctx, [id, voter])) &&
    (depositor === undefined || deposits.has(ctx, [id, depositor]));
  const isFiltered = hasStatus || voter !== undefined || depositor !== undefined;
  return asInternal(() =>
    paginate(ctx, proposals, pagination, (_id, proposal) => proposal, undefined, isFiltered ? { matches } : {}),
  );
}

function internalAddressOf(text: string): Uint8Array {
  try {
    return accountAddress.decode(text);
  } catch (error) {
    if (error instanceof ChainError) throw new QueryError("Internal", error.message);
    throw error;
  }
}

export function voteOf(ctx: ReadContext, id: bigint, voter: string): Vote {
  requireId(id);
  if (voter === "") throw invalid("empty voter address");
  const vote = votes.get(ctx, [id, addressOf(voter)]);
  if (vote === undefined) throw invalid(`voter: ${voter} not found for proposal: ${id}`);
  return vote;
}

export function votesPage(ctx: ReadContext, id: bigint, pagination: PageRequest | undefined) {
  requireId(id);
  return asInternal(() => paginate(ctx, votes, pagination, (_key, vote) => vote, [id]));
}

export function depositOf(ctx: ReadContext, id: bigint, depositor: string): Deposit {
  requireId(id);
  if (depositor === "") throw invalid("empty depositor address");
  const address = addressOf(depositor);
  const deposit = deposits.get(ctx, [id, address]);
  if (deposit !== undefined) return deposit;
  const text = accountAddress.encode(address);
  throw new QueryError(
    "NotFound",
    `collections: not found: key '("${id}", "${text}")' of type github.com/cosmos/gogoproto/cosmos.gov.v1.Deposit`,
  );
}

export function depositsPage(ctx: ReadContext, id: bigint, pagination: PageRequest | undefined) {
  requireId(id);
  return asInternal(() => paginate(ctx, deposits, pagination, (_key, deposit) => deposit, [id]));
}

/** While it is voted on: as it would be if the vote ended now. */
export function tallyOf(ctx: ReadContext, proposal: Proposal): TallyResult {
  if (proposal.status === inDepositPeriod) return resultOf(noVotes());
  if (proposal.status !== inVotingPeriod) return proposal.finalTallyResult ?? resultOf(noVotes());
  return resultOf(previewCount(ctx, proposal.id).sums);
}

export function paramsOfType(ctx: ReadContext, paramsType: string) {
  const params = getParams(ctx);
  const { minDeposit, maxDepositPeriod, votingPeriod, quorum, threshold, vetoThreshold } = params;
  const kinds = ["deposit", "voting", "tallying"];
  if (paramsType !== "" && !kinds.includes(paramsType)) throw invalid(`unknown params type: ${paramsType}`);
  return {
    depositParams: paramsType === "deposit" ? { minDeposit, maxDepositPeriod } : undefined,
    votingParams: paramsType === "voting" ? { votingPeriod } : undefined,
    tallyParams: paramsType === "tallying" ? { quorum, threshold, vetoThreshold } : undefined,
    params,
  };
}
