/** What the reserve has: R, S and B, and of which coins. Owns nothing that is stored. */
import { moduleAddress } from "../../chain/address.ts";
import type { Coins } from "../../chain/coins.ts";
import type { ReadContext } from "../../chain/context.ts";
import { balancesOf, supplyOf } from "../bank/index.ts";
import { isDenomFrozen } from "../market/index.ts";
import { mintDenom } from "../mint/index.ts";
import { worth } from "./basket.ts";
import { burnName, reserveName } from "./state.ts";

const reserveAddress = moduleAddress(reserveName);
const burnAddress = moduleAddress(burnName);

/** All that is not the token itself: stable coins, at par. */
const stableOf = (ctx: ReadContext, address: Uint8Array): Coins => {
  const token = mintDenom(ctx);
  return balancesOf(ctx, address).filter(({ denom }) => denom !== token);
};

const thawed = (ctx: ReadContext, coins: Coins): Coins => coins.filter(({ denom }) => !isDenomFrozen(ctx, denom));

export const principalCoins = (ctx: ReadContext): Coins => stableOf(ctx, reserveAddress);
export const thawedPrincipal = (ctx: ReadContext): Coins => thawed(ctx, principalCoins(ctx));

/** R: frozen coins too. */
export const principalOf = (ctx: ReadContext): bigint => worth(principalCoins(ctx));

/** S. */
export const tokenSupply = (ctx: ReadContext): bigint => supplyOf(ctx, mintDenom(ctx));

/** B, with what relays have not been paid of it yet. */
export const burnCoinsHeld = (ctx: ReadContext): Coins => stableOf(ctx, burnAddress);
export const thawedBurnCoins = (ctx: ReadContext): Coins => thawed(ctx, burnCoinsHeld(ctx));
