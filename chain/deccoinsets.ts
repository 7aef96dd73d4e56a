/**
 * Arithmetic on sets of coins with decimal amounts: rewards, commissions, the community pool (cosmos-sdk types/dec_coin.go). Owns the
 * roundings of sets; text and validity are deccoins.ts.
 *
 * Functions expect valid sets, sorted by denomination, without repeats, every amount positive, and return such sets.
 */
import type { Coin, Coins } from "./coins.ts";
import {
  type Dec,
  decAdd,
  decFromInt,
  decFromProto,
  decMul,
  decMulTruncate,
  decQuoTruncate,
  decSub,
  decToProto,
  decTruncateInt,
} from "./dec.ts";
import type { DecCoin, DecCoins } from "./deccoins.ts";

export const noDecCoins: DecCoins = [];

/** cosmos.base.v1beta1.DecCoin. */
export interface ProtoDecCoin {
  denom: string;
  amount: string;
}

/** What is stored in place of a valid set; a zero, which only a genesis could hold, is left out. */
export function decCoinsFromProto(coins: readonly ProtoDecCoin[]): DecCoins {
  const set: DecCoin[] = [];
  for (const { denom, amount } of coins) {
    const value = decFromProto(amount);
    if (value !== 0n) set.push({ denom, amount: value });
  }
  return set;
}

export const decCoinsToProto = (coins: DecCoins): ProtoDecCoin[] =>
  coins.map(({ denom, amount }) => ({ denom, amount: decToProto(amount) }));

export const decCoinsFromCoins = (coins: Coins): DecCoins =>
  coins.map(({ denom, amount }) => ({ denom, amount: decFromInt(amount) }));

/** `combine` of each denomination in either, with zero where it is missing; zeros vanish, negative amounts stay. */
function merge(a: DecCoins, b: DecCoins, combine: (left: Dec, right: Dec) => Dec): DecCoin[] {
  const merged: DecCoin[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    const takesLeft = right === undefined || (left !== undefined && left.denom <= right.denom);
    const takesRight = left === undefined || (right !== undefined && right.denom <= left.denom);
    const amount = combine(takesLeft ? left!.amount : 0n, takesRight ? right!.amount : 0n);
    if (amount !== 0n) merged.push({ denom: (takesLeft ? left : right)!.denom, amount });
    if (takesLeft) i++;
    if (takesRight) j++;
  }
  return merged;
}

export const addDecCoins = (a: DecCoins, b: DecCoins): DecCoins =>
  b.length === 0 ? a : a.length === 0 ? b : merge(a, b, decAdd);

/** Undefined when any amount would be negative. */
export function trySubtractDecCoins(a: DecCoins, b: DecCoins): DecCoins | undefined {
  const difference = merge(a, b, decSub);
  return difference.some(({ amount }) => amount < 0n) ? undefined : difference;
}

/** For amounts that were added before: that they are there is an invariant of the caller. */
export function subtractDecCoins(a: DecCoins, b: DecCoins): DecCoins {
  const difference = trySubtractDecCoins(a, b);
  if (difference === undefined)
    throw new Error("a set of decimal coins would be negative: more is taken than was added");
  return difference;
}

function each(coins: DecCoins, change: (amount: Dec) => Dec): DecCoins {
  const changed: DecCoin[] = [];
  for (const { denom, amount } of coins) {
    const next = change(amount);
    if (next !== 0n) changed.push({ denom, amount: next });
  }
  return changed;
}

/** Rounds half to even. */
export const multiplyDecCoins = (coins: DecCoins, factor: Dec): DecCoins =>
  each(coins, (amount) => decMul(amount, factor));

/** Rounds down. */
export const multiplyDecCoinsDown = (coins: DecCoins, factor: Dec): DecCoins =>
  each(coins, (amount) => decMulTruncate(amount, factor));

/** Rounds down. */
export const divideDecCoinsDown = (coins: DecCoins, divisor: Dec): DecCoins =>
  each(coins, (amount) => decQuoTruncate(amount, divisor));

/** Of each denomination in both, the lesser amount. */
export const lesserDecCoins = (a: DecCoins, b: DecCoins): DecCoins =>
  merge(a, b, (left, right) => (left < right ? left : right));

/** Whole coins, and what is left of each below one. */
export function truncateDecCoins(coins: DecCoins): { readonly whole: Coins; readonly rest: DecCoins } {
  const whole: Coin[] = [];
  const rest: DecCoin[] = [];
  for (const { denom, amount } of coins) {
    const truncated = decTruncateInt(amount);
    const change = amount - decFromInt(truncated);
    if (truncated !== 0n) whole.push({ denom, amount: truncated });
    if (change !== 0n) rest.push({ denom, amount: change });
  }
  return { whole, rest };
}

export const decCoinsEqual = (a: DecCoins, b: DecCoins): boolean =>
  a.length === b.length && a.every(({ denom, amount }, i) => denom === b[i]!.denom && amount === b[i]!.amount);
