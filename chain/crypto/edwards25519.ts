/**
 * Points of edwards25519 and multiples of them, on the fast field. Owns decoding (RFC 8032 §5.1.3, canonical only), encoding, and two ways
 * to multiply: one for numbers that everybody may know, one that does the same steps whatever its number is.
 *
 * The formulas of Hisil, Wong, Carter and Dawson (2008) for a = −1 have no exceptions on this curve: neutral, equal and small points
 * included. In comments, w is an element's weight (field25519.ts).
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToNumberLE, numberToBytesLE } from "@noble/curves/utils.js";
import {
  add,
  type FieldElement,
  fromField,
  invert,
  isZero,
  limbs,
  multiply,
  negate,
  newElement,
  powerForRoots,
  prime,
  subtract,
  toField,
} from "./field25519.ts";

/** x = X/Z, y = Y/Z, T = xy·Z. */
export interface Point {
  readonly x: FieldElement;
  readonly y: FieldElement;
  readonly z: FieldElement;
  readonly t: FieldElement;
}

/** A point as it is added: Y + X, Y − X, 2Z, 2dT, each of weight 2 at most. */
interface Addend {
  readonly sum: FieldElement;
  readonly difference: FieldElement;
  readonly z2: FieldElement;
  readonly t2d: FieldElement;
}

/** Of a point P, so many: P, 3P, 5P … or P, 2P, 3P …, by the way of multiplying. */
export type Multiples = readonly Addend[];
const multiplesKept = 8;

export const pointLength = 32;
const scalarBits = 256;
/** A scalar in digits from −8 to 8, of 16 each. */
const digitsOfScalar = 64;
/** Digits of public scalars are odd and below this, so that most are zero. */
const slideMax = 2 * multiplesKept - 1;
const slideBits = 5;

const curve = ed25519.Point.CURVE();
const d = toField(curve.d);
const d2 = toField((2n * curve.d) % prime);
/** The root of −1 that RFC 8032 names: 2^((p − 1)/4). */
const rootOfMinusOne = toField(19681161376707505956807079304988542015446066515923890162744021073123829784752n);
const one = toField(1n);

export const newPoint = (): Point => ({ x: newElement(), y: newElement(), z: newElement(), t: newElement() });
const newAddend = (): Addend => ({ sum: newElement(), difference: newElement(), z2: newElement(), t2d: newElement() });
const newMultiples = (): Addend[] => Array.from({ length: multiplesKept }, newAddend);

function setNeutral({ x, y, z, t }: Point): void {
  x.fill(0);
  y.set(one);
  z.set(one);
  t.fill(0);
}

export function copyPoint(out: Point, { x, y, z, t }: Point): void {
  out.x.set(x);
  out.y.set(y);
  out.z.set(z);
  out.t.set(t);
}

export function negatePoint(out: Point, point: Point): void {
  copyPoint(out, point);
  negate(out.x, point.x);
  negate(out.t, point.t);
}

/** What the formulas call A, B, C …; none outlives the function that fills it. */
const a = newElement();
const b = newElement();
const c = newElement();
const e = newElement();
const f = newElement();
const g = newElement();
const h = newElement();

/** `out` may be `point`. T costs an eighth and only additions read it. */
export function double(out: Point, point: Point, withT: boolean): void {
  const { x, y, z } = point;
  multiply(a, x, x);
  multiply(b, y, y);
  multiply(c, z, z);
  add(e, x, y);
  multiply(e, e, e);
  add(h, a, b);
  subtract(e, h, e); // w 3
  subtract(g, a, b); // w 2
  add(f, c, c);
  add(f, f, g); // w 4, and 4·3 is allowed
  multiply(out.x, e, f);
  multiply(out.y, g, h);
  multiply(out.z, f, g);
  if (withT) multiply(out.t, e, h);
}

/** `out` may be `point`, whose T must be there. Adds the addend, or takes it away. */
function addTo(out: Point, point: Point, addend: Addend, isAdded: boolean): void {
  const { x, y, z, t } = point;
  subtract(a, y, x);
  add(b, y, x);
  multiply(a, a, isAdded ? addend.difference : addend.sum);
  multiply(b, b, isAdded ? addend.sum : addend.difference);
  multiply(c, t, addend.t2d);
  multiply(g, z, addend.z2);
  subtract(e, b, a);
  add(h, b, a);
  // With −P, 2dT has the other sign: what was taken away is added.
  if (isAdded) {
    subtract(f, g, c);
    add(g, g, c);
  } else {
    add(f, g, c);
    subtract(g, g, c);
  }
  multiply(out.x, e, f);
  multiply(out.y, g, h);
  multiply(out.z, f, g);
  multiply(out.t, e, h);
}

function setAddend(out: Addend, { x, y, z, t }: Point): void {
  add(out.sum, y, x);
  subtract(out.difference, y, x);
  add(out.z2, z, z);
  multiply(out.t2d, t, d2);
}

const scratchAddend = newAddend();

export function addPoints(out: Point, left: Point, right: Point): void {
  setAddend(scratchAddend, right);
  addTo(out, left, scratchAddend, true);
}

/** 8·P, as which only points of small order are neutral. */
export function clearCofactor(out: Point, point: Point): void {
  double(out, point, false);
  double(out, out, false);
  double(out, out, true);
}

export function isNeutral({ x, y, z }: Point): boolean {
  subtract(a, y, z);
  return isZero(x) && isZero(a);
}

/** u/v's root: of x² = (y² − 1)/(dy² + 1). Undefined when there is none. */
function rootOfRatio(u: FieldElement, v: FieldElement): FieldElement | undefined {
  const root = newElement();
  multiply(e, v, v);
  multiply(e, e, v); // v³
  multiply(f, e, e);
  multiply(f, f, v);
  multiply(f, f, u); // u·v⁷
  powerForRoots(root, f);
  multiply(root, root, e);
  multiply(root, root, u);
  multiply(g, root, root);
  multiply(g, g, v);
  subtract(h, g, u);
  if (isZero(h)) return root;
  add(h, g, u);
  if (!isZero(h)) return undefined;
  multiply(root, root, rootOfMinusOne);
  return root;
}

/** RFC 8032 §5.1.3; undefined for what is no point, and for another spelling of one. */
export function decodePoint(bytes: Uint8Array): Point | undefined {
  if (bytes.length !== pointLength) return undefined;
  const number = bytesToNumberLE(bytes);
  const yNumber = BigInt.asUintN(scalarBits - 1, number);
  if (yNumber >= prime) return undefined;
  const y = toField(yNumber);
  multiply(a, y, y);
  subtract(b, a, one);
  multiply(c, a, d);
  add(c, c, one);
  const x = rootOfRatio(b, c);
  if (x === undefined) return undefined;
  const xNumber = fromField(x);
  const isOdd = number >> BigInt(scalarBits - 1);
  if (xNumber === 0n && isOdd === 1n) return undefined;
  if ((xNumber & 1n) !== isOdd) negate(x, x);
  const t = newElement();
  multiply(t, x, y);
  return { x, y, z: one.slice(), t };
}

/** RFC 8032 §5.1.2 of each, for the price of one inversion (Montgomery's trick: no Z is zero). */
export function encodePoints(points: readonly Point[]): Uint8Array[] {
  const products = [one];
  for (const { z } of points) {
    const product = newElement();
    multiply(product, products.at(-1)!, z);
    products.push(product);
  }
  const inverse = newElement();
  const rest = newElement();
  invert(rest, products.at(-1)!);
  const encoded: Uint8Array[] = [];
  for (let index = points.length - 1; index >= 0; index--) {
    const { x, y, z } = points[index]!;
    multiply(inverse, rest, products[index]!);
    multiply(rest, rest, z);
    multiply(a, x, inverse);
    multiply(b, y, inverse);
    encoded[index] = numberToBytesLE(fromField(b) | ((fromField(a) & 1n) << BigInt(scalarBits - 1)), pointLength);
  }
  return encoded;
}

/** P, 2P, … 8P. */
function fillConsecutive(out: readonly Addend[], point: Point): void {
  const multiple = newPoint();
  copyPoint(multiple, point);
  setAddend(out[0]!, multiple);
  for (const addend of out.slice(1)) {
    addTo(multiple, multiple, out[0]!, true);
    setAddend(addend, multiple);
  }
}

/** P, 3P, … 15P, for scalars that are public. */
export function oddMultiples(point: Point): Multiples {
  const out = newMultiples();
  const multiple = newPoint();
  double(multiple, point, true);
  setAddend(scratchAddend, multiple);
  copyPoint(multiple, point);
  setAddend(out[0]!, multiple);
  for (const addend of out.slice(1)) {
    addTo(multiple, multiple, scratchAddend, true);
    setAddend(addend, multiple);
  }
  return out;
}

/** Digits that are odd, from −15 to 15, or zero, with four zeros at least after each: Σ digit·2^i is the scalar. */
function slidingDigits(scalar: Uint8Array): Int8Array {
  const bits = new Int8Array(scalarBits + 1 + slideBits);
  for (let i = 0; i < scalarBits; i++) bits[i] = (scalar[i >> 3]! >> (i & 7)) & 1;
  for (let i = 0; i <= scalarBits; i++) {
    if (bits[i] === 0) continue;
    let digit = 0;
    for (let j = slideBits - 1; j >= 0; j--) {
      digit = 2 * digit + bits[i + j]!;
      bits[i + j] = 0;
    }
    if (digit > slideMax) {
      digit -= 2 ** slideBits;
      let next = i + slideBits;
      while (bits[next] === 1) bits[next++] = 0;
      bits[next] = 1;
    }
    bits[i] = digit;
    i += slideBits - 1;
  }
  return bits;
}

export interface Term {
  /** 32 bytes, little-endian, below 2^255. */
  readonly scalar: Uint8Array;
  readonly multiples: Multiples;
  readonly isAdded: boolean;
}

/** Σ ±scalar·P by one row of doublings (Straus). Its time tells the scalars. */
export function addMultiples(out: Point, terms: readonly Term[]): void {
  const rows = terms.map(({ scalar, multiples, isAdded }) => ({ digits: slidingDigits(scalar), multiples, isAdded }));
  setNeutral(out);
  let i = scalarBits;
  while (i > 0 && rows.every(({ digits }) => digits[i] === 0)) i--;
  for (; i >= 0; i--) {
    double(out, out, i === 0 || rows.some(({ digits }) => digits[i] !== 0));
    for (const { digits, multiples, isAdded } of rows) {
      const digit = digits[i]!;
      if (digit !== 0) addTo(out, out, multiples[Math.abs(digit) >> 1]!, isAdded === digit > 0);
    }
  }
}

/** Digits from −8 to 8, Σ digit·16^i the scalar, which is below 2^255. Always all of them. */
function regularDigits(scalar: Uint8Array): Int8Array {
  const digits = new Int8Array(digitsOfScalar);
  let carried = 0;
  for (let i = 0; i < digitsOfScalar; i++) {
    const nibble = ((scalar[i >> 1]! >> (4 * (i & 1))) & 15) + carried;
    carried = i === digitsOfScalar - 1 ? 0 : (nibble + 8) >> 4;
    digits[i] = nibble - 16 * carried;
  }
  return digits;
}

const chosen = newAddend();

function addWeighted(out: FieldElement, element: FieldElement, weight: number): void {
  for (let i = 0; i < limbs; i++) out[i] = out[i]! + weight * element[i]!;
}

/** digit·P into `chosen`: reads all multiples, so that memory does not tell the digit either. */
function choose(multiples: Multiples, digit: number): void {
  const isZeroDigit = Number(digit === 0);
  for (let i = 0; i < limbs; i++) {
    const unit = isZeroDigit * one[i]!;
    chosen.sum[i] = unit;
    chosen.difference[i] = unit;
    chosen.z2[i] = 2 * unit;
    chosen.t2d[i] = 0;
  }
  for (let index = 0; index < multiplesKept; index++) {
    const { sum, difference, z2, t2d } = multiples[index]!;
    const asIs = Number(digit === index + 1);
    const negated = Number(digit === -index - 1);
    addWeighted(chosen.sum, sum, asIs);
    addWeighted(chosen.sum, difference, negated);
    addWeighted(chosen.difference, difference, asIs);
    addWeighted(chosen.difference, sum, negated);
    addWeighted(chosen.z2, z2, asIs + negated);
    addWeighted(chosen.t2d, t2d, asIs - negated);
  }
}

/** scalar·P by the same doublings and additions whatever the scalar, which is below 2^255. */
export function multiplyEvenly(out: Point, scalar: Uint8Array, point: Point): void {
  const multiples = newMultiples();
  fillConsecutive(multiples, point);
  const digits = regularDigits(scalar);
  setNeutral(out);
  for (let i = digitsOfScalar - 1; i >= 0; i--) {
    for (let times = 1; times <= 4; times++) double(out, out, times === 4);
    choose(multiples, digits[i]!);
    addTo(out, out, chosen, true);
  }
}

let basePowers: readonly Multiples[] | undefined;

/** 16^i·B to 8·16^i·B for each digit, so that multiples of B need no doubling. Made once, half a megabyte. */
function powersOfBase(): readonly Multiples[] {
  const power = newPoint();
  copyPoint(power, decodePoint(ed25519.Point.BASE.toBytes())!);
  return Array.from({ length: digitsOfScalar }, () => {
    const multiples = newMultiples();
    fillConsecutive(multiples, power);
    for (let times = 1; times <= 4; times++) double(power, power, true);
    return multiples;
  });
}

/** scalar·B, evenly as well. */
export function multiplyBase(out: Point, scalar: Uint8Array): void {
  basePowers ??= powersOfBase();
  const digits = regularDigits(scalar);
  setNeutral(out);
  for (let i = 0; i < digitsOfScalar; i++) {
    choose(basePowers[i]!, digits[i]!);
    addTo(out, out, chosen, true);
  }
}
