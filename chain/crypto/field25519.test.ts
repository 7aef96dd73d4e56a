import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  add,
  carry,
  type FieldElement,
  fromField,
  invert,
  limbs,
  multiply,
  negate,
  newElement,
  offsets,
  powerForRoots,
  prime,
  subtract,
  toField,
  weightsMax,
} from "./field25519.ts";

const residues = fc.bigInt({ min: 0n, max: prime - 1n });
const runs = { numRuns: 2000 };
const edges = [
  0n,
  1n,
  2n,
  18n,
  19n,
  20n,
  prime - 1n,
  prime - 2n,
  prime - 19n,
  2n ** 254n,
  2n ** 252n,
  2n ** 255n - 20n,
];

/** The largest limb that `carry` leaves, in units of its offset: half its width, and what the last carries bring. */
const reducedMax = (i: number): number => 2 ** (offsets[i + 1]! - offsets[i]! - 1) * 1.02;
const meaning = (element: FieldElement): bigint => element.reduce((sum, limb) => sum + BigInt(limb), 0n);
const modulo = (value: bigint): bigint => ((value % prime) + prime) % prime;
/** An element whose limbs are all as large as `weight` lets them be, with signs. */
const extreme = (weight: number, signs: readonly boolean[]): FieldElement =>
  Float64Array.from(
    { length: limbs },
    (_, i) => Math.floor(weight * reducedMax(i)) * 2 ** offsets[i]! * (signs[i] ? 1 : -1),
  );
const isCarried = (element: FieldElement): boolean =>
  element.every((limb, i) => Math.abs(limb) <= reducedMax(i) * 2 ** offsets[i]!);

describe("the field", () => {
  it("gives back what was put into it", () => {
    for (const value of edges) expect(fromField(toField(value))).toBe(value);
    fc.assert(
      fc.property(residues, (value) => {
        const element = toField(value);
        expect(isCarried(element)).toBe(true);
        expect(fromField(element)).toBe(value);
      }),
      runs,
    );
  });

  it("adds, subtracts, negates and multiplies as bigint does", () => {
    const check = (a: bigint, b: bigint) => {
      const [x, y, out] = [toField(a), toField(b), newElement()];
      const results = [add, subtract, multiply].map((operation) => {
        operation(out, x, y);
        return fromField(out);
      });
      negate(out, x);
      expect([...results, fromField(out)]).toEqual([modulo(a + b), modulo(a - b), modulo(a * b), modulo(-a)]);
    };
    for (const a of edges) for (const b of edges) check(a, b);
    fc.assert(fc.property(residues, residues, check), runs);
  });

  it("multiplies exactly what is as large as it may be, whatever the signs", () => {
    const signs = fc.array(fc.boolean(), { minLength: limbs, maxLength: limbs });
    const all = (positive: boolean) => Array.from({ length: limbs }, () => positive);
    const check = (left: readonly boolean[], right: readonly boolean[], weight: number) => {
      const [a, b, out] = [extreme(weight, left), extreme(weightsMax / weight, right), newElement()];
      multiply(out, a, b);
      expect(fromField(out)).toBe(modulo(meaning(a) * meaning(b)));
      expect(isCarried(out)).toBe(true);
    };
    for (const left of [true, false]) for (const right of [true, false]) check(all(left), all(right), 3);
    fc.assert(fc.property(signs, signs, fc.constantFrom(1, 2, 3, 4, 5, 15), check), runs);
  });

  it("sums below 2^53 units where weights multiply to the most that is allowed", () => {
    for (let column = 0; column < limbs; column++) {
      let sum = 0;
      for (let i = 0; i < limbs; i++) {
        const j = (column - i + limbs) % limbs;
        const fold = i + j === column ? 1 : 19 * 2 ** -255;
        sum += reducedMax(i) * 2 ** offsets[i]! * reducedMax(j) * 2 ** offsets[j]! * fold;
      }
      expect((weightsMax * sum) / 2 ** offsets[column]!).toBeLessThan(2 ** 53);
    }
  });

  it("carries without changing what is meant", () => {
    for (const weight of [1, 4, 15, 1000]) {
      const element = extreme(weight, []);
      const before = modulo(meaning(element));
      carry(element);
      expect([fromField(element), isCarried(element)]).toEqual([before, true]);
    }
  });

  it("inverts, and finds roots", () => {
    const [inverse, product, power] = [newElement(), newElement(), newElement()];
    const check = (value: bigint) => {
      const element = toField(value);
      invert(inverse, element);
      multiply(product, inverse, element);
      expect(fromField(product)).toBe(value === 0n ? 0n : 1n);
      // a^((p − 5)/8) to the 8th, times a^4, is a^(p − 1).
      powerForRoots(power, element);
      const root = fromField(power);
      const eighth = [1, 2, 3].reduce((square) => (square * square) % prime, root);
      expect(modulo(eighth * value ** 4n)).toBe(value === 0n ? 0n : 1n);
    };
    for (const value of edges) check(modulo(value));
    fc.assert(fc.property(residues, check), { numRuns: 100 });
  });
});
