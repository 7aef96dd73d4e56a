/**
 * What relays come to together, once all are settled: the curve of each cell's transient relays, its scarcity from now on, and the caps of
 * families. Owns what is reduced by them, and for how long that is remembered.
 */
import type { Context } from "../../chain/context.ts";
import { decFromProto, decToProto } from "../../chain/dec.ts";
import type { Cell, CellTotals, FamilyPart, Settlement } from "../../proto/gen/weir/rewards/v1/state.ts";
import { familyCap } from "./caps.ts";
import { countedBps, reduced } from "./curve.ts";
import { networkUntil } from "./epochrecord.ts";
import { added, type PageResult } from "./page.ts";
import { getParams, type Params } from "./params.ts";
import { noTotals } from "./relaypage.ts";
import { nextScarcity, type Settled, scarcityEpochs } from "./scarcity.ts";
import { caps, cells, cellTotals, curves, familyParts } from "./state.ts";

// -------------------------------------------------------------------------------------------------------------------- cells

/** What its transient relays count for together; noted where that is less than they weigh. */
function drawCurve(ctx: Context, epoch: bigint, cell: string, whole: bigint, rules: Params): bigint {
  const counted = countedBps(whole, rules.transientFullMbps);
  if (counted < whole) curves.set(ctx, [epoch, cell], { whole: `${whole}`, counted: `${counted}` });
  return counted;
}

/** A cell where nobody was measured for all of the epochs that count is forgotten. */
function moveScarcity(
  ctx: Context,
  name: string,
  cell: Cell,
  totals: CellTotals,
  network: Settled,
  rules: Params,
): void {
  const measuredBps = BigInt(totals.stableBps) + BigInt(totals.transientBps);
  const epochs = [...cell.epochs, { measuredBps, settledValue: BigInt(totals.settledValue) }].slice(-scarcityEpochs);
  const sum = epochs.reduce(
    (total, of) => ({ measuredBps: total.measuredBps + of.measuredBps, value: total.value + of.settledValue }),
    { measuredBps: 0n, value: 0n },
  );
  if (sum.measuredBps === 0n) {
    cells.delete(ctx, name);
    return;
  }
  const scarcity = nextScarcity(decFromProto(cell.scarcity), totals.families, sum, network, rules);
  cells.set(ctx, name, { scarcity: decToProto(scarcity), epochs, families: totals.families });
}

/**
 * In the order of their names. What all weigh is added up anew, cell by cell with its curve, so that it is the sum of what they are paid by
 * even where a vote changed the curve since relays were swept. Of a void epoch nothing is counted.
 */
export function settleCells(ctx: Context, under: Settlement, limit: bigint): PageResult {
  if (under.isVoid) return { settlement: under, count: 0n, isDone: true };
  const rules = getParams(ctx);
  const network = networkUntil(ctx, under.epoch, BigInt(under.measuredBps), BigInt(under.settledValue));
  const start = under.afterName === "" ? undefined : under.afterName;
  const from = [...cells.iterate(ctx, { start }).take(Number(limit) + 1)];
  const page = from.filter(([name]) => name !== under.afterName).slice(0, Number(limit));
  let curved = 0n;
  let total = start === undefined ? 0n : BigInt(under.totalWeight);
  for (const [name, cell] of page) {
    const totals = cellTotals.get(ctx, name) ?? noTotals;
    const whole = BigInt(totals.transientWeight);
    const counted = drawCurve(ctx, under.epoch, name, whole, rules);
    if (counted < whole) curved++;
    total += BigInt(totals.stableWeight) + counted;
    moveScarcity(ctx, name, cell, totals, network, rules);
  }
  const afterName = page.at(-1)?.[0] ?? under.afterName;
  return {
    settlement: { ...under, afterName, totalWeight: `${total}`, curvedCells: under.curvedCells + curved },
    count: BigInt(page.length),
    isDone: BigInt(page.length) < limit,
  };
}

// ----------------------------------------------------------------------------------------------------------------- families

/** The parts of some families, each family whole: a page ends where the next family begins. */
function nextFamilies(ctx: Context, limit: bigint): Map<string, [cell: string, part: FamilyPart][]> {
  const families = new Map<string, [string, FamilyPart][]>();
  let count = 0n;
  for (const [[family, cell], part] of familyParts.iterate(ctx)) {
    if (count >= limit && !families.has(family)) break;
    count++;
    families.set(family, [...(families.get(family) ?? []), [cell, part]]);
  }
  return families;
}

function weightIn(ctx: Context, epoch: bigint, cell: string, part: FamilyPart): bigint {
  const curve = curves.get(ctx, [epoch, cell]);
  const transient = BigInt(part.transientWeight);
  if (curve === undefined) return BigInt(part.stableWeight) + transient;
  const counted = reduced(transient, { whole: BigInt(curve.whole), counted: BigInt(curve.counted) });
  return BigInt(part.stableWeight) + counted;
}

/** What was gone through is deleted, so that each page begins with what is first. */
export function settleFamilies(ctx: Context, under: Settlement, limit: bigint): PageResult {
  const cap = familyCap(BigInt(under.totalWeight), under.families, getParams(ctx));
  const families = nextFamilies(ctx, limit);
  let [cut, capped, gone] = [0n, 0n, 0n];
  for (const [name, parts] of families) {
    const whole = parts.reduce((sum, [cell, part]) => sum + weightIn(ctx, under.epoch, cell, part), 0n);
    if (whole > cap) {
      caps.set(ctx, [under.epoch, name], { whole: `${whole}`, counted: `${cap}` });
      cut += whole - cap;
      capped++;
    }
    for (const [cell] of parts) familyParts.delete(ctx, [name, cell]);
    gone += BigInt(parts.length);
  }
  const settlement = {
    ...under,
    cutWeight: added(under.cutWeight, cut),
    cappedFamilies: under.cappedFamilies + capped,
  };
  return { settlement, count: gone, isDone: gone < limit };
}

// ------------------------------------------------------------------------------------------------------------- what is gone

/** More than an epoch has; what is beyond goes with the next one. */
const forgottenMax = 2_000;

/** Reductions are kept as long as results, which are explained by them; sums for the epoch's settlement alone. */
export function forgetGroups(ctx: Context, epoch: bigint): void {
  const kept = getParams(ctx).resultsKeptEpochs;
  if (epoch > kept) {
    const end = [epoch - kept, ""] as const;
    for (const key of [...curves.keys(ctx, { end }).take(forgottenMax)]) curves.delete(ctx, key);
    for (const key of [...caps.keys(ctx, { end }).take(forgottenMax)]) caps.delete(ctx, key);
  }
  for (const name of [...cellTotals.keys(ctx)]) cellTotals.delete(ctx, name);
}
