/**
 * When a relay is measured: an epoch's slots, which cell takes which, and what an oracle may leave out. Pure functions, as in committee.ts.
 *
 * All relays of a cell are measured in the same slots, one committee member a slot, so that identities which share one uplink are never
 * counted one after the other. A cell too large for the oracles to carry at once is cut into the fewest parts. Which part comes next is drawn
 * when the slot begins, so that nobody knows for long beforehand. Owns no state.
 */
import { RandomStream } from "../../chain/crypto/randomstream.ts";
import { measurable, relaySeed } from "./committee.ts";

export interface CountedRelay {
  readonly id: bigint;
  /** What it may take of the oracles' capacity at once: the claim, or a quarter more than what was last measured where that is less. */
  readonly countedBps: bigint;
}

/** Relays that are measured together, in rounds: in round r each by the r-th of its committee. */
export interface Part {
  readonly cell: string;
  /** In ascending order of id. */
  readonly relays: readonly bigint[];
}

export interface SlotPlan {
  readonly parts: readonly Part[];
  /** Slots of the epoch, evenly over the time that is for measuring. */
  readonly slotCount: number;
  /** Parts that are measured in one slot, all of different cells while there are that many cells. */
  readonly partsPerSlot: number;
  readonly rounds: number;
}

/** More slots than these would be too short; then several cells share one. */
export const slotCountMax = 800;

const byId = (left: bigint, right: bigint): number => (left === right ? 0 : left < right ? -1 : 1);

/** An order that the stream gives and nobody can choose. */
function shuffled(stream: RandomStream, relays: readonly CountedRelay[]): CountedRelay[] {
  const result = [...relays].sort((left, right) => byId(left.id, right.id));
  for (let index = result.length - 1; index > 0; index--) {
    const other = Number(stream.below(BigInt(index + 1)));
    [result[index], result[other]] = [result[other]!, result[index]!];
  }
  return result;
}

/** Tries at putting a cell into few parts; each is a new order, so that nobody chooses with whom one is measured. */
const packingTries = 8;

/** First fit in a drawn order. A relay that alone counts more than there is room for is a part by itself. */
function pack(stream: RandomStream, relays: readonly CountedRelay[], mostBps: bigint): bigint[][] {
  const parts: { room: bigint; relays: bigint[] }[] = [];
  for (const { id, countedBps } of shuffled(stream, relays)) {
    let part = parts.find(({ room }) => room >= countedBps);
    if (part === undefined) {
      part = { room: mostBps, relays: [] };
      parts.push(part);
    }
    part.room -= countedBps;
    part.relays.push(id);
  }
  return parts.map(({ relays: ids }) => ids.sort(byId));
}

/** Cuts a cell so that no part counts more than half of what the oracles carry together, into as few parts as some tries find. */
function partsOf({ seed, epoch, capacityBps }: PlanInput, cell: string, relays: readonly CountedRelay[]): Part[] {
  const mostBps = capacityBps / 2n;
  const total = relays.reduce((sum, { countedBps }) => sum + countedBps, 0n);
  if (total <= mostBps || mostBps === 0n) return [{ cell, relays: relays.map(({ id }) => id).sort(byId) }];
  const stream = new RandomStream(relaySeed(seed, epoch, 0n, `parts of ${cell}`));
  const fewest = (total + mostBps - 1n) / mostBps;
  let best = pack(stream, relays, mostBps);
  for (let attempt = 1; attempt < packingTries && BigInt(best.length) > fewest; attempt++) {
    const other = pack(stream, relays, mostBps);
    if (other.length < best.length) best = other;
  }
  return best.map((ids) => ({ cell, relays: ids }));
}

export interface PlanInput {
  readonly seed: Uint8Array;
  readonly epoch: bigint;
  /** Of all oracles together. */
  readonly capacityBps: bigint;
  readonly committeeSize: number;
  /** Audited relays by cell; cells in ascending order. */
  readonly cells: readonly (readonly [cell: string, relays: readonly CountedRelay[]])[];
}

export function planSlots(input: PlanInput): SlotPlan {
  const parts = input.cells
    .filter(([, relays]) => relays.length > 0)
    .flatMap(([cell, relays]) => partsOf(input, cell, relays));
  const rounds = input.committeeSize;
  const entries = parts.length * rounds;
  const partsPerSlot = Math.max(1, Math.ceil(entries / slotCountMax));
  return { parts, rounds, partsPerSlot, slotCount: Math.ceil(entries / partsPerSlot) };
}

/** A part's turn. */
export interface Turn {
  readonly part: number;
  readonly round: number;
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
  const order = shuffled(
    stream,
    assignments.map(({ relay, claimBps }) => ({ id: relay, countedBps: claimBps })),
  );
  const left = new Set<bigint>();
  for (const { id, countedBps } of order) {
    if (countedBps <= room) room -= countedBps;
    else left.add(id);
  }
  return left;
}
