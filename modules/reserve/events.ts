/** The reserve's events. */
import { type Dec, formatDec } from "../../chain/dec.ts";
import { type ChainEvent, event } from "../../chain/events.ts";

export const offered = (offer: bigint, seller: string, quantity: bigint, ask: string): ChainEvent =>
  event("offer_placed", { offer: `${offer}`, seller, quantity: `${quantity}`, ask });

export const offerTakenBack = (offer: bigint, seller: string, quantity: bigint, reason: string): ChainEvent =>
  event("offer_returned", { offer: `${offer}`, seller, quantity: `${quantity}`, reason });

export const offerSold = (offer: bigint, seller: string, quantity: bigint, payment: bigint): ChainEvent =>
  event("offer_sold", { offer: `${offer}`, seller, quantity: `${quantity}`, payment: `${payment}` });

export const redemptionAsked = (epoch: bigint, holder: string, quantity: bigint): ChainEvent =>
  event("redemption_asked", { epoch: `${epoch}`, holder, quantity: `${quantity}` });

export interface Redeemed {
  readonly epoch: bigint;
  readonly holder: string;
  readonly quantity: bigint;
  readonly paid: string;
  readonly returned: bigint;
}

export const redeemed = ({ epoch, holder, quantity, paid, returned }: Redeemed): ChainEvent =>
  event("redeemed", { epoch: `${epoch}`, holder, quantity: `${quantity}`, paid, returned: `${returned}` });

export const bought = (buyer: string, quantity: bigint, cost: string): ChainEvent =>
  event("bought_at_ceiling", { buyer, quantity: `${quantity}`, cost });

export const saleOpened = (quantity: bigint, start: Dec, end: Dec, endsEpoch: bigint): ChainEvent =>
  event("sale_opened", {
    quantity: `${quantity}`,
    price_start: formatDec(start),
    price_end: formatDec(end),
    ends_epoch: `${endsEpoch}`,
  });

export const saleEnded = (sold: string, raised: string): ChainEvent => event("sale_ended", { sold, raised });

export const boughtInSale = (buyer: string, quantity: bigint, cost: string): ChainEvent =>
  event("bought_in_sale", { buyer, quantity: `${quantity}`, cost });

export interface Auctioned {
  readonly epoch: bigint;
  readonly budget: bigint;
  readonly demand: bigint;
  readonly price: string;
  readonly isFilled: boolean;
  readonly burned: bigint;
  readonly crossed: bigint;
  readonly reminted: bigint;
}

export const auctioned = (of: Auctioned): ChainEvent =>
  event("burn_auction", {
    epoch: `${of.epoch}`,
    budget: `${of.budget}`,
    demand: `${of.demand}`,
    price: of.price,
    filled: `${of.isFilled}`,
    burned: `${of.burned}`,
    crossed: `${of.crossed}`,
    reminted: `${of.reminted}`,
  });

export const relayPaid = (epoch: bigint, relay: bigint, stable: string, token: bigint): ChainEvent =>
  event("served_relay_paid", { epoch: `${epoch}`, relay: `${relay}`, stable, token: `${token}` });

export const marked = (epoch: bigint, floor: string, ceiling: string, reference: string): ChainEvent =>
  event("reserve_marked", { epoch: `${epoch}`, floor, ceiling, reference });
