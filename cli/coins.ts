/**
 * Coins as a person types them. Owns what is refused although the chain would take it: a wallet's unit where the chain counts in
 * millionths would be another denomination, without a word.
 */
import type { Coins } from "../chain/coins.ts";
import { type Dec, decMul, decOne, formatDec, parseDec } from "../chain/dec.ts";
import { type DecCoins, parseCoins, parseDecCoins } from "../chain/deccoins.ts";
import { UsageError } from "./arguments.ts";

/** What wallets show, and the unit that the chain counts in: a million of these are one of those. */
const wallets: Readonly<Record<string, string>> = { weir: "uweir", usdc: "uusdc" };
const unitsOf = 1_000_000n;

interface Kind<T> {
  readonly parse: (text: string) => T;
  readonly example: string;
}

const whole: Kind<Coins> = { parse: parseCoins, example: "1000000uweir" };
const decimal: Kind<DecCoins> = { parse: parseDecCoins, example: "0.025uweir" };

/** "5000000uweir,1uusdc"; empty text is no coins. */
export const typedCoins = (text: string, label: string): Coins => typed(text, label, whole);

/** "0.025uweir", what each gas pays. */
export const typedDecCoins = (text: string, label: string): DecCoins => typed(text, label, decimal);

function typed<T>(text: string, label: string, { parse, example }: Kind<T>): T {
  for (const part of text.split(",")) {
    const wrong = mistakeIn(part.trim());
    if (wrong !== undefined) throw new UsageError(`${label} ${text}: ${wrong}`);
  }
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UsageError(`${label} ${text}: ${error.message}; expected for example ${example}`);
  }
}

function mistakeIn(coin: string): string | undefined {
  const [, amount, denom = ""] = /^(\d{1,60}(?:\.\d{1,18})?)\s*([a-zA-Z]*)$/.exec(coin) ?? [];
  if (amount === undefined) return undefined;
  if (denom === "") return `${amount} of what? Type ${amount}uweir, or ${inUnits(amount)}uweir for ${amount} WEIR`;
  const name = denom.toLowerCase();
  const unit = Object.hasOwn(wallets, name) ? wallets[name] : undefined;
  if (unit !== undefined) {
    const symbol = name.toUpperCase();
    return `this chain counts in ${unit}, a million of which are 1 ${symbol}; for ${amount} ${symbol} type ${inUnits(amount)}${unit}`;
  }
  const isUnit = Object.values(wallets).includes(name);
  return isUnit && denom !== name ? `denominations are in small letters; type ${amount}${name}` : undefined;
}

const inUnits = (amount: string): string => trimmed(decMul(parseDec(amount), unitsOf * decOne));
const trimmed = (dec: Dec): string => formatDec(dec).replace(/\.?0+$/, "");
