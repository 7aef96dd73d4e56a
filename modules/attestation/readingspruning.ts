/** What is past its use goes, a bounded number of entries a block, the oldest epochs first. Owns how long each thing is of use. */
import type { CollectionMap, KeySet } from "../../chain/collections.ts";
import type { Context } from "../../chain/context.ts";
import { getParams } from "./params.ts";
import {
  commits,
  covertLists,
  disputes,
  equivocations,
  oracleSets,
  oracleTallies,
  plans,
  readings,
} from "./readingsstate.ts";

/** Readings and commits of an epoch are of use until it is settled, three epochs later; one more for whose pages fell behind. */
export const readingEpochsKept = 5n;
/** What oracles did is asked for longer. */
export const oracleTallyEpochsKept = 8n;
/** A slash waits for its dispute, which ends five epochs after the one that is disputed, and is settled after that. */
export const disputeEpochsKept = 10n;
/** Longer than an oracle's keys are. */
export const equivocationEpochsKept = 64n;

type ByEpoch = Pick<
  CollectionMap<readonly [bigint, bigint], unknown> | KeySet<readonly [bigint, bigint]>,
  "keys" | "delete"
>;

/** Returns how many more may go in this block. */
function prune(ctx: Context, map: ByEpoch, current: bigint, kept: bigint, most: number): number {
  if (current < kept || most <= 0) return most;
  const due: (readonly [bigint, bigint])[] = [];
  for (const key of map.keys(ctx)) {
    if (key[0] + kept > current || due.length === most) break;
    due.push(key);
  }
  for (const key of due) map.delete(ctx, key);
  return most - due.length;
}

export function pruneReadings(ctx: Context, current: bigint): void {
  let most = getParams(ctx).sweepPage;
  most = prune(ctx, readings, current, readingEpochsKept, most);
  most = prune(ctx, commits, current, readingEpochsKept, most);
  most = prune(ctx, covertLists, current, readingEpochsKept, most);
  most = prune(ctx, oracleTallies, current, oracleTallyEpochsKept, most);
  most = prune(ctx, equivocations, current, equivocationEpochsKept, most);
  // Ended long ago: no dispute is open when its epoch is pruned, as the invariants see.
  prune(ctx, disputes, current, disputeEpochsKept, most);
  for (const epoch of plans.keys(ctx)) {
    if (epoch + readingEpochsKept > current) break;
    plans.delete(ctx, epoch);
    oracleSets.delete(ctx, epoch);
    break;
  }
}

/** For who settles: readings of a relay that is settled go at once. */
export function forgetReadings(ctx: Context, epoch: bigint, relay: bigint): void {
  if (readings.has(ctx, [epoch, relay])) readings.delete(ctx, [epoch, relay]);
}
