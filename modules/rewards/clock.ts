/** Which epoch is settled next, and what settlements carry from one to the next. Owns that one record. */
import type { Context, ReadContext, Timestamp } from "../../chain/context.ts";
import { type Dec, decFromProto, decToProto } from "../../chain/dec.ts";
import type { Clock as StoredClock } from "../../proto/gen/weir/rewards/v1/state.ts";
import { epoch } from "../beacon/index.ts";
import { clock } from "./state.ts";

export interface Clock {
  readonly nextEpoch: bigint;
  /** Until where the schedule is emitted; undefined before the first settlement. */
  readonly emittedUntil: Timestamp | undefined;
  /** 0 before it. */
  readonly firstEmission: bigint;
  /** 0 before the first settlement. */
  readonly bondRate: Dec;
}

const start: Clock = { nextEpoch: 0n, emittedUntil: undefined, firstEmission: 0n, bondRate: 0n };

/** Read for every relay of a page: what the store gave once is decoded once. */
const decoded = new WeakMap<StoredClock, Clock>();

export function getClock(ctx: ReadContext): Clock {
  const stored = clock.get(ctx);
  if (stored === undefined) return start;
  const known = decoded.get(stored);
  if (known !== undefined) return known;
  const { nextEpoch, emittedUntil, firstEmission, bondRate } = stored;
  const value = { nextEpoch, emittedUntil, firstEmission: BigInt(firstEmission), bondRate: decFromProto(bondRate) };
  decoded.set(stored, value);
  return value;
}

export const setClock = (ctx: Context, value: Clock): void =>
  clock.set(ctx, {
    nextEpoch: value.nextEpoch,
    emittedUntil: value.emittedUntil === undefined ? undefined : { ...value.emittedUntil },
    firstEmission: `${value.firstEmission}`,
    bondRate: decToProto(value.bondRate),
  });

/** When an epoch that is over closed: when the next one opened. Undefined while it is open and once it is forgotten. */
export const closeOf = (ctx: ReadContext, number: bigint): Timestamp | undefined => epoch(ctx, number + 1n)?.openTime;
