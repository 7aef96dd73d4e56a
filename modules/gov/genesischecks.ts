/** What records of gov in a genesis must be, so that no block later meets what no message could have made. Pure. */
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import { coinsFromProto, coinsProblem } from "../../chain/coins.ts";
import { decFromProto } from "../../chain/dec.ts";
import { fieldError, refusedAs, shown } from "../../chain/protojson.ts";
import type { GenesisState } from "../../proto/gen/cosmos/gov/v1/genesis.ts";
import { type Proposal, ProposalStatus } from "../../proto/gen/cosmos/gov/v1/gov.ts";
import type { GenesisState as WeirGenesis } from "../../proto/gen/weir/gov/v1/genesis.ts";
import type { Tally, TallyValidator } from "../../proto/gen/weir/gov/v1/state.ts";
import { inVotingPeriod, passed } from "./keeper.ts";
import { paramsProblem } from "./params.ts";
import { requireWeights } from "./votes.ts";

type ById = ReadonlyMap<bigint, Proposal>;

function checkProposal(proposal: Proposal, startingId: bigint, path: string): void {
  const { id, status, submitTime, depositEndTime, votingStartTime, votingEndTime, totalDeposit, finalTallyResult } =
    proposal;
  if (id === 0n || id >= startingId) throw fieldError(`${path}.id`, `${id}`, `1 to ${startingId - 1n}`);
  if (status === 0 || !Object.values(ProposalStatus).includes(status)) {
    throw fieldError(`${path}.status`, `${status}`, "a status");
  }
  if (submitTime === undefined) throw fieldError(`${path}.submit_time`, "nothing", "a time");
  if (depositEndTime === undefined) throw fieldError(`${path}.deposit_end_time`, "nothing", "a time");
  if (status === inVotingPeriod && (votingStartTime === undefined || votingEndTime === undefined)) {
    throw fieldError(`${path}.voting_end_time`, "no time of the vote", "the times at which it began and will end");
  }
  if (finalTallyResult === undefined) throw fieldError(`${path}.final_tally_result`, "nothing", "a tally, if of zeros");
  refusedAs(`${path}.total_deposit`, shown(totalDeposit), "coins", () => coinsFromProto(totalDeposit));
}

function once(seen: Set<string>, key: string, path: string): void {
  if (seen.has(key)) throw fieldError(path, `${key} again`, "each once");
  seen.add(key);
}

function addressOf(text: string, path: string): Uint8Array {
  return refusedAs(path, shown(text), "an account's address", () => accountAddress.decode(text));
}

/** In lower case, so that one account is one text. */
const nameOf = (address: Uint8Array): string => accountAddress.encode(address);

function checkDeposits({ deposits }: GenesisState, isKnown: (id: bigint) => boolean, at: string): void {
  const seen = new Set<string>();
  for (const [index, { proposalId, depositor, amount }] of deposits.entries()) {
    const path = `${at}.deposits[${index}]`;
    if (!isKnown(proposalId)) throw fieldError(`${path}.proposal_id`, `${proposalId}`, "a proposal that there is");
    const coins = refusedAs(`${path}.amount`, shown(amount), "coins", () => coinsFromProto(amount));
    const problem = coinsProblem(coins);
    if (problem !== undefined) throw fieldError(`${path}.amount`, problem, "coins, sorted, each above zero");
    once(seen, `${proposalId}/${nameOf(addressOf(depositor, `${path}.depositor`))}`, path);
  }
}

function checkVotes({ votes }: GenesisState, proposals: ById, at: string): void {
  const seen = new Set<string>();
  for (const [index, { proposalId, voter, options }] of votes.entries()) {
    const path = `${at}.votes[${index}]`;
    if (!proposals.has(proposalId))
      throw fieldError(`${path}.proposal_id`, `${proposalId}`, "a proposal that there is");
    refusedAs(`${path}.options`, shown(options), "options whose weights make one", () => requireWeights(options));
    once(seen, `${proposalId}/${nameOf(addressOf(voter, `${path}.voter`))}`, path);
  }
}

function proposalsOf({ proposals, startingProposalId }: GenesisState, at: string): ById {
  const byId = new Map<bigint, Proposal>();
  for (const [index, proposal] of proposals.entries()) {
    const path = `${at}.proposals[${index}]`;
    checkProposal(proposal, startingProposalId, path);
    if (byId.has(proposal.id)) throw fieldError(`${path}.id`, `${proposal.id} again`, "each proposal once");
    byId.set(proposal.id, proposal);
  }
  return byId;
}

export function checkRecords(standard: GenesisState, { refunding, burning }: WeirGenesis, at: string): void {
  const proposals = proposalsOf(standard, at);
  const settled = new Set([...refunding, ...burning]);
  checkDeposits(standard, (id) => proposals.has(id) || settled.has(id), at);
  checkVotes(standard, proposals, at);
}

// --------------------------------------------------------------------------------------------------------- this chain's own

function checkTally(tally: Tally | undefined, path: string): void {
  if (tally?.params === undefined) throw fieldError(path, "no tally with its params", "both");
  const problem = paramsProblem(tally.params);
  if (problem !== undefined) throw fieldError(`${path}.params`, problem, "gov's parameters");
  for (const field of ["yes", "abstain", "no", "noWithVeto", "power"] as const) {
    const text = tally[field];
    const value = refusedAs(`${path}.${field}`, shown(text), "a decimal number", () => decFromProto(text));
    if (value < 0n) throw fieldError(`${path}.${field}`, shown(text), "0 or more");
  }
  if (BigInt(tally.bondedTokens || "-1") < 0n)
    throw fieldError(`${path}.bonded_tokens`, tally.bondedTokens, "0 or more");
}

function checkTallyValidator(validator: TallyValidator | undefined, path: string): void {
  if (validator === undefined) throw fieldError(path, "nothing", "a validator");
  const { delegatorShares, deductions, vote, bondedTokens } = validator;
  const [shares, deducted] = [delegatorShares, deductions].map((text) =>
    refusedAs(path, shown(text), "a decimal number", () => decFromProto(text)),
  ) as [bigint, bigint];
  if (shares <= 0n) throw fieldError(`${path}.delegator_shares`, shown(delegatorShares), "above 0");
  if (deducted < 0n || deducted > shares) throw fieldError(`${path}.deductions`, shown(deductions), "0 to its shares");
  if (BigInt(bondedTokens || "-1") < 0n) throw fieldError(`${path}.bonded_tokens`, shown(bondedTokens), "0 or more");
  if (vote.length > 0)
    refusedAs(`${path}.vote`, shown(vote), "options whose weights make one", () => requireWeights(vote));
}

export function checkWeirRecords(standard: GenesisState, weir: WeirGenesis, at: string): void {
  const proposals: ById = new Map(standard.proposals.map((proposal) => [proposal.id, proposal]));
  const requireStatus = (id: bigint, statuses: readonly number[], path: string) => {
    const status = proposals.get(id)?.status;
    if (status !== undefined && statuses.includes(status)) return;
    throw fieldError(
      path,
      `proposal ${id} of status ${status ?? "none"}`,
      `a proposal of status ${statuses.join(" or ")}`,
    );
  };
  for (const [index, { proposalId, tally }] of weir.tallies.entries()) {
    requireStatus(proposalId, [inVotingPeriod], `${at}.tallies[${index}]`);
    checkTally(tally, `${at}.tallies[${index}].tally`);
  }
  const counted = new Set(weir.tallies.map(({ proposalId }) => proposalId));
  for (const [index, { proposalId, validatorAddress: operator, validator }] of weir.tallyValidators.entries()) {
    const path = `${at}.tally_validators[${index}]`;
    if (!counted.has(proposalId))
      throw fieldError(`${path}.proposal_id`, `${proposalId}`, "a proposal that is counted");
    refusedAs(`${path}.validator_address`, shown(operator), "an operator's address", () =>
      validatorAddress.decode(operator),
    );
    checkTallyValidator(validator, `${path}.validator`);
  }
  for (const [index, { proposalId, actsAt }] of weir.delayed.entries()) {
    requireStatus(proposalId, [passed], `${at}.delayed[${index}]`);
    if (actsAt === undefined) throw fieldError(`${at}.delayed[${index}].acts_at`, "nothing", "a time");
  }
  for (const [index, id] of weir.economic.entries()) {
    if (!proposals.has(id)) throw fieldError(`${at}.economic[${index}]`, `${id}`, "a proposal that there is");
  }
}
