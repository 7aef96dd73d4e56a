/** Stable coins of several denominations, counted together at par. Pure. */
import { type Coin, type Coins, newCoins } from "../../chain/coins.ts";

export const worth = (coins: Coins): bigint => coins.reduce((sum, { amount }) => sum + amount, 0n);

/**
 * Of a basket, exactly so much, of each denomination by its part in what is left: rounded down, but for the last one. Nobody chooses the coin
 * that he is paid in. The basket must be worth as much.
 */
export function takeOf(basket: Coins, amount: bigint): Coins {
  const taken: Coin[] = [];
  let left = amount;
  let of = worth(basket);
  if (left > of) throw new Error(`${left} of a basket that is worth ${of}`);
  for (const coin of basket) {
    const part = of === 0n ? 0n : (left * coin.amount) / of;
    taken.push({ denom: coin.denom, amount: part });
    left -= part;
    of -= coin.amount;
  }
  return newCoins(taken);
}
