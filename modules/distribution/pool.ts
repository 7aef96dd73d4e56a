/**
 * Coins that belong to nobody, and where coins that belong to somebody go. Owns the community pool and withdraw addresses; all of it
 * lies in one account together with the rewards.
 */
import { accountAddress } from "../../chain/address.ts";
import type { Coins } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { DecCoins } from "../../chain/deccoins.ts";
import {
  addDecCoins,
  decCoinsFromCoins,
  noDecCoins,
  truncateDecCoins,
  trySubtractDecCoins,
} from "../../chain/deccoinsets.ts";
import { sdk } from "../../chain/errors.ts";
import { isBlocked, payFromModule, sendFromModule, sendToModule } from "../bank/index.ts";
import { badDistribution, setWithdrawAddressDisabled } from "./errors.ts";
import { redirected, withdrawAddressSet } from "./events.ts";
import { defaultParams } from "./params.ts";
import { communityPool, params, withdrawAddresses } from "./state.ts";

/** The account that holds all rewards and the community pool. */
export const distributionAccountName = "distribution";

export const getParams = (ctx: ReadContext) => params.get(ctx) ?? defaultParams;

export const getCommunityPool = (ctx: ReadContext): DecCoins => communityPool.get(ctx) ?? noDecCoins;

export function addToCommunityPool(ctx: Context, coins: DecCoins): void {
  if (coins.length > 0) communityPool.set(ctx, addDecCoins(getCommunityPool(ctx), coins));
}

export function fundCommunityPool(ctx: Context, from: Uint8Array, amount: Coins): void {
  sendToModule(ctx, from, distributionAccountName, amount);
  addToCommunityPool(ctx, decCoinsFromCoins(amount));
}

export function spendCommunityPool(ctx: Context, to: Uint8Array, amount: Coins): void {
  const left = trySubtractDecCoins(getCommunityPool(ctx), decCoinsFromCoins(amount));
  if (left === undefined) throw badDistribution();
  sendFromModule(ctx, distributionAccountName, to, amount);
  communityPool.set(ctx, left);
}

// --------------------------------------------------------------------------------------------------------- withdraw addresses

export const withdrawAddressOf = (ctx: ReadContext, delegator: Uint8Array): Uint8Array =>
  withdrawAddresses.get(ctx, delegator) ?? delegator;

export function setWithdrawAddress(ctx: Context, delegator: Uint8Array, address: Uint8Array): void {
  const text = accountAddress.encode(address);
  if (isBlocked(address)) throw notAllowedToReceiveExternally(text);
  if (!getParams(ctx).withdrawAddrEnabled) throw setWithdrawAddressDisabled();
  ctx.emit(withdrawAddressSet(text));
  withdrawAddresses.set(ctx, delegator, address);
}

export const notAllowedToReceiveExternally = (address: string) =>
  sdk.unauthorized(`${address} is not allowed to receive external funds`);

/** Where a withdrawal goes; without `to`, into the community pool. */
export interface Destination {
  readonly to: Uint8Array | undefined;
  /** What the owner had set. */
  readonly specified: Uint8Array;
}

/** A user's own withdrawal goes where it was asked to go, or fails. */
export function chosenDestination(ctx: ReadContext, owner: Uint8Array): Destination {
  const specified = withdrawAddressOf(ctx, owner);
  if (isBlocked(specified)) {
    throw sdk.unauthorized(`${accountAddress.encode(specified)} is not allowed to receive funds`);
  }
  return { to: specified, specified };
}

/** What happens of itself must not fail: the owner stands in for a blocked address, and for a blocked owner the community pool. */
export function possibleDestination(ctx: ReadContext, owner: Uint8Array): Destination {
  const specified = withdrawAddressOf(ctx, owner);
  if (!isBlocked(specified)) return { to: specified, specified };
  return { to: isBlocked(owner) ? undefined : owner, specified };
}

/** Sends whole coins; what is below one of each goes to the community pool. Returns what was sent or would have been. */
export function payOut(ctx: Context, coins: DecCoins, { to }: Destination): Coins {
  const { whole, rest } = truncateDecCoins(coins);
  if (to !== undefined && whole.length > 0) payFromModule(ctx, distributionAccountName, to, whole);
  addToCommunityPool(ctx, to === undefined ? addDecCoins(rest, decCoinsFromCoins(whole)) : rest);
  return whole;
}

const communityPoolText = "community_pool";

/** Tells the owner when coins did not go where they were asked to go. */
export function tellRedirection(
  ctx: Context,
  { to, specified }: Destination,
  validator: string,
  delegator?: string,
): void {
  if (to === specified) return;
  const resolved = to === undefined ? communityPoolText : accountAddress.encode(to);
  ctx.emit(redirected(accountAddress.encode(specified), resolved, validator, delegator));
}
