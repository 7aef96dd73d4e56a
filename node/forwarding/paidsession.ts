/**
 * One session that a relay serves: what it may carry yet, who waits for a voucher, and the vouchers as they come. Owns the count while it runs and
 * that a voucher is on disk before anybody hears of it; does not own which voucher is good (../relay/ledger.ts) nor the links.
 */
import { type KeyObject, sign } from "node:crypto";
import { closingBytes, deliveryBytes, voucherAmountMax } from "../../modules/market/voucher.ts";
import { ReceiptFrame, RefusalCode, type Refused, type VoucherFrame } from "../../proto/gen/weir/wire/v1/wire.ts";
import {
  affordableBytes,
  type HeldVoucher,
  type Ledger,
  paidBytes,
  restoredLedger,
  type SignedVoucher,
  servedMax,
  takeVoucher,
  toppedUp,
} from "../relay/ledger.ts";
import type { SessionFacts } from "./facts.ts";

/** A stream that this session pays for. */
export interface Flow {
  /** Ends it at once, at both ends. */
  cut(): void;
}

export interface SessionOptions {
  /** The transport key's secret half. */
  readonly relayKey: KeyObject;
  readonly facts: SessionFacts;
  readonly held: HeldVoucher | undefined;
  /** Once it resolves, no power cut takes the voucher away. */
  keep(session: bigint, voucher: HeldVoucher): Promise<void>;
}

/** A client that closes may leave so much unpaid: what was on its way when it decided to. */
const closingSlackBytes = 64n << 10n;
const closingSlackShare = 64n;

const safe = (value: bigint): number => (value < Number.MAX_SAFE_INTEGER ? Number(value) : Number.MAX_SAFE_INTEGER);

export const refusedOf = (code: RefusalCode, text: string, retryMillis = 0): Refused => ({ code, text, retryMillis });

export class PaidSession {
  readonly id: bigint;
  readonly flows = new Set<Flow>();
  readonly #options: SessionOptions;
  #facts: SessionFacts;
  /** Whose count is behind `#carried`, which runs. */
  #ledger: Ledger;
  #carried: number;
  #servedMax: number;
  #waiting: (() => void)[] = [];
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  #tell: ((receipt: ReceiptFrame) => void) | undefined;

  constructor(options: SessionOptions) {
    const { facts, held } = options;
    this.#options = options;
    this.#facts = facts;
    this.id = facts.terms.session;
    this.#ledger = restoredLedger(facts.terms, held, facts.settled);
    this.#carried = safe(this.#ledger.carried);
    this.#servedMax = safe(servedMax(this.#ledger));
  }

  get facts(): SessionFacts {
    return this.#facts;
  }

  get held(): HeldVoucher | undefined {
    return this.#ledger.voucher;
  }

  get carried(): bigint {
    return BigInt(this.#carried);
  }

  /** It said goodbye, and was given the signature by which it closes. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Streams wait for a voucher. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** The deposit or the quota, and not the next voucher, is what is used up. */
  get isSpent(): boolean {
    return this.isWaiting && this.carried >= affordableBytes(this.#ledger.terms);
  }

  // --------------------------------------------------------------------------------------------------------------- carrying

  /** How many of these bytes are carried now; they are counted. */
  take(bytes: number): number {
    if (this.#isClosed) return 0;
    const left = this.#servedMax - this.#carried;
    const taken = bytes <= left ? bytes : left > 0 ? left : 0;
    this.#carried += taken;
    return taken;
  }

  /** All of them or none. */
  takeWhole(bytes: number): boolean {
    if (this.#isClosed || this.#carried + bytes > this.#servedMax) return false;
    this.#carried += bytes;
    return true;
  }

  /** Called once, when there may be more. */
  wait(resume: () => void): void {
    this.#waiting.push(resume);
    if (this.#waiting.length > 1) return;
    this.#tell?.(this.#receipt({ refused: refusedOf(RefusalCode.REFUSAL_CODE_UNPAID, "a voucher has to come first") }));
  }

  /** As of a newer state of the chain: a top-up lets go on what waits. */
  learn(facts: SessionFacts): void {
    this.#facts = facts;
    this.#ledger = toppedUp(this.#ledger, facts.terms.locked);
    this.#goOn();
  }

  #goOn(): void {
    this.#servedMax = safe(servedMax(this.#ledger));
    if (this.#carried >= this.#servedMax) return;
    for (const resume of this.#waiting.splice(0)) resume();
  }

  cutAll(): void {
    this.#waiting = [];
    for (const flow of [...this.flows]) flow.cut();
  }

  // --------------------------------------------------------------------------------------------------------------- vouchers

  /** Whom to tell what nobody asked for; of the newest control link. Gives the taking back. */
  listen(tell: (receipt: ReceiptFrame) => void): () => void {
    this.#tell = tell;
    return () => {
      if (this.#tell === tell) this.#tell = undefined;
    };
  }

  get isListening(): boolean {
    return this.#tell !== undefined;
  }

  tell(refused: Refused): void {
    this.#tell?.(this.#receipt({ refused }));
  }

  /** Where it stands. */
  standing(): ReceiptFrame {
    return this.#receipt({});
  }

  /** One after the other, whichever link they come by. */
  voucher(frame: VoucherFrame): Promise<ReceiptFrame> {
    const answer = this.#last.then(() => this.#answer(frame));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  async #answer(frame: VoucherFrame): Promise<ReceiptFrame> {
    const answers = frame.nonce;
    if (this.#isClosed) {
      if (frame.closing && this.#isHeld(frame))
        return this.#receipt({ answers, closingSignature: this.#signClosing() });
      return this.#receipt({ answers, refused: refusedOf(RefusalCode.REFUSAL_CODE_NOT_NOW, "this session is closed") });
    }
    const problem = this.#isHeld(frame) ? undefined : await this.#take(frame);
    if (problem !== undefined) return this.#receipt({ answers, refused: problem });
    return frame.closing ? this.#close(answers) : this.#receipt({ answers });
  }

  /** The voucher that is kept already, again; or nothing where nothing is kept. */
  #isHeld({ bytes, nonce, closing }: VoucherFrame): boolean {
    const { voucher, settled } = this.#ledger;
    if (voucher !== undefined) return bytes === voucher.bytes && nonce === voucher.nonce && closing;
    return closing && bytes === settled.bytes && nonce === settled.nonce;
  }

  async #take(frame: VoucherFrame): Promise<Refused | undefined> {
    const voucher = signedOf(frame);
    if (voucher === undefined) return refusedOf(RefusalCode.REFUSAL_CODE_MALFORMED, "the amount is no whole number");
    const outcome = takeVoucher({ ...this.#ledger, carried: this.carried }, voucher);
    if ("refused" in outcome) return refusedOf(RefusalCode.REFUSAL_CODE_UNPAID, outcome.refused);
    await this.#options.keep(this.id, outcome.kept);
    // Whatever the chain said meanwhile stays.
    this.#ledger = { ...this.#ledger, voucher: outcome.kept };
    this.#goOn();
    return undefined;
  }

  #close(answers: bigint): ReceiptFrame {
    const unpaid = this.carried - paidBytes(this.#ledger);
    if (unpaid > closingSlackBytes && unpaid > this.carried / closingSlackShare) {
      const text = `${unpaid} bytes were carried and are not paid for`;
      return this.#receipt({ answers, refused: refusedOf(RefusalCode.REFUSAL_CODE_UNPAID, text) });
    }
    this.#isClosed = true;
    this.cutAll();
    return this.#receipt({ answers, closingSignature: this.#signClosing() });
  }

  // -------------------------------------------------------------------------------------------------------------- signatures

  #receipt(more: Partial<ReceiptFrame>): ReceiptFrame {
    const { chainId } = this.#ledger.terms;
    const paid = paidBytes(this.#ledger);
    const delivered = this.carried;
    const { voucher, settled } = this.#ledger;
    return ReceiptFrame.fromPartial({
      bytes: delivered,
      nonce: voucher?.nonce ?? settled.nonce,
      paidBytes: paid,
      signature: this.#sign(deliveryBytes({ chainId, session: this.id, bytes: paid, deliveredBytes: delivered })),
      ...more,
    });
  }

  #signClosing(): Uint8Array {
    const { chainId } = this.#ledger.terms;
    const { voucher, settled } = this.#ledger;
    const last = voucher ?? { ...settled, amount: this.#facts.settledAmount };
    const { bytes, amount, nonce } = last;
    return this.#sign(closingBytes({ chainId, session: this.id, bytes, amount, nonce }));
  }

  #sign(bytes: Uint8Array): Uint8Array {
    return Uint8Array.from(sign(null, bytes, this.#options.relayKey));
  }
}

const amountPattern = /^(?:0|[1-9][0-9]{0,38})$/;

function signedOf({ bytes, amount, nonce, signature }: VoucherFrame): SignedVoucher | undefined {
  if (!amountPattern.test(amount)) return undefined;
  const value = BigInt(amount);
  return value > voucherAmountMax ? undefined : { bytes, amount: value, nonce, signature };
}
