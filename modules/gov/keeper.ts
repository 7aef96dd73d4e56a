/** Proposals and where they stand: read, written, queued. Owns that a proposal's status and its places in the queues agree. */
import type { Context, ReadContext } from "../../chain/context.ts";
import { addDuration } from "../../chain/time.ts";
import { type Proposal, ProposalStatus } from "../../proto/gen/cosmos/gov/v1/gov.ts";
import { noProposal, tooManyVotes } from "./errors.ts";
import { defaultParams, defaultWeirParams, type Params, type WeirParams } from "./params.ts";
import * as state from "./state.ts";

/** As of the bank's account of the same name: what it holds are deposits. */
export const govAccountName = "gov";

export const inDepositPeriod = ProposalStatus.PROPOSAL_STATUS_DEPOSIT_PERIOD;
export const inVotingPeriod = ProposalStatus.PROPOSAL_STATUS_VOTING_PERIOD;
export const passed = ProposalStatus.PROPOSAL_STATUS_PASSED;
export const rejected = ProposalStatus.PROPOSAL_STATUS_REJECTED;
export const failed = ProposalStatus.PROPOSAL_STATUS_FAILED;

export const getParams = (ctx: ReadContext): Params => state.params.get(ctx) ?? defaultParams;

export const getWeirParams = (ctx: ReadContext): WeirParams => state.weirParams.get(ctx) ?? defaultWeirParams;

export const getProposal = (ctx: ReadContext, id: bigint): Proposal | undefined => state.proposals.get(ctx, id);

export function requireProposal(ctx: ReadContext, id: bigint): Proposal {
  const proposal = getProposal(ctx, id);
  if (proposal === undefined) throw noProposal(id);
  return proposal;
}

const isVotedOn = Uint8Array.of(1);

export function setProposal(ctx: Context, proposal: Proposal): void {
  if (proposal.status === inVotingPeriod) state.votingProposals.set(ctx, proposal.id, isVotedOn);
  else state.votingProposals.delete(ctx, proposal.id);
  state.proposals.set(ctx, proposal.id, proposal);
}

/** With its places in the queues; deposits and votes are not its own. */
export function deleteProposal(ctx: Context, { id, depositEndTime, votingEndTime }: Proposal): void {
  if (depositEndTime !== undefined) state.inactiveQueue.delete(ctx, [depositEndTime, id]);
  if (votingEndTime !== undefined) state.activeQueue.delete(ctx, [votingEndTime, id]);
  state.votingProposals.delete(ctx, id);
  state.economicProposals.delete(ctx, id);
  state.proposals.delete(ctx, id);
}

export const isEconomic = (ctx: ReadContext, id: bigint): boolean => state.economicProposals.has(ctx, id);

/** Its vote has ended and is being counted. */
export const isCounted = (ctx: ReadContext, id: bigint): boolean => state.tallies.has(ctx, id);

/** Expedited ones have as many places of their own: who fills the others does not stop what is urgent. */
function requirePlace(ctx: ReadContext, expedited: boolean): void {
  const { votingProposalsMax: most } = getWeirParams(ctx);
  let count = 0n;
  for (const id of state.votingProposals.keys(ctx)) {
    if (requireProposal(ctx, id).expedited === expedited) count++;
    if (count === most) throw tooManyVotes(most);
  }
}

/** How long its vote is. */
export function votingPeriodOf(ctx: ReadContext, expedited: boolean, economic: boolean) {
  if (economic) return getWeirParams(ctx).economicVotingPeriod!;
  const { votingPeriod, expeditedVotingPeriod } = getParams(ctx);
  return (expedited ? expeditedVotingPeriod : votingPeriod)!;
}

export function activateVotingPeriod(ctx: Context, proposal: Proposal, economic: boolean): void {
  // What became economic since it was proposed has the longer vote after all.
  const expedited = proposal.expedited && !economic;
  requirePlace(ctx, expedited);
  const votingStartTime = ctx.block.time;
  const votingEndTime = addDuration(votingStartTime, votingPeriodOf(ctx, expedited, economic));
  setProposal(ctx, { ...proposal, expedited, votingStartTime, votingEndTime, status: inVotingPeriod });
  state.inactiveQueue.delete(ctx, [proposal.depositEndTime!, proposal.id]);
  state.activeQueue.set(ctx, [votingEndTime, proposal.id], proposal.id);
  if (economic) state.economicProposals.add(ctx, proposal.id);
  else state.economicProposals.delete(ctx, proposal.id);
}
