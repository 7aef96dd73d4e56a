/** Staked coins are in one of two accounts: those of bonded validators, and all others. Owns moves between them and what they hold. */
import { moduleAddress } from "../../chain/address.ts";
import type { Coins } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { type Dec, decFromInt, decQuoInt } from "../../chain/dec.ts";
import { balanceOf, burnCoins, sendBetweenModules, supplyOf } from "../bank/index.ts";
import { bondDenom } from "./keeper.ts";

export const bondedPoolName = "bonded_tokens_pool";
export const notBondedPoolName = "not_bonded_tokens_pool";

const bondedPool = moduleAddress(bondedPoolName);
const notBondedPool = moduleAddress(notBondedPoolName);

/** No coins for no tokens: a set of coins holds no zero. */
export const stakeCoins = (ctx: ReadContext, amount: bigint): Coins =>
  amount === 0n ? [] : [{ denom: bondDenom(ctx), amount }];

export const bondedToNotBonded = (ctx: Context, amount: bigint): void =>
  sendBetweenModules(ctx, bondedPoolName, notBondedPoolName, stakeCoins(ctx, amount));

export const notBondedToBonded = (ctx: Context, amount: bigint): void =>
  sendBetweenModules(ctx, notBondedPoolName, bondedPoolName, stakeCoins(ctx, amount));

export function burnBonded(ctx: Context, amount: bigint): void {
  if (amount > 0n) burnCoins(ctx, bondedPoolName, stakeCoins(ctx, amount));
}

export function burnNotBonded(ctx: Context, amount: bigint): void {
  if (amount > 0n) burnCoins(ctx, notBondedPoolName, stakeCoins(ctx, amount));
}

export const totalBondedTokens = (ctx: ReadContext): bigint => balanceOf(ctx, bondedPool, bondDenom(ctx));
export const totalNotBondedTokens = (ctx: ReadContext): bigint => balanceOf(ctx, notBondedPool, bondDenom(ctx));

export const stakingTokenSupply = (ctx: ReadContext): bigint => supplyOf(ctx, bondDenom(ctx));

/** Rounds toward zero; zero where there is no supply. */
export function bondedRatio(ctx: ReadContext): Dec {
  const supply = stakingTokenSupply(ctx);
  return supply > 0n ? decQuoInt(decFromInt(totalBondedTokens(ctx)), supply) : 0n;
}
