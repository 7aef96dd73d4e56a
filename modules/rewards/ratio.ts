/** Whole-number arithmetic of the settlement, each rounding by its name. Pure. */

export const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
export const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);
export const clamp = (value: bigint, low: bigint, high: bigint): bigint => most(low, least(value, high));

/** a · b / c, rounded down; 0/0 is 0. Of what is not negative. */
export const mulDivDown = (a: bigint, b: bigint, c: bigint): bigint => (c === 0n ? 0n : (a * b) / c);

/** a · b / c, rounded up. */
export const mulDivUp = (a: bigint, b: bigint, c: bigint): bigint => (c === 0n ? 0n : (a * b + c - 1n) / c);

/** The one in the middle, the lower of two; 0 of none. The list stays as it is. */
export function lowerMedian(values: readonly bigint[]): bigint {
  const sorted = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted[(sorted.length - 1) >> 1] ?? 0n;
}

/** The largest whole number whose `degree`-th power is at most `value`. */
export function rootDown(value: bigint, degree: bigint): bigint {
  if (value < 2n) return value;
  // Newton's steps from above fall until the root is reached. A number below 2^b has a root below 2^⌈b/degree⌉.
  const bits = BigInt(value.toString(2).length);
  let root = 1n << ((bits + degree - 1n) / degree);
  for (;;) {
    const next = ((degree - 1n) * root + value / root ** (degree - 1n)) / degree;
    if (next >= root) return root;
    root = next;
  }
}
