/**
 * When a relay is measured: an epoch's slots, which cell takes which, and what an oracle may leave out. Pure functions, as in committee.ts.
 *
 * All relays of a cell are measured in the same slots, one committee member a slot, so that identities which share one uplink are never
 * counted one after the other. A cell too large for the oracles to carry at once is cut into the fewest parts; in which of them a relay is
 * follows from the seed and from nobody else, so that all there is to know of a cell is its sum. Which part comes next is drawn when the slot
 * begins, so that nobody knows for long beforehand. Owns no state.
 */
import { RandomStream } from "../../chain/crypto/randomstream.ts";
import type { EpochPlan } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { measurable, relaySeed } from "./committee.ts";

/** What a cell's audited relays take of the oracles' capacity at once, all together. */
export interface CellCount {
  readonly cell: string;
  readonly relays: number;
  /** Of each the claim, or a quarter more than what was last measured where that is less. */
  readonly countedBps: bigint;
}

/** Relays that are measured together, in rounds: in round r each by the r-th of its committee. */
export interface Part {
  readonly cell: string;
  /** Among the parts of its cell. */
  readonly index: number;
}

export interface SlotPlan {
  /** Those of a cell side by side. */
  readonly parts: readonly Part[];
  /** Slots of the epoch, evenly over the time that is for measuring. */
  readonly slotCount: number;
  /** Parts that are measured in one slot, all of different cells while there are that many cells. */
  readonly partsPerSlot: number;
  readonly rounds: number;
}

/** More slots than these would be too short; then several cells share one. */
export const slotCountMax = 800;
/** A network whose oracles can carry next to nothing has no more parts for it. */
export const partsPerCellMax = slotCountMax;

/** The fewest that count no more than half of what the oracles carry together, if they were of one size; no more than there are relays. */
function partCountOf({ relays, countedBps }: CellCount, capacityBps: bigint): number {
  const mostBps = capacityBps / 2n;
  if (countedBps <= mostBps || mostBps === 0n) return 1;
  const fewest = (countedBps + mostBps - 1n) / mostBps;
  return Math.min(relays, partsPerCellMax, fewest > BigInt(partsPerCellMax) ? partsPerCellMax : Number(fewest));
}

export interface PlanInput {
  /** Of all oracles together. */
  readonly capacityBps: bigint;
  readonly rounds: number;
  /** In ascending order. */
  readonly cells: readonly CellCount[];
}

export function planSlots({ capacityBps, rounds, cells }: PlanInput): SlotPlan {
  const parts = cells
    .filter(({ relays }) => relays > 0)
    .flatMap((count) =>
      Array.from({ length: partCountOf(count, capacityBps) }, (_, index) => ({ cell: count.cell, index })),
    );
  const entries = parts.length * rounds;
  const partsPerSlot = Math.max(1, Math.ceil(entries / slotCountMax));
  return { parts, rounds, partsPerSlot, slotCount: Math.ceil(entries / partsPerSlot) };
}

/** Whole plans are small; one whose pages are not through says nothing yet. */
export function planOfProto({ isWhole, capacityBps, rounds, cells }: EpochPlan): SlotPlan | undefined {
  if (!isWhole) return undefined;
  const counts = cells.map(({ cell, relays, countedBps }) => ({ cell, relays: Number(relays), countedBps }));
  return planSlots({ capacityBps, rounds, cells: counts });
}

/** Among the plan's parts; -1 of a cell in which nothing is measured. */
export function partOf(
  { parts }: Pick<SlotPlan, "parts">,
  { seed, epoch }: { readonly seed: Uint8Array; readonly epoch: bigint },
  cell: string,
  relay: bigint,
): number {
  const first = parts.findIndex((part) => part.cell === cell);
  if (first === -1) return -1;
  let count = 1;
  while (parts[first + count]?.cell === cell) count++;
  if (count === 1) return first;
  return first + Number(new RandomStream(relaySeed(seed, epoch, relay, "part")).below(BigInt(count)));
}

/** A part's turn. */
export interface Turn {
  readonly part: number;
  readonly round: number;
}

/** Slot by part and round: -1 where its turn has not been drawn. */
export function slotTable(plan: SlotPlan, turns: readonly (readonly Turn[])[]): number[][] {
  const table = plan.parts.map(() => new Array<number>(plan.rounds).fill(-1));
  turns.forEach((slot, index) => {
    for (const { part, round } of slot) table[part]![round] = index;
  });
  return table;
}

/**
 * Whose turns come in slots 0 … beacons.length − 1, each drawn from the beacon of its own beginning. To know slot n one needs the beacons of all
 * slots before it, which is the point.
 */
export function turnsOf(plan: SlotPlan, epoch: bigint, beacons: readonly Uint8Array[]): Turn[][] {
  const roundsDone = plan.parts.map(() => 0);
  return beacons.slice(0, plan.slotCount).map((beacon, slot) => {
    const stream = new RandomStream(relaySeed(beacon, epoch, BigInt(slot), "slot"));
    const turns: Turn[] = [];
    while (turns.length < plan.partsPerSlot) {
      const part = drawPart(plan, { roundsDone, turns, slotsLeft: plan.slotCount - slot }, stream);
      if (part === undefined) break;
      turns.push({ part, round: roundsDone[part]! });
    }
    for (const { part } of turns) roundsDone[part]!++;
    return turns;
  });
}

interface Progress {
  readonly roundsDone: readonly number[];
  readonly turns: readonly Turn[];
  /** With the slot that is being filled. */
  readonly slotsLeft: number;
}

/**
 * First who needs every slot that is left, or its rounds would not end with the epoch; then another cell's part, if there is one; another part of
 * the same cell else. Never one part twice in a slot.
 */
function drawPart(
  { parts, rounds }: SlotPlan,
  { roundsDone, turns, slotsLeft }: Progress,
  stream: RandomStream,
): number | undefined {
  const taken = new Set(turns.map(({ part }) => part));
  const cells = new Set(turns.map(({ part }) => parts[part]!.cell));
  const open = parts.flatMap((_, index) => (roundsDone[index]! < rounds && !taken.has(index) ? [index] : []));
  const pressed = open.filter((index) => rounds - roundsDone[index]! >= slotsLeft);
  const elsewhere = open.filter((index) => !cells.has(parts[index]!.cell));
  const choice = [pressed, elsewhere, open].find(({ length }) => length > 0);
  return choice?.[Number(stream.below(BigInt(choice.length)))];
}

/** The tick of the epoch's clock whose beacon a slot is drawn from: the last one that does not begin after it. */
export const slotTick = (slot: number, slotCount: number, tickCount: bigint): bigint =>
  (BigInt(slot) * tickCount) / BigInt(slotCount);

export interface SlotTimes {
  readonly openNanos: bigint;
  /** Of the epoch as planned. */
  readonly epochNanos: bigint;
}

/** Slots fill the first three quarters of the epoch. */
const measuringNumerator = 3n;
const measuringDenominator = 4n;

export const measuringEndNanos = ({ openNanos, epochNanos }: SlotTimes): bigint =>
  openNanos + (epochNanos * measuringNumerator) / measuringDenominator;

/** When slot `slot` begins, rounded down to the nanosecond; slot `slotCount` is the end of the last one. */
export function slotBeginNanos(times: SlotTimes, slotCount: number, slot: number): bigint {
  const length = measuringEndNanos(times) - times.openNanos;
  return times.openNanos + (slotCount === 0 ? 0n : (length * BigInt(slot)) / BigInt(slotCount));
}

const byId = (left: Assignment, right: Assignment): number =>
  left.relay === right.relay ? 0 : left.relay < right.relay ? -1 : 1;

/** An order that the stream gives and nobody can choose. */
function shuffled(stream: RandomStream, assignments: readonly Assignment[]): Assignment[] {
  const result = [...assignments].sort(byId);
  for (let index = result.length - 1; index > 0; index--) {
    const other = Number(stream.below(BigInt(index + 1)));
    [result[index], result[other]] = [result[other]!, result[index]!];
  }
  return result;
}

export interface Assignment {
  readonly relay: bigint;
  readonly claimBps: bigint;
}

/**
 * Of what one oracle is assigned in one slot, the relays that it is excused from: it measures at once no more claims than it can carry,
 * in an order that the seed gives, and what does not fit any more is left out.
 */
export function excused(
  seed: Uint8Array,
  epoch: bigint,
  capacityBps: bigint,
  assignments: readonly Assignment[],
): ReadonlySet<bigint> {
  let room = measurable(capacityBps);
  const stream = new RandomStream(relaySeed(seed, epoch, 0n, "excused"));
  const left = new Set<bigint>();
  for (const { relay, claimBps } of shuffled(stream, assignments)) {
    if (claimBps <= room) room -= claimBps;
    else left.add(relay);
  }
  return left;
}
