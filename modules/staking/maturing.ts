/**
 * What falls due at the end of a block: unbondings paid out, redelegations forgotten. Both queues are worked off in order, and so far in
 * one block; the rest waits for the next (docs/adr/0010).
 */
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import { formatCoins } from "../../chain/coins.ts";
import type { Context } from "../../chain/context.ts";
import { redelegationCompleted, unbondingCompleted } from "./events.ts";
import { stakeCoins } from "./pools.ts";
import { completeRedelegation } from "./redelegation.ts";
import * as state from "./state.ts";
import { completeUnbonding } from "./unbonding.ts";

/** Entries that one block takes off each queue. */
export const maturedPerBlockMax = 1_000;

export function completeUnbondings(ctx: Context): void {
  // The list is taken whole first: completing one entry completes its pair's others, which are in the queue too.
  for (const [key, pair] of [...state.unbondingQueue.due(ctx, ctx.block.time, maturedPerBlockMax)]) {
    state.unbondingQueue.delete(ctx, key);
    const delegator = accountAddress.decode(pair.delegatorAddress);
    const paid = completeUnbonding(ctx, delegator, validatorAddress.decode(pair.validatorAddress));
    if (paid !== undefined) ctx.emit(unbondingCompleted(formatCoins(stakeCoins(ctx, paid)), pair));
  }
}

export function completeRedelegations(ctx: Context): void {
  for (const [key, triplet] of [...state.redelegationQueue.due(ctx, ctx.block.time, maturedPerBlockMax)]) {
    state.redelegationQueue.delete(ctx, key);
    const completed = completeRedelegation(ctx, [
      accountAddress.decode(triplet.delegatorAddress),
      validatorAddress.decode(triplet.validatorSrcAddress),
      validatorAddress.decode(triplet.validatorDstAddress),
    ]);
    if (completed !== undefined) ctx.emit(redelegationCompleted(formatCoins(stakeCoins(ctx, completed)), triplet));
  }
}
