/**
 * The epoch clock: by block time, whatever the heights. Owns when an epoch opens, its seed, and the beacons of the time in which it is
 * measured. What happens in an epoch is for those who ask: `currentEpoch`, `epoch`, `epochOpenedNow`, `beaconAt`.
 */
import type { Context, ReadContext, Timestamp } from "../../chain/context.ts";
import { compareBytes } from "../../chain/store/types.ts";
import { addDuration, compareTimes, type Duration, nanosBetween } from "../../chain/time.ts";
import type { Epoch as StoredEpoch } from "../../proto/gen/weir/beacon/v1/state.ts";
import { epochOpened, epochSeeded } from "./events.ts";
import { getParams } from "./params.ts";
import { beacon, epochCount, epochs, ticks } from "./state.ts";
import { tickCount } from "./tickcount.ts";

export { tickCount } from "./tickcount.ts";

/** Of those that have opened: for who settles, three epochs behind, with room for what is asked later. */
export const epochsKept = 16n;
/** Of those whose ticks are kept. */
export const tickEpochsKept = 4n;

const measuringNumerator = 3n;
const measuringDenominator = 4n;

const nanosPerSecond = 1_000_000_000n;
const nanosOf = ({ seconds, nanos }: Duration): bigint => seconds * nanosPerSecond + BigInt(nanos);
const durationOf = (nanos: bigint): Duration => ({
  seconds: nanos / nanosPerSecond,
  nanos: Number(nanos % nanosPerSecond),
});

export interface Epoch {
  readonly number: bigint;
  readonly openTime: Timestamp;
  readonly openHeight: bigint;
  readonly duration: Duration;
  /** Empty until the block after the first one has mixed its proof in. */
  readonly seed: Uint8Array;
  /** Undefined while it is open. */
  readonly counted: Duration | undefined;
}

export const epochFromProto = (stored: StoredEpoch): Epoch => ({
  ...stored,
  openTime: stored.openTime!,
  duration: stored.duration!,
});

export const epochToProto = (value: Epoch): StoredEpoch => ({
  ...value,
  openTime: { ...value.openTime },
  duration: { ...value.duration },
  counted: value.counted === undefined ? undefined : { ...value.counted },
});

/** Undefined before the first block, and of those that are forgotten. */
export function epoch(ctx: ReadContext, number: bigint): Epoch | undefined {
  const stored = epochs.get(ctx, number);
  return stored === undefined ? undefined : epochFromProto(stored);
}

export function currentEpoch(ctx: ReadContext): Epoch | undefined {
  const count = epochCount.peek(ctx);
  return count === 0n ? undefined : epoch(ctx, count - 1n);
}

/** 0 before the first block. */
export function currentNumber(ctx: ReadContext): bigint {
  const count = epochCount.peek(ctx);
  return count === 0n ? 0n : count - 1n;
}

/** Whether the block that is being executed is its first one. */
export const epochOpenedNow = (ctx: ReadContext): boolean => currentEpoch(ctx)?.openHeight === ctx.block.height;

// -------------------------------------------------------------------------------------------------------------------- opening

/** However long the chain stood still, one epoch ends and one opens. */
export function openWhenDue(ctx: Context): boolean {
  const current = currentEpoch(ctx);
  const { time } = ctx.block;
  if (current !== undefined) {
    if (compareTimes(time, addDuration(current.openTime, current.duration)) < 0) return false;
    epochs.set(ctx, current.number, epochToProto(closed(ctx, current)));
  }
  open(ctx);
  return true;
}

/** What it counts for is bounded, so that a halt emits no more than two epochs would. */
function closed(ctx: ReadContext, current: Epoch): Epoch {
  const elapsed = nanosBetween(current.openTime, ctx.block.time);
  const most = nanosOf(current.duration) * getParams(ctx).countedDurationsMax;
  return { ...current, seed: current.seed, counted: durationOf(elapsed < most ? elapsed : most) };
}

function open(ctx: Context): void {
  const number = epochCount.next(ctx);
  const { height, time } = ctx.block;
  const { epochDuration: duration } = getParams(ctx);
  const opened = { number, openTime: time, openHeight: height, duration, seed: new Uint8Array(0), counted: undefined };
  epochs.set(ctx, number, epochToProto(opened));
  forget(ctx, number);
  ctx.emit(epochOpened(number, time, height));
}

/** At most one epoch, and the ticks of one, which are at most `tickCount`. */
function forget(ctx: Context, opened: bigint): void {
  if (opened >= epochsKept) epochs.delete(ctx, opened - epochsKept);
  if (opened < tickEpochsKept) return;
  for (const key of [...ticks.keys(ctx, { leading: [opened - tickEpochsKept] })]) ticks.delete(ctx, key);
}

// --------------------------------------------------------------------------------------------------------- seeds and ticks

/**
 * At the end of the block after the one that opened it: who proposed the opening block chose when it opens, but not this seed. An epoch that
 * is over after a single block has the beacon of the block that ended it.
 */
export function seedWhenDue(ctx: Context, value: Uint8Array): void {
  const count = epochCount.peek(ctx);
  for (const number of [count - 2n, count - 1n]) {
    const found = number < 0n ? undefined : epoch(ctx, number);
    if (found === undefined || found.seed.length > 0 || found.openHeight >= ctx.block.height) continue;
    epochs.set(ctx, number, epochToProto({ ...found, seed: value }));
    ctx.emit(epochSeeded(number, value));
  }
}

const measuringNanos = ({ duration }: Epoch): bigint => (nanosOf(duration) * measuringNumerator) / measuringDenominator;

/** Nanoseconds after the open, rounded down. */
const tickNanos = (of: Epoch, tick: bigint): bigint => (measuringNanos(of) * tick) / tickCount;

/** The first tick that does not begin before `time`. */
export function firstTickFrom(of: Epoch, time: Timestamp): bigint {
  const elapsed = nanosBetween(of.openTime, time);
  if (elapsed <= 0n) return 0n;
  let tick = (elapsed * tickCount) / measuringNanos(of);
  while (tickNanos(of, tick) < elapsed) tick++;
  return tick;
}

/** At the end of a block. A beacon that has not changed is not written again. */
export function keepTick(ctx: Context, value: Uint8Array): void {
  const current = currentEpoch(ctx);
  if (current === undefined) return;
  const tick = firstTickFrom(current, ctx.block.time);
  if (tick >= tickCount) return;
  const last = tickBeacon(ctx, current.number, tick);
  if (last === undefined || compareBytes(last, value) !== 0) ticks.set(ctx, [current.number, tick], value);
}

function tickBeacon(ctx: ReadContext, number: bigint, tick: bigint): Uint8Array | undefined {
  const range = { leading: [number] as const, end: [number, tick + 1n] as const, reverse: true };
  for (const [, value] of ticks.iterate(ctx, range)) return value;
  return undefined;
}

/**
 * The beacon after the last block whose time is not after the tick's. Undefined while that can still change, in the ticks that there are not,
 * and of epochs whose ticks are forgotten.
 */
export function beaconAt(ctx: ReadContext, number: bigint, tick: bigint): Uint8Array | undefined {
  const found = epoch(ctx, number);
  if (found === undefined || tick < 0n || tick >= tickCount) return undefined;
  if (tickNanos(found, tick) >= nanosBetween(found.openTime, ctx.block.time)) return undefined;
  return tickBeacon(ctx, number, tick);
}

/** For a chain that begins again at height 1. */
export function forgetEpochHeights(ctx: Context): void {
  for (const [number, stored] of [...epochs.iterate(ctx)]) epochs.set(ctx, number, { ...stored, openHeight: 0n });
  const current = beacon.get(ctx);
  if (current !== undefined) beacon.set(ctx, { ...current, height: 0n });
}
