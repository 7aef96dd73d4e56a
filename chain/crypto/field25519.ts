/**
 * Arithmetic modulo 2^255 − 19 on numbers whose every step is exact: four times what bigint does. Owns the representation and its bounds.
 * Does not own curves.
 *
 * An element is the sum of twelve limbs. Limb i is a whole multiple of 2^offset(i), offset(i) = ⌈21.25·i⌉, so that products of limbs i and j
 * fall where limb i + j belongs, and what falls at 12 and above comes back by 19·2^−255. An element that `carry` has made has limbs of half a
 * limb's width at most (and 2% more): *weight 1*. Sums and differences add their weights. A product's sums stay below 2^53 units, which is
 * what a number holds exactly, while the weights of its factors multiply to at most 15: test/…/field25519.test.ts computes that bound.
 * No step rounds, therefore every machine finds the same.
 */
export type FieldElement = Float64Array;

export const limbs = 12;
export const prime = 2n ** 255n - 19n;
/** Of factors, multiplied; their sums would not be exact beyond. */
export const weightsMax = 15;
export const offsets: readonly number[] = Array.from({ length: limbs + 1 }, (_, i) => Math.ceil(21.25 * i));

/** 2^255 = 19, modulo the prime. */
const foldOver = 19 * 2 ** -255;
/** Added and taken away again, they leave the nearest multiple of 2^offset(i + 1): the sum has no bits below. */
const rounder = (i: number): number => 1.5 * 2 ** 52 * 2 ** offsets[i + 1]!;
const round0 = rounder(0);
const round1 = rounder(1);
const round2 = rounder(2);
const round3 = rounder(3);
const round4 = rounder(4);
const round5 = rounder(5);
const round6 = rounder(6);
const round7 = rounder(7);
const round8 = rounder(8);
const round9 = rounder(9);
const round10 = rounder(10);
const round11 = rounder(11);

export const newElement = (): FieldElement => new Float64Array(limbs);

export function toField(value: bigint): FieldElement {
  const element = Float64Array.from({ length: limbs }, (_, i) => {
    const width = BigInt(offsets[i + 1]! - offsets[i]!);
    return Number(BigInt.asUintN(Number(width), value >> BigInt(offsets[i]!))) * 2 ** offsets[i]!;
  });
  carry(element);
  return element;
}

/** The least residue that is not negative. */
export function fromField(element: FieldElement): bigint {
  let sum = 0n;
  for (const limb of element) sum += BigInt(limb);
  const rest = sum % prime;
  return rest < 0n ? rest + prime : rest;
}

export const isZero = (element: FieldElement): boolean => fromField(element) === 0n;

export function add(out: FieldElement, a: FieldElement, b: FieldElement): void {
  for (let i = 0; i < limbs; i++) out[i] = a[i]! + b[i]!;
}

export function subtract(out: FieldElement, a: FieldElement, b: FieldElement): void {
  for (let i = 0; i < limbs; i++) out[i] = a[i]! - b[i]!;
}

export function negate(out: FieldElement, a: FieldElement): void {
  for (let i = 0; i < limbs; i++) out[i] = -a[i]!;
}

/** Brings an element to weight 1. Three limbs at a time, which do not wait for each other. */
export function carry(out: FieldElement): void {
  let r0 = out[0]!;
  let r1 = out[1]!;
  let r2 = out[2]!;
  let r3 = out[3]!;
  let r4 = out[4]!;
  let r5 = out[5]!;
  let r6 = out[6]!;
  let r7 = out[7]!;
  let r8 = out[8]!;
  let r9 = out[9]!;
  let r10 = out[10]!;
  let r11 = out[11]!;
  let low = r0 + round0 - round0;
  let middle = r4 + round4 - round4;
  let high = r8 + round8 - round8;
  r0 -= low;
  r4 -= middle;
  r8 -= high;
  r1 += low;
  r5 += middle;
  r9 += high;
  low = r1 + round1 - round1;
  middle = r5 + round5 - round5;
  high = r9 + round9 - round9;
  out[1] = r1 - low;
  out[5] = r5 - middle;
  out[9] = r9 - high;
  r2 += low;
  r6 += middle;
  r10 += high;
  low = r2 + round2 - round2;
  middle = r6 + round6 - round6;
  high = r10 + round10 - round10;
  out[2] = r2 - low;
  out[6] = r6 - middle;
  out[10] = r10 - high;
  r3 += low;
  r7 += middle;
  r11 += high;
  low = r3 + round3 - round3;
  middle = r7 + round7 - round7;
  high = r11 + round11 - round11;
  out[3] = r3 - low;
  out[7] = r7 - middle;
  out[11] = r11 - high;
  r4 += low;
  r8 += middle;
  r0 += high * foldOver;
  low = r0 + round0 - round0;
  middle = r4 + round4 - round4;
  high = r8 + round8 - round8;
  out[0] = r0 - low;
  out[4] = r4 - middle;
  out[8] = r8 - high;
  out[1] += low;
  out[5] += middle;
  out[9] += high;
}

/** `out` may be a factor. After the turn for a's limb i, the sum r(j) belongs at limb i + j; what would be at i + 12 has been brought to i. */
export function multiply(out: FieldElement, a: FieldElement, b: FieldElement): void {
  const b0 = b[0]!;
  const b1 = b[1]!;
  const b2 = b[2]!;
  const b3 = b[3]!;
  const b4 = b[4]!;
  const b5 = b[5]!;
  const b6 = b[6]!;
  const b7 = b[7]!;
  const b8 = b[8]!;
  const b9 = b[9]!;
  const b10 = b[10]!;
  const b11 = b[11]!;
  let r0 = 0;
  let r1 = 0;
  let r2 = 0;
  let r3 = 0;
  let r4 = 0;
  let r5 = 0;
  let r6 = 0;
  let r7 = 0;
  let r8 = 0;
  let r9 = 0;
  let r10 = 0;
  let r11 = 0;
  for (let i = limbs - 1; i >= 0; i--) {
    const factor = a[i]!;
    const above = r11 * foldOver;
    r11 = r10 + factor * b11;
    r10 = r9 + factor * b10;
    r9 = r8 + factor * b9;
    r8 = r7 + factor * b8;
    r7 = r6 + factor * b7;
    r6 = r5 + factor * b6;
    r5 = r4 + factor * b5;
    r4 = r3 + factor * b4;
    r3 = r2 + factor * b3;
    r2 = r1 + factor * b2;
    r1 = r0 + factor * b1;
    r0 = above + factor * b0;
  }
  out[0] = r0;
  out[1] = r1;
  out[2] = r2;
  out[3] = r3;
  out[4] = r4;
  out[5] = r5;
  out[6] = r6;
  out[7] = r7;
  out[8] = r8;
  out[9] = r9;
  out[10] = r10;
  out[11] = r11;
  carry(out);
}

function squareTimes(out: FieldElement, a: FieldElement, times: number): void {
  multiply(out, a, a);
  for (let i = 1; i < times; i++) multiply(out, out, out);
}

const p2 = newElement();
const p9 = newElement();
const p11 = newElement();
const p5bits = newElement();
const p10bits = newElement();
const p20bits = newElement();
const p50bits = newElement();
const step = newElement();

/** a^(2^250 − 1), and a^11 in `p11`: where the two powers that are wanted begin alike. */
function power250(out: FieldElement, a: FieldElement): void {
  squareTimes(p2, a, 1);
  squareTimes(p9, p2, 2);
  multiply(p9, p9, a);
  multiply(p11, p9, p2);
  squareTimes(p5bits, p11, 1);
  multiply(p5bits, p5bits, p9);
  squareTimes(step, p5bits, 5);
  multiply(p10bits, step, p5bits);
  squareTimes(step, p10bits, 10);
  multiply(p20bits, step, p10bits);
  squareTimes(step, p20bits, 20);
  multiply(step, step, p20bits);
  squareTimes(step, step, 10);
  multiply(p50bits, step, p10bits);
  squareTimes(step, p50bits, 50);
  multiply(out, step, p50bits);
  squareTimes(step, out, 100);
  multiply(step, step, out);
  squareTimes(step, step, 50);
  multiply(out, step, p50bits);
}

/** a^(p − 2): the inverse, and 0 of 0. `out` is not `a`. */
export function invert(out: FieldElement, a: FieldElement): void {
  power250(out, a);
  squareTimes(out, out, 5);
  multiply(out, out, p11);
}

/** a^((p − 5)/8), of which square roots are made. `out` is not `a`. */
export function powerForRoots(out: FieldElement, a: FieldElement): void {
  power250(out, a);
  squareTimes(out, out, 2);
  multiply(out, out, a);
}
