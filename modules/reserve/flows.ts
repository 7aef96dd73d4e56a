/** What went in and out between two finalized epochs. Owns the counters. */
import type { Context, ReadContext } from "../../chain/context.ts";
import { flows } from "./state.ts";

export interface Flows {
  /** In which `boughtEpoch` was bought. */
  readonly epoch: bigint;
  readonly boughtEpoch: bigint;
  readonly bought: bigint;
  readonly boughtValue: bigint;
  readonly redeemed: bigint;
  readonly redeemedValue: bigint;
}

const none: Flows = { epoch: 0n, boughtEpoch: 0n, bought: 0n, boughtValue: 0n, redeemed: 0n, redeemedValue: 0n };

export function getFlows(ctx: ReadContext): Flows {
  const stored = flows.get(ctx);
  if (stored === undefined) return none;
  return {
    epoch: stored.epoch,
    boughtEpoch: BigInt(stored.boughtEpoch),
    bought: BigInt(stored.bought),
    boughtValue: BigInt(stored.boughtValue),
    redeemed: BigInt(stored.redeemed),
    redeemedValue: BigInt(stored.redeemedValue),
  };
}

export const setFlows = (ctx: Context, of: Flows): void =>
  flows.set(ctx, {
    epoch: of.epoch,
    boughtEpoch: `${of.boughtEpoch}`,
    bought: `${of.bought}`,
    boughtValue: `${of.boughtValue}`,
    redeemed: `${of.redeemed}`,
    redeemedValue: `${of.redeemedValue}`,
  });

/** What was bought in this epoch. */
export function boughtIn(ctx: ReadContext, epoch: bigint): bigint {
  const found = getFlows(ctx);
  return found.epoch === epoch ? found.boughtEpoch : 0n;
}

export function noteBought(ctx: Context, epoch: bigint, quantity: bigint, cost: bigint): void {
  const before = getFlows(ctx);
  setFlows(ctx, {
    ...before,
    epoch,
    boughtEpoch: boughtIn(ctx, epoch) + quantity,
    bought: before.bought + quantity,
    boughtValue: before.boughtValue + cost,
  });
}

export function noteRedeemed(ctx: Context, quantity: bigint, paid: bigint): void {
  const before = getFlows(ctx);
  setFlows(ctx, {
    ...before,
    redeemed: before.redeemed + quantity,
    redeemedValue: before.redeemedValue + paid,
  });
}

/** A finalized epoch has taken them into its report. */
export function beginFlowsAnew(ctx: Context): void {
  const { epoch, boughtEpoch } = getFlows(ctx);
  setFlows(ctx, { ...none, epoch, boughtEpoch });
}
