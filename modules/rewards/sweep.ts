/**
 * The sweep that settles an epoch, a page a block: oracles, relays, cells, families; then the epoch is finalized in a block of its own. Owns when
 * it begins, how large a page is and where the next one goes on; what is done with each is in the files that it calls.
 *
 * Epochs are settled strictly in order. Pages that do not finish before the next epoch opens go on, larger: up to four times the usual page.
 */
import type { Context } from "../../chain/context.ts";
import type { Settlement } from "../../proto/gen/weir/rewards/v1/state.ts";
import { isTallied, isVoidEpoch } from "../attestation/index.ts";
import { currentEpoch, epoch } from "../beacon/index.ts";
import { getClock } from "./clock.ts";
import { settlementBegun } from "./events.ts";
import { finalize } from "./finalize.ts";
import { settleCells, settleFamilies } from "./groups.ts";
import { settleOracles } from "./oraclepage.ts";
import { getParams } from "./params.ts";
import { settleRelays } from "./relaypage.ts";
import { settlement } from "./state.ts";

/** An epoch is settled when the third one after it opens. */
const settledAfter = 3n;
const pageFactorMax = 4n;

/** Each returns whether it has gone through all. */
const phases = [
  { name: "oracles", page: settleOracles },
  { name: "relays", page: settleRelays },
  { name: "cells", page: settleCells },
  { name: "families", page: settleFamilies },
] as const;

const newSettlement = (number: bigint, isVoid: boolean): Settlement => ({
  epoch: number,
  phase: phases[0].name,
  isVoid,
  afterId: 0n,
  afterName: "",
  totalWeight: "0",
  cutWeight: "0",
  families: 0n,
  relays: 0n,
  paidRelays: 0n,
  measuredBps: "0",
  oracleUnits: 0n,
  slashed: "0",
  expired: "0",
  cappedFamilies: 0n,
  curvedCells: 0n,
  settledValue: "0",
});

/** Epochs that wait, the one under way included. */
function epochsBehind(ctx: Context): bigint {
  const current = currentEpoch(ctx);
  const { nextEpoch } = getClock(ctx);
  return current === undefined || nextEpoch + settledAfter > current.number
    ? 0n
    : current.number - settledAfter - nextEpoch + 1n;
}

/** An epoch that nobody could measure is void, and so is one that was forgotten before its turn came. */
function begin(ctx: Context): void {
  const { nextEpoch } = getClock(ctx);
  const isForgotten = epoch(ctx, nextEpoch) === undefined;
  if (!isForgotten && !isTallied(ctx, nextEpoch)) return;
  const isVoid = isForgotten || isVoidEpoch(ctx, nextEpoch);
  settlement.set(ctx, newSettlement(nextEpoch, isVoid));
  ctx.emit(settlementBegun(nextEpoch, isVoid));
}

function turn(ctx: Context, under: Settlement, behind: bigint): void {
  const index = phases.findIndex(({ name }) => name === under.phase);
  const phase = phases[index];
  if (phase === undefined) {
    finalize(ctx, under);
    return;
  }
  const factor = behind < 1n ? 1n : behind > pageFactorMax ? pageFactorMax : behind;
  const limit = getParams(ctx).sweepPage * factor;
  const { settlement: next, isDone } = phase.page(ctx, under, limit);
  if (!isDone) settlement.set(ctx, next);
  else settlement.set(ctx, { ...next, phase: phases[index + 1]?.name ?? "finalize", afterId: 0n, afterName: "" });
}

/** One page a block, or one finalization. */
export function endBlock(ctx: Context): readonly [] {
  const behind = epochsBehind(ctx);
  if (behind === 0n) return [];
  const under = settlement.get(ctx);
  if (under === undefined) begin(ctx);
  else turn(ctx, under, behind);
  return [];
}
