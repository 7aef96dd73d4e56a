/**
 * Bringing a relay's record up to now: what the last finalized epoch left for it, what vested since, who has it. Owns that step, which every sweep,
 * claim and change of shares begins with; nothing is paid out here. Work is bounded by the record, whatever the time since.
 */
import type { Context, ReadContext } from "../../chain/context.ts";
import { decOne } from "../../chain/dec.ts";
import { relayShares } from "../attestation/index.ts";
import { getClock } from "./clock.ts";
import { reduced } from "./curve.ts";
import { epochRecord, poolsFromProto } from "./epochrecord.ts";
import { credit, generationSpan } from "./liquid.ts";
import { getParams } from "./params.ts";
import { availabilityPay } from "./pools.ts";
import { mulDivDown } from "./ratio.ts";
import { type RelayRecord, recordFromProto, recordToProto } from "./record.ts";
import { caps, curves, relays, unaccrued } from "./state.ts";
import { grant, vest } from "./vesting.ts";

export interface Reward {
  readonly availability: bigint;
  readonly usage: bigint;
}

export const noReward: Reward = { availability: 0n, usage: 0n };

/** Whose cap it is: a family's, or of a relay without one its own. */
export const familyName = (family: string, relayId: bigint): string => (family === "" ? `relay/${relayId}` : family);

type Earner = Pick<NonNullable<RelayRecord["pending"]>, "epoch" | "weight" | "transient" | "cell" | "family"> & {
  readonly settledValue: bigint;
};

/** What an epoch pays a relay; undefined until it is finalized. */
export function rewardOf(ctx: ReadContext, relayId: bigint, of: Earner): Reward | undefined {
  const record = epochRecord(ctx, of.epoch);
  if (record === undefined) return undefined;
  const paid = poolsFromProto(record.paid);
  const usage = mulDivDown(paid.usage, of.settledValue, BigInt(record.settledValue));
  let weight = of.weight;
  if (of.transient && record.curvedCells > 0n) weight = reducedBy(curves.get(ctx, [of.epoch, of.cell]), weight);
  if (record.cappedFamilies > 0n) {
    weight = reducedBy(caps.get(ctx, [of.epoch, familyName(of.family, relayId)]), weight);
  }
  const pool = poolsFromProto(record.pools).availability;
  return { availability: availabilityPay(pool, weight, BigInt(record.divisor)), usage };
}

const reducedBy = (by: { readonly whole: string; readonly counted: string } | undefined, weight: bigint): bigint =>
  by === undefined ? weight : reduced(weight, { whole: BigInt(by.whole), counted: BigInt(by.counted) });

/** What all accruals of a page take from what is minted and not accrued yet. */
export interface Accruals {
  accrued: bigint;
}

export const noAccruals = (): Accruals => ({ accrued: 0n });

/** Accrued rewards leave what is minted and unaccrued, once a page. */
export function bookAccruals(ctx: Context, { accrued }: Accruals): void {
  if (accrued === 0n) return;
  const before = unaccrued.get(ctx);
  unaccrued.set(ctx, { relays: `${BigInt(before?.relays ?? "0") - accrued}`, oracles: before?.oracles ?? [] });
}

/** Which generation of claims is being filled. */
export const currentGeneration = (ctx: ReadContext): bigint =>
  getClock(ctx).nextEpoch / generationSpan(getParams(ctx).claimWindowEpochs);

/** Half of a reward is liquid at once, with the remainder; the operator's commission comes first. */
export function broughtUp(ctx: ReadContext, id: bigint, record: RelayRecord, accruals: Accruals): RelayRecord {
  const { vestingShare, vestingSeconds } = getParams(ctx);
  const now = ctx.block.time.seconds;
  const looked = vest(record.vesting, now, vestingSeconds);
  let { vesting } = looked;
  let flow = looked.vested;
  let { pending, earned } = record;
  const reward = pending === undefined ? undefined : rewardOf(ctx, id, pending);
  if (pending !== undefined && reward !== undefined) {
    const amount = reward.availability + reward.usage;
    const slow = mulDivDown(amount, vestingShare, decOne);
    const granted = grant(vesting, slow, epochRecord(ctx, pending.epoch)!.closedAt!.seconds, vestingSeconds);
    vesting = granted.vesting;
    flow += granted.vested + amount - slow;
    earned += amount;
    accruals.accrued += amount;
    pending = undefined;
  }
  const commission = mulDivDown(flow, record.commissionRate, decOne);
  const liquid = credit(record.liquid, {
    generation: currentGeneration(ctx),
    commission,
    pooled: flow - commission,
    shares: flow === 0n ? 0n : relayShares(ctx, id),
  });
  return { ...record, pending, earned, vesting, liquid };
}

export function relayRecord(ctx: ReadContext, id: bigint): RelayRecord | undefined {
  const stored = relays.get(ctx, id);
  return stored === undefined ? undefined : recordFromProto(stored);
}

export const setRelayRecord = (ctx: Context, id: bigint, record: RelayRecord): void =>
  relays.set(ctx, id, recordToProto(record));

/** A record up to now, stored; undefined where there is none. */
export function broughtUpRecord(ctx: Context, id: bigint): RelayRecord | undefined {
  const before = relayRecord(ctx, id);
  if (before === undefined) return undefined;
  const accruals = noAccruals();
  const record = broughtUp(ctx, id, before, accruals);
  bookAccruals(ctx, accruals);
  setRelayRecord(ctx, id, record);
  return record;
}
