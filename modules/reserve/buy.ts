/** New coins at the ceiling: only while genesis and schedule leave room for them, and only so many an epoch. */
import { accountAddress } from "../../chain/address.ts";
import { type Coin, formatCoin } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { decOne } from "../../chain/dec.ts";
import { sendFromModule, sendToModule } from "../bank/index.ts";
import { isDenomTaken } from "../market/index.ts";
import { emitsBySchedule, mintDenom, mintFurther, mintingRoom } from "../mint/index.ts";
import { epochNow } from "./book.ts";
import { boughtEnough, costsMore, noReserve, noRoom, notTaken } from "./errors.ts";
import { bought } from "./events.ts";
import { boughtIn, noteBought } from "./flows.ts";
import { principalOf, tokenSupply } from "./holdings.ts";
import { getParams } from "./params.ts";
import { costAtCeiling } from "./prices.ts";
import { bookName, reserveName } from "./state.ts";

export interface Purchase {
  readonly buyer: string;
  readonly quantity: bigint;
  readonly costMax: Coin;
}

/** What genesis and schedule leave; a chain that mints by inflation has no such bound, and so no sale. */
export const roomOf = (ctx: ReadContext): bigint => (emitsBySchedule(ctx) ? mintingRoom(ctx).further : 0n);

/** Of the supply without what was bought in this epoch, a share, rounded down, less that. */
function leftOfEpoch(ctx: ReadContext): bigint {
  const before = boughtIn(ctx, epochNow(ctx));
  const most = ((tokenSupply(ctx) - before) * getParams(ctx).buyShareMax) / decOne;
  return most > before ? most - before : 0n;
}

/** What may be bought now. */
export function buyRoom(ctx: ReadContext): bigint {
  const [room, left] = [roomOf(ctx), leftOfEpoch(ctx)];
  return room < left ? (room > 0n ? room : 0n) : left;
}

/** Returns what it cost. */
export function buy(ctx: Context, { buyer, quantity, costMax }: Purchase): bigint {
  const { denom } = costMax;
  if (!isDenomTaken(ctx, denom)) throw notTaken(denom);
  const [principal, supply] = [principalOf(ctx), tokenSupply(ctx)];
  if (principal === 0n || supply === 0n) throw noReserve();
  const room = roomOf(ctx);
  if (quantity > room) throw noRoom(quantity, room > 0n ? room : 0n);
  const left = leftOfEpoch(ctx);
  if (quantity > left) throw boughtEnough(quantity, left);
  const cost = costAtCeiling(quantity, principal, supply, getParams(ctx).corridorShare);
  if (cost > costMax.amount) throw costsMore(formatCoin({ denom, amount: cost }), formatCoin(costMax));
  const address = accountAddress.decode(buyer);
  sendToModule(ctx, address, reserveName, [{ denom, amount: cost }]);
  mintFurther(ctx, quantity, bookName);
  sendFromModule(ctx, bookName, address, [{ denom: mintDenom(ctx), amount: quantity }]);
  noteBought(ctx, epochNow(ctx), quantity, cost);
  ctx.emit(bought(buyer, quantity, formatCoin({ denom, amount: cost })));
  return cost;
}
