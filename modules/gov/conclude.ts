/**
 * What follows from a counted vote: deposits, execution at once or after a delay, rejection, or for an expedited proposal the normal vote
 * (cosmos-sdk x/gov/abci.go). Owns the end of a proposal; the count is tally.ts', the order in a block endblock.ts'.
 */
import type { Context } from "../../chain/context.ts";
import { ChainError } from "../../chain/errors.ts";
import { addDuration } from "../../chain/time.ts";
import type { Proposal } from "../../proto/gen/cosmos/gov/v1/gov.ts";
import { economicNames, type Meaning, meaningOf, type OpenMessage, openMessage, type Router } from "./constitution.ts";
import { decide, resultOf } from "./count.ts";
import { beginSettlement, burn, refund } from "./deposits.ts";
import { changedMeanwhile } from "./errors.ts";
import { acted, concluded, delayed, type Result } from "./events.ts";
import { failed, getParams, getWeirParams, isEconomic, passed, rejected, setProposal } from "./keeper.ts";
import type { Params } from "./params.ts";
import { runProposal } from "./run.ts";
import { activeQueue, delayedQueue } from "./state.ts";
import type { Budget, Count } from "./tally.ts";

interface Ending {
  readonly status: Proposal["status"];
  readonly failedReason: string;
  readonly result: Result;
  readonly log: string;
}

const endedAs = (result: Result, log: string): Ending => ({
  status: result === "proposal_failed" ? failed : passed,
  failedReason: "",
  result,
  log,
});

const endedBy = (reason: string, log: string): Ending => ({
  ...endedAs("proposal_failed", log),
  failedReason: reason,
});

interface Opened {
  readonly messages: readonly OpenMessage[];
  readonly meaning: Meaning;
}

/** What it means now, or why it may not be executed: the state is no longer the one in which it was proposed. */
function open(ctx: Context, router: Router, proposal: Proposal): Opened | ChainError {
  try {
    const messages = proposal.messages.map((message) => openMessage(router, message));
    const meaning = meaningOf(ctx, router, messages);
    if (meaning.isEconomic && !isEconomic(ctx, proposal.id)) return changedMeanwhile(economicNames(meaning));
    return { messages, meaning };
  } catch (error) {
    if (error instanceof ChainError) return error;
    throw error;
  }
}

function execute(ctx: Context, { id }: Proposal, { messages, meaning }: Opened): Ending {
  const refusal = runProposal(ctx, id, messages, meaning, getWeirParams(ctx).executionGasMax);
  if (refusal === undefined) return endedAs("proposal_passed", "passed");
  const { index, error } = refusal;
  const log = `passed, but msg ${index} (${messages[index]?.typeUrl}) failed on execution: ${error.message}`;
  return endedBy(error.message, log);
}

function pass(ctx: Context, router: Router, proposal: Proposal): Ending {
  const opened = open(ctx, router, proposal);
  if (opened instanceof Error) {
    return endedBy(opened.message, `passed proposal failed to execute: ${opened.message}`);
  }
  if (!opened.meaning.isLoosening) return execute(ctx, proposal, opened);
  const actsAt = addDuration(ctx.block.time, getWeirParams(ctx).economicDelay!);
  delayedQueue.set(ctx, [actsAt, proposal.id], proposal.id);
  ctx.emit(delayed(proposal.id, actsAt));
  return endedAs("proposal_delayed", "passed, and acts after the delay of an economic change");
}

/** Its time comes again, with a normal vote; votes begin anew, deposits stay. */
function convertToRegular(ctx: Context, proposal: Proposal): Proposal {
  const votingEndTime = addDuration(proposal.votingStartTime!, getParams(ctx).votingPeriod!);
  activeQueue.set(ctx, [votingEndTime, proposal.id], proposal.id);
  return { ...proposal, expedited: false, votingEndTime };
}

const cancelUrl = "/weir.gov.v1.MsgCancelDelayed";

/** What only stops others from acting cannot be vetoed: a third of the stake that pushed a change through would keep it going. */
function paramsFor({ messages }: Proposal, params: Params): Params {
  const onlyStops = messages.length > 0 && messages.every(({ typeUrl }) => typeUrl === cancelUrl);
  return onlyStops ? { ...params, vetoThreshold: "1" } : params;
}

export function conclude(ctx: Context, router: Router, proposal: Proposal, count: Count, budget: Budget): void {
  const { id, expedited } = proposal;
  const { passes, burnsDeposits } = decide(
    count.sums,
    count.bondedTokens,
    paramsFor(proposal, count.params),
    expedited,
  );
  const finalTallyResult = resultOf(count.sums);
  activeQueue.delete(ctx, [proposal.votingEndTime!, id]);
  if (expedited && !passes) {
    setProposal(ctx, { ...convertToRegular(ctx, proposal), finalTallyResult });
    ctx.emit(concluded(id, "expedited_proposal_rejected", "expedited proposal converted to regular"));
    return;
  }
  beginSettlement(ctx, id, burnsDeposits ? burn : refund, budget);
  const ending = passes
    ? pass(ctx, router, proposal)
    : {
        status: rejected,
        failedReason: "proposal did not get enough votes to pass",
        result: "proposal_rejected" as const,
        log: "rejected",
      };
  const { status, failedReason } = ending;
  setProposal(ctx, { ...proposal, status, failedReason, finalTallyResult });
  ctx.emit(concluded(id, ending.result, ending.log));
}

/** The delay is over. What it loosens now was voted on by the longer vote; what cannot be changed any more is not. */
export function act(ctx: Context, router: Router, proposal: Proposal): void {
  const opened = open(ctx, router, proposal);
  const ending = opened instanceof Error ? endedBy(opened.message, opened.message) : execute(ctx, proposal, opened);
  setProposal(ctx, { ...proposal, status: ending.status, failedReason: ending.failedReason });
  ctx.emit(acted(proposal.id, ending.result, ending.log));
}
