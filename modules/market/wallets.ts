/**
 * Wallets: stable coins that an account has put in for traffic. Owns what is taken (which denominations, how much of each, frozen or not)
 * and who has how much that nothing locks; what sessions and contracts lock is theirs.
 */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { type Coin, type Coins, formatCoin, newCoins } from "../../chain/coins.ts";
import type { Context, ReadContext, Timestamp } from "../../chain/context.ts";
import { formatJsonTime } from "../../chain/rfc3339.ts";
import { compareTimes } from "../../chain/time.ts";
import type { Freeze } from "../../proto/gen/weir/market/v1/state.ts";
import { requireEscrow } from "../attestation/index.ts";
import { balanceOf, sendBetweenModules, sendFromModule, sendToModule } from "../bank/index.ts";
import { isDenomFrozen as isFrozenByCommittee, requireDenomUsable } from "../circuit/index.ts";
import { requireTopUp, requireUnfrozen } from "../compliance/index.ts";
import { capReached, denomFrozen, notFrozen, notTaken, walletTooSmall } from "./errors.ts";
import * as events from "./events.ts";
import { capOf, getParams } from "./params.ts";
import { escrowName, frozen, wallets, walletsName } from "./state.ts";

const walletsAddress = moduleAddress(walletsName);
const escrowAddress = moduleAddress(escrowName);

// ------------------------------------------------------------------------------------------------------------ denominations

/** One whose time is over counts as thawed, whether or not it was taken off. */
export function freezeOf(ctx: ReadContext, denom: string): Freeze | undefined {
  const found = frozen.get(ctx, denom);
  if (found === undefined || compareTimes(found.until!, ctx.block.time) <= 0) return undefined;
  return found;
}

/** By governance, or by the emergency committee. */
export const isDenomFrozen = (ctx: ReadContext, denom: string): boolean =>
  freezeOf(ctx, denom) !== undefined || isFrozenByCommittee(ctx, denom);

export function requireThawed(ctx: ReadContext, denom: string): void {
  requireDenomUsable(ctx, denom);
  const found = freezeOf(ctx, denom);
  if (found !== undefined) throw denomFrozen(denom, formatJsonTime(found.until!), found.reason);
}

export const isDenomTaken = (ctx: ReadContext, denom: string): boolean =>
  capOf(getParams(ctx), { denom, amount: 0n }) !== undefined && !isDenomFrozen(ctx, denom);

/** What may come in: listed and not frozen. */
export function requireTaken(ctx: ReadContext, coin: Coin): void {
  if (capOf(getParams(ctx), coin) === undefined) throw notTaken(coin.denom);
  requireThawed(ctx, coin.denom);
}

export function freezeDenom(ctx: Context, denom: string, until: Timestamp, reason: string): void {
  if (capOf(getParams(ctx), { denom, amount: 0n }) === undefined) throw notTaken(denom);
  frozen.set(ctx, denom, { denom, until: { ...until }, reason });
  ctx.emit(events.denomFrozen(denom, formatJsonTime(until), reason));
}

export function thawDenom(ctx: Context, denom: string): void {
  if (freezeOf(ctx, denom) === undefined) throw notFrozen(denom);
  frozen.delete(ctx, denom);
  ctx.emit(events.denomThawed(denom));
}

/** In wallets and under locks. */
export const heldOf = (ctx: ReadContext, denom: string): bigint =>
  balanceOf(ctx, walletsAddress, denom) + balanceOf(ctx, escrowAddress, denom);

/** Of all that are listed, at par. */
const heldInAll = (ctx: ReadContext): bigint =>
  getParams(ctx).denoms.reduce((sum, { denom }) => sum + heldOf(ctx, denom), 0n);

// ------------------------------------------------------------------------------------------------------------------ wallets

export const inWallet = (ctx: ReadContext, owner: Uint8Array, denom: string): bigint =>
  wallets.get(ctx, [owner, denom]) ?? 0n;

export function walletOf(ctx: ReadContext, owner: Uint8Array): Coins {
  const coins: Coin[] = [];
  for (const [[, denom], amount] of wallets.iterate(ctx, { leading: [owner] })) coins.push({ denom, amount });
  return coins;
}

function setWallet(ctx: Context, owner: Uint8Array, denom: string, amount: bigint): void {
  if (amount === 0n) wallets.delete(ctx, [owner, denom]);
  else wallets.set(ctx, [owner, denom], amount);
}

function take(ctx: Context, owner: Uint8Array, { denom, amount }: Coin): void {
  const has = inWallet(ctx, owner, denom);
  if (has < amount) throw walletTooSmall(denom, has, amount);
  setWallet(ctx, owner, denom, has - amount);
}

const give = (ctx: Context, owner: Uint8Array, { denom, amount }: Coin): void =>
  setWallet(ctx, owner, denom, inWallet(ctx, owner, denom) + amount);

export function topUp(ctx: Context, sender: Uint8Array, owner: Uint8Array, coin: Coin): void {
  requireTaken(ctx, coin);
  const cap = capOf(getParams(ctx), coin)!;
  const held = heldOf(ctx, coin.denom);
  if (held + coin.amount > cap) throw capReached(coin.denom, cap, held);
  requireEscrow(ctx, heldInAll(ctx) + coin.amount);
  requireTopUp(ctx, sender, owner, coin);
  sendToModule(ctx, sender, walletsName, [coin]);
  give(ctx, owner, coin);
  ctx.emit(events.toppedUp(accountAddress.encode(sender), accountAddress.encode(owner), formatCoin(coin)));
}

export function withdraw(ctx: Context, owner: Uint8Array, coin: Coin): void {
  requireThawed(ctx, coin.denom);
  take(ctx, owner, coin);
  sendFromModule(ctx, walletsName, owner, [coin]);
  ctx.emit(events.withdrawn(accountAddress.encode(owner), formatCoin(coin)));
}

/** What a lock is for, as events and exported records say it: "session with relay 7". */
export type Purpose = string;

/** Out of the wallet, into escrow. */
export function lock(ctx: Context, owner: Uint8Array, coin: Coin, purpose: Purpose): void {
  if (coin.amount === 0n) return;
  requireUnfrozen(ctx, owner, coin.denom);
  take(ctx, owner, coin);
  sendBetweenModules(ctx, walletsName, escrowName, [coin]);
  ctx.emit(events.walletLocked(accountAddress.encode(owner), formatCoin(coin), purpose));
}

export interface Release {
  readonly owner: Uint8Array;
  readonly coin: Coin;
  readonly purpose: Purpose;
}

const tellReleased = (ctx: Context, { owner, coin, purpose }: Release): void =>
  ctx.emit(events.walletReleased(accountAddress.encode(owner), formatCoin(coin), purpose));

/** Out of escrow, into the wallet. */
export function release(ctx: Context, released: Release): void {
  if (released.coin.amount === 0n) return;
  sendBetweenModules(ctx, escrowName, walletsName, [released.coin]);
  give(ctx, released.owner, released.coin);
  tellReleased(ctx, released);
}

/** Many at once, by one transfer. */
export function releaseAll(ctx: Context, releases: readonly Release[]): void {
  const sums = new Map<string, bigint>();
  for (const released of releases) {
    const { owner, coin } = released;
    if (coin.amount === 0n) continue;
    sums.set(coin.denom, (sums.get(coin.denom) ?? 0n) + coin.amount);
    give(ctx, owner, coin);
    tellReleased(ctx, released);
  }
  const total = newCoins([...sums].map(([denom, amount]) => ({ denom, amount })));
  if (total.length > 0) sendBetweenModules(ctx, escrowName, walletsName, total);
}
