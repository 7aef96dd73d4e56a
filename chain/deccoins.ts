/**
 * Coins that a person types, and coins with decimal amounts, such as minimum gas prices "0.025uweir". Owns their text and validity;
 * arithmetic is dec.ts and coins.ts.
 */
import { type Coin, type Coins, isValidDenom } from "./coins.ts";
import { type Dec, decIsInteger, decOne, formatDec, parseDec } from "./dec.ts";
import { ChainError } from "./errors.ts";

export interface DecCoin {
  readonly denom: string;
  readonly amount: Dec;
}

export type DecCoins = readonly DecCoin[];

/** The bare text of Go, under invalid coins (sdk 10). */
const refuse = (text: string): ChainError => new ChainError("sdk", 10, text);

export const formatDecCoin = ({ denom, amount }: DecCoin): string => `${formatDec(amount)}${denom}`;
export const formatDecCoins = (coins: DecCoins): string => coins.map(formatDecCoin).join(",");

/** Of a set: sorted, unique, positive. */
export function decCoinsProblem(coins: DecCoins): string | undefined {
  let last: string | undefined;
  for (const coin of coins) {
    const { denom, amount } = coin;
    if (denom === last) return `duplicate denomination ${denom}`;
    if (!isValidDenom(denom)) return `invalid denom: ${denom}`;
    if (last !== undefined && denom < last) return `denomination ${denom} is not sorted`;
    if (amount <= 0n) return `coin ${last === undefined ? formatDecCoin(coin) : denom} amount is not positive`;
    last = denom;
  }
  return undefined;
}

/** The space of Go's patterns: JavaScript's \s knows more characters. */
const coinText = /^([0-9]+(?:\.[0-9]+)?|\.[0-9]+)[\t\n\v\f\r ]*([a-zA-Z][a-zA-Z0-9/:._-]{2,127})$/;
const coinsTextMax = 1 << 16;

export function parseDecCoin(text: string): DecCoin {
  const trimmed = text.trim();
  const [, amount, denom] = coinText.exec(trimmed) ?? [];
  if (amount === undefined || denom === undefined) throw refuse(`invalid decimal coin expression: ${trimmed}`);
  return { denom, amount: parseAmount(amount) };
}

function parseAmount(text: string): Dec {
  try {
    return parseDec(text);
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    throw refuse(`failed to parse decimal coin amount: ${text}: ${error.message}`);
  }
}

/** "0.025uweir,1uusdc" in any order, sorted and without zeros in the result; empty text is no coins. */
export function parseDecCoins(text: string): DecCoins {
  if (text.length > coinsTextMax) throw refuse(`coins of ${text.length} characters, at most ${coinsTextMax}`);
  if (text.trim() === "") return [];
  const coins = text
    .split(",")
    .map(parseDecCoin)
    .filter(({ amount }) => amount !== 0n)
    .sort((a, b) => (a.denom < b.denom ? -1 : a.denom > b.denom ? 1 : 0));
  const problem = decCoinsProblem(coins);
  if (problem !== undefined) throw refuse(problem);
  return coins;
}

/** The SDK cuts "1.5uweir" to 1 without a word; here it is refused. */
function wholeCoin({ denom, amount }: DecCoin): Coin {
  if (!decIsInteger(amount))
    throw refuse(`${formatDec(amount)}${denom} is no whole number of ${denom}; write 1${denom} or more`);
  return { denom, amount: amount / decOne };
}

/** "10uweir", in whole base units. */
export const parseCoin = (text: string): Coin => wholeCoin(parseDecCoin(text));

/** "10uweir,5uusdc" in any order, sorted and without zeros in the result; empty text is no coins. */
export const parseCoins = (text: string): Coins => parseDecCoins(text).map(wholeCoin);
