/**
 * An epoch's slots out of the state: the sums of its cells, gathered by pages of relays while it is open, and whose turn came when, known once it
 * is over. Owns what is stored of that; what follows from what is slots.ts.
 */
import type { Context, ReadContext } from "../../chain/context.ts";
import { decFromProto, decToProto } from "../../chain/dec.ts";
import { EpochPlan, type OracleSet } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { beaconAt, type Epoch, epoch as epochOf, tickCount } from "../beacon/index.ts";
import type { OracleAtOpen } from "./committee.ts";
import type { CovertTerms } from "./covert.ts";
import {
  countedBpsAt,
  isAuditedIn,
  oraclesAtOpen,
  paramsAt,
  relayIdCountAt,
  relayInEpoch,
  relaysFrom,
} from "./readingsregistry.ts";
import { oracleSets, plans } from "./readingsstate.ts";
import { planOfProto, type SlotPlan, slotTable, slotTick, turnsOf } from "./slots.ts";

// ------------------------------------------------------------------------------------------------------------- the table

const noSlot = 0xffff;

/** Two bytes for each part and round. */
function tableBytes(plan: SlotPlan, table: readonly (readonly number[])[]): Uint8Array {
  const bytes = new Uint8Array(Math.max(1, 2 * plan.parts.length * plan.rounds));
  const view = new DataView(bytes.buffer);
  for (const [part, slots] of table.entries()) {
    for (const [round, slot] of slots.entries()) {
      view.setUint16(2 * (part * plan.rounds + round), slot === -1 ? noSlot : slot);
    }
  }
  return bytes;
}

export function slotOf(table: Uint8Array, { rounds }: SlotPlan, part: number, round: number): number | undefined {
  const at = 2 * (part * rounds + round);
  if (part < 0 || round >= rounds || at + 2 > table.length) return undefined;
  const slot = (table[at]! << 8) | table[at + 1]!;
  return slot === noSlot ? undefined : slot;
}

/** As far as they are known: of an epoch that is over all of them. */
export function knownTurns(ctx: ReadContext, epoch: bigint, plan: SlotPlan): ReturnType<typeof turnsOf> {
  const beacons: Uint8Array[] = [];
  for (let slot = 0; slot < plan.slotCount; slot++) {
    const beacon = beaconAt(ctx, epoch, slotTick(slot, plan.slotCount, tickCount));
    if (beacon === undefined) break;
    beacons.push(beacon);
  }
  return turnsOf(plan, epoch, beacons);
}

// ------------------------------------------------------------------------------------------------------------- the sweep

/** One page of one epoch a block: the one before first, if its pages are not through, as its readings are being taken. */
export function sweepPlans(ctx: Context, current: bigint): void {
  for (const epoch of [current - 1n, current]) {
    const found = epoch < 0n ? undefined : epochOf(ctx, epoch);
    if (found === undefined || found.seed.length === 0) continue;
    if (continuePlan(ctx, found, epoch < current)) return;
  }
}

/** Whether there was something to do. */
function continuePlan(ctx: Context, epoch: Epoch, isOver: boolean): boolean {
  const stored = plans.get(ctx, epoch.number) ?? newPlan(ctx, epoch.number);
  if (!stored.isWhole) {
    plans.set(ctx, epoch.number, withPage(ctx, epoch.number, stored));
    return true;
  }
  if (!isOver || stored.slots.length > 0) return false;
  const plan = planOfProto(stored)!;
  const table = slotTable(plan, knownTurns(ctx, epoch.number, plan));
  plans.set(ctx, epoch.number, { ...stored, slots: tableBytes(plan, table) });
  return true;
}

/** Nobody is not noted: no value is empty (ADR 0009). */
function noteOracles(ctx: Context, epoch: bigint): readonly OracleAtOpen[] {
  const oracles = oraclesAtOpen(ctx, epoch);
  if (oracles.length === 0) return oracles;
  oracleSets.set(ctx, epoch, {
    oracles: oracles.map(({ family, prefixes, bond, ...rest }) => ({
      ...rest,
      family: family ?? "",
      prefixes: [...prefixes],
      bond: `${bond}`,
    })),
  });
  return oracles;
}

/** By the list that they were decoded to: one list is made into the same oracles once. */
const drawable = new WeakMap<OracleSet, readonly OracleAtOpen[]>();

/** Who could be drawn in the epoch, in ascending order of id: as it was noted, or looked up where it is not yet. */
export function drawnFrom(ctx: ReadContext, epoch: bigint): readonly OracleAtOpen[] {
  const stored = oracleSets.get(ctx, epoch);
  if (stored === undefined) return oraclesAtOpen(ctx, epoch);
  let oracles = drawable.get(stored);
  if (oracles === undefined) {
    oracles = stored.oracles.map(({ family, bond, ...rest }) => ({
      ...rest,
      family: family === "" ? undefined : family,
      bond: BigInt(bond),
    }));
    drawable.set(stored, oracles);
  }
  return oracles;
}

/** Whether it took part: not one that is paused, jailed or gone, or whose bond is. */
export const isDrawable = (ctx: ReadContext, epoch: bigint, oracle: bigint): boolean =>
  drawnFrom(ctx, epoch).some(({ id }) => id === oracle);

function newPlan(ctx: Context, epoch: bigint): EpochPlan {
  const { committeeSize, covertRate } = paramsAt(ctx, epoch);
  const oracles = noteOracles(ctx, epoch);
  return EpochPlan.fromPartial({
    capacityBps: oracles.reduce((sum, { provenBps }) => sum + provenBps, 0n),
    rounds: Math.min(committeeSize, oracles.length),
    oracles: oracles.length,
    relayIds: relayIdCountAt(ctx, epoch),
    covertRate: decToProto(covertRate),
  });
}

function withPage(ctx: ReadContext, epoch: bigint, plan: EpochPlan): EpochPlan {
  const { sweepPage } = paramsAt(ctx, epoch);
  const page = relaysFrom(ctx, plan.nextRelay, sweepPage);
  const cells = new Map(plan.cells.map((load) => [load.cell, load]));
  for (const { id } of page) {
    const relay = relayInEpoch(ctx, epoch, id);
    if (relay === undefined || !isAuditedIn(ctx, epoch, id)) continue;
    const { cell } = relay;
    const { relays, countedBps } = cells.get(cell) ?? { relays: 0n, countedBps: 0n };
    cells.set(cell, { cell, relays: relays + 1n, countedBps: countedBps + countedBpsAt(ctx, epoch, id) });
  }
  return {
    ...plan,
    nextRelay: page.at(-1)?.id ?? plan.nextRelay,
    isWhole: page.length < sweepPage,
    cells: [...cells.values()].sort((left, right) => (left.cell < right.cell ? -1 : 1)),
  };
}

/** What covert readings of the epoch are drawn by; undefined before its plan has begun. */
export function covertTermsOf(ctx: ReadContext, epoch: Epoch): CovertTerms | undefined {
  const plan = plans.get(ctx, epoch.number);
  if (plan === undefined) return undefined;
  const { seconds, nanos } = epoch.duration;
  return {
    epoch: epoch.number,
    relayIds: plan.relayIds,
    oracles: BigInt(plan.oracles),
    rate: decFromProto(plan.covertRate),
    epochMillis: seconds * 1000n + BigInt(nanos) / 1_000_000n,
  };
}
