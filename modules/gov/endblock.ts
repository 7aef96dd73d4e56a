/**
 * What governance does at the end of a block, in this order: drops what found no deposits, counts votes whose time is over and concludes
 * them, lets act what has waited, and goes on with what is spread over blocks. Owns the order and the bound of all of it together.
 */
import type { Context } from "../../chain/context.ts";
import type { Proposal } from "../../proto/gen/cosmos/gov/v1/gov.ts";
import { act, conclude } from "./conclude.ts";
import type { Router } from "./constitution.ts";
import { beginSettlement, burn, continueSettlements, refund } from "./deposits.ts";
import { dropped } from "./events.ts";
import { deleteProposal, getParams, getProposal, getWeirParams } from "./keeper.ts";
import { abandonedVotes, activeQueue, delayedQueue, inactiveQueue, tallies, votes } from "./state.ts";
import { type Budget, beginCount, countVotes, finishCount, openCount, storeCount } from "./tally.ts";

/** Proposals that one block drops: the others follow in the next. */
export const dropsPerBlockMax = 100;
/** Proposals that one block executes after their vote, and as many after their delay. */
export const executionsPerBlockMax = 10;
/** Twice what may be voted on at one time: as many expedited ones (parameters.ts). */
export const votesPerBlockMax = 2_000;

/** Found by its place in a queue. */
function queued(ctx: Context, id: bigint): Proposal {
  const proposal = getProposal(ctx, id);
  if (proposal === undefined) throw new Error(`proposal ${id} is in a queue of gov but is not stored`);
  return proposal;
}

function dropWithoutDeposits(ctx: Context, budget: Budget): void {
  const kind = getParams(ctx).burnProposalDepositPrevote ? burn : refund;
  for (const [, id] of [...inactiveQueue.due(ctx, ctx.block.time, dropsPerBlockMax)]) {
    deleteProposal(ctx, queued(ctx, id));
    beginSettlement(ctx, id, kind, budget);
    ctx.emit(dropped(id));
  }
}

/**
 * The first block after its time notes who has how much; then it is counted, now or later, in the order in which votes ended. All that
 * are due are seen to: so many cannot be voted on at one time.
 */
function countDue(ctx: Context, router: Router, budget: Budget): void {
  let conclusionsLeft = executionsPerBlockMax;
  for (const [, id] of [...activeQueue.due(ctx, ctx.block.time, votesPerBlockMax)]) {
    if (budget.left <= 0n || conclusionsLeft === 0) {
      if (!tallies.has(ctx, id)) storeCount(ctx, id, beginCount(ctx));
      continue;
    }
    const count = openCount(ctx, id) ?? beginCount(ctx);
    if (countVotes(ctx, id, count, budget)) {
      finishCount(ctx, id, count);
      conclude(ctx, router, queued(ctx, id), count, budget);
      conclusionsLeft--;
    } else storeCount(ctx, id, count);
  }
}

function actDue(ctx: Context, router: Router): void {
  for (const [key, id] of [...delayedQueue.due(ctx, ctx.block.time, executionsPerBlockMax)]) {
    delayedQueue.delete(ctx, key);
    act(ctx, router, queued(ctx, id));
  }
}

function removeAbandonedVotes(ctx: Context, budget: Budget): void {
  for (const id of [...abandonedVotes.keys(ctx)]) {
    for (const key of votes.keys(ctx, { leading: [id] })) {
      if (budget.left <= 0n) return;
      budget.left--;
      votes.delete(ctx, key);
    }
    abandonedVotes.delete(ctx, id);
  }
}

/** `pageOf` is how much may be counted in a block. */
export const endBlockOver =
  (router: Router, pageOf: (ctx: Context) => bigint = (ctx) => getWeirParams(ctx).tallyPage) =>
  (ctx: Context): readonly never[] => {
    const budget: Budget = { left: pageOf(ctx) };
    dropWithoutDeposits(ctx, budget);
    countDue(ctx, router, budget);
    actDue(ctx, router);
    continueSettlements(ctx, budget);
    removeAbandonedVotes(ctx, budget);
    return [];
  };
