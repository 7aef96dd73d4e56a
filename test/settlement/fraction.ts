/** Exact rational numbers, for models that must be obviously right and may be slow. */

export interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b);
}

export function fraction(over: bigint, under = 1n): Fraction {
  if (under === 0n) throw new Error(`${over}/0 is no number`);
  const common = gcd(over, under) || 1n;
  const sign = under < 0n ? -1n : 1n;
  return { over: (sign * over) / common, under: (sign * under) / common };
}

/** A count of 10^-18. */
export const ofDec = (value: bigint): Fraction => fraction(value, 10n ** 18n);
export const zero = fraction(0n);
export const one = fraction(1n);

export const plus = (a: Fraction, b: Fraction): Fraction =>
  fraction(a.over * b.under + b.over * a.under, a.under * b.under);
export const minus = (a: Fraction, b: Fraction): Fraction => plus(a, fraction(-b.over, b.under));
export const times = (a: Fraction, ...others: readonly Fraction[]): Fraction =>
  others.reduce((product, b) => fraction(product.over * b.over, product.under * b.under), a);
export const by = (a: Fraction, b: Fraction): Fraction => fraction(a.over * b.under, a.under * b.over);
export const compare = (a: Fraction, b: Fraction): number => {
  const difference = a.over * b.under - b.over * a.under;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
};
export const smaller = (a: Fraction, b: Fraction): Fraction => (compare(a, b) <= 0 ? a : b);
export const larger = (a: Fraction, b: Fraction): Fraction => (compare(a, b) >= 0 ? a : b);
export const between = (value: Fraction, low: Fraction, high: Fraction): Fraction => larger(low, smaller(value, high));
export const sum = (values: readonly Fraction[]): Fraction => values.reduce(plus, zero);
/** Towards minus infinity. */
export function floor({ over, under }: Fraction): bigint {
  const whole = over / under;
  return over < 0n && over % under !== 0n ? whole - 1n : whole;
}
