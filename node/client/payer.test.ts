import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDec } from "../../chain/dec.ts";
import { amountFor } from "../../modules/market/index.ts";
import { intervalBytesMax, servedBytesMax } from "../forwarding/credit.ts";
import {
  affordableBytes,
  count,
  isUnanswered,
  lockedNow,
  newPayer,
  nothingSigned,
  type Payer,
  receiptMillisMax,
  received,
  restoredPayer,
  signed,
  voucherDue,
} from "./payer.ts";

const mib = 1n << 20n;
const terms = { chainId: "weir-devnet-1", session: 7n, pricePerGib: parseDec("50000") };
const deposit = 2_000_000n;

type Step =
  | { readonly does: "count"; readonly bytes: bigint }
  | { readonly does: "wait"; readonly millis: number }
  | { readonly does: "receipt"; readonly bytes: bigint; readonly nonce: bigint; readonly answers: bigint }
  | { readonly does: "restart" }
  | { readonly does: "top up"; readonly amount: bigint }
  | { readonly does: "close" };

const steps = (): fc.Arbitrary<readonly Step[]> =>
  fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ does: fc.constant("count" as const), bytes: fc.bigInt(0n, 40n * mib) }) },
      { weight: 3, arbitrary: fc.record({ does: fc.constant("wait" as const), millis: fc.nat(20_000) }) },
      {
        weight: 3,
        arbitrary: fc.record({
          does: fc.constant("receipt" as const),
          bytes: fc.bigInt(0n, 800n * mib),
          nonce: fc.bigInt(0n, 60n),
          answers: fc.bigInt(0n, 60n),
          isPressing: fc.boolean(),
        }),
      },
      fc.constant({ does: "restart" as const }),
      fc.record({ does: fc.constant("top up" as const), amount: fc.bigInt(0n, 10_000n) }),
      fc.constant({ does: "close" as const }),
    ),
    { maxLength: 60 },
  );

/** Plays a life: vouchers as they are due, kept before they are sent, and what is on disk survives a restart. */
function live(life: readonly Step[], deposited: bigint, check: (payer: Payer, before: Payer) => void): void {
  let now = 0;
  let payer = newPayer(terms, deposited);
  let disk = { signed: nothingSigned, counted: 0n };
  const pay = (closes: boolean) => {
    const due = voucherDue(payer, now, closes);
    if (due === undefined) return;
    const before = payer;
    disk = { signed: due, counted: payer.counted };
    payer = signed(payer, due, now);
    check(payer, before);
  };
  for (const step of life) {
    if (step.does === "count") payer = count(payer, step.bytes);
    if (step.does === "wait") now += step.millis;
    if (step.does === "receipt") payer = received(payer, step);
    if (step.does === "restart") payer = restoredPayer(terms, payer.locked, disk.signed, disk.counted);
    if (step.does === "top up") payer = lockedNow(payer, step.amount);
    pay(step.does === "close");
  }
}

describe("a payer", () => {
  it("never signs beside, below or far ahead of what it counted, nor more than is locked, whatever happens", () =>
    fc.assert(
      fc.property(steps(), fc.constantFrom(3_000n, deposit), (life, deposited) => {
        const ofNonce = new Map<bigint, bigint>();
        live(life, deposited, (payer, before) => {
          const { bytes, amount, nonce } = payer.signed;
          expect(ofNonce.get(nonce) ?? bytes).toBe(bytes);
          ofNonce.set(nonce, bytes);
          expect(bytes).toBeGreaterThan(before.signed.bytes);
          expect(amount).toBe(amountFor(bytes, terms.pricePerGib));
          expect(amount).toBeLessThanOrEqual(payer.locked);
          expect(bytes).toBeLessThanOrEqual(payer.counted + 2n * intervalBytesMax);
          expect(before.stopped).toBeUndefined();
        });
      }),
      { numRuns: 300 },
    ));

  it("leaves a relay that carries honestly with less than two vouchers unpaid, so that it never has to wait", () =>
    fc.assert(
      fc.property(fc.array(fc.bigInt(1n, 4n * mib), { maxLength: 200 }), (chunks) => {
        let payer = newPayer({ ...terms, pricePerGib: parseDec("1") }, deposit);
        for (const chunk of chunks) {
          payer = count(payer, chunk);
          const due = voucherDue(payer, 0);
          if (due !== undefined) payer = signed(payer, due, 0);
          const standing = { paidBytes: payer.signed.bytes, affordableBytes: affordableBytes(payer) };
          expect(payer.counted + 4n * mib).toBeLessThanOrEqual(servedBytesMax(standing));
        }
      }),
    ));

  it("pays little by little too: after five seconds, when the relay waits for it, and when it closes", () => {
    const payer = count(newPayer(terms, deposit), 1000n);
    const first = voucherDue(payer, 0)!;
    expect(first).toEqual({ nonce: 1n, bytes: 1000n, amount: 1n });
    const paid = count(signed(payer, first, 0), 1000n);
    expect(voucherDue(paid, 4_999)).toBeUndefined();
    expect(voucherDue(paid, 5_000)).toMatchObject({ nonce: 2n, bytes: 2000n });
    expect(voucherDue(paid, 100, true)).toMatchObject({ nonce: 2n, bytes: 2000n });
    const pressed = received(paid, { bytes: 2500n, nonce: 1n, answers: 0n, isPressing: true });
    expect(voucherDue(pressed, 100)).toMatchObject({ nonce: 2n, bytes: 2500n });
    expect(voucherDue(signed(pressed, voucherDue(pressed, 100)!, 100), 9_000)).toBeUndefined();
  });

  it("stops for good when a relay counts more than it carried, takes back what it counted, or refuses a voucher", () => {
    const payer = count(newPayer(terms, deposit), 100n * mib);
    const says = (bytes: bigint, more = {}) => received(payer, { bytes, nonce: 0n, answers: 0n, ...more });
    expect(says(108n * mib).stopped).toBeUndefined();
    const greedy = says(109n * mib);
    expect(greedy.stopped).toContain("more than it carries");
    expect(voucherDue(count(greedy, 100n * mib), 0)).toBeUndefined();
    expect(voucherDue(greedy, 0, true)).toBeUndefined();
    const fallen = received(says(50n * mib), { bytes: 49n * mib, nonce: 0n, answers: 0n });
    expect(fallen.stopped).toContain("fell");
    expect(says(1n, { nonce: 1n }).stopped).toContain("voucher 1");
    expect(says(1n, { refused: "no" }).stopped).toContain("refused");
  });

  it("takes a relay's word once after a start, for what it may have carried unpaid", () => {
    const last = { bytes: 8n * mib, amount: amountFor(8n * mib, terms.pricePerGib), nonce: 2n };
    const restored = restoredPayer(terms, deposit, last, 7n * mib);
    const at = (bytes: bigint) => ({ bytes, nonce: 2n, answers: 0n });
    const fair = received(restored, at(20n * mib));
    expect(fair).toMatchObject({ counted: 20n * mib, stopped: undefined });
    expect(received(fair, at(24n * mib)).counted).toBe(20n * mib);
    expect(received(restored, at(70n * mib)).stopped).toContain("more than it carries");
  });

  it("notices a relay that takes vouchers and says nothing", () => {
    const payer = count(newPayer(terms, deposit), 20n * mib);
    const paid = signed(payer, voucherDue(payer, 0)!, 0);
    expect(isUnanswered(paid, receiptMillisMax - 1)).toBe(false);
    expect(isUnanswered(paid, receiptMillisMax)).toBe(true);
    const answered = received(paid, { bytes: 20n * mib, nonce: 1n, answers: 1n });
    expect(isUnanswered(answered, receiptMillisMax)).toBe(false);
  });

  it("refuses to sign what stands beside what is signed", () => {
    const payer = count(newPayer(terms, deposit), 20n * mib);
    const due = voucherDue(payer, 0)!;
    const paid = signed(payer, due, 0);
    expect(() => signed(paid, due, 0)).toThrow("nothing was signed");
    expect(() => signed(paid, { ...due, bytes: due.bytes + 1n, nonce: 5n }, 0)).toThrow("nothing was signed");
  });
});
