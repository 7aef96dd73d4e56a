/**
 * Paid traffic of a relay: links that open a session or a stream, from their first word to their end. Owns who is let in, the limits and what a
 * client is told; does not own the count (paidsession.ts), the bytes (carrying.ts, datagrams.ts) nor when vouchers are settled
 * (../relay/settling.ts). Nothing here knows a destination longer than it is dialled, and no line of a log or figure ever has one.
 */
import type { Log } from "../../chain/log.ts";
import type { ExitPolicy } from "../../proto/gen/weir/attestation/v1/state.ts";
import {
  type Forward,
  type ReceiptFrame,
  RefusalCode,
  type Session,
  type VoucherFrame,
} from "../../proto/gen/weir/wire/v1/wire.ts";
import type { Clock } from "../clock.ts";
import { pause } from "../daemon/backoff.ts";
import { textOf } from "../daemon/failure.ts";
import type { SettleRules } from "../relay/settling.ts";
import type { PaidTraffic } from "../relay/traffic.ts";
import type { VoucherStore } from "../relay/voucherstore.ts";
import { privateKeyOf } from "../transport/certificate.ts";
import { accept, Refusal, refusal, refuse } from "../transport/opening.ts";
import type { Lookup } from "../transport/resolve.ts";
import { StreamFailure } from "../transport/taking.ts";
import type { Identity, Link } from "../transport/transport.ts";
import { type Carrying, carryStream } from "./carrying.ts";
import { carryDatagrams, datagramLimits } from "./datagrams.ts";
import { Dialler, type DialProblem, DialRefused } from "./dialling.ts";
import { type Destination, destinationOf, Exits } from "./exits.ts";
import type { SessionSource } from "./facts.ts";
import { type ForwardingLimits, forwardingLimits } from "./limits.ts";
import { type Flow, PaidSession, refusedOf } from "./paidsession.ts";
import { SessionBook } from "./sessionbook.ts";
import { halfOpen, isSessionProof, readVoucher, sendReceipt } from "./wire.ts";

export interface ForwardingSettings {
  /** As announced on the chain. */
  readonly exit: ExitPolicy;
  readonly deniedDomains: readonly string[];
  /** Empty: all. */
  readonly allowedDomains: readonly string[];
  readonly allowsPrivate: boolean;
  readonly sessionsMax: number;
  readonly flowsMax: number;
  readonly settle: SettleRules;
}

export interface ForwardingOptions {
  readonly chainId: string;
  readonly relay: bigint;
  readonly identity: Identity;
  readonly source: SessionSource;
  readonly vouchers: VoucherStore;
  readonly traffic: PaidTraffic;
  /** Asked each time: the operator may change them. */
  settings(): ForwardingSettings;
  readonly log: Log;
  readonly clock: Clock;
  readonly limits?: Partial<ForwardingLimits>;
  readonly lookup?: Lookup;
}

/** What happened, by words of a fixed list: no peer and no destination is among them. */
export const counted = [
  "session_opened",
  "session_refused",
  "flow_opened",
  "flow_refused",
  "flow_unreachable",
  "flow_denied",
  "flow_unpaid",
  "voucher_kept",
  "voucher_refused",
  "datagram_lost",
] as const;
export type Counted = (typeof counted)[number];

/** A stream, as the sweep sees it. */
interface Running extends Flow {
  readonly carrying: Carrying;
  readonly fromMillis: number;
  bytes: number;
  bytesAtLastLook: number;
  idleSinceMillis: number;
}

const retryMillis = 1_000;
const no = (code: keyof typeof RefusalCode, text: string, retry = 0): Refusal =>
  refusal(RefusalCode[code], text, retry);

const dialCodes: Readonly<Record<DialProblem, keyof typeof RefusalCode>> = {
  policy: "REFUSAL_CODE_POLICY",
  unreachable: "REFUSAL_CODE_UNREACHABLE",
  full: "REFUSAL_CODE_FULL",
};

export class PaidForwarding {
  readonly #options: ForwardingOptions;
  readonly #limits: ForwardingLimits;
  readonly #book: SessionBook;
  readonly #dialler: Dialler;
  readonly #running = new Set<Running>();
  readonly #links = new Set<Link>();
  readonly #controls = new Map<bigint, Link>();
  readonly #counts = new Map<Counted, number>(counted.map((name) => [name, 0]));
  readonly #waitingSince = new Map<PaidSession, number>();
  #exits: { readonly of: ForwardingSettings; readonly exits: Exits } | undefined;
  #isDraining = false;
  #opening = 0;
  #stopSweep: () => void = () => undefined;

  private constructor(options: ForwardingOptions, book: SessionBook) {
    this.#options = options;
    this.#limits = { ...forwardingLimits, ...options.limits };
    this.#book = book;
    const { lookup } = options;
    const allowsPrivate = () => options.settings().allowsPrivate;
    this.#dialler = new Dialler({ allowsPrivate, ...(lookup === undefined ? {} : { lookup }) });
    this.#sweepLater();
  }

  static async open(options: ForwardingOptions): Promise<PaidForwarding> {
    const { relay, source, vouchers, log, identity, settings } = options;
    const relayKey = privateKeyOf(identity.seed);
    const sessionsMax = () => settings().sessionsMax;
    const book = await SessionBook.open({ relay, relayKey, source, vouchers, log, sessionsMax });
    return new PaidForwarding(options, book);
  }

  get book(): SessionBook {
    return this.#book;
  }

  get counts(): ReadonlyMap<Counted, number> {
    return this.#counts;
  }

  get flowsOpen(): number {
    return this.#running.size;
  }

  get flows(): Iterable<Carrying> {
    return [...this.#running].map(({ carrying }) => carrying);
  }

  get sessionsOpen(): number {
    return [...this.#book.all].filter(({ flows, isListening }) => flows.size > 0 || isListening).length;
  }

  drain(): void {
    this.#isDraining = true;
    for (const session of this.#book.all) {
      session.tell(refusedOf(RefusalCode.REFUSAL_CODE_DRAINING, "this relay stops soon; open a session elsewhere"));
    }
  }

  /** Cuts all that runs. */
  close(): void {
    this.#stopSweep();
    this.#isDraining = true;
    for (const running of [...this.#running]) running.cut();
    for (const { stream } of this.#links) stream.destroy();
  }

  // ---------------------------------------------------------------------------------------------------------------- opening

  /** The session that this link may spend. */
  async #entitled(link: Link, { session: id, proof }: Session | Forward): Promise<PaidSession | Refusal> {
    if (this.#isDraining) return no("REFUSAL_CODE_DRAINING", "this relay stops soon; open a session elsewhere");
    const { closedReason } = this.#options.traffic;
    if (closedReason !== undefined) return no("REFUSAL_CODE_FULL", `this relay takes nothing new: ${closedReason}`);
    const session = await this.#book.find(id);
    if (!(session instanceof PaidSession)) return session;
    const { key, chainId } = session.facts.terms;
    if (isSessionProof(link, { chainId, session: id }, key, proof)) return session;
    return no("REFUSAL_CODE_UNKNOWN_PEER", "the proof is not of this link by the session's key");
  }

  /** Never rejects for what the other end does. */
  async #serve(link: Link, refused: Counted, serve: () => Promise<Refusal | undefined>): Promise<void> {
    this.#links.add(link);
    // A link that breaks is found by its end.
    link.stream.on("error", () => undefined);
    try {
      const answer = await serve();
      if (answer === undefined) return;
      this.#count(refused);
      await this.#sayNo(link, answer);
    } finally {
      this.#links.delete(link);
      link.stream.destroy();
    }
  }

  async #sayNo(link: Link, answer: Refusal): Promise<void> {
    const { stream } = link;
    if (stream.destroyed) return;
    refuse(link, answer);
    stream.resume();
    await new Promise<void>((resolve) => {
      stream.once("close", resolve);
      this.#hangUp(stream);
    });
  }

  /** Ends it, and does not wait for long for the other end to do the same. */
  #hangUp(stream: Link["stream"]): void {
    const giveUp = this.#options.clock.after(this.#limits.lingerMillisMax, () => stream.destroy());
    stream.once("close", giveUp);
    stream.end();
  }

  // ---------------------------------------------------------------------------------------------------------- control links

  serveSession(link: Link, open: Session): Promise<void> {
    return this.#serve(link, "session_refused", async () => {
      const session = await this.#entitled(link, open);
      if (!(session instanceof PaidSession)) return session;
      if (link.stream.destroyed) return undefined;
      this.#count("session_opened");
      accept(link);
      const older = this.#controls.get(session.id);
      if (older !== undefined) this.#hangUp(older.stream);
      this.#controls.set(session.id, link);
      const stopTelling = session.listen((receipt) => void sendReceipt(link.stream, receipt));
      sendReceipt(link.stream, session.standing());
      try {
        await this.#takeVouchers(link, session);
      } catch (error) {
        // A link that is over, or says what cannot be read, ends so. A disk that takes no voucher is the operator's to know of.
        if (!(error instanceof StreamFailure)) {
          this.#options.log.error("a voucher could not be kept: nothing more is carried for its session", {
            session: session.id,
            reason: textOf(error),
          });
        }
      } finally {
        stopTelling();
        if (this.#controls.get(session.id) === link) this.#controls.delete(session.id);
      }
      return undefined;
    });
  }

  /** Until the link is over: each voucher gets its receipt when it is on disk. */
  async #takeVouchers({ stream }: Link, session: PaidSession): Promise<void> {
    const { controlIdleMillisMax, badVouchersMax, receiptBytesMax, vouchersPerSecondMax } = this.#limits;
    const { clock } = this.#options;
    let second = clock.now();
    let vouchers = 0;
    for (let bad = 0; bad < badVouchersMax && stream.writable && stream.writableLength < receiptBytesMax; ) {
      const frame = await readVoucher(stream, controlIdleMillisMax);
      const receipt = await this.#answer(session, frame);
      if (receipt.refused !== undefined) bad++;
      sendReceipt(stream, receipt);
      if (++vouchers % vouchersPerSecondMax > 0) continue;
      await pause(clock, Math.max(0, second + 1_000 - clock.now()));
      second = clock.now();
    }
    stream.end();
  }

  async #answer(session: PaidSession, frame: VoucherFrame): Promise<ReceiptFrame> {
    let receipt = await session.voucher(frame);
    if (receipt.refused?.text === beyondLock) {
      // The client has topped up, and this relay has not looked since.
      await this.#refresh(session);
      receipt = await session.voucher(frame);
    }
    this.#count(receipt.refused === undefined ? "voucher_kept" : "voucher_refused");
    return receipt;
  }

  async #refresh(session: PaidSession): Promise<void> {
    try {
      await this.#book.refreshOne(session);
    } catch (error) {
      this.#options.log.warn("the chain does not say what a session is", {
        session: session.id,
        reason: textOf(error),
      });
    }
  }

  // ---------------------------------------------------------------------------------------------------------------- streams

  serveForward(link: Link, open: Forward): Promise<void> {
    return this.#serve(link, "flow_refused", async () => {
      const carrying = await this.#opened(link, open);
      if (carrying instanceof Refusal) return carrying;
      this.#count("flow_opened");
      await carrying();
      return undefined;
    });
  }

  /** What carries it, once it is accepted. What costs nothing to refuse is refused first. */
  async #opened(link: Link, open: Forward): Promise<(() => Promise<void>) | Refusal> {
    const full = no("REFUSAL_CODE_FULL", "as many streams are open as there may be", retryMillis);
    if (this.#running.size + this.#opening >= this.#options.settings().flowsMax) return full;
    this.#opening++;
    try {
      const session = await this.#entitled(link, open);
      if (!(session instanceof PaidSession)) return session;
      if (session.flows.size >= this.#limits.flowsPerSessionMax) return full;
      return open.datagrams ? this.#datagrams(link, session) : await this.#stream(link, session, open);
    } finally {
      this.#opening--;
    }
  }

  #exitsNow(): Exits {
    const settings = this.#options.settings();
    if (this.#exits?.of !== settings) {
      const { exit: policy, allowedDomains, deniedDomains } = settings;
      this.#exits = { of: settings, exits: new Exits({ policy, allowedDomains, deniedDomains }) };
    }
    return this.#exits.exits;
  }

  async #stream(link: Link, session: PaidSession, { host, port }: Forward): Promise<(() => Promise<void>) | Refusal> {
    const destination = destinationOf(host, port);
    if (destination === undefined) return no("REFUSAL_CODE_MALFORMED", "no host and port that can be dialled");
    const denied = this.#exitsNow().refusal(destination);
    if (denied !== undefined) {
      this.#count("flow_denied");
      return no("REFUSAL_CODE_POLICY", denied);
    }
    const over = new AbortController();
    const abort = () => over.abort();
    link.stream.once("close", abort);
    try {
      const socket = await this.#dialler.connect(destination, over.signal);
      return () => {
        halfOpen(link);
        accept(link);
        return this.#run(session, (count) => carryStream(link, socket, { ...this.#gate(session), onBytes: count }));
      };
    } catch (error) {
      if (!(error instanceof DialRefused)) throw error;
      this.#count(error.problem === "policy" ? "flow_denied" : "flow_unreachable");
      return no(dialCodes[error.problem], error.message, error.problem === "full" ? retryMillis : 0);
    } finally {
      link.stream.off("close", abort);
    }
  }

  #datagrams(link: Link, session: PaidSession): () => Promise<void> {
    return () => {
      halfOpen(link);
      accept(link);
      return this.#run(session, (count) =>
        carryDatagrams(link, {
          ...this.#gate(session),
          limits: datagramLimits,
          onBytes: count,
          onLost: () => this.#count("datagram_lost"),
          refusal: (destination) => this.#exitsNow().refusal(destination),
          resolve: (destination: Destination) => this.#dialler.resolve(destination),
        }),
      );
    };
  }

  #gate(session: PaidSession) {
    const { traffic, clock } = this.#options;
    return { payer: session, traffic, clock };
  }

  async #run(session: PaidSession, start: (count: (bytes: number) => void) => Carrying): Promise<void> {
    const now = this.#options.clock.now();
    const count = (bytes: number) => {
      running.bytes += bytes;
    };
    const carrying = start(count);
    const running: Running = {
      carrying,
      cut: carrying.cut,
      fromMillis: now,
      bytes: 0,
      bytesAtLastLook: 0,
      idleSinceMillis: now,
    };
    this.#running.add(running);
    session.flows.add(running);
    try {
      await carrying.over;
    } finally {
      this.#running.delete(running);
      session.flows.delete(running);
    }
  }

  // --------------------------------------------------------------------------------------------------------------- sweeping

  #sweepLater(): void {
    this.#stopSweep = this.#options.clock.after(this.#limits.sweepMillis, () => {
      this.#sweep();
      this.#sweepLater();
    });
  }

  #sweep(): void {
    const now = this.#options.clock.now();
    const { idleMillisMax, halfClosedMillisMax, totalMillisMax } = this.#limits;
    for (const running of [...this.#running]) {
      if (running.bytes !== running.bytesAtLastLook) {
        running.bytesAtLastLook = running.bytes;
        running.idleSinceMillis = now;
      }
      const quietMillisMax = running.carrying.isHalfClosed() ? halfClosedMillisMax : idleMillisMax;
      if (now - running.idleSinceMillis > quietMillisMax || now - running.fromMillis > totalMillisMax) running.cut();
    }
    for (const session of this.#book.all) this.#sweepSession(session, now);
  }

  /** Who waits for a voucher may have topped up; who waits too long is cut. */
  #sweepSession(session: PaidSession, now: number): void {
    if (!session.isWaiting) {
      this.#waitingSince.delete(session);
      return;
    }
    const since = this.#waitingSince.get(session) ?? now;
    this.#waitingSince.set(session, since);
    if (session.isSpent) void this.#refresh(session);
    if (now - since <= this.#limits.unpaidMillisMax) return;
    this.#waitingSince.delete(session);
    this.#count("flow_unpaid");
    session.cutAll();
  }

  #count(name: Counted): void {
    this.#counts.set(name, this.#counts.get(name)! + 1);
  }
}

const beyondLock = "more than the session has locked";
