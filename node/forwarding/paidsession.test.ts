import { randomBytes } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decOne } from "../../chain/dec.ts";
import { amountFor, voucherBytes } from "../../modules/market/index.ts";
import { type HeldVoucher, nothingSettled } from "../relay/ledger.ts";
import { privateKeyOf } from "../transport/certificate.ts";
import { servedBytesMax } from "./credit.ts";
import type { SessionFacts } from "./facts.ts";
import { PaidSession } from "./paidsession.ts";

const seed = randomBytes(32);
const pricePerGib = 50_000n * decOne;
const chainId = "weir-test-1";
const facts: SessionFacts = {
  terms: { chainId, session: 1n, key: ed25519.getPublicKey(seed), pricePerGib, locked: 1_000_000n },
  relay: 7n,
  denom: "uusdc",
  settled: nothingSettled,
  settledAmount: 0n,
  expiresEpoch: 9n,
  endsEpoch: 11n,
  isClosing: false,
};

const sessionOf = (keep: (session: bigint, voucher: HeldVoucher) => Promise<void>, held?: HeldVoucher) =>
  new PaidSession({ relayKey: privateKeyOf(randomBytes(32)), facts, held, keep });

function voucher(bytes: bigint, nonce: bigint) {
  const amount = amountFor(bytes, pricePerGib);
  const signature = ed25519.sign(voucherBytes({ chainId, session: 1n, bytes, amount, nonce }), seed);
  return { bytes, amount: `${amount}`, nonce, signature, closing: false };
}

describe("a paid session", () => {
  it("answers no voucher, and carries no more for it, before it is on disk", async () => {
    let written = () => {};
    const session = sessionOf(
      () =>
        new Promise((resolve) => {
          written = resolve;
        }),
    );
    const first = session.take(1 << 30);
    let isAnswered = false;
    const answer = session.voucher(voucher(BigInt(first), 1n)).then((receipt) => {
      isAnswered = true;
      return receipt;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect([isAnswered, session.take(1), session.held]).toEqual([false, 0, undefined]);
    written();
    expect((await answer).nonce).toBe(1n);
    expect([session.take(1), session.held?.bytes]).toEqual([1, BigInt(first)]);
  });

  it("counts no voucher that the disk did not take, and takes the same one again", async () => {
    let isFull = true;
    const session = sessionOf(async () => {
      if (isFull) throw new Error("ENOSPC");
    });
    const bytes = BigInt(session.take(1 << 30));
    await expect(session.voucher(voucher(bytes, 1n))).rejects.toThrow("ENOSPC");
    expect([session.held, session.take(1)]).toEqual([undefined, 0]);
    isFull = false;
    expect((await session.voucher(voucher(bytes, 1n))).refused).toBeUndefined();
  });

  it("takes vouchers that come at once by two links one after the other, and never the lower one over the higher", async () => {
    const kept: bigint[] = [];
    const session = sessionOf(async (_session, { bytes }) => {
      await new Promise((resolve) => setImmediate(resolve));
      kept.push(bytes);
    });
    session.take(1 << 30);
    const answers = await Promise.all([session.voucher(voucher(2000n, 2n)), session.voucher(voucher(1000n, 1n))]);
    expect(answers.map(({ refused }) => refused?.text)).toEqual([undefined, "not higher than the last one"]);
    expect(kept).toEqual([2000n]);
  });

  it("never carries beyond what its vouchers allow, whatever is asked of it and whatever comes", async () => {
    const step = fc.oneof(
      fc.record({ bytes: fc.nat(40 << 20) }),
      fc.record({ whole: fc.nat(2 << 20) }),
      fc.record({ voucher: fc.bigInt(0n, 200n << 20n), nonce: fc.bigInt(0n, 30n) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const session = sessionOf(async () => undefined);
        const affordableBytes = (1_000_000n << 30n) / 50_000n;
        for (const one of steps) {
          if ("bytes" in one) session.take(one.bytes);
          else if ("whole" in one) session.takeWhole(one.whole);
          else await session.voucher(voucher(one.voucher, one.nonce));
          const paidBytes = session.held?.bytes ?? 0n;
          expect(session.carried).toBeLessThanOrEqual(servedBytesMax({ paidBytes, affordableBytes }));
        }
      }),
      { numRuns: 40 },
    );
  });
});
