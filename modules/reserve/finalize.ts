/**
 * The reserve's part of an epoch's finalize, in the order of the economics: the auction on the book as it stood when the current epoch opened, at
 * the prices that the finalize before left; then, when all else of the epoch is done, the prices that this one leaves, and its report.
 */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { subtractCoins } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { type Dec, decFromProto, decToProto, formatDec } from "../../chain/dec.ts";
import type { Marks as StoredMarks } from "../../proto/gen/weir/reserve/v1/state.ts";
import { burnCoins, payShares, sendBetweenModules } from "../bank/index.ts";
import { settledOfEpoch } from "../market/index.ts";
import { emitsBySchedule, mintDenom, mintFurther } from "../mint/index.ts";
import { type Clearing, clear } from "./auction.ts";
import { takeOf, worth } from "./basket.ts";
import { cutBook, epochNow, type RestingAsk, type SoldOffer, takeOffBook } from "./book.ts";
import { type Budget, demandOf, type Shares, shareOut } from "./budget.ts";
import * as events from "./events.ts";
import { burnCoinsHeld, principalOf, thawedBurnCoins, tokenSupply } from "./holdings.ts";
import { getParams } from "./params.ts";
import { owedToRelays } from "./payouts.ts";
import { capOf, ceilingOf, floorOf } from "./prices.ts";
import { bookName, burnName, marks, payouts, reserveName } from "./state.ts";

const burnAddress = moduleAddress(burnName);

/** What the last finalize left. */
export interface Marks {
  /** The last finalized epoch and one; 0 before the first. */
  readonly finalized: bigint;
  readonly floor: Dec;
  readonly ceiling: Dec;
  readonly reference: Dec;
  readonly principal: bigint;
  readonly supply: bigint;
}

const marksFromProto = (stored: StoredMarks): Marks => ({
  finalized: stored.finalized,
  floor: decFromProto(stored.floor),
  ceiling: decFromProto(stored.ceiling),
  reference: decFromProto(stored.reference),
  principal: BigInt(stored.principal),
  supply: BigInt(stored.supply),
});

/** Before the first finalize: as it is now, with the floor for a reference. */
export function getMarks(ctx: ReadContext): Marks {
  const stored = marks.get(ctx);
  if (stored !== undefined) return marksFromProto(stored);
  const [principal, supply] = [principalOf(ctx), tokenSupply(ctx)];
  const floor = floorOf(principal, supply);
  const ceiling = ceilingOf(principal, supply, getParams(ctx).corridorShare);
  return { finalized: 0n, floor, ceiling, reference: floor, principal, supply };
}

/** What an auction came to, for the epoch's record and the report. */
export interface Auction extends Omit<Clearing, "lots">, Shares {
  readonly epoch: bigint;
  readonly budget: Budget;
  readonly demand: bigint;
  readonly cap: Dec;
  readonly read: Marks;
}

/** Epochs that settled while this one waited. */
const laterMax = 32n;

/**
 * B of an epoch: what lies there, less what relays are owed of earlier auctions and what later epochs have settled. What an earlier one could not
 * spend, because it was frozen, is in it.
 */
function budgetOf(ctx: ReadContext, epoch: bigint): Budget {
  const now = epochNow(ctx);
  let total = worth(burnCoinsHeld(ctx)) - owedToRelays(ctx).stable;
  for (let later = epoch + 1n; later <= now && later <= epoch + laterMax; later++) {
    total -= settledOfEpoch(ctx, later).burn;
  }
  const spendable = worth(thawedBurnCoins(ctx)) - owedToRelays(ctx).stable;
  const bounded = total < spendable ? total : spendable;
  const left = bounded > 0n ? bounded : 0n;
  // Without a schedule nothing may be minted again: all relays are then paid in stable.
  const token = emitsBySchedule(ctx) ? settledOfEpoch(ctx, epoch).burnToken : 0n;
  return { total: left, token: token < left ? token : left, remintShare: getParams(ctx).remintShare };
}

/** Of a supply without a reserve behind it there is no price: nothing is bought, and what was to be spent becomes the reserve. */
export function holdAuction(ctx: Context, epoch: bigint): Auction {
  const read = getMarks(ctx);
  const cap = capOf(read.ceiling, read.reference, getParams(ctx));
  const budget = budgetOf(ctx, epoch);
  const demand = demandOf(budget);
  const book = demand > 0n && cap > 0n ? cutBook(ctx, cap) : [];
  const { lots, ...clearing } = clear(book, { demand, floor: read.floor, cap });
  paySellers(ctx, book, lots);
  const shares = shareOut(budget, clearing);
  keepForRelays(ctx, epoch, shares);
  if (shares.rest > 0n) {
    sendBetweenModules(ctx, burnName, reserveName, takeOf(thawedBurnCoins(ctx), shares.rest));
  }
  const { price, isFilled, bought: burned } = clearing;
  const { crossed, reminted } = shares;
  const told = { epoch, budget: budget.total, demand, price: formatDec(price), isFilled, burned, crossed, reminted };
  if (budget.total > 0n) ctx.emit(events.auctioned(told));
  return { epoch, budget, demand, cap, read, ...clearing, ...shares };
}

/** Takes what was sold off the book, burns it, and pays each seller once. */
function paySellers(ctx: Context, book: readonly RestingAsk[], lots: Clearing["lots"]): void {
  const offers = new Map(book.map(({ id, offer }) => [id, offer]));
  const payments = new Map<string, bigint>();
  const sold: SoldOffer[] = [];
  let burned = 0n;
  for (const { id, quantity, payment } of lots) {
    const offer = offers.get(id)!;
    const left = BigInt(offer.quantity) - quantity;
    sold.push({ before: offer, after: left === 0n ? undefined : { ...offer, quantity: `${left}` } });
    payments.set(offer.seller, (payments.get(offer.seller) ?? 0n) + payment);
    burned += quantity;
    ctx.emit(events.offerSold(id, offer.seller, quantity, payment));
  }
  if (burned === 0n) return;
  takeOffBook(ctx, sold);
  burnCoins(ctx, bookName, [{ denom: mintDenom(ctx), amount: burned }]);
  payAll(ctx, payments);
}

/** In one transfer from the budget to all; sellers have signed, and so are no accounts that take nothing. */
function payAll(ctx: Context, payments: ReadonlyMap<string, bigint>): void {
  const total = [...payments.values()].reduce((sum, payment) => sum + payment, 0n);
  if (total === 0n) return;
  let basket = takeOf(thawedBurnCoins(ctx), total);
  const all = basket;
  const shares = [];
  for (const [seller, payment] of payments) {
    if (payment === 0n) continue;
    const coins = takeOf(basket, payment);
    basket = subtractCoins(basket, coins);
    shares.push({ to: accountAddress.decode(seller), coins });
  }
  payShares(ctx, burnAddress, all, shares);
}

/** Relays are as many as there are: they are paid by pages. */
function keepForRelays(ctx: Context, epoch: bigint, { stable, fallback, reminted }: Shares): void {
  if (stable + fallback + reminted === 0n) return;
  if (reminted > 0n) mintFurther(ctx, reminted, burnName);
  const settled = settledOfEpoch(ctx, epoch);
  payouts.set(ctx, epoch, {
    epoch,
    after: 0n,
    stableBudget: `${settled.burn - settled.burnToken}`,
    tokenBudget: `${settled.burnToken}`,
    stable: `${stable}`,
    fallback: `${fallback}`,
    token: `${reminted}`,
    stableLeft: `${stable + fallback}`,
    tokenLeft: `${reminted}`,
  });
}

export const marksToProto = (of: Marks, finalizedIn: bigint): StoredMarks => ({
  finalized: of.finalized,
  finalizedIn,
  floor: decToProto(of.floor),
  ceiling: decToProto(of.ceiling),
  reference: decToProto(of.reference),
  principal: `${of.principal}`,
  supply: `${of.supply}`,
});
