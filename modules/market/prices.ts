/** Spot prices of cells, one for each class: what they are and when they move. The arithmetic is spotprice.ts's. */
import type { Context, ReadContext } from "../../chain/context.ts";
import { type Dec, decFromProto, decToProto, formatDec } from "../../chain/dec.ts";
import type { Duration } from "../../chain/time.ts";
import { priceMoved } from "./events.ts";
import { getParams } from "./params.ts";
import type { MarketRelay } from "./relays.ts";
import { settledOfClass } from "./settlements.ts";
import { boundedPrice, movedPrice, utilization } from "./spotprice.ts";
import { spotPrices } from "./state.ts";

/** What measuring has shown of an epoch's cell and class. */
export interface CellTelemetry {
  readonly cell: string;
  readonly stable: boolean;
  readonly measuredBps: bigint;
}

/** Of a GiB, in millionths of a dollar. Within the bounds of the parameters as they are now. */
export function spotPrice(ctx: ReadContext, cell: string, stable: boolean): Dec {
  const rules = getParams(ctx);
  const stored = spotPrices.get(ctx, [cell, stable]);
  return stored === undefined ? rules.genesisPrice : boundedPrice(decFromProto(stored.price), rules);
}

/** What a session with it is opened at: the cell's price for its class, or its floor above that. */
export function priceOf(ctx: ReadContext, { cell, isStable, priceFloor }: MarketRelay): Dec {
  const spot = spotPrice(ctx, cell, isStable);
  return spot > priceFloor ? spot : priceFloor;
}

const nanosOf = ({ seconds, nanos }: Duration): bigint => seconds * 1_000_000_000n + BigInt(nanos);

export function movePrices(ctx: Context, epoch: bigint, counted: Duration, cells: readonly CellTelemetry[]): void {
  const rules = getParams(ctx);
  for (const { cell, stable, measuredBps } of cells) {
    const settledBytes = settledOfClass(ctx, epoch, cell, stable).bytes;
    const used = utilization({ settledBytes, measuredBps, nanos: nanosOf(counted) });
    if (used === undefined) continue;
    const price = movedPrice(spotPrice(ctx, cell, stable), used, rules);
    const stored = { cell, stable, price: decToProto(price), epoch, utilization: decToProto(used) };
    spotPrices.set(ctx, [cell, stable], stored);
    ctx.emit(priceMoved(cell, stable, formatDec(price), formatDec(used)));
  }
}
