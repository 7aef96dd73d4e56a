/** What is always true of proposals, deposits, votes and counts. */
import { governance } from "../../chain/authority.ts";
import { coinsEqual, coinsFromProto, formatCoins, newCoins, sumCoins } from "../../chain/coins.ts";
import type { ReadContext } from "../../chain/context.ts";
import { decFromProto } from "../../chain/dec.ts";
import type { Invariant } from "../../chain/module.ts";
import { rangeProblem } from "../../chain/parameters.ts";
import { compareTimes } from "../../chain/time.ts";
import type { Proposal } from "../../proto/gen/cosmos/gov/v1/gov.ts";
import { balancesOf } from "../bank/index.ts";
import { getParams, getProposal, getWeirParams, inDepositPeriod, inVotingPeriod, passed } from "./keeper.ts";
import { parameters, weirParameters } from "./parameters.ts";
import { paramsProblem, weirParamsProblem } from "./params.ts";
import * as state from "./state.ts";

const paramsAreValid: Invariant = (ctx) => {
  const [params, weirParams] = [getParams(ctx), getWeirParams(ctx)];
  return (
    paramsProblem(params) ??
    rangeProblem(parameters, params) ??
    rangeProblem(weirParameters, weirParams) ??
    weirParamsProblem(weirParams, params)
  );
};

/** The SDK's "module-account", and of each proposal that its total is what was deposited on it. */
const depositsAreHeld: Invariant = (ctx) => {
  const byProposal = new Map<bigint, (readonly { denom: string; amount: bigint }[])[]>();
  for (const [[id], { amount }] of state.deposits.iterate(ctx)) {
    const coins = coinsFromProto(amount);
    byProposal.set(id, [...(byProposal.get(id) ?? []), coins]);
  }
  const deposited = sumCoins([...byProposal.values()].flat());
  const held = balancesOf(ctx, governance);
  if (!coinsEqual(held, deposited)) {
    return `the gov account holds ${formatCoins(held) || "nothing"}, but deposits are ${formatCoins(deposited) || "nothing"}`;
  }
  for (const [id, sets] of byProposal) {
    const problem = totalProblem(ctx, id, sumCoins(sets));
    if (problem !== undefined) return problem;
  }
  return undefined;
};

function totalProblem(ctx: ReadContext, id: bigint, sum: ReturnType<typeof sumCoins>): string | undefined {
  if (state.settlements.has(ctx, id)) return undefined;
  const proposal = getProposal(ctx, id);
  if (proposal === undefined) return `deposits of ${formatCoins(sum)} are on proposal ${id}, which there is not`;
  const total = newCoins(coinsFromProto(proposal.totalDeposit));
  if (coinsEqual(total, sum)) return undefined;
  return `proposal ${id} has a total of ${formatCoins(total)}, but deposits of ${formatCoins(sum)}`;
}

const isOpen = ({ status }: Proposal): boolean => status === inDepositPeriod || status === inVotingPeriod;

function queueProblem(
  ctx: ReadContext,
  queue: typeof state.activeQueue,
  status: number,
  timeOf: (proposal: Proposal) => Proposal["votingEndTime"],
): string | undefined {
  const queued = new Set<bigint>();
  for (const [[time, id], value] of queue.iterate(ctx)) {
    const proposal = getProposal(ctx, id);
    const due = proposal === undefined ? undefined : timeOf(proposal);
    if (value !== id || proposal?.status !== status || due === undefined || compareTimes(due, time) !== 0) {
      return `${queue.name} has proposal ${id} where it does not belong`;
    }
    if (queued.has(id)) return `${queue.name} has proposal ${id} twice`;
    queued.add(id);
  }
  for (const [id, proposal] of state.proposals.iterate(ctx)) {
    if (proposal.status === status && !queued.has(id)) return `proposal ${id} is not in ${queue.name}`;
  }
  return undefined;
}

const queuesAreWhole: Invariant = (ctx) => {
  const next = state.proposalId.peek(ctx);
  for (const [id, proposal] of state.proposals.iterate(ctx)) {
    if (id !== proposal.id || id >= next)
      return `proposal ${proposal.id} is stored as ${id}; the next number is ${next}`;
    if (state.votingProposals.has(ctx, id) !== (proposal.status === inVotingPeriod)) {
      return `proposal ${id} of status ${proposal.status} is in the wrong list of those voted on`;
    }
  }
  for (const [[, id]] of state.delayedQueue.iterate(ctx)) {
    if (getProposal(ctx, id)?.status !== passed) return `proposal ${id} waits to act, but was not accepted`;
  }
  return (
    queueProblem(ctx, state.inactiveQueue, inDepositPeriod, ({ depositEndTime }) => depositEndTime) ??
    queueProblem(ctx, state.activeQueue, inVotingPeriod, ({ votingEndTime }) => votingEndTime)
  );
};

const votesAreOfOpenProposals: Invariant = (ctx) => {
  for (const [id] of state.votes.keys(ctx)) {
    if (state.abandonedVotes.has(ctx, id)) continue;
    if (getProposal(ctx, id)?.status !== inVotingPeriod)
      return `there are votes on proposal ${id}, which is not voted on`;
  }
  for (const [id] of state.deposits.keys(ctx)) {
    const proposal = getProposal(ctx, id);
    const isHeld = state.settlements.has(ctx, id) || (proposal !== undefined && isOpen(proposal));
    if (!isHeld) return `deposits of proposal ${id} were neither given back nor burned`;
  }
  return undefined;
};

/** No validator's shares are spoken for twice, and no more speaks than is bonded. */
const countsAreWithinStakes: Invariant = (ctx) => {
  for (const [[id, operator], { delegatorShares, deductions }] of state.tallyValidators.iterate(ctx)) {
    if (!state.tallies.has(ctx, id)) return `validators are noted for proposal ${id}, which is not counted`;
    const [shares, spoken] = [decFromProto(delegatorShares), decFromProto(deductions)];
    if (spoken < 0n || spoken > shares) return `of validator ${operator}, ${spoken} shares of ${shares} voted on ${id}`;
  }
  for (const [id, { power, bondedTokens }] of state.tallies.iterate(ctx)) {
    if (getProposal(ctx, id)?.status !== inVotingPeriod) return `proposal ${id} is counted, but is not voted on`;
    const most = (BigInt(bondedTokens) + 1n) * 10n ** 18n;
    if (decFromProto(power) > most) return `votes on ${id} have a power of ${power}, but ${bondedTokens} are bonded`;
  }
  return undefined;
};

export const invariants: Readonly<Record<string, Invariant>> = {
  paramsAreValid,
  depositsAreHeld,
  queuesAreWhole,
  votesAreOfOpenProposals,
  countsAreWithinStakes,
};
