/**
 * When a relay brings its vouchers to the chain: many at once, when the fee is small beside what they pay, and in any case before a session takes
 * none any more. Owns that rule and what a batch's results mean; does not own vouchers (voucherstore.ts) nor transactions (../chain).
 */
import { sha256 } from "../../chain/crypto/hash.ts";
import { type Dec, decOne } from "../../chain/dec.ts";
import type { Log } from "../../chain/log.ts";
import { encodeUtf8 } from "../../chain/utf8.ts";
import { vouchersMax } from "../../modules/market/voucher.ts";
import { MsgSettle, MsgSettleResponse, type Voucher, type VoucherResult } from "../../proto/gen/weir/market/v1/tx.ts";
import type { ChainClient } from "../chain/chainclient.ts";
import { textOf } from "../daemon/failure.ts";
import type { HeldSession } from "../forwarding/sessionbook.ts";
import type { HeldVoucher } from "./ledger.ts";

export interface SettleRules {
  /** A batch goes when its fee is at most this share of what it pays. */
  readonly feeShareMax: Dec;
  /** Or when a session has waited so many epochs, if it pays more than its part of the fee. */
  readonly epochsMax: bigint;
  /** What one more voucher in a batch costs, in millionths of a dollar. */
  readonly feePerVoucherMicros: bigint;
}

export const settleDefaults: SettleRules = {
  feeShareMax: decOne / 1000n,
  epochsMax: 7n,
  feePerVoucherMicros: 0n,
};

/** Of one transaction: far below a block's gas, and below what the chain takes. */
export const batchMax = Math.min(100, vouchersMax);
/** A session that ends within so many epochs does not wait: a relay may be down for one of them. */
const lastEpochs = 2n;

export interface SettleInput {
  readonly held: readonly HeldSession[];
  readonly epoch: bigint;
  /** Since which epoch a session's newest unsettled voucher has waited. */
  readonly waitingSince: ReadonlyMap<bigint, bigint>;
  readonly rules: SettleRules;
}

const worth = ({ voucher, facts }: HeldSession): bigint => voucher.amount - facts.settledAmount;
const isNew = ({ voucher, facts }: HeldSession): boolean => voucher.bytes > facts.settled.bytes;
/** A contract or a plan pays for bytes, epoch by epoch. */
const isPrepaid = ({ facts }: HeldSession): boolean => facts.denom === "";

function isUrgent({ facts }: HeldSession, epoch: bigint): boolean {
  return facts.isClosing || epoch + lastEpochs >= facts.endsEpoch;
}

/** What goes now: batches of sessions, the most pressing first. */
export function planSettlement({ held, epoch, waitingSince, rules }: SettleInput): readonly HeldSession[][] {
  const { feeShareMax, epochsMax, feePerVoucherMicros: fee } = rules;
  const open = held.filter((one) => isNew(one) && epoch < one.facts.endsEpoch);
  const due = open.filter((one) => {
    if (isPrepaid(one)) return true;
    const value = worth(one);
    if (value <= fee) return false;
    const isOld = epoch - (waitingSince.get(one.session) ?? epoch) >= epochsMax;
    return isOld || isUrgent(one, epoch) || fee * decOne <= value * feeShareMax;
  });
  due.sort((left, right) => compare(left, right, epoch));
  const batches: HeldSession[][] = [];
  for (let at = 0; at < due.length; at += batchMax) batches.push(due.slice(at, at + batchMax));
  return batches;
}

function compare(left: HeldSession, right: HeldSession, epoch: bigint): number {
  const urgency = Number(isUrgent(right, epoch)) - Number(isUrgent(left, epoch));
  if (urgency !== 0) return urgency;
  const [a, b] = [worth(left), worth(right)];
  return a === b ? Number(left.session - right.session) : a > b ? -1 : 1;
}

export const voucherMessage = (
  session: bigint,
  { bytes, amount, nonce, signature, delivered }: HeldVoucher,
): Voucher => ({
  session,
  bytes,
  amount: `${amount}`,
  nonce,
  signature,
  // The operator submits, so that the relay's count needs no signature of its own.
  deliveredBytes: delivered,
  relaySignature: new Uint8Array(0),
});

/** Of exactly these vouchers: sent twice, also after a restart, it lands once. */
const purposeOf = (batch: readonly HeldSession[]): string => {
  const content = batch.map(({ session, voucher }) => `${session}/${voucher.bytes}`).join(" ");
  return `settle/${Buffer.from(sha256(encodeUtf8(content)))
    .toString("hex")
    .slice(0, 32)}`;
};

export interface SettlerOptions {
  readonly chain: Pick<ChainClient, "submit">;
  readonly operator: string;
  readonly log: Log;
  rules(): SettleRules;
  /** The chain has settled a session as far as this voucher. */
  settled(session: bigint, voucher: HeldVoucher): void;
}

/** The market's codes (modules/market/README.md). */
const codes = { done: 0, nothingNew: 9 } as const;

export interface SettlerFigures {
  readonly batches: number;
  readonly vouchers: number;
  readonly refused: number;
  readonly paidMicros: bigint;
}

export class Settler {
  readonly #options: SettlerOptions;
  readonly #waitingSince = new Map<bigint, bigint>();
  #figures: SettlerFigures = { batches: 0, vouchers: 0, refused: 0, paidMicros: 0n };
  #isRunning = false;
  #hasLeft = false;

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  get figures(): SettlerFigures {
    return this.#figures;
  }

  /** Something was due and did not land. */
  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /** What is due now, batch after batch; what fails is due again the next time. */
  async settle(held: readonly HeldSession[], epoch: bigint): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#hasLeft = false;
    try {
      this.#note(held, epoch);
      const { rules } = this.#options;
      for (const batch of planSettlement({ held, epoch, waitingSince: this.#waitingSince, rules: rules() })) {
        await this.#submit(batch);
      }
    } finally {
      this.#isRunning = false;
    }
  }

  #note(held: readonly HeldSession[], epoch: bigint): void {
    const waiting = new Set(held.filter(isNew).map(({ session }) => session));
    for (const session of this.#waitingSince.keys()) if (!waiting.has(session)) this.#waitingSince.delete(session);
    for (const session of waiting) if (!this.#waitingSince.has(session)) this.#waitingSince.set(session, epoch);
  }

  async #submit(batch: readonly HeldSession[]): Promise<void> {
    const { chain, operator, log } = this.#options;
    const vouchers = batch.map(({ session, voucher }) => voucherMessage(session, voucher));
    const value = MsgSettle.encode(MsgSettle.fromPartial({ submitter: operator, vouchers })).finish();
    try {
      const messages = [{ typeUrl: "/weir.market.v1.MsgSettle", value }];
      const { responses } = await chain.submit(messages, { purpose: purposeOf(batch) });
      const { results } = MsgSettleResponse.decode(responses[0] ?? new Uint8Array(0));
      batch.forEach((one, index) => {
        this.#result(one, results[index]);
      });
      this.#figures = { ...this.#figures, batches: this.#figures.batches + 1 };
    } catch (error) {
      this.#hasLeft = true;
      log.warn("vouchers were not settled; they are tried again", { vouchers: batch.length, reason: textOf(error) });
    }
  }

  #result({ session, voucher }: HeldSession, result: VoucherResult | undefined): void {
    const { settled, log } = this.#options;
    const { vouchers, refused, paidMicros } = this.#figures;
    if (result?.code === codes.done) {
      this.#figures = { ...this.#figures, vouchers: vouchers + 1, paidMicros: paidMicros + BigInt(result.paid) };
      log.info("settled", { session, paid: result.paid });
    }
    // Somebody brought it before: as good.
    if (result?.code === codes.done || result?.code === codes.nothingNew) {
      this.#waitingSince.delete(session);
      settled(session, voucher);
      return;
    }
    this.#figures = { ...this.#figures, refused: refused + 1 };
    log.warn("the chain refused a voucher", { session, code: result?.code, reason: result?.log });
  }
}
