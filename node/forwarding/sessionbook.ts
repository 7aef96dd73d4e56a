/**
 * The sessions that a relay serves or holds vouchers of, as the chain has them. Owns when the chain is asked, how many sessions there may be, and
 * which are forgotten; does not own what they carry (paidsession.ts) nor when their vouchers are brought to the chain (../relay/settling.ts).
 */
import type { KeyObject } from "node:crypto";
import type { Log } from "../../chain/log.ts";
import { RefusalCode } from "../../proto/gen/weir/wire/v1/wire.ts";
import { textOf } from "../daemon/failure.ts";
import type { HeldVoucher } from "../relay/ledger.ts";
import type { VoucherStore } from "../relay/voucherstore.ts";
import { type Refusal, refusal } from "../transport/opening.ts";
import type { SessionFacts, SessionSource } from "./facts.ts";
import { PaidSession, refusedOf } from "./paidsession.ts";

export interface BookOptions {
  readonly relay: bigint;
  readonly relayKey: KeyObject;
  readonly source: SessionSource;
  readonly vouchers: VoucherStore;
  readonly log: Log;
  sessionsMax(): number;
}

/** Questions to the chain at a time: whoever names sessions that there are not makes no more of them. */
const loadsMax = 32;
const refreshesAtOnceMax = 8;
const askAgainMillis = 1_000;

/** A voucher that is held, and the chain's view of its session. */
export interface HeldSession {
  readonly session: bigint;
  readonly voucher: HeldVoucher;
  readonly facts: SessionFacts;
}

export class SessionBook {
  readonly #options: BookOptions;
  readonly #sessions = new Map<bigint, PaidSession>();
  readonly #loading = new Map<bigint, Promise<PaidSession | Refusal>>();
  /** Vouchers of a former run, until the chain has said what their sessions are. */
  readonly #former: Map<bigint, HeldVoucher>;
  #epoch = 0n;

  private constructor(options: BookOptions, former: Map<bigint, HeldVoucher>) {
    this.#options = options;
    this.#former = former;
  }

  static async open(options: BookOptions): Promise<SessionBook> {
    return new SessionBook(options, await options.vouchers.all());
  }

  get epoch(): bigint {
    return this.#epoch;
  }

  get all(): Iterable<PaidSession> {
    return this.#sessions.values();
  }

  get size(): number {
    return this.#sessions.size;
  }

  // ---------------------------------------------------------------------------------------------------------------- finding

  /** The session, if it may be served now. */
  async find(id: bigint): Promise<PaidSession | Refusal> {
    const known = this.#sessions.get(id);
    const found = known ?? (await this.#load(id));
    if (!(found instanceof PaidSession)) return found;
    return this.#problem(found) ?? found;
  }

  #problem({ facts, isClosed, id }: PaidSession, epoch = this.#epoch): Refusal | undefined {
    const isOver = isClosed || facts.isClosing || epoch >= facts.expiresEpoch;
    return isOver ? refusal(RefusalCode.REFUSAL_CODE_NOT_NOW, `session ${id} is over; open another one`) : undefined;
  }

  #load(id: bigint): Promise<PaidSession | Refusal> {
    const under = this.#loading.get(id);
    if (under !== undefined) return under;
    if (this.#loading.size >= loadsMax) {
      return Promise.resolve(refusal(RefusalCode.REFUSAL_CODE_FULL, "too many sessions are looked up", askAgainMillis));
    }
    const loading = this.#read(id).finally(() => this.#loading.delete(id));
    this.#loading.set(id, loading);
    return loading;
  }

  async #read(id: bigint): Promise<PaidSession | Refusal> {
    const { source, log, relay } = this.#options;
    let facts: SessionFacts | undefined;
    try {
      if (this.#epoch === 0n) this.#epoch = await source.epoch();
      facts = await source.session(id);
    } catch (error) {
      log.warn("the chain does not say what a session is", { session: id, reason: textOf(error) });
      return refusal(RefusalCode.REFUSAL_CODE_FULL, "this relay cannot ask the chain now", askAgainMillis);
    }
    if (facts === undefined) {
      return refusal(RefusalCode.REFUSAL_CODE_NOT_NOW, `there is no session ${id} on the chain yet`, askAgainMillis);
    }
    if (facts.relay !== relay) {
      return refusal(RefusalCode.REFUSAL_CODE_UNKNOWN_PEER, `session ${id} is with relay ${facts.relay}`);
    }
    return (
      this.#add(facts) ??
      refusal(RefusalCode.REFUSAL_CODE_FULL, "this relay has no room for another session", askAgainMillis)
    );
  }

  #add(facts: SessionFacts): PaidSession | undefined {
    const { sessionsMax, relayKey, vouchers } = this.#options;
    const known = this.#sessions.get(facts.terms.session);
    if (known !== undefined) return known;
    const held = this.#former.get(facts.terms.session);
    if (held === undefined && this.#sessions.size >= sessionsMax()) this.#makeRoom();
    if (held === undefined && this.#sessions.size >= sessionsMax()) return undefined;
    const { session: id } = facts.terms;
    const keep = (session: bigint, voucher: HeldVoucher) => vouchers.keep(session, voucher);
    const session = new PaidSession({ facts, held, relayKey, keep });
    this.#sessions.set(id, session);
    this.#former.delete(id);
    return session;
  }

  /** Those that nobody uses and nobody paid for cost nothing to find again. */
  #makeRoom(): void {
    for (const [id, session] of this.#sessions) {
      if (session.flows.size === 0 && !session.isListening && session.held === undefined) this.#sessions.delete(id);
    }
  }

  // ------------------------------------------------------------------------------------------------------------- refreshing

  /** Their sessions are there again. Rejects where the chain does not answer; what is left is tried again then. */
  async restore(): Promise<void> {
    await eachOf([...this.#former], async ([id, voucher]) => {
      const facts = await this.#options.source.session(id);
      if (facts !== undefined) this.#add(facts);
      else if (this.#former.delete(id)) await this.#lose(id, voucher.amount);
    });
  }

  /** What the chain says now: of all of them in a new epoch. True where one has begun. */
  async refresh(): Promise<boolean> {
    const epoch = await this.#options.source.epoch();
    if (this.#former.size > 0) await this.restore();
    if (epoch === this.#epoch) return false;
    this.#makeRoom();
    await eachOf([...this.#sessions.values()], (session) => this.refreshOne(session, epoch));
    // Last, so that what failed half-way is done again.
    this.#epoch = epoch;
    return true;
  }

  async refreshOne(session: PaidSession, epoch = this.#epoch): Promise<void> {
    const facts = await this.#options.source.session(session.id);
    if (facts === undefined) {
      session.tell(refusedOf(RefusalCode.REFUSAL_CODE_NOT_NOW, "the chain has closed this session"));
      session.cutAll();
      this.#sessions.delete(session.id);
      const unpaid = (session.held?.amount ?? 0n) - session.facts.settledAmount;
      if (session.held !== undefined) await this.#lose(session.id, unpaid);
      return;
    }
    session.learn(facts);
    const problem = this.#problem(session, epoch);
    if (problem === undefined) return;
    session.tell(refusedOf(problem.code, problem.message));
    session.cutAll();
  }

  /** Its session is gone from the chain: what was not settled by then is lost. */
  async #lose(id: bigint, unpaid: bigint): Promise<void> {
    const { vouchers, log } = this.#options;
    if (unpaid > 0n) log.info("a session is over on the chain", { session: id, not_settled_at_last_look: unpaid });
    await vouchers.forget(id);
  }

  /** What may be brought to the chain. */
  get held(): HeldSession[] {
    return [...this.#sessions.values()].flatMap(({ id, held, facts }) =>
      held === undefined ? [] : [{ session: id, voucher: held, facts }],
    );
  }

  /** The chain has settled it as far as this. */
  settled(id: bigint, voucher: HeldVoucher): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    const { bytes, nonce, delivered, amount } = voucher;
    session.learn({ ...session.facts, settled: { bytes, nonce, delivered }, settledAmount: amount });
  }
}

/** A few at a time. */
async function eachOf<T>(items: readonly T[], action: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await action(item);
  };
  await Promise.all(Array.from({ length: refreshesAtOnceMax }, worker));
}
