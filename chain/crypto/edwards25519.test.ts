import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToHex, hexToBytes, numberToBytesLE } from "@noble/curves/utils.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../test/helpers/random.ts";
import { compareFunctions } from "../../test/helpers/slowecvrf.ts";
import {
  addMultiples,
  addPoints,
  clearCofactor,
  decodePoint,
  double,
  encodePoints,
  isNeutral,
  multiplyBase,
  multiplyEvenly,
  negatePoint,
  newPoint,
  oddMultiples,
  type Point,
} from "./edwards25519.ts";

const { Point: Plain } = ed25519;
type Plain = InstanceType<typeof Plain>;
const order = Plain.Fn.ORDER;
const torsion = Plain.fromBytes(hexToBytes("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"));

const bounded = fc.bigInt({ min: 0n, max: 2n ** 255n - 1n });
/** Any point of the curve: of the large group, of the small one, and sums. */
const points = fc
  .tuple(fc.bigInt({ min: 0n, max: order - 1n }), fc.nat(7))
  .map(([scalar, times]) => Plain.BASE.multiplyUnsafe(scalar).add(torsion.multiplyUnsafe(BigInt(times))));
const edges = [0n, 1n, 2n, 8n, 15n, 16n, order - 1n, order, 2n ** 252n, 2n ** 255n - 1n, BigInt(`0x${"8".repeat(63)}`)];
const runs = { numRuns: 200 };

const fast = (point: Plain): Point => decodePoint(point.toBytes())!;
const bytes = (scalar: bigint): Uint8Array => numberToBytesLE(scalar, 32);
const text = (point: Point): string => bytesToHex(encodePoints([point])[0]!);
/** Larger scalars than noble takes: a multiple by the order is what a point of small order is left with. */
const times = (point: Plain, scalar: bigint): Plain => {
  const rest = point.multiplyUnsafe(scalar % order);
  const small = point.multiplyUnsafe(order - 1n).add(point);
  return rest.add(small.multiplyUnsafe((scalar / order) % 8n));
};
const made = (fill: (out: Point) => void): string => {
  const out = newPoint();
  fill(out);
  return text(out);
};

describe("points of edwards25519", () => {
  it("are decoded and encoded as noble does, and refused where it refuses", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (encoded) => {
        let expected = "none";
        try {
          expected = Plain.fromBytes(encoded, false).toHex();
        } catch {
          // Half of all bytes are no point.
        }
        const point = decodePoint(encoded);
        expect(point === undefined ? "none" : text(point)).toBe(expected);
      }),
      runs,
    );
    expect(decodePoint(new Uint8Array(31))).toBeUndefined();
  });

  it("are encoded together as alone", () => {
    fc.assert(
      fc.property(fc.array(points, { maxLength: 5 }), (list) => {
        const doubled = list.map((point) => {
          const out = fast(point);
          double(out, out, true);
          return out;
        });
        expect(encodePoints(doubled).map(bytesToHex)).toEqual(list.map((point) => point.double().toHex()));
      }),
      { numRuns: 50 },
    );
  });

  it("are added, doubled and negated without exceptions", () => {
    fc.assert(
      fc.property(points, points, fc.boolean(), (left, other, equal) => {
        const right = equal ? left : other;
        expect(made((out) => addPoints(out, fast(left), fast(right)))).toBe(left.add(right).toHex());
        expect(made((out) => double(out, fast(left), true))).toBe(left.double().toHex());
        expect(made((out) => negatePoint(out, fast(left)))).toBe(left.negate().toHex());
        expect(made((out) => clearCofactor(out, fast(left)))).toBe(left.clearCofactor().toHex());
        expect(isNeutral(fast(left))).toBe(left.is0());
      }),
      runs,
    );
  });

  it("are multiplied by every scalar, evenly or not, as noble does", () => {
    const check = (point: Plain, scalar: bigint, other: Plain, factor: bigint) => {
      const expected = times(point, scalar);
      expect(made((out) => multiplyEvenly(out, bytes(scalar), fast(point)))).toBe(expected.toHex());
      expect(made((out) => multiplyBase(out, bytes(scalar)))).toBe(times(Plain.BASE, scalar).toHex());
      const terms = [
        { scalar: bytes(scalar), multiples: oddMultiples(fast(point)), isAdded: true },
        { scalar: bytes(factor), multiples: oddMultiples(fast(other)), isAdded: false },
      ];
      const sum = newPoint();
      addMultiples(sum, terms);
      const difference = expected.subtract(times(other, factor));
      expect(text(sum)).toBe(difference.toHex());
      // What was summed can be added again: its T is there.
      expect(made((out) => addPoints(out, sum, fast(point)))).toBe(difference.add(point).toHex());
    };
    for (const [index, scalar] of edges.entries()) check(Plain.BASE, scalar, torsion, edges.at(-1 - index)!);
    fc.assert(fc.property(points, bounded, points, bounded, check), { numRuns: 40 });
  });

  it("prove and verify as the plain function does, damaged and crafted proofs included", () => {
    expect(compareFunctions(seededRandom(11), 40)).toBeGreaterThan(5);
  });
});
