/**
 * The burn auction as the economics say it, slowly and with fractions: every price that could matter is tried, from the lowest. Owns nothing that
 * the chain uses; what the chain finds is compared with it.
 */
import type { Ask, AuctionTerms } from "../../modules/reserve/auction.ts";

/** An exact fraction with a positive denominator. */
export interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

export const fraction = (over: bigint, under = 1n): Fraction => ({ over, under });
export const times = (a: Fraction, b: Fraction): Fraction => fraction(a.over * b.over, a.under * b.under);
export const compare = (a: Fraction, b: Fraction): number => {
  const difference = a.over * b.under - b.over * a.under;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
};
export const floorOf = ({ over, under }: Fraction): bigint => over / under;

const decOne = 10n ** 18n;
const ofDec = (value: bigint): Fraction => fraction(value, decOne);

export interface SlowClearing {
  readonly price: Fraction;
  readonly isFilled: boolean;
  /** What each offer would sell, not rounded. */
  readonly lots: ReadonlyMap<bigint, Fraction>;
}

const askOf = ({ ask }: Ask, floor: bigint): Fraction => ofDec(ask < floor ? floor : ask);

const askedAt = (book: readonly Ask[], price: Fraction, floor: bigint): bigint =>
  book.reduce((sum, one) => (compare(askOf(one, floor), price) <= 0 ? sum + one.quantity : sum), 0n);

/** Asks, and for each amount that can be asked the price at which it is worth the demand: the lowest price that works is one of them. */
function candidates(book: readonly Ask[], { demand, floor, cap }: AuctionTerms): Fraction[] {
  const asks = [ofDec(floor), ...book.map((one) => askOf(one, floor))];
  const amounts = asks.map((ask) => askedAt(book, ask, floor)).filter((amount) => amount > 0n);
  const covering = amounts.map((amount) => fraction(demand, amount));
  return [...asks, ...covering]
    .filter((price) => compare(price, ofDec(floor)) >= 0 && compare(price, ofDec(cap)) <= 0)
    .sort(compare);
}

export function slowClear(book: readonly Ask[], terms: AuctionTerms): SlowClearing {
  const { demand, floor, cap } = terms;
  const covers = (price: Fraction): boolean =>
    compare(times(price, fraction(askedAt(book, price, floor))), fraction(demand)) >= 0;
  const found = candidates(book, terms).find(covers);
  const price = found ?? ofDec(cap);
  const wanted =
    found === undefined
      ? fraction(askedAt(book, price, floor))
      : fraction(demand * price.under, price.over === 0n ? 1n : price.over);
  return { price, isFilled: found !== undefined, lots: slowLots(book, floor, price, wanted) };
}

/** The cheaper ask is served in full before the dearer one; those of one price share what is left. */
function slowLots(
  book: readonly Ask[],
  floor: bigint,
  price: Fraction,
  wanted: Fraction,
): ReadonlyMap<bigint, Fraction> {
  const lots = new Map<bigint, Fraction>();
  for (const one of book) {
    const ask = askOf(one, floor);
    if (compare(ask, price) > 0) continue;
    const cheaper = book.reduce((sum, o) => (compare(askOf(o, floor), ask) < 0 ? sum + o.quantity : sum), 0n);
    const same = book.reduce((sum, o) => (compare(askOf(o, floor), ask) === 0 ? sum + o.quantity : sum), 0n);
    const left = fraction(wanted.over - cheaper * wanted.under, wanted.under);
    if (left.over <= 0n) continue;
    const taken = compare(left, fraction(same)) < 0 ? left : fraction(same);
    lots.set(one.id, times(fraction(one.quantity, same), taken));
  }
  return lots;
}
