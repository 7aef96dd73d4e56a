import { ed25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decOne } from "../../chain/dec.ts";
import { amountFor, voucherBytes } from "../../modules/market/index.ts";
import { intervalBytesMin } from "../forwarding/credit.ts";
import {
  carry,
  creditBytes,
  type Ledger,
  newLedger,
  paidBytes,
  restoredLedger,
  type SignedVoucher,
  takeVoucher,
  toppedUp,
} from "./ledger.ts";

const voucherIntervalBytes = intervalBytesMin;
const seed = new Uint8Array(32).fill(7);
const terms = {
  chainId: "weir-test-1",
  session: 5n,
  key: ed25519.getPublicKey(seed),
  pricePerGib: 50_000n * decOne,
  locked: 20_000_000n,
};

function voucher(bytes: bigint, nonce: bigint, changes: Partial<SignedVoucher & typeof terms> = {}): SignedVoucher {
  const amount = changes.amount ?? amountFor(bytes, terms.pricePerGib);
  const signed = {
    chainId: changes.chainId ?? terms.chainId,
    session: changes.session ?? terms.session,
    bytes,
    amount,
    nonce,
  };
  return { bytes, amount, nonce, signature: changes.signature ?? ed25519.sign(voucherBytes(signed), seed) };
}

function kept(ledger: Ledger, one: SignedVoucher): Ledger {
  const outcome = takeVoucher(ledger, one);
  if ("refused" in outcome) throw new Error(outcome.refused);
  return outcome.ledger;
}

describe("a session's ledger", () => {
  it("carries two vouchers' worth beyond the last one, and goes on when one comes", () => {
    const full = carry(newLedger(terms), 2n * voucherIntervalBytes);
    expect(creditBytes(full)).toBe(0n);
    const paid = kept(full, voucher(voucherIntervalBytes, 1n));
    expect(creditBytes(paid)).toBe(voucherIntervalBytes);
    expect(paidBytes(paid)).toBe(voucherIntervalBytes);
  });

  it("carries no more than the deposit pays for, and more when it is topped up", () => {
    const poor = newLedger({ ...terms, locked: amountFor(1000n, terms.pricePerGib) });
    const credit = creditBytes(poor);
    expect(amountFor(credit, terms.pricePerGib)).toBeLessThanOrEqual(poor.terms.locked);
    expect(amountFor(credit + 1n, terms.pricePerGib)).toBeGreaterThan(poor.terms.locked);
    expect(creditBytes(toppedUp(poor, terms.locked))).toBe(2n * voucherIntervalBytes);
  });

  it.each([
    ["not higher than the last one", voucher(1000n, 9n)],
    ["not higher than the last one", voucher(2000n, 1n)],
    ["another amount than its bytes cost", voucher(2000n, 2n, { amount: 0n })],
    ["more than the session has locked", voucher(500n << 30n, 2n)],
    ["not signed by the session's key", voucher(2000n, 2n, { signature: new Uint8Array(64) })],
    ["not signed by the session's key", voucher(2000n, 2n, { chainId: "another-1" })],
    ["not signed by the session's key", voucher(2000n, 2n, { session: 6n })],
  ])("refuses a voucher that is %s", (reason, bad) => {
    const held = kept(carry(newLedger(terms), 600n << 30n), voucher(1000n, 1n));
    expect(takeVoucher(held, bad)).toEqual({ refused: reason });
    expect(takeVoucher(held, voucher(2000n, 2n))).toMatchObject({ kept: { bytes: 2000n } });
  });

  it("refuses to be paid far beyond what it carried: a client that counts so is wrong", () => {
    expect(takeVoucher(newLedger(terms), voucher(5n * voucherIntervalBytes, 1n))).toEqual({
      refused: "for more than was carried",
    });
  });

  it("begins after a start where the last voucher on disk stood, so that a crash costs two vouchers at most", () => {
    const before = carry(kept(carry(newLedger(terms), voucherIntervalBytes), voucher(voucherIntervalBytes, 1n)), 999n);
    const after = restoredLedger(terms, before.voucher);
    expect(before.carried - after.carried).toBe(999n);
    expect(creditBytes(after)).toBe(2n * voucherIntervalBytes);
    expect(paidBytes(restoredLedger(terms, undefined))).toBe(0n);
  });

  it("goes on where the chain stands, where its own files are lost, and takes no voucher below it", () => {
    const settled = { bytes: 5000n, nonce: 4n, delivered: 6000n };
    const ledger = restoredLedger(terms, undefined, settled);
    expect([ledger.carried, paidBytes(ledger)]).toEqual([6000n, 5000n]);
    for (const low of [voucher(5000n, 5n), voucher(6000n, 4n)]) {
      expect(takeVoucher(ledger, low)).toEqual({ refused: "not higher than the last one" });
    }
    expect(takeVoucher(ledger, voucher(6000n, 5n))).toMatchObject({ kept: { delivered: 6000n } });
  });

  it("keeps its own count with a voucher, and never counts less than that again", () => {
    const held = kept(carry(newLedger(terms), 9_000n), voucher(7_000n, 1n));
    expect(held.voucher?.delivered).toBe(9_000n);
    expect(restoredLedger(terms, held.voucher).carried).toBe(9_000n);
  });

  it("of a subscription carries its quota and takes no voucher beyond it", () => {
    const free = { ...terms, pricePerGib: 0n, locked: 0n, quotaBytes: 3n << 20n };
    const ledger = carry(newLedger(free), creditBytes(newLedger(free)));
    expect(ledger.carried).toBe((2n * (3n << 20n)) / 16n);
    expect(takeVoucher(carry(ledger, 4n << 20n), voucher((3n << 20n) + 1n, 1n, { amount: 0n }))).toEqual({
      refused: "more than the session has locked",
    });
  });

  it("never has more unpaid than two vouchers, never falls, and never holds more than is locked, whatever comes", () => {
    const step = fc.oneof(
      fc.record({ carry: fc.bigInt(0n, 3n * voucherIntervalBytes) }),
      fc.record({ bytes: fc.bigInt(0n, 20n * voucherIntervalBytes), nonce: fc.bigInt(0n, 20n) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        let ledger = newLedger(terms);
        for (const one of steps) {
          const before = ledger;
          if ("carry" in one) {
            const credit = creditBytes(ledger);
            ledger = carry(ledger, one.carry < credit ? one.carry : credit);
          } else {
            const outcome = takeVoucher(ledger, voucher(one.bytes, one.nonce));
            if ("ledger" in outcome) ledger = outcome.ledger;
          }
          expect(ledger.carried - paidBytes(ledger)).toBeLessThanOrEqual(2n * voucherIntervalBytes);
          expect(paidBytes(ledger)).toBeGreaterThanOrEqual(paidBytes(before));
          expect(ledger.voucher?.amount ?? 0n).toBeLessThanOrEqual(terms.locked);
        }
      }),
      { numRuns: 60 },
    );
  });
});
