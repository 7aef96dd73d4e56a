import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decOne } from "../../chain/dec.ts";
import { silentLog } from "../../chain/log.ts";
import { MsgSettle, MsgSettleResponse, type VoucherResult } from "../../proto/gen/weir/market/v1/tx.ts";
import { retry } from "../daemon/failure.ts";
import type { HeldSession } from "../forwarding/sessionbook.ts";
import { nothingSettled } from "./ledger.ts";
import { batchMax, planSettlement, type SettleRules, Settler, settleDefaults } from "./settling.ts";

const dear: SettleRules = { feeShareMax: decOne / 1000n, epochsMax: 7n, feePerVoucherMicros: 10n };

function held(session: bigint, amount: bigint, changes: Partial<HeldSession["facts"]> = {}): HeldSession {
  const terms = { chainId: "weir-test-1", session, key: new Uint8Array(32), pricePerGib: decOne, locked: 1n << 60n };
  return {
    session,
    voucher: { bytes: amount + 1n, amount, nonce: 1n, delivered: amount, signature: new Uint8Array(64) },
    facts: {
      terms,
      relay: 7n,
      denom: "uusdc",
      settled: nothingSettled,
      settledAmount: 0n,
      expiresEpoch: 90n,
      endsEpoch: 92n,
      isClosing: false,
      ...changes,
    },
  };
}

const plan = (sessions: readonly HeldSession[], rules = dear, waitingSince = new Map<bigint, bigint>(), epoch = 10n) =>
  planSettlement({ held: sessions, epoch, waitingSince, rules }).map((batch) => batch.map(({ session }) => session));

describe("a relay's settlement", () => {
  it("waits until the fee is a thousandth of what it pays", () => {
    expect(plan([held(1n, 9_999n), held(2n, 10_000n)])).toEqual([[2n]]);
    expect(plan([held(1n, 1n)], settleDefaults)).toEqual([[1n]]);
  });

  it("waits no longer than it may, and never pays more in fees than it gets", () => {
    const since = new Map([
      [1n, 3n],
      [2n, 3n],
      [3n, 4n],
    ]);
    expect(plan([held(1n, 11n), held(2n, 10n), held(3n, 11n)], dear, since)).toEqual([[1n]]);
  });

  it("answers a client that closes, and a session that ends, with the higher voucher at once and before all others", () => {
    const closing = held(3n, 11n, { isClosing: true, endsEpoch: 13n });
    const ending = held(4n, 12n, { endsEpoch: 12n });
    expect(plan([held(1n, 1_000_000n), closing, ending])).toEqual([[4n, 3n, 1n]]);
    expect(plan([held(5n, 1_000_000n, { endsEpoch: 10n })])).toEqual([]);
  });

  it("brings what a contract or a plan pays for in every epoch", () => {
    expect(plan([held(1n, 0n, { denom: "" })])).toEqual([[1n]]);
  });

  it("brings nothing that is settled already, and no batch that is larger than it may be", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(0n, 1_000_000n), { maxLength: 350 }), (amounts) => {
        const sessions = amounts.map((amount, index) =>
          held(BigInt(index), amount, index % 3 === 0 ? { settled: { ...nothingSettled, bytes: amount + 1n } } : {}),
        );
        const batches = plan(sessions);
        const all = batches.flat();
        expect(new Set(all).size).toBe(all.length);
        for (const batch of batches) expect(batch.length).toBeLessThanOrEqual(batchMax);
        for (const session of all) expect(session % 3n).not.toBe(0n);
        expect(all.length).toBe(amounts.filter((amount, index) => index % 3 !== 0 && amount >= 10_000n).length);
      }),
      { numRuns: 40 },
    );
  });
});

/** A chain that answers as it is told. */
function scene(answers: (Partial<VoucherResult>[] | Error)[]) {
  const sent: { purpose: string | undefined; vouchers: MsgSettle }[] = [];
  const settled: [bigint, bigint][] = [];
  const settler = new Settler({
    operator: "weir1operator",
    log: silentLog,
    rules: () => settleDefaults,
    settled: (session, { bytes }) => settled.push([session, bytes]),
    chain: {
      submit: async ([message], options) => {
        sent.push({ purpose: options?.purpose, vouchers: MsgSettle.decode(message!.value) });
        const answer = answers.shift() ?? [];
        if (answer instanceof Error) throw answer;
        const results = answer.map((one) => ({ code: 0, log: "", paid: "0", ...one }));
        const responses = [MsgSettleResponse.encode({ results }).finish()];
        return { height: 1n, hash: "", events: [], responses };
      },
    },
  });
  return { settler, sent, settled };
}

describe("a batch of vouchers", () => {
  it("is sent with the relay's own count, and each result counts for itself", async () => {
    const { settler, sent, settled } = scene([[{ paid: "7" }, { code: 9 }, { code: 8, log: "over" }]]);
    await settler.settle([held(1n, 30n), held(2n, 20n), held(3n, 10n)], 10n);
    expect(sent[0]!.vouchers.vouchers.map(({ session, deliveredBytes }) => [session, deliveredBytes])).toEqual([
      [1n, 30n],
      [2n, 20n],
      [3n, 10n],
    ]);
    // Somebody else brought the second: as good. The third is worth nothing any more.
    expect(settled).toEqual([
      [1n, 31n],
      [2n, 21n],
    ]);
    expect(settler.figures).toEqual({ batches: 1, vouchers: 1, refused: 1, paidMicros: 7n });
    expect(settler.hasLeft).toBe(false);
  });

  it("that may have landed is sent again for the same purpose, so that it lands once", async () => {
    const { settler, sent, settled } = scene([retry("outcome unknown"), [{ paid: "30" }]]);
    await settler.settle([held(1n, 30n)], 10n);
    expect([settler.hasLeft, settled]).toEqual([true, []]);
    await settler.settle([held(1n, 30n)], 10n);
    expect(sent[0]!.purpose).toBe(sent[1]!.purpose);
    expect(settled).toEqual([[1n, 31n]]);
    const other = scene([[{}]]);
    await other.settler.settle([held(1n, 31n)], 10n);
    expect(other.sent[0]!.purpose).not.toBe(sent[0]!.purpose);
  });

  it("is not sent twice while one is on its way", async () => {
    const { settler, sent } = scene([[{}], [{}]]);
    await Promise.all([settler.settle([held(1n, 30n)], 10n), settler.settle([held(1n, 30n)], 10n)]);
    expect(sent.length).toBe(1);
  });
});
