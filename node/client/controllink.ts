/**
 * The control link of a paid session, this end of it: vouchers one way, receipts the other, over one link after another. Owns when a voucher goes
 * out (kept on disk before), reading receipts, and finding out that the other end is lost; what is due is payer.ts's.
 */
import type { Log } from "../../chain/log.ts";
import { type ReceiptFrame, RefusalCode } from "../../proto/gen/weir/wire/v1/wire.ts";
import type { Clock } from "../clock.ts";
import { backoffMillis } from "../daemon/backoff.ts";
import { textOf } from "../daemon/failure.ts";
import { readReceipt, sendVoucher, sessionProof } from "../forwarding/wire.ts";
import { ask, Refusal } from "../transport/opening.ts";
import type { Link } from "../transport/transport.ts";
import {
  count,
  isUnanswered,
  lockedNow,
  type Payer,
  received,
  type Signed,
  signed,
  stop,
  voucherDue,
} from "./payer.ts";

const openingMillisMax = 10_000;
/** For a relay to hear of a new session. */
const firstMillisMax = 30_000;
/** A control link may be still for as long as a session is. */
const stillMillisMax = 24 * 3_600_000;
const tickMillis = 500;
const closingMillisMax = 8_000;
const dialsMax = 4;
const dialRules = { firstMillis: 200, longestMillis: 2_000 };
/** What is counted between two looks at what is due. */
const countedStepBytes = 64 << 10;

export interface ControlOptions {
  readonly payer: Payer;
  readonly sessionSeed: Uint8Array;
  dial(): Promise<Link>;
  /** Over the voucher's canonical bytes, by the session's key. */
  sign(voucher: Signed): Uint8Array;
  /** On disk when it resolves, before the voucher is sent. */
  keep(voucher: Signed, counted: bigint): Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /** Once: the other end is of no more use to this session. */
  onLost(why: string): void;
  /** It wants no new streams. */
  onDraining(): void;
}

export class ControlLink {
  readonly #options: ControlOptions;
  readonly #closing = Promise.withResolvers<Uint8Array | undefined>();
  #payer: Payer;
  #link: Link | undefined;
  #uncounted = 0;
  #paying: Promise<void> = Promise.resolve();
  #isPaying = false;
  #isEnding = false;
  /** Of the voucher that asked for the closing, and how many answers to it are to come: it may have been sent without asking before. */
  #closingNonce: bigint | undefined;
  #closingAnswers = 1;
  #isLost = false;
  #cancelTick: () => void = () => undefined;

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#payer = options.payer;
  }

  get payer(): Payer {
    this.#fold();
    return this.#payer;
  }

  /** Dials, proves that the session is one's own, and hears how it stands. */
  async open(): Promise<void> {
    const { clock } = this.#options;
    const until = clock.now() + firstMillisMax;
    for (;;) {
      try {
        await this.#attach();
        return this.#tick();
      } catch (error) {
        // A relay sees a session a block later than whoever opened it.
        const waitMillis = error instanceof Refusal ? error.retryMillis : 0;
        if (waitMillis === 0 || clock.now() + waitMillis > until) throw error;
        await new Promise<void>((resolve) => {
          clock.after(waitMillis, resolve);
        });
      }
    }
  }

  count(bytes: number): void {
    this.#uncounted += bytes;
    if (this.#uncounted < countedStepBytes) return;
    this.#fold();
    this.#payWhenDue();
  }

  locked(amount: bigint): void {
    this.#payer = lockedNow(this.#payer, amount);
  }

  /** Nothing more is signed. */
  distrust(why: string): void {
    this.#payer = stop(this.#payer, why);
    this.#lost(why);
  }

  /** Pays what is owed and asks for the relay's signature to close at once; undefined where it does not come. */
  async close(): Promise<Uint8Array | undefined> {
    this.#isEnding = true;
    this.#cancelTick();
    await this.#paying;
    const link = this.#link;
    if (link === undefined || this.#isLost || this.#payer.stopped !== undefined) return this.end();
    await this.#sendLast(link);
    const { clock } = this.#options;
    const cancel = clock.after(closingMillisMax, () => this.#closing.resolve(undefined));
    const signature = await this.#closing.promise;
    cancel();
    this.end();
    return signature;
  }

  /** Without a word. */
  end(): undefined {
    this.#isEnding = true;
    this.#cancelTick();
    this.#closing.resolve(undefined);
    this.#link?.stream.destroy();
    return undefined;
  }

  #fold(): void {
    if (this.#uncounted === 0) return;
    this.#payer = count(this.#payer, BigInt(this.#uncounted));
    this.#uncounted = 0;
  }

  async #attach(): Promise<void> {
    const { dial, sessionSeed } = this.#options;
    const { chainId, session } = this.#payer.terms;
    const link = await dial();
    link.stream.on("error", (error) => this.#options.log.debug(`control link: ${error.message}`));
    try {
      const proof = sessionProof(link, { chainId, session }, sessionSeed);
      await ask(link, { session: { session, proof } }, { chainId, deadlineMillis: openingMillisMax });
      this.#take(await readReceipt(link.stream, openingMillisMax));
    } catch (error) {
      link.stream.destroy();
      throw error;
    }
    this.#link = link;
    void this.#listen(link);
  }

  /** Until the link ends; then another is dialled, unless nothing more is wanted. */
  async #listen(link: Link): Promise<void> {
    try {
      for (;;) this.#take(await readReceipt(link.stream, stillMillisMax));
    } catch (error) {
      link.stream.destroy();
      if (this.#link === link) this.#link = undefined;
      if (!this.#isEnding && !this.#isLost) await this.#again(textOf(error));
      else this.#closing.resolve(undefined);
    }
  }

  async #again(why: string): Promise<void> {
    const { clock, log } = this.#options;
    log.debug(`the control link of session ${this.#payer.terms.session} ended: ${why}`);
    let last = why;
    for (let attempt = 0; attempt < dialsMax && !this.#isEnding && !this.#isLost; attempt++) {
      try {
        await this.#attach();
        this.#payWhenDue();
        return;
      } catch (error) {
        last = textOf(error);
      }
      await new Promise<void>((resolve) => {
        clock.after(backoffMillis(dialRules, attempt, 1), resolve);
      });
    }
    this.#lost(last);
  }

  #take({ bytes, nonce, answers, refused, closingSignature }: ReceiptFrame): void {
    this.#fold();
    const said = answers === 0n ? refused?.code : undefined;
    if (said === RefusalCode.REFUSAL_CODE_DRAINING) this.#options.onDraining();
    else if (said === RefusalCode.REFUSAL_CODE_NOT_NOW) this.#lost(refused?.text ?? "");
    else if (closingSignature.length > 0) this.#closing.resolve(closingSignature);
    else {
      const isPressing = said === RefusalCode.REFUSAL_CODE_UNPAID;
      const problem = answers === 0n || refused === undefined ? undefined : refused.text || `code ${refused.code}`;
      const receipt = { bytes, nonce, answers, isPressing, ...(problem === undefined ? {} : { refused: problem }) };
      this.#payer = received(this.#payer, receipt);
      if (this.#payer.stopped !== undefined) this.#lost(this.#payer.stopped);
      if (answers > 0n && answers === this.#closingNonce) this.#closingAnswers -= 1;
      if (this.#closingAnswers === 0) this.#closing.resolve(undefined);
      this.#payWhenDue();
    }
  }

  #tick(): void {
    const { clock } = this.#options;
    this.#fold();
    if (isUnanswered(this.#payer, clock.now())) this.distrust("it takes vouchers and answers none");
    this.#payWhenDue();
    if (!this.#isEnding && !this.#isLost) this.#cancelTick = clock.after(tickMillis, () => this.#tick());
  }

  /** One at a time, and none while there is nobody to hear it: a voucher that was signed is owed. */
  #payWhenDue(): void {
    const link = this.#link;
    if (this.#isPaying || this.#isEnding || this.#isLost || link === undefined) return;
    const voucher = voucherDue(this.#payer, this.#options.clock.now());
    if (voucher === undefined) return;
    this.#isPaying = true;
    this.#paying = this.#pay(link, voucher, false)
      .catch((error: unknown) => this.distrust(`a voucher could not be kept: ${textOf(error)}`))
      .finally(() => {
        this.#isPaying = false;
      })
      .then(() => this.#payWhenDue());
  }

  async #pay(link: Link, voucher: Signed, closing: boolean): Promise<void> {
    const { keep, sign, clock } = this.#options;
    this.#payer = signed(this.#payer, voucher, clock.now());
    await keep(voucher, this.#payer.counted);
    const { bytes, amount, nonce } = voucher;
    if (closing) this.#closingNonce = nonce;
    sendVoucher(link.stream, { bytes, amount: `${amount}`, nonce, signature: sign(voucher), closing });
  }

  async #sendLast(link: Link): Promise<void> {
    this.#fold();
    const { clock, sign } = this.#options;
    const due = voucherDue(this.#payer, clock.now(), true);
    if (due !== undefined) return this.#pay(link, due, true);
    const last = this.#payer.signed;
    const { bytes, amount, nonce } = last;
    const signature = nonce === 0n ? new Uint8Array(0) : sign(last);
    this.#closingNonce = nonce;
    this.#closingAnswers = this.#payer.answeredNonce < nonce ? 2 : 1;
    sendVoucher(link.stream, { bytes, amount: `${amount}`, nonce, signature, closing: true });
  }

  #lost(why: string): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#cancelTick();
    this.#closing.resolve(undefined);
    this.#options.onLost(why);
  }
}
