/** The market's events. */
import { type ChainEvent, event } from "../../chain/events.ts";

export const toppedUp = (sender: string, owner: string, amount: string): ChainEvent =>
  event("wallet_topped_up", { sender, owner, amount });

export const withdrawn = (owner: string, amount: string): ChainEvent => event("wallet_withdrawn", { owner, amount });

/** What a wallet gives to a lock, or gets back from one; beside the deposits and withdrawals above, all that changes it. */
export const walletLocked = (owner: string, amount: string, purpose: string): ChainEvent =>
  event("wallet_locked", { owner, amount, purpose });
export const walletReleased = (owner: string, amount: string, purpose: string): ChainEvent =>
  event("wallet_released", { owner, amount, purpose });

export interface SessionOpened {
  readonly session: bigint;
  readonly client: string;
  readonly relay: bigint;
  readonly price: string;
  readonly locked: string;
  readonly endsEpoch: bigint;
}

export const sessionOpened = ({ session, client, relay, price, locked, endsEpoch }: SessionOpened): ChainEvent =>
  event("session_opened", {
    session: `${session}`,
    client,
    relay: `${relay}`,
    price,
    locked,
    ends_epoch: `${endsEpoch}`,
  });

export const sessionToppedUp = (session: bigint, locked: string, endsEpoch: bigint): ChainEvent =>
  event("session_topped_up", { session: `${session}`, locked, ends_epoch: `${endsEpoch}` });

export const voucherSettled = (session: bigint, relay: bigint, bytes: bigint, paid: string): ChainEvent =>
  event("voucher_settled", { session: `${session}`, relay: `${relay}`, bytes: `${bytes}`, paid });

export interface PaymentSplit {
  readonly relay: string;
  readonly amount: string;
  readonly burn: string;
  readonly direct: string;
  readonly reserve: string;
  readonly oracles: string;
  readonly stakers: string;
}

export const paymentSplit = (split: PaymentSplit): ChainEvent => event("payment_split", { ...split });

export const sessionClosing = (session: bigint, endsEpoch: bigint): ChainEvent =>
  event("session_closing", { session: `${session}`, ends_epoch: `${endsEpoch}` });

export const sessionClosed = (session: bigint, client: string, relay: bigint, refunded: string): ChainEvent =>
  event("session_closed", { session: `${session}`, client, relay: `${relay}`, refunded });

export const priceMoved = (cell: string, stable: boolean, price: string, utilization: string): ChainEvent =>
  event("price_moved", { cell, stable: `${stable}`, price, utilization });

export const capacityOffered = (offer: bigint, relay: bigint, bps: bigint, price: string): ChainEvent =>
  event("capacity_offered", { offer: `${offer}`, relay: `${relay}`, capacity_bps: `${bps}`, price_per_epoch: price });

export const capacityWithdrawn = (offer: bigint, relay: bigint): ChainEvent =>
  event("capacity_withdrawn", { offer: `${offer}`, relay: `${relay}` });

export const capacityReserved = (contract: bigint, owner: string, relay: bigint, escrow: string): ChainEvent =>
  event("capacity_reserved", { contract: `${contract}`, owner, relay: `${relay}`, escrow });

export const contractTransferred = (contract: bigint, from: string, to: string): ChainEvent =>
  event("contract_transferred", { contract: `${contract}`, from, to });

export interface ContractEpoch {
  readonly contract: bigint;
  readonly epoch: bigint;
  readonly delivered: string;
  readonly paid: string;
  readonly refunded: string;
  readonly leaseReturned: string;
  readonly leaseForfeited: string;
}

export const contractEpoch = (of: ContractEpoch): ChainEvent =>
  event("contract_epoch", {
    contract: `${of.contract}`,
    epoch: `${of.epoch}`,
    delivered: of.delivered,
    paid: of.paid,
    refunded: of.refunded,
    lease_returned: of.leaseReturned,
    lease_forfeited: of.leaseForfeited,
  });

export const contractEnded = (contract: bigint, reason: string, returned: string): ChainEvent =>
  event("contract_ended", { contract: `${contract}`, reason, returned });

export const planCreated = (plan: bigint, provider: string): ChainEvent =>
  event("plan_created", { plan: `${plan}`, provider });

export const planRetired = (plan: bigint): ChainEvent => event("plan_retired", { plan: `${plan}` });

export const subscribed = (subscription: bigint, plan: bigint, owner: string, price: string): ChainEvent =>
  event("subscribed", { subscription: `${subscription}`, plan: `${plan}`, owner, price });

export const quotaShared = (subscription: bigint, member: string, bytes: bigint): ChainEvent =>
  event("quota_shared", { subscription: `${subscription}`, member, bytes: `${bytes}` });

export const subscriptionEnded = (subscription: bigint, reason: string, refunded: string): ChainEvent =>
  event("subscription_ended", { subscription: `${subscription}`, reason, refunded });

export const denomFrozen = (denom: string, until: string, reason: string): ChainEvent =>
  event("denom_frozen", { denom, until, reason });

export const denomThawed = (denom: string): ChainEvent => event("denom_thawed", { denom });
