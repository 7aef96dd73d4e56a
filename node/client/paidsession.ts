/**
 * One paid session with one relay, from its opening on the chain to its close: streams and datagrams through the relay, counted here and paid by
 * vouchers as they come. Owns that life; `connect` and covert probes use this same code, so that a relay cannot tell them apart.
 */
import type { Duplex } from "node:stream";
import type { Dec } from "../../chain/dec.ts";
import type { Log } from "../../chain/log.ts";
import { parseEndpoint } from "../../modules/attestation/endpoints.ts";
import type { Clock } from "../clock.ts";
import { drop, retry, textOf } from "../daemon/failure.ts";
import { halfOpen, sessionProof } from "../forwarding/wire.ts";
import { ask } from "../transport/opening.ts";
import { resolveOnce } from "../transport/resolve.ts";
import type { Identity, Link, Transport } from "../transport/transport.ts";
import type { Purse } from "./accounts.ts";
import { type ChannelTerms, type Closed, closeChannel, openChannel, signedVoucher, topUpChannel } from "./channels.ts";
import { ControlLink } from "./controllink.ts";
import { newPayer, nothingSigned, type Payer, restoredPayer, type Signed } from "./payer.ts";
import type { Destination } from "./socks.ts";
import type { ClientStore, SessionRecord, WalletRecord } from "./store.ts";

const dialMillisMax = 10_000;
const resolveMillisMax = 5_000;
/** The relay connects to the destination before it answers. */
const forwardMillisMax = 20_000;
const muteMillisMin = 20_000;
const muteStreamsMin = 2;

/** What is known of one stream. */
interface Talk {
  askedAtMillis: number | undefined;
  isAnswered: boolean;
}

/** A relay as the chain has it. */
export interface RelayTarget {
  readonly id: bigint;
  /** "host:port". */
  readonly endpoints: readonly string[];
  /** 32 bytes, ed25519: whom to expect there. */
  readonly transportKey: Uint8Array;
}

/** What sessions need of the machine that they run on. */
export interface Surroundings {
  readonly clock: Clock;
  readonly log: Log;
  transport(identity: Identity): Transport;
  /** Private and loopback addresses of relays too: for devnets of one machine. */
  readonly allowsPrivate: boolean;
}

export interface SessionBasis {
  readonly purse: Purse;
  readonly store: ClientStore;
  readonly wallet: WalletRecord;
  readonly target: RelayTarget;
  readonly surroundings: Surroundings;
}

/** A stream through the relay; what goes over it has to be counted by whoever carries it. */
export interface Forwarded {
  readonly link: Link;
  readonly stream: Duplex;
  sent(bytes: number): void;
  received(bytes: number): void;
}

export async function dialRelay(
  { endpoints, transportKey, id }: RelayTarget,
  identity: Identity,
  { transport, allowsPrivate }: Surroundings,
): Promise<Link> {
  const problems: string[] = [];
  for (const text of endpoints) {
    const endpoint = parseEndpoint(text);
    if (endpoint === undefined) continue;
    try {
      const host = await resolveOnce(endpoint.host, { allowsPrivate, deadlineMillis: resolveMillisMax });
      const to = { host, port: endpoint.port };
      return await transport(identity).dial(to, { expectedKey: transportKey, deadlineMillis: dialMillisMax });
    } catch (error) {
      problems.push(textOf(error));
    }
  }
  throw retry(`relay ${id} cannot be reached (${problems.join("; ") || "it has no endpoint"})`);
}

export class PaidSession {
  readonly #basis: SessionBasis;
  readonly #control: ControlLink;
  readonly #identity: Identity;
  readonly #seed: Uint8Array;
  readonly #lost = Promise.withResolvers<Error>();
  readonly #streams = new Map<Link, Talk>();
  #record: SessionRecord;
  #sent = 0;
  #received = 0;
  #isDraining = false;
  #lostBecause: string | undefined;

  private constructor(basis: SessionBasis, record: SessionRecord) {
    const { purse, surroundings } = basis;
    this.#basis = basis;
    this.#record = record;
    this.#identity = purse.keys.linkIdentity(record.wallet, record.counter);
    this.#seed = purse.keys.sessionSeed(record.wallet, record.counter);
    this.#control = new ControlLink({
      payer: payerOf(purse.sender.chain.chainId, record),
      sessionSeed: this.#seed,
      dial: () => this.#dial(),
      sign: (voucher) => signedVoucher(purse, this.#record, voucher).signature,
      keep: (voucher, counted) => this.#keep({ ...this.#record, signed: voucher, counted }),
      clock: surroundings.clock,
      log: surroundings.log,
      onLost: (why) => this.#lose(why),
      onDraining: () => {
        this.#isDraining = true;
      },
    });
  }

  /** Opens one on the chain and goes to the relay with it. */
  static async open(basis: SessionBasis, terms: ChannelTerms): Promise<PaidSession> {
    const { purse, store, wallet } = basis;
    return PaidSession.resume(basis, await openChannel(purse, store, wallet, terms));
  }

  /** Goes to the relay with one that is open. Where the relay is not there it stays open on the chain, and `abandon` closes it. */
  static async resume(basis: SessionBasis, record: SessionRecord): Promise<PaidSession> {
    const session = new PaidSession(basis, record);
    try {
      await session.#control.open();
    } catch (error) {
      session.#control.end();
      throw new SessionUnusable(session, textOf(error));
    }
    return session;
  }

  get record(): SessionRecord {
    return this.#record;
  }

  get payer(): Payer {
    return this.#control.payer;
  }

  get relay(): bigint {
    return this.#record.relay;
  }

  get pricePerGib(): Dec {
    return this.#record.pricePerGib;
  }

  /** Of this end, since the start. */
  get carried(): { readonly sentBytes: number; readonly receivedBytes: number; readonly streams: number } {
    return { sentBytes: this.#sent, receivedBytes: this.#received, streams: this.#streams.size };
  }

  /** It serves what is there, and wants nothing new. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  get lostBecause(): string | undefined {
    return this.#lostBecause;
  }

  /** Resolves when the relay is of no more use to this session. */
  get lost(): Promise<Error> {
    return this.#lost.promise;
  }

  /** A TCP connection from the relay to somewhere. Rejects with a Refusal where the relay does not want to. */
  connect(destination: Destination): Promise<Forwarded> {
    return this.#forward({ ...destination, datagrams: false });
  }

  /** A flow of datagrams: frames of ../forwarding/wire.ts. */
  datagrams(): Promise<Forwarded> {
    return this.#forward({ host: "", port: 0, datagrams: true });
  }

  async #forward(wanted: Destination & { readonly datagrams: boolean }): Promise<Forwarded> {
    const { chainId } = this.#basis.purse.sender.chain;
    const link = await this.#dial();
    const stream = halfOpen(link);
    stream.on("error", (error) => this.#basis.surroundings.log.debug(`a stream broke: ${error.message}`));
    try {
      const proof = sessionProof(link, { chainId, session: this.#record.id }, this.#seed);
      const forward = { ...wanted, session: this.#record.id, proof };
      await ask(link, { forward }, { chainId, deadlineMillis: forwardMillisMax });
    } catch (error) {
      stream.destroy();
      throw error;
    }
    stream.once("close", () => this.#streams.delete(link));
    return this.#counted(link, stream);
  }

  #counted(link: Link, stream: Duplex): Forwarded {
    const talk: Talk = { askedAtMillis: undefined, isAnswered: false };
    const { clock } = this.#basis.surroundings;
    this.#streams.set(link, talk);
    return {
      link,
      stream,
      sent: (bytes) => {
        talk.askedAtMillis ??= clock.now();
        this.#sent += bytes;
        this.#control.count(bytes);
      },
      received: (bytes) => {
        talk.isAnswered = true;
        this.#received += bytes;
        this.#control.count(bytes);
      },
    };
  }

  /** Several streams were spoken to, and none of them was answered for long: the relay may take all and carry nothing. */
  get isMute(): boolean {
    const now = this.#basis.surroundings.clock.now();
    const talks = [...this.#streams.values()].filter(({ askedAtMillis }) => askedAtMillis !== undefined);
    const silent = talks.filter(({ askedAtMillis, isAnswered }) => !isAnswered && now - askedAtMillis! > muteMillisMin);
    return silent.length >= muteStreamsMin && silent.length === talks.length;
  }

  /** Locks more, or keeps it open for longer. */
  async topUp(more: { readonly amount: bigint; readonly epochs: bigint }): Promise<SessionRecord> {
    const { purse, wallet } = this.#basis;
    const found = await topUpChannel(purse, wallet, this.#record, more);
    await this.#keep({
      ...this.#record,
      locked: found.locked,
      expiresEpoch: found.expiresEpoch,
      endsEpoch: found.endsEpoch,
    });
    this.#control.locked(found.locked);
    return this.#record;
  }

  /** Pays what is owed and closes on the chain: at once where the relay agrees, else with a window. */
  async close(): Promise<Closed> {
    const signature = await this.#control.close();
    return this.#closeOnChain(signature ?? new Uint8Array(0));
  }

  /** Closes on the chain without asking the relay. */
  abandon(): Promise<Closed> {
    this.#control.end();
    return this.#closeOnChain(new Uint8Array(0));
  }

  /** Lets the relay alone and leaves the session as it is: another run may go on with it. */
  leave(): void {
    this.#control.end();
    this.#breakStreams();
  }

  #closeOnChain(relaySignature: Uint8Array): Promise<Closed> {
    const { purse, store, wallet } = this.#basis;
    this.#breakStreams();
    return closeChannel(purse, store, wallet, this.#record, relaySignature);
  }

  #breakStreams(): void {
    for (const link of this.#streams.keys()) link.reset();
    this.#streams.clear();
  }

  #dial(): Promise<Link> {
    const { target, surroundings } = this.#basis;
    return dialRelay(target, this.#identity, surroundings);
  }

  async #keep(record: SessionRecord): Promise<void> {
    this.#record = record;
    await this.#basis.store.keepSession(record);
  }

  #lose(why: string): void {
    this.#lostBecause = why;
    this.#lost.resolve(drop(`relay ${this.relay}: ${why}`));
  }
}

/** It is open on the chain, and its relay is not there: its money has to be taken back. */
export class SessionUnusable extends Error {
  readonly session: PaidSession;

  constructor(session: PaidSession, why: string) {
    super(why);
    this.session = session;
  }
}

function payerOf(chainId: string, { id, pricePerGib, locked, signed, counted }: SessionRecord): Payer {
  const terms = { chainId, session: id, pricePerGib };
  const isNew = signed.nonce === nothingSigned.nonce;
  return isNew ? newPayer(terms, locked) : restoredPayer(terms, locked, signed as Signed, counted);
}
