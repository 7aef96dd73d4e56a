/**
 * Coins as cosmos-sdk types/coin.go has them. Owns denominations, sets of coins, their arithmetic, their text and the conversion from
 * protobuf, where an amount is text. Decimal coins (gas prices) are deccoins.ts.
 *
 * A valid set is sorted by denomination, without repeats, every amount positive. Functions on sets expect valid ones unless they say
 * otherwise, and return valid ones.
 */
import { ChainError, sdk } from "./errors.ts";
import { parseIntText, quotient, requireIntRange } from "./int.ts";

export interface Coin {
  readonly denom: string;
  readonly amount: bigint;
}

export type Coins = readonly Coin[];

/** cosmos.base.v1beta1.Coin. */
export interface ProtoCoin {
  denom: string;
  amount: string;
}

const denomPattern = /^[a-zA-Z][a-zA-Z0-9/:._-]{2,127}$/;

export const isValidDenom = (denom: string): boolean => denomPattern.test(denom);

/** What is wrong, in the SDK's words, or undefined: the caller knows which error it is. */
export const denomProblem = (denom: string): string | undefined =>
  isValidDenom(denom) ? undefined : `invalid denom: ${denom}`;

/** Zero is a valid amount of a single coin. */
export function coinProblem({ denom, amount }: Coin): string | undefined {
  if (!isValidDenom(denom)) return `invalid denom: ${denom}`;
  return amount < 0n ? `negative coin amount: ${amount}` : undefined;
}

/** Of a set: sorted, unique, positive. */
export function coinsProblem(coins: Coins): string | undefined {
  let last: string | undefined;
  for (const coin of coins) {
    const { denom, amount } = coin;
    if (!isValidDenom(denom)) return `invalid denom: ${denom}`;
    if (last !== undefined && denom < last) return `denomination ${denom} is not sorted`;
    if (denom === last) return `duplicate denomination ${denom}`;
    if (amount <= 0n) return `coin ${last === undefined ? formatCoin(coin) : denom} amount is not positive`;
    last = denom;
  }
  return undefined;
}

export const isValidCoins = (coins: Coins): boolean => coinsProblem(coins) === undefined;

export const formatCoin = ({ denom, amount }: Coin): string => `${amount}${denom}`;

/** "10uusdc,5uweir", in the order given. */
export const formatCoins = (coins: Coins): string =>
  coins.length === 1 ? formatCoin(coins[0]!) : coins.map(formatCoin).join(",");

const byDenom = (a: Coin, b: Coin): number => (a.denom < b.denom ? -1 : a.denom > b.denom ? 1 : 0);

/** Makes a set of any coins: drops zeros, sorts, and refuses repeats, negative amounts and bad denominations. */
export function newCoins(coins: Coins): Coins {
  const sorted = coins.filter(({ amount }) => amount !== 0n).sort(byDenom);
  const problem = coinsProblem(sorted);
  if (problem !== undefined) throw sdk.invalidCoins(`invalid coin set ${formatCoins(sorted)}: ${problem}`);
  return sorted;
}

/** Throws ChainError (sdk 2) when the amount is no integer text; validity is the message's to check. */
export const coinFromProto = ({ denom, amount }: ProtoCoin): Coin => ({ denom, amount: parseIntText(amount) });
export const coinsFromProto = (coins: readonly ProtoCoin[]): Coins => coins.map(coinFromProto);
export const coinToProto = ({ denom, amount }: Coin): ProtoCoin => ({ denom, amount: amount.toString() });
export const coinsToProto = (coins: Coins): ProtoCoin[] => coins.map(coinToProto);

export function amountOf(coins: Coins, denom: string): bigint {
  for (const coin of coins) if (coin.denom === denom) return coin.amount;
  return 0n;
}

/** Merges two sorted sets, `sign` times the second; zeros vanish, negative amounts stay. */
function merge(a: Coins, b: Coins, sign: 1n | -1n): Coin[] {
  const merged: Coin[] = [];
  const push = (denom: string, amount: bigint) => {
    if (amount !== 0n) merged.push({ denom, amount: requireIntRange(amount) });
  };
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const left = a[i];
    const right = b[j];
    const order = left === undefined ? 1 : right === undefined ? -1 : byDenom(left, right);
    push(
      (order <= 0 ? left : right)!.denom,
      (order <= 0 ? left!.amount : 0n) + (order >= 0 ? sign * right!.amount : 0n),
    );
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  return merged;
}

export const addCoins = (a: Coins, b: Coins): Coins => merge(a, b, 1n);

/** Of many sets. Adding them one by one would take the square of their number, which a user chooses. */
export function sumCoins(sets: readonly Coins[]): Coins {
  const sums = new Map<string, bigint>();
  for (const coins of sets)
    for (const { denom, amount } of coins) sums.set(denom, requireIntRange((sums.get(denom) ?? 0n) + amount));
  return newCoins([...sums].map(([denom, amount]) => ({ denom, amount })));
}

/** Undefined when any amount would be negative. */
export function trySubtractCoins(a: Coins, b: Coins): Coins | undefined {
  const difference = merge(a, b, -1n);
  return difference.some(({ amount }) => amount < 0n) ? undefined : difference;
}

export function subtractCoins(a: Coins, b: Coins): Coins {
  const difference = trySubtractCoins(a, b);
  if (difference === undefined) throw new ChainError("sdk", 35, "negative coin amount");
  return difference;
}

export function multiplyCoins(coins: Coins, factor: bigint): Coins {
  if (factor === 0n) throw sdk.logic("multiplying by zero is an invalid operation on coins");
  return coins.map(({ denom, amount }) => ({ denom, amount: requireIntRange(amount * factor) }));
}

/** Rounds each amount toward zero; amounts that become zero vanish. */
export const divideCoins = (coins: Coins, divisor: bigint): Coins =>
  newCoins(coins.map(({ denom, amount }) => ({ denom, amount: quotient(amount, divisor) })));

/** Of each denomination in either, the greater amount. */
export const maxCoins = (a: Coins, b: Coins): Coins =>
  addCoins(
    a.map(({ denom, amount }) => ({ denom, amount: bigger(amount, amountOf(b, denom)) })),
    b.filter(({ denom }) => amountOf(a, denom) === 0n),
  );

/** Of each denomination in both, the lesser amount. */
export const minCoins = (a: Coins, b: Coins): Coins =>
  newCoins(a.map(({ denom, amount }) => ({ denom, amount: smaller(amount, amountOf(b, denom)) })));

const bigger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);

export const isZeroCoins = (coins: Coins): boolean => coins.every(({ amount }) => amount === 0n);

export const coinsEqual = (a: Coins, b: Coins): boolean =>
  a.length === b.length && a.every(({ denom, amount }, i) => denom === b[i]!.denom && amount === b[i]!.amount);

/** Every denomination of `b` is in `a` with at least as much. */
export const isAllGte = (a: Coins, b: Coins): boolean => b.every(({ denom, amount }) => amountOf(a, denom) >= amount);

/** Every denomination of `b` is in `a` with more, and `a` is not empty. */
export const isAllGt = (a: Coins, b: Coins): boolean =>
  a.length > 0 && b.every(({ denom, amount }) => amountOf(a, denom) > amount);

/** Some denomination of `b` is in `a` with at least as much; false for an empty `b`. */
export const isAnyGte = (a: Coins, b: Coins): boolean =>
  b.some(({ denom, amount }) => amount !== 0n && amountOf(a, denom) >= amount);
