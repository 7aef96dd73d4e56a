/**
 * The book: offers of the token that rest until an auction buys them. Owns who may place one and take it back. An auction takes the book as it
 * stood when the current epoch opened: what is placed later waits for the next one, and what is in it cannot leave before it was held.
 */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { type Dec, decToProto, formatDec } from "../../chain/dec.ts";
import type { Offer } from "../../proto/gen/weir/reserve/v1/state.ts";
import { payCoins, sendToModule } from "../bank/index.ts";
import { currentEpoch } from "../beacon/index.ts";
import { mintDenom } from "../mint/index.ts";
import type { Ask } from "./auction.ts";
import { bookIsFull, lotTooSmall, noSuchOffer, notTheSeller, offerIsCut } from "./errors.ts";
import * as events from "./events.ts";
import { getParams } from "./params.ts";
import { bookName, marks, offerCount, offers, offersByAsk, restingCount } from "./state.ts";

/** An epoch is finalized while the third one after it is open (docs: economics, An epoch's life). */
export const finalizeDelay = 3n;

const bookAddress = moduleAddress(bookName);

/** 0 before the first block. */
export const epochNow = (ctx: ReadContext): bigint => currentEpoch(ctx)?.number ?? 0n;

/** The epoch whose auction is to be held while the current one is open, if it was not yet. */
export function pendingAuction(ctx: ReadContext): bigint | undefined {
  const due = epochNow(ctx) - finalizeDelay;
  if (due < 0n || (marks.get(ctx)?.finalized ?? 0n) > due) return undefined;
  return due;
}

const resting = (ctx: ReadContext): bigint => restingCount.get(ctx) ?? 0n;

export function replaceOffer(ctx: Context, before: Offer | undefined, after: Offer | undefined): void {
  offers.replace(ctx, (before ?? after)!.id, before, after);
  const change = (after === undefined ? 0n : 1n) - (before === undefined ? 0n : 1n);
  if (change !== 0n) restingCount.set(ctx, resting(ctx) + change);
}

export interface SoldOffer {
  readonly before: Offer;
  /** Undefined of one that was sold whole. */
  readonly after: Offer | undefined;
}

/** Many at once, counted once. */
export function takeOffBook(ctx: Context, sold: readonly SoldOffer[]): void {
  for (const { before, after } of sold) offers.replace(ctx, before.id, before, after);
  const gone = BigInt(sold.filter(({ after }) => after === undefined).length);
  if (gone > 0n) restingCount.set(ctx, resting(ctx) - gone);
}

export interface NewOffer {
  readonly seller: string;
  readonly quantity: bigint;
  readonly ask: Dec;
}

export function placeOffer(ctx: Context, { seller, quantity, ask }: NewOffer): bigint {
  const { lotMin, offersMax } = getParams(ctx);
  if (quantity < lotMin) throw lotTooSmall(quantity, lotMin);
  if (resting(ctx) >= offersMax) pushOut(ctx, ask, offersMax);
  sendToModule(ctx, accountAddress.decode(seller), bookName, [{ denom: mintDenom(ctx), amount: quantity }]);
  const id = offerCount.next(ctx) + 1n;
  replaceOffer(ctx, undefined, {
    id,
    seller,
    quantity: `${quantity}`,
    ask: decToProto(ask),
    placedEpoch: epochNow(ctx),
  });
  ctx.emit(events.offered(id, seller, quantity, formatDec(ask)));
  return id;
}

/** A full book is not closed to who asks less: the dearest offer that is not in a pending auction goes, the latest of equal ones. */
function pushOut(ctx: Context, ask: Dec, offersMax: bigint): void {
  for (const [worst, id] of offersByAsk.keys(ctx, { reverse: true })) {
    const offer = requireOffer(ctx, id);
    if (worst <= ask || isCut(ctx, offer)) throw bookIsFull(offersMax, formatDec(worst));
    giveBack(ctx, offer, "pushed out");
    return;
  }
}

export function requireOffer(ctx: ReadContext, id: bigint): Offer {
  const offer = offers.get(ctx, id);
  if (offer === undefined) throw noSuchOffer(id);
  return offer;
}

/** It stood when this epoch opened, and the auction that it is in was not held yet. */
const isCut = (ctx: ReadContext, { placedEpoch }: Offer): boolean =>
  placedEpoch < epochNow(ctx) && pendingAuction(ctx) !== undefined;

function giveBack(ctx: Context, offer: Offer, reason: string): void {
  const quantity = BigInt(offer.quantity);
  replaceOffer(ctx, offer, undefined);
  payCoins(ctx, bookAddress, accountAddress.decode(offer.seller), [{ denom: mintDenom(ctx), amount: quantity }]);
  ctx.emit(events.offerTakenBack(offer.id, offer.seller, quantity, reason));
}

export function cancelOffer(ctx: Context, seller: string, id: bigint): void {
  const offer = requireOffer(ctx, id);
  if (offer.seller !== seller) throw notTheSeller(id, offer.seller);
  if (isCut(ctx, offer)) throw offerIsCut(id, pendingAuction(ctx)!);
  giveBack(ctx, offer, "cancelled");
}

/** With the record that it was read from. */
export interface RestingAsk extends Ask {
  readonly offer: Offer;
}

/** The offers of the pending auction that ask no more than the cap, in ascending order of asks and then of ids. As many as may rest. */
export function cutBook(ctx: ReadContext, cap: Dec): RestingAsk[] {
  const epoch = epochNow(ctx);
  const book: RestingAsk[] = [];
  for (const [ask, id] of offersByAsk.keys(ctx)) {
    if (ask > cap) break;
    const offer = requireOffer(ctx, id);
    if (offer.placedEpoch < epoch) book.push({ id, quantity: BigInt(offer.quantity), ask, offer });
  }
  return book;
}
