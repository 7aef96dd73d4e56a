/** What an auction left for the relays that served, paid by pages in the blocks after it. Owns the roundings: dust is the reserve's, or is burned. */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { formatCoins, newCoins } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Payout } from "../../proto/gen/weir/reserve/v1/state.ts";
import { relay as registered } from "../attestation/index.ts";
import { burnCoins, payCoins, sendBetweenModules } from "../bank/index.ts";
import { type Settled, servedIn } from "../market/index.ts";
import { mintDenom } from "../mint/index.ts";
import { takeOf, worth } from "./basket.ts";
import { relayPaid } from "./events.ts";
import { burnCoinsHeld, thawedBurnCoins } from "./holdings.ts";
import { bookName, burnName, payouts, reserveName } from "./state.ts";

const burnAddress = moduleAddress(burnName);

/** Relays in a block. */
export const payoutsPage = 200;

export interface Owed {
  readonly stable: bigint;
  readonly token: bigint;
}

/** Of all auctions whose relays are not all paid: as many as wait, mostly none or one. */
export function owedToRelays(ctx: ReadContext): Owed {
  let [stable, token] = [0n, 0n];
  for (const [, payout] of payouts.iterate(ctx)) {
    stable += BigInt(payout.stableLeft);
    token += BigInt(payout.tokenLeft);
  }
  return { stable, token };
}

const part = (of: string, share: bigint, whole: string): bigint =>
  whole === "0" ? 0n : (BigInt(of) * share) / BigInt(whole);

/** By its part of the budget, of what it chose; rounded down. Pure. */
export function relayShare(payout: Payout, { burn, burnToken }: Pick<Settled, "burn" | "burnToken">): Owed {
  const byStable = part(payout.stable, burn - burnToken, payout.stableBudget);
  const byToken = part(payout.fallback, burnToken, payout.tokenBudget);
  return { stable: byStable + byToken, token: part(payout.token, burnToken, payout.tokenBudget) };
}

/** What is owed is owed in the coins that there are, frozen ones where there are no others. */
function stableCoins(ctx: ReadContext, amount: bigint) {
  const thawed = thawedBurnCoins(ctx);
  return takeOf(worth(thawed) >= amount ? thawed : burnCoinsHeld(ctx), amount);
}

/** Of a relay that is forgotten nothing is taken: its share is dust. */
function payRelay(ctx: Context, epoch: bigint, relay: bigint, { stable, token }: Owed): boolean {
  const found = registered(ctx, relay);
  if (found === undefined) return false;
  const paid = stableCoins(ctx, stable);
  const coins = newCoins([...paid, { denom: mintDenom(ctx), amount: token }]);
  if (coins.length === 0) return false;
  payCoins(ctx, burnAddress, accountAddress.decode(found.operator), coins);
  ctx.emit(relayPaid(epoch, relay, formatCoins(paid), token));
  return true;
}

/** The oldest auction first; at most `limit` relays. */
export function payServedRelays(ctx: Context, limit: number): void {
  for (const [epoch, payout] of payouts.iterate(ctx)) {
    payPage(ctx, epoch, payout, limit);
    return;
  }
}

function payPage(ctx: Context, epoch: bigint, payout: Payout, limit: number): void {
  let [stableLeft, tokenLeft, after, count] = [BigInt(payout.stableLeft), BigInt(payout.tokenLeft), payout.after, 0];
  const page: (readonly [bigint, Settled])[] = [];
  for (const served of servedIn(ctx, epoch, after)) {
    page.push(served);
    if (++count === limit) break;
  }
  for (const [relay, settled] of page) {
    after = relay;
    const share = relayShare(payout, settled);
    if (!payRelay(ctx, epoch, relay, share)) continue;
    stableLeft -= share.stable;
    tokenLeft -= share.token;
  }
  if (count === limit) {
    payouts.set(ctx, epoch, { ...payout, after, stableLeft: `${stableLeft}`, tokenLeft: `${tokenLeft}` });
    return;
  }
  payouts.delete(ctx, epoch);
  if (stableLeft > 0n) sendBetweenModules(ctx, burnName, reserveName, stableCoins(ctx, stableLeft));
  if (tokenLeft > 0n) burnDust(ctx, tokenLeft);
}

/** By the account that may burn. */
function burnDust(ctx: Context, amount: bigint): void {
  const coins = [{ denom: mintDenom(ctx), amount }];
  sendBetweenModules(ctx, burnName, bookName, coins);
  burnCoins(ctx, bookName, coins);
}
