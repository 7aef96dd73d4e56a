/** What paying users had of a relay in an epoch, as the market settled it, and what the market is told of an epoch. Owns no state. */
import type { Context, ReadContext } from "../../chain/context.ts";
import { afterEpoch, type CellTelemetry, settledIn } from "../market/index.ts";
import { least } from "./ratio.ts";
import { cellTotals } from "./state.ts";

export interface SettledTraffic {
  readonly bits: bigint;
  /** In 10^-6 dollars. */
  readonly value: bigint;
}

const bitsPerByte = 8n;
/** More than there is money; a sum of these is shared by, and each is kept in 64 bits. */
const valueMax = (1n << 63n) - 1n;

export function trafficOf(ctx: ReadContext, epoch: bigint, relay: bigint): SettledTraffic {
  const { bytes, prepaidBytes, value } = settledIn(ctx, epoch, relay);
  return { bits: (bytes + prepaidBytes) * bitsPerByte, value: least(value, valueMax) };
}

/** Spot prices move by what cells could carry, by class. As many cells as governance lists. */
export function tellMarket(ctx: Context, epoch: bigint, isVoid: boolean): void {
  const telemetry: CellTelemetry[] = [...cellTotals.iterate(ctx)].flatMap(([cell, { stableBps, transientBps }]) => [
    { cell, stable: true, measuredBps: BigInt(stableBps) },
    { cell, stable: false, measuredBps: BigInt(transientBps) },
  ]);
  afterEpoch(ctx, epoch, telemetry, isVoid);
}
