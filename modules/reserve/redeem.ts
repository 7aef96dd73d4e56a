/**
 * Redemption: the token burned for its share of the reserve, less the fee. Requests of an epoch share its allowance pro-rata when it closes, so
 * that being first gains nothing; they are paid in the unfrozen coins pro-rata, so that nobody leaves with the better ones. Owns the queue.
 */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { type Coins, coinsFromProto, coinsToProto, formatCoins, newCoins } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { type Dec, decOne } from "../../chain/dec.ts";
import { ChainError } from "../../chain/errors.ts";
import type { Redeeming, Redemption } from "../../proto/gen/weir/reserve/v1/state.ts";
import { burnCoins, payCoins, sendToModule } from "../bank/index.ts";
import { epoch as epochOf } from "../beacon/index.ts";
import { requireRedemptionOpen } from "../circuit/index.ts";
import { requireRedemption } from "../compliance/index.ts";
import { isLooseningWaiting } from "../gov/index.ts";
import { mintDenom } from "../mint/index.ts";
import { worth } from "./basket.ts";
import { epochNow } from "./book.ts";
import { lotTooSmall } from "./errors.ts";
import * as events from "./events.ts";
import { noteRedeemed } from "./flows.ts";
import { principalCoins, thawedPrincipal, tokenSupply } from "./holdings.ts";
import { getParams } from "./params.ts";
import { bookName, redeeming, redemptions, redemptionsAsked, reserveName } from "./state.ts";

const reserveAddress = moduleAddress(reserveName);
const bookAddress = moduleAddress(bookName);

/** In a block. */
export const redemptionsPage = 200;

/** Returns the epoch whose allowance it shares. */
export function askToRedeem(ctx: Context, holder: string, quantity: bigint): bigint {
  requireRedemptionOpen(ctx);
  const { lotMin } = getParams(ctx);
  if (quantity < lotMin) throw lotTooSmall(quantity, lotMin);
  const address = accountAddress.decode(holder);
  requireRedemption(ctx, address, worthNow(ctx, quantity));
  sendToModule(ctx, address, bookName, [{ denom: mintDenom(ctx), amount: quantity }]);
  const epoch = epochNow(ctx);
  const before = BigInt(redemptions.get(ctx, [epoch, address])?.quantity ?? "0");
  redemptions.set(ctx, [epoch, address], { epoch, holder, quantity: `${before + quantity}` });
  redemptionsAsked.set(ctx, epoch, (redemptionsAsked.get(ctx, epoch) ?? 0n) + quantity);
  ctx.emit(events.redemptionAsked(epoch, holder, quantity));
  return epoch;
}

/** What it would be paid at most, by today's value: what rules of compliance count. */
function worthNow(ctx: ReadContext, quantity: bigint): Coins {
  const supply = tokenSupply(ctx);
  if (supply === 0n) return [];
  const now = { principal: thawedPrincipal(ctx), supply };
  return payoutOf(quantity, now, now, getParams(ctx).exitFee);
}

function isRedemptionPaused(ctx: ReadContext): boolean {
  try {
    requireRedemptionOpen(ctx);
    return false;
  } catch (error) {
    if (error instanceof ChainError) return true;
    throw error;
  }
}

// ---------------------------------------------------------------------------------------------------------------- allowance

const nanosPerDay = 86_400n * 1_000_000_000n;

const nanosOf = (ctx: ReadContext, epoch: bigint): bigint => {
  const found = epochOf(ctx, epoch);
  const counted = found?.counted ?? found?.duration;
  return counted === undefined ? 0n : counted.seconds * 1_000_000_000n + BigInt(counted.nanos);
};

/** Of the unfrozen reserve, linear in the time that the epoch counts for; rounded down, and never more than all. */
export function allowanceOf(ctx: ReadContext, epoch: bigint): bigint {
  const { dayAllowance, dayAllowanceDelayed } = getParams(ctx);
  const share: Dec = isLooseningWaiting(ctx) ? dayAllowanceDelayed : dayAllowance;
  const principal = worth(thawedPrincipal(ctx));
  const allowance = (principal * share * nanosOf(ctx, epoch)) / (decOne * nanosPerDay);
  return allowance < principal ? allowance : principal;
}

/** How much may be redeemed for so much; rounded down. The supply keeps its least. */
export function redeemable(
  asked: bigint,
  allowance: bigint,
  { principal, supply, exitFee, supplyMin }: Readonly<Record<"principal" | "supply" | "exitFee" | "supplyMin", bigint>>,
): bigint {
  if (principal === 0n || supply <= supplyMin) return 0n;
  const byAllowance = (allowance * supply * decOne) / (principal * (decOne - exitFee));
  const bySupply = supply - supplyMin;
  const most = byAllowance < bySupply ? byAllowance : bySupply;
  return asked < most ? asked : most;
}

// ------------------------------------------------------------------------------------------------------------------- paying

/** The oldest epoch that is over: what it shares is fixed here, for all of its pages. */
function begin(ctx: Context): Redeeming | undefined {
  for (const [epoch, asked] of redemptionsAsked.iterate(ctx, { end: epochNow(ctx) })) {
    const coins = thawedPrincipal(ctx);
    const supply = tokenSupply(ctx);
    const { exitFee, supplyMin } = getParams(ctx);
    const reserve = { principal: worth(coins), supply, exitFee, supplyMin };
    const allowed = redeemable(asked, allowanceOf(ctx, epoch), reserve);
    return {
      epoch,
      asked: `${asked}`,
      allowed: `${allowed}`,
      supply: `${supply}`,
      principal: coinsToProto(coins),
    };
  }
  return undefined;
}

/**
 * Of each coin, V · (1 − fee) · quantity, rounded down, by the lower of the value when the pages began and the one now: then the backing of each
 * token never falls by it, whatever was minted in between.
 */
export function payoutOf(quantity: bigint, then: Backing, now: Backing, exitFee: Dec): Coins {
  const coins = now.principal.map(({ denom, amount }) => {
    const before = then.principal.find((coin) => coin.denom === denom)?.amount ?? 0n;
    const isLowerThen = before * now.supply <= amount * then.supply;
    const [principal, supply] = isLowerThen ? [before, then.supply] : [amount, now.supply];
    return { denom, amount: (quantity * principal * (decOne - exitFee)) / (supply * decOne) };
  });
  return newCoins(coins);
}

export interface Backing {
  readonly principal: Coins;
  readonly supply: bigint;
}

function payOne(ctx: Context, of: Redeeming, address: Uint8Array, request: Redemption): void {
  const quantity = BigInt(request.quantity);
  // Rounded down: together they redeem no more than is allowed.
  const share = (quantity * BigInt(of.allowed)) / BigInt(of.asked);
  const then = { principal: coinsFromProto(of.principal), supply: BigInt(of.supply) };
  const now = { principal: principalCoins(ctx), supply: tokenSupply(ctx) };
  const { exitFee, supplyMin } = getParams(ctx);
  const isPaid = share > 0n && now.supply - share >= supplyMin;
  const paid = isPaid ? payoutOf(share, then, now, exitFee) : [];
  // What is worth less than a unit of any coin is not burned for nothing.
  const burned = paid.length === 0 ? 0n : share;
  const denom = mintDenom(ctx);
  if (burned > 0n) {
    burnCoins(ctx, bookName, [{ denom, amount: burned }]);
    payCoins(ctx, reserveAddress, address, paid, "redemption");
    noteRedeemed(ctx, burned, worth(paid));
  }
  const returned = quantity - burned;
  if (returned > 0n) payCoins(ctx, bookAddress, address, [{ denom, amount: returned }]);
  const { epoch, holder } = request;
  ctx.emit(events.redeemed({ epoch, holder, quantity: burned, paid: formatCoins(paid), returned }));
}

/** Pays at most `limit` requests of epochs that are over; while the emergency committee has paused that, they wait. */
export function payRedemptions(ctx: Context, limit: number): void {
  if (isRedemptionPaused(ctx)) return;
  const of = redeeming.get(ctx) ?? begin(ctx);
  if (of === undefined) return;
  const page: (readonly [Uint8Array, Redemption])[] = [];
  for (const [[, address], request] of redemptions.iterate(ctx, { leading: [of.epoch] })) {
    page.push([address, request]);
    if (page.length === limit) break;
  }
  for (const [address, request] of page) {
    payOne(ctx, of, address, request);
    redemptions.delete(ctx, [of.epoch, address]);
  }
  if (page.length === limit) {
    redeeming.set(ctx, { ...of, principal: of.principal.map((coin) => ({ ...coin })) });
    return;
  }
  redeeming.delete(ctx);
  redemptionsAsked.delete(ctx, of.epoch);
}
