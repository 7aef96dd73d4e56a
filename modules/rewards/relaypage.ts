/** A page of relays: each settled, and what they add to the sums of their cells and families. Owns those sums while an epoch is settled. */
import type { Context, ReadContext } from "../../chain/context.ts";
import { type Dec, decFromProto, decOne, decToProto } from "../../chain/dec.ts";
import type { Cell, CellTotals, FamilyPart, Settlement } from "../../proto/gen/weir/rewards/v1/state.ts";
import { relaysFrom, tallyReader } from "../attestation/index.ts";
import { epoch } from "../beacon/index.ts";
import { bookAccruals, familyName, noAccruals } from "./accrual.ts";
import { countedBps } from "./curve.ts";
import { added, mergedIds, type PageResult } from "./page.ts";
import { getParams } from "./params.ts";
import { mulDivDown } from "./ratio.ts";
import { type Round, type Settled, settleRelay } from "./settlerelay.ts";
import { cells, cellTotals, familyParts, relays } from "./state.ts";

export const noTotals: CellTotals = {
  stableWeight: "0",
  transientWeight: "0",
  stableBps: "0",
  transientBps: "0",
  families: 0n,
  settledValue: "0",
};

const newCell = (): Cell => ({ scarcity: decToProto(decOne), epochs: [], families: 0n });

const noPart: FamilyPart = { stableWeight: "0", transientWeight: "0" };

function* recordedIds(ctx: ReadContext, after: bigint): Generator<bigint> {
  yield* relays.keys(ctx, { start: after + 1n });
}

/** Scarcity is read once a cell and page. */
function newRound(ctx: Context, under: Settlement): Round {
  const known = new Map<string, Dec>();
  return {
    epoch: under.epoch,
    isVoid: under.isVoid,
    seconds: epoch(ctx, under.epoch)?.counted?.seconds ?? 0n,
    accruals: noAccruals(),
    tallyOf: tallyReader(ctx, under.epoch),
    scarcityOf(cell) {
      const scarcity = known.get(cell) ?? scarcityNow(ctx, cell);
      known.set(cell, scarcity);
      return scarcity;
    },
  };
}

const scarcityNow = (ctx: ReadContext, cell: string): Dec =>
  decFromProto(cells.get(ctx, cell)?.scarcity ?? `${decOne}`);

function addToCell(ctx: Context, page: readonly Settled[]): Map<string, CellTotals> {
  const totals = new Map<string, CellTotals>();
  for (const { cell, weight, measuredBps, isTransient, settledValue } of page) {
    const before = totals.get(cell) ?? cellTotals.get(ctx, cell) ?? noTotals;
    const [stable, transient] = isTransient ? [0n, 1n] : [1n, 0n];
    totals.set(cell, {
      ...before,
      stableWeight: added(before.stableWeight, weight * stable),
      transientWeight: added(before.transientWeight, weight * transient),
      stableBps: added(before.stableBps, measuredBps * stable),
      transientBps: added(before.transientBps, measuredBps * transient),
      settledValue: added(before.settledValue, settledValue),
    });
  }
  return totals;
}

interface Member extends Settled {
  readonly id: bigint;
}

/**
 * Which relays without a family can come above a cap: what is known so far of all weights only grows, and what a transient relay counts for only
 * falls, so that one that is below the least cap now stays below it. At most 50 of a page are not.
 */
function canBeCapped(
  ctx: Context,
  page: readonly Member[],
  totals: ReadonlyMap<string, CellTotals>,
  known: bigint,
): Member[] {
  const { transientFullMbps, familyShareMax } = getParams(ctx);
  const counted = new Map(
    [...totals].map(([cell, { transientWeight }]) => {
      const whole = BigInt(transientWeight);
      return [cell, { whole, counted: countedBps(whole, transientFullMbps) }] as const;
    }),
  );
  return page.filter(({ family, weight, isTransient, cell }) => {
    if (family !== "" || weight === 0n) return false;
    const group = counted.get(cell)!;
    const most = isTransient ? mulDivDown(weight, group.counted, group.whole) + 1n : weight;
    return most * decOne >= known * familyShareMax;
  });
}

/** What all weights come to so far, transient relays by the curves of their cells. */
function knownWeight(
  ctx: Context,
  under: Settlement,
  before: ReadonlyMap<string, CellTotals>,
  after: ReadonlyMap<string, CellTotals>,
): bigint {
  const { transientFullMbps } = getParams(ctx);
  const countedOf = ({ transientWeight }: CellTotals): bigint => countedBps(BigInt(transientWeight), transientFullMbps);
  let known = BigInt(under.totalWeight);
  for (const [cell, totals] of after) {
    const earlier = before.get(cell) ?? noTotals;
    known += BigInt(totals.stableWeight) - BigInt(earlier.stableWeight) + countedOf(totals) - countedOf(earlier);
  }
  return known;
}

/** A family is counted where it first has weight: once in all, and once in each of its cells. */
function addToFamilies(ctx: Context, members: readonly Member[], totals: Map<string, CellTotals>): bigint {
  let families = 0n;
  for (const { id, family, cell, weight, isTransient } of members) {
    const name = familyName(family, id);
    const before = familyParts.get(ctx, [name, cell]);
    if (before === undefined && family !== "") {
      if (isNewFamily(ctx, name)) families++;
      const cellBefore = totals.get(cell)!;
      totals.set(cell, { ...cellBefore, families: cellBefore.families + 1n });
    }
    const part = before ?? noPart;
    familyParts.set(ctx, [name, cell], {
      stableWeight: added(part.stableWeight, isTransient ? 0n : weight),
      transientWeight: added(part.transientWeight, isTransient ? weight : 0n),
    });
  }
  return families;
}

function isNewFamily(ctx: ReadContext, name: string): boolean {
  for (const _ of familyParts.keys(ctx, { leading: [name] })) return false;
  return true;
}

/** A relay without a family is one. */
function countSingles(page: readonly Member[], totals: Map<string, CellTotals>): bigint {
  const singles = page.filter(({ family, weight }) => family === "" && weight > 0n);
  for (const { cell } of singles) {
    const before = totals.get(cell)!;
    totals.set(cell, { ...before, families: before.families + 1n });
  }
  return BigInt(singles.length);
}

/** What a page adds to the epoch's sums. */
function addPage(ctx: Context, under: Settlement, page: readonly Member[]): Settlement {
  const measured = page.filter(({ cell }) => cell !== "");
  const before = new Map(measured.map(({ cell }) => [cell, cellTotals.get(ctx, cell) ?? noTotals] as const));
  const totals = addToCell(ctx, measured);
  const known = knownWeight(ctx, under, before, totals);
  const declared = measured.filter(({ family, weight }) => family !== "" && weight > 0n);
  const capped = canBeCapped(ctx, measured, totals, known);
  const families = countSingles(measured, totals) + addToFamilies(ctx, [...declared, ...capped], totals);
  for (const [cell, value] of totals) {
    cellTotals.set(ctx, cell, value);
    if (!cells.has(ctx, cell)) cells.set(ctx, cell, newCell());
  }
  const sum = (of: (member: Member) => bigint): bigint => page.reduce((total, member) => total + of(member), 0n);
  return {
    ...under,
    totalWeight: `${known}`,
    families: under.families + families,
    relays: under.relays + BigInt(page.length),
    paidRelays: under.paidRelays + BigInt(page.filter(({ weight }) => weight > 0n).length),
    measuredBps: added(
      under.measuredBps,
      sum(({ measuredBps }) => measuredBps),
    ),
    slashed: added(
      under.slashed,
      sum(({ slashed }) => slashed),
    ),
    expired: added(
      under.expired,
      sum(({ expired }) => expired),
    ),
    settledValue: added(
      under.settledValue,
      sum(({ settledValue }) => settledValue),
    ),
  };
}

export function settleRelays(ctx: Context, under: Settlement, limit: bigint): PageResult {
  const count = Number(limit);
  const known = relaysFrom(ctx, under.afterId, count).map(({ id }) => id);
  const ids = mergedIds(known, [...recordedIds(ctx, under.afterId).take(count)], count);
  const round = newRound(ctx, under);
  const page: Member[] = [];
  for (const id of ids) {
    const settled = settleRelay(ctx, round, id);
    if (settled !== undefined) page.push({ ...settled, id });
  }
  bookAccruals(ctx, round.accruals);
  const next = addPage(ctx, under, page);
  return {
    settlement: { ...next, afterId: ids.at(-1) ?? under.afterId },
    count: BigInt(ids.length),
    isDone: ids.length < count,
  };
}
