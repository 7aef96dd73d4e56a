import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { intervalBytesMax, intervalBytesMin, payableBytes, servedBytesMax, voucherIntervalBytes } from "./credit.ts";

const bytes = fc.bigInt(0n, 1n << 60n);
const gibibyte = 1n << 30n;

describe("what is carried beyond what was paid", () => {
  it.each([
    ["of a stranger is two vouchers of 8 MiB", 0n, 1024n * gibibyte, 2n * intervalBytesMin],
    ["grows with what was paid", 2n * gibibyte, 1024n * gibibyte, 2n * gibibyte + gibibyte / 16n],
    ["but not beyond 64 MiB a voucher", 100n * gibibyte, 1024n * gibibyte, 100n * gibibyte + 2n * intervalBytesMax],
    ["of a small deposit is an eighth of it", 0n, 16n << 20n, 2n << 20n],
    ["of next to nothing is all of it", 0n, 1000n, 1000n],
    ["ends where the deposit ends", 15n << 20n, 16n << 20n, 16n << 20n],
  ])("%s", (_what, paidBytes, affordableBytes, expected) => {
    expect(servedBytesMax({ paidBytes, affordableBytes })).toBe(expected);
  });

  it("never falls while more is paid, and never passes what the deposit pays for", () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, (paid, more, affordableBytes) => {
        const before = servedBytesMax({ paidBytes: paid, affordableBytes });
        const after = servedBytesMax({ paidBytes: paid + more, affordableBytes });
        expect(after).toBeGreaterThanOrEqual(before);
        expect(after).toBeLessThanOrEqual(affordableBytes);
        expect(voucherIntervalBytes({ paidBytes: paid, affordableBytes })).toBeLessThanOrEqual(intervalBytesMax);
      }),
    );
  });
});

describe("what a client pays for", () => {
  it("is the relay's count where both are near each other, its own where that is more, and nothing where the relay invents", () => {
    expect(payableBytes(100n, 90n)).toBe(100n);
    expect(payableBytes(100n, 100n + intervalBytesMin)).toBe(100n + intervalBytesMin);
    expect(payableBytes(100n, 101n + intervalBytesMin)).toBeUndefined();
    expect(payableBytes(64n * gibibyte, 65n * gibibyte)).toBe(65n * gibibyte);
    expect(payableBytes(64n * gibibyte, 65n * gibibyte + 1n)).toBeUndefined();
  });
});
