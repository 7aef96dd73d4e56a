/**
 * Plans and subscriptions: so many bytes in so many epochs over a provider's relays, shared with whom the subscriber likes. Owns the quota
 * and what the provider has earned of the price: by bytes as they are used, the rest when the term is over.
 */
import { accountAddress } from "../../chain/address.ts";
import { type Coin, coinFromProto, coinToProto, formatCoin } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Plan, Session, Subscription } from "../../proto/gen/weir/market/v1/state.ts";
import { epochNow } from "./clock.ts";
import {
  badTerm,
  hasOpenSessions,
  noSuchPlan,
  noSuchSubscription,
  notTheOperator,
  notTheOwner,
  quotaTooSmall,
  sharesOpen,
  wrongRelay,
} from "./errors.ts";
import * as events from "./events.ts";
import { getParams } from "./params.ts";
import { relayOf, requireRelay } from "./relays.ts";
import { type Payment, pay } from "./settlements.ts";
import { planCount, plans, subscriptionCount, subscriptions, subscriptionsByEnd } from "./state.ts";
import { lock, release, requireTaken } from "./wallets.ts";

export const planRelaysMax = 64;
export const planNameBytesMax = 64;
/** Accounts that share one subscription. */
export const sharesMax = 16;

// -------------------------------------------------------------------------------------------------------------------- plans

export interface NewPlan {
  readonly provider: string;
  readonly name: string;
  readonly quotaBytes: bigint;
  readonly epochs: bigint;
  readonly price: Coin;
  readonly relays: readonly bigint[];
}

export function createPlan(ctx: Context, { provider, relays, epochs, price, ...terms }: NewPlan): bigint {
  requireTaken(ctx, price);
  const { termEpochsMax } = getParams(ctx);
  if (epochs > termEpochsMax) throw badTerm(epochs, 1n, termEpochsMax);
  for (const id of relays) {
    const { operator } = requireRelay(ctx, id);
    if (operator !== provider) throw notTheOperator(id, operator);
  }
  const id = planCount.next(ctx) + 1n;
  plans.set(ctx, id, {
    id,
    provider,
    ...terms,
    epochs,
    price: coinToProto(price),
    relays: [...relays],
    isRetired: false,
    subscriptions: 0n,
  });
  ctx.emit(events.planCreated(id, provider));
  return id;
}

export function retirePlan(ctx: Context, provider: string, id: bigint): void {
  const plan = plans.get(ctx, id);
  if (plan === undefined || plan.isRetired) throw noSuchPlan(id);
  if (plan.provider !== provider) throw notTheOwner(`plan ${id}`, plan.provider);
  keepPlan(ctx, { ...plan, isRetired: true });
  ctx.emit(events.planRetired(id));
}

/** A retired one is kept while somebody's subscription reads it. */
function keepPlan(ctx: Context, plan: Plan): void {
  if (plan.isRetired && plan.subscriptions === 0n) plans.delete(ctx, plan.id);
  else plans.set(ctx, plan.id, plan);
}

// ------------------------------------------------------------------------------------------------------------ subscriptions

const purposeOf = (plan: bigint): string => `subscription to plan ${plan}`;

export function subscribe(ctx: Context, owner: string, planId: bigint): bigint {
  const plan = plans.get(ctx, planId);
  if (plan === undefined || plan.isRetired) throw noSuchPlan(planId);
  const price = coinFromProto(plan.price!);
  requireTaken(ctx, price);
  lock(ctx, accountAddress.decode(owner), price, purposeOf(planId));
  const startsEpoch = epochNow(ctx);
  const id = subscriptionCount.next(ctx) + 1n;
  subscriptions.replace(ctx, id, undefined, {
    id,
    plan: planId,
    owner,
    provider: plan.provider,
    price: plan.price,
    earned: "0",
    quotaBytes: plan.quotaBytes,
    usedBytes: 0n,
    bytesLeft: plan.quotaBytes,
    shares: [],
    startsEpoch,
    endsEpoch: startsEpoch + plan.epochs,
    openSessions: 0n,
  });
  plans.set(ctx, planId, { ...plan, subscriptions: plan.subscriptions + 1n });
  ctx.emit(events.subscribed(id, planId, owner, formatCoin(price)));
  return id;
}

export function requireSubscription(ctx: ReadContext, id: bigint): Subscription {
  const subscription = subscriptions.get(ctx, id);
  if (subscription === undefined) throw noSuchSubscription(id);
  return subscription;
}

/** Sets what a member may give to sessions from now on; the difference comes out of the owner's, or goes back to it. */
export function shareQuota(ctx: Context, owner: string, id: bigint, member: string, bytes: bigint): void {
  const subscription = requireSubscription(ctx, id);
  if (subscription.owner !== owner) throw notTheOwner(`subscription ${id}`, subscription.owner);
  const others = subscription.shares.filter((share) => share.member !== member);
  const before = subscription.shares.find((share) => share.member === member)?.bytesLeft ?? 0n;
  const free = subscription.bytesLeft + before;
  if (bytes > free) throw quotaTooSmall(free, bytes);
  if (bytes > 0n && others.length >= sharesMax) throw sharesOpen(others.length, sharesMax);
  const shares = bytes === 0n ? others : [...others, { member, bytesLeft: bytes }];
  subscriptions.replace(ctx, id, subscription, { ...subscription, bytesLeft: free - bytes, shares });
  ctx.emit(events.quotaShared(id, member, bytes));
}

// ------------------------------------------------------------------------------------------------------- sessions that it pays

export interface QuotaSession {
  readonly id: bigint;
  readonly client: Uint8Array;
  readonly relay: bigint;
  readonly bytes: bigint;
  readonly expiresEpoch: bigint;
}

/** Bytes of the owner, or of a member's share; negative ones go back. A share that was taken back returns to the owner. */
function takeQuota(subscription: Subscription, client: string, bytes: bigint): Subscription {
  const index = subscription.shares.findIndex(({ member }) => member === client);
  const isOwner = client === subscription.owner || (index === -1 && bytes < 0n);
  if (index === -1 && !isOwner) throw notTheOwner(`subscription ${subscription.id}`, subscription.owner);
  const has = isOwner ? subscription.bytesLeft : subscription.shares[index]!.bytesLeft;
  if (bytes > has) throw quotaTooSmall(has, bytes);
  if (isOwner) return { ...subscription, bytesLeft: has - bytes };
  const shares = subscription.shares.map((share, i) => (i === index ? { ...share, bytesLeft: has - bytes } : share));
  return { ...subscription, shares };
}

export function subscriptionOpened(ctx: Context, { id, client, relay, bytes, expiresEpoch }: QuotaSession): void {
  const subscription = requireSubscription(ctx, id);
  if (bytes === 0n) throw quotaTooSmall(0n, 1n);
  const epoch = epochNow(ctx);
  if (expiresEpoch > subscription.endsEpoch) throw badTerm(expiresEpoch - epoch, 1n, subscription.endsEpoch - epoch);
  if (plans.get(ctx, subscription.plan)?.relays.includes(relay) !== true) {
    throw wrongRelay(`subscription ${id}`, relay);
  }
  const taken = takeQuota(subscription, accountAddress.encode(client), bytes);
  subscriptions.replace(ctx, id, subscription, { ...taken, openSessions: subscription.openSessions + 1n });
}

/** What a session did not use goes back to who gave it. */
export function subscriptionSessionEnded(ctx: Context, id: bigint, client: Uint8Array, unusedBytes: bigint): void {
  const subscription = subscriptions.get(ctx, id);
  if (subscription === undefined) return;
  const back = takeQuota(subscription, accountAddress.encode(client), -unusedBytes);
  subscriptions.replace(ctx, id, subscription, { ...back, openSessions: subscription.openSessions - 1n });
}

/** Of the price, what so many used bytes have earned; rounded down. */
export const earnedByBytes = (price: bigint, usedBytes: bigint, quotaBytes: bigint): bigint =>
  (price * usedBytes) / quotaBytes;

/** By bytes or by time, whichever is more; rounded down. */
export function earnedNow(subscription: Subscription, epoch: bigint): bigint {
  const price = BigInt(subscription.price!.amount);
  const byBytes = earnedByBytes(price, subscription.usedBytes, subscription.quotaBytes);
  const term = subscription.endsEpoch - subscription.startsEpoch;
  const elapsed = epoch - subscription.startsEpoch;
  const byTime = (price * (elapsed < term ? elapsed : term)) / term;
  return byBytes > byTime ? byBytes : byTime;
}

/** Notes what a session of it carried, and returns what the provider earned by that. */
export function subscriptionCarried(ctx: Context, session: Session, bytes: bigint): Payment | undefined {
  const subscription = subscriptions.get(ctx, session.subscription);
  if (subscription === undefined) return undefined;
  const usedBytes = subscription.usedBytes + bytes;
  const price = coinFromProto(subscription.price!);
  const target = earnedByBytes(price.amount, usedBytes, subscription.quotaBytes);
  const earned = BigInt(subscription.earned);
  const more = target > earned ? target - earned : 0n;
  const after = { ...subscription, usedBytes, earned: `${earned + more}` };
  subscriptions.replace(ctx, subscription.id, subscription, after);
  const { relay, cell, stable } = session;
  const coin = { denom: price.denom, amount: more };
  const counts = { bytes: 0n, prepaidBytes: bytes, vouchers: 1n };
  return { relay, operator: subscription.provider, cell, stable, coin, ...counts };
}

/** The provider has earned the rest: it was there for it. */
function payTo(ctx: Context, subscription: Subscription, earned: bigint): void {
  const more = earned - BigInt(subscription.earned);
  if (more <= 0n) return;
  const relay = plans.get(ctx, subscription.plan)?.relays[0] ?? 0n;
  const known = relayOf(ctx, relay);
  const coin = { denom: subscription.price!.denom, amount: more };
  const [cell, stable] = [known?.cell ?? "", known?.isStable ?? false];
  const counts = { bytes: 0n, prepaidBytes: 0n, vouchers: 0n };
  pay(ctx, epochNow(ctx), [{ relay, operator: subscription.provider, cell, stable, coin, ...counts }]);
}

function forget(ctx: Context, subscription: Subscription): void {
  subscriptions.replace(ctx, subscription.id, subscription, undefined);
  const plan = plans.get(ctx, subscription.plan);
  if (plan !== undefined) keepPlan(ctx, { ...plan, subscriptions: plan.subscriptions - 1n });
}

/** Returns what goes back to the owner. */
export function cancelSubscription(ctx: Context, owner: string, id: bigint): bigint {
  const subscription = requireSubscription(ctx, id);
  if (subscription.owner !== owner) throw notTheOwner(`subscription ${id}`, subscription.owner);
  if (subscription.openSessions > 0n) throw hasOpenSessions(`subscription ${id}`, subscription.openSessions);
  const price = coinFromProto(subscription.price!);
  const earned = earnedNow(subscription, epochNow(ctx));
  const kept = earned > BigInt(subscription.earned) ? earned : BigInt(subscription.earned);
  payTo(ctx, subscription, kept);
  const refunded = { denom: price.denom, amount: price.amount - kept };
  release(ctx, { owner: accountAddress.decode(owner), coin: refunded, purpose: purposeOf(subscription.plan) });
  forget(ctx, subscription);
  ctx.emit(events.subscriptionEnded(id, "cancelled", formatCoin(refunded)));
  return refunded.amount;
}

/** Ends at most `limit` whose terms are over. Returns how many. */
export function pruneSubscriptions(ctx: Context, epoch: bigint, limit: number): number {
  const due: bigint[] = [];
  for (const [, id] of subscriptionsByEnd.keys(ctx, { end: [epoch + 1n, 0n] })) {
    if (due.length === limit) break;
    due.push(id);
  }
  for (const id of due) {
    const subscription = requireSubscription(ctx, id);
    payTo(ctx, subscription, BigInt(subscription.price!.amount));
    forget(ctx, subscription);
    ctx.emit(events.subscriptionEnded(id, "term over", ""));
  }
  return due.length;
}
