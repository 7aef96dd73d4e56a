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

/** In this order; each says whether it has gone through all. */
const phases = [
  { name: "oracles", page: settleOracles },
  { name: "relays", page: settleRelays },
  { name: "cells", page: settleCells },
  { name: "families", page: settleFamilies },
] as const;

const finalPhase = "finalize";

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
function begin(ctx: Context): Settlement | undefined {
  const { nextEpoch } = getClock(ctx);
  const isForgotten = epoch(ctx, nextEpoch) === undefined;
  if (!isForgotten && !isTallied(ctx, nextEpoch)) return undefined;
  const isVoid = isForgotten || isVoidEpoch(ctx, nextEpoch);
  ctx.emit(settlementBegun(nextEpoch, isVoid));
  return newSettlement(nextEpoch, isVoid);
}

/** As far as a page reaches: what is left of it when a phase is done is the next one's. */
function turnPage(ctx: Context, under: Settlement, limit: bigint): Settlement {
  let next = under;
  let left = limit;
  for (let index = phases.findIndex(({ name }) => name === under.phase); index < phases.length; index++) {
    const turned = phases[index]!.page(ctx, next, left);
    next = turned.settlement;
    left -= turned.count;
    if (!turned.isDone) return next;
    next = { ...next, phase: phases[index + 1]?.name ?? finalPhase, afterId: 0n, afterName: "" };
    if (left <= 0n) return next;
  }
  return next;
}

/** One page a block, or one finalization. */
export function endBlock(ctx: Context): readonly [] {
  const behind = epochsBehind(ctx);
  if (behind === 0n) return [];
  const under = settlement.get(ctx) ?? begin(ctx);
  if (under === undefined) return [];
  const factor = behind < pageFactorMax ? behind : pageFactorMax;
  if (under.phase === finalPhase) finalize(ctx, under);
  else settlement.set(ctx, turnPage(ctx, under, getParams(ctx).sweepPage * factor));
  return [];
}
