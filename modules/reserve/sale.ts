/**
 * A sale of new coins that governance opens, to fill a young reserve: one way, along a curve, within the room that genesis and schedule leave, and never below the floor.
 * There is none unless a vote opened it. Owns the one that stands; its arithmetic is salecurve.ts.
 */
import { accountAddress } from "../../chain/address.ts";
import { formatCoin } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { type Dec, decToProto } from "../../chain/dec.ts";
import type { Sale } from "../../proto/gen/weir/reserve/v1/state.ts";
import { sendFromModule, sendToModule } from "../bank/index.ts";
import { isDenomTaken } from "../market/index.ts";
import { mintDenom, mintFurther } from "../mint/index.ts";
import { epochNow } from "./book.ts";
import { type Purchase, roomOf } from "./buy.ts";
import { badAmount, costsMore, noReserve, noRoom, noSale, notTaken, saleStands } from "./errors.ts";
import { boughtInSale, saleEnded, saleOpened } from "./events.ts";
import { principalOf, tokenSupply } from "./holdings.ts";
import { floorOf } from "./prices.ts";
import { curveCost, curveOf, curvePrice, floorCost } from "./salecurve.ts";
import { askMax, bookName, reserveName, sale as stored } from "./state.ts";

/** What a vote may sell at once. */
export const saleQuantityMax = 10n ** 18n;
/** A sale that nobody ends is over after a year of days. */
export const saleEpochsMax = 366n;

export interface NewSale {
  readonly quantity: bigint;
  readonly start: Dec;
  readonly end: Dec;
  readonly epochs: bigint;
}

/** What is wrong with it, whatever the state. */
export function saleProblem({ quantity, start, end, epochs }: NewSale): string | undefined {
  if (quantity < 1n || quantity > saleQuantityMax) return `a quantity of ${quantity}, expected 1 to ${saleQuantityMax}`;
  if (start < 1n || end < start || end > askMax) return "prices that do not rise from above nothing";
  return epochs < 1n || epochs > saleEpochsMax ? `${epochs} epochs, expected 1 to ${saleEpochsMax}` : undefined;
}

/** The one that stands; nothing of one that is over. */
export function standingSale(ctx: ReadContext): Sale | undefined {
  const found = stored.get(ctx);
  if (found === undefined || epochNow(ctx) >= found.endsEpoch || found.sold === found.quantity) return undefined;
  return found;
}

export function openSale(ctx: Context, of: NewSale): void {
  if (standingSale(ctx) !== undefined) throw saleStands();
  const problem = saleProblem(of);
  if (problem !== undefined) throw badAmount("the sale", problem, "a sale in its bounds");
  const [priceStart, priceEnd] = [decToProto(of.start), decToProto(of.end)];
  const endsEpoch = epochNow(ctx) + 1n + of.epochs;
  stored.set(ctx, { quantity: `${of.quantity}`, sold: "0", priceStart, priceEnd, endsEpoch, raised: "0" });
  ctx.emit(saleOpened(of.quantity, of.start, of.end, endsEpoch));
}

export function endSale(ctx: Context): void {
  const found = standingSale(ctx);
  if (found === undefined) throw noSale();
  stored.delete(ctx);
  ctx.emit(saleEnded(found.sold, found.raised));
}

/** What may be bought now. */
export function saleLeft(ctx: ReadContext): bigint {
  const found = standingSale(ctx);
  if (found === undefined) return 0n;
  const [left, room] = [BigInt(found.quantity) - BigInt(found.sold), roomOf(ctx)];
  return room < left ? (room > 0n ? room : 0n) : left;
}

/** By the curve, or by the floor where that is more. */
export function saleCost(ctx: ReadContext, sale: Sale, quantity: bigint): bigint {
  const byCurve = curveCost(curveOf(sale), BigInt(sale.sold), quantity);
  const byFloor = floorCost(quantity, principalOf(ctx), tokenSupply(ctx));
  return byCurve > byFloor ? byCurve : byFloor;
}

/** Of the next unit. */
export function salePrice(ctx: ReadContext, sale: Sale): Dec {
  const byCurve = curvePrice(curveOf(sale), BigInt(sale.sold));
  const floor = floorOf(principalOf(ctx), tokenSupply(ctx));
  return byCurve > floor ? byCurve : floor;
}

/** Returns what it cost. */
export function buyInSale(ctx: Context, { buyer, quantity, costMax }: Purchase): bigint {
  const { denom } = costMax;
  if (!isDenomTaken(ctx, denom)) throw notTaken(denom);
  if (tokenSupply(ctx) === 0n) throw noReserve();
  const sale = standingSale(ctx);
  if (sale === undefined) throw noSale();
  const left = saleLeft(ctx);
  if (quantity > left) throw noRoom(quantity, left);
  const cost = saleCost(ctx, sale, quantity);
  if (cost > costMax.amount) throw costsMore(formatCoin({ denom, amount: cost }), formatCoin(costMax));
  const address = accountAddress.decode(buyer);
  sendToModule(ctx, address, reserveName, [{ denom, amount: cost }]);
  mintFurther(ctx, quantity, bookName);
  sendFromModule(ctx, bookName, address, [{ denom: mintDenom(ctx), amount: quantity }]);
  const [sold, raised] = [BigInt(sale.sold) + quantity, BigInt(sale.raised) + cost];
  stored.set(ctx, { ...sale, sold: `${sold}`, raised: `${raised}` });
  ctx.emit(boughtInSale(buyer, quantity, formatCoin({ denom, amount: cost })));
  return cost;
}
