/**
 * A client at work: the proxy on this machine, the sessions behind it, and what step.ts decides about them, done. Owns the edge between decisions and
 * what happens, and which wallet pays; does not own the decisions, vouchers, or how anything is shown.
 */
import type { Log } from "../../chain/log.ts";
import { QueryEpochRequest, QueryEpochResponse } from "../../proto/gen/weir/beacon/v1/query.ts";
import { RefusalCode } from "../../proto/gen/weir/wire/v1/wire.ts";
import { type Failure, failureOf, retry, textOf } from "../daemon/failure.ts";
import { type Daemon, runDaemon } from "../daemon/runner.ts";
import { Refusal } from "../transport/opening.ts";
import type { Address } from "../transport/transport.ts";
import { inWallet, type Purse } from "./accounts.ts";
import type { Closed } from "./channels.ts";
import { findCandidates, type Probed, rankedByProbes, type Wishes } from "./choice.ts";
import type { ClientEvent } from "./events.ts";
import { type Forwarded, PaidSession, SessionUnusable, type Surroundings } from "./paidsession.ts";
import { type LocalProxy, startProxy } from "./proxy.ts";
import { provenTarget } from "./relays.ts";
import { resumeSessions } from "./resuming.ts";
import { type ClientEffect, type ClientInput, type ClientState, initialState, type StepRules, step } from "./step.ts";
import type { ClientStore, WalletRecord } from "./store.ts";

export interface ClientOptions {
  readonly purse: Purse;
  readonly store: ClientStore;
  readonly surroundings: Surroundings;
  readonly wishes: Wishes;
  readonly rules: StepRules;
  readonly listen: Address;
  readonly allowsOthers: boolean;
  /** No wallet pays for two sessions, even where none other has money. */
  readonly isUnlinked: boolean;
  /** Milliseconds since 1970. */
  wallTime(): number;
  onEvent(event: ClientEvent): void;
}

const tickMillis = 1_000;
const epochMillis = 2_000;
const laneMillisMax = 25_000;
const failuresMax = 2;
const closeTriesMax = 3;
const unpaidTriesMax = 20;
const unpaidMillis = 250;

interface LaneEdge {
  readonly session: PaidSession;
  failures: number;
}

export class Client {
  readonly #options: ClientOptions;
  readonly #log: Log;
  readonly #daemon: Daemon<ClientState, ClientInput>;
  readonly #lanes = new Map<number, LaneEdge>();
  readonly #ended = Promise.withResolvers<string | undefined>();
  #candidates: readonly Probed[] = [];
  #problem = "";
  #saidNone = "";
  #waiting: (() => void)[] = [];
  #proxy: LocalProxy | undefined;
  #cancelTick: () => void = () => undefined;
  #cancelEpochs: () => void = () => undefined;

  private constructor(options: ClientOptions, epoch: bigint) {
    const { clock, log } = options.surroundings;
    this.#options = options;
    this.#log = log;
    this.#daemon = runDaemon<ClientState, ClientInput, ClientEffect>({
      initial: initialState(options.rules, clock.now(), epoch),
      step,
      perform: (effect) => this.#perform(effect),
      failed: (effect, failure) => this.#failed(effect, failure),
      laneOf: (effect) => ("lane" in effect && effect.does !== "use" ? `${effect.lane}` : undefined),
      log,
    });
    this.#daemon.finished.catch((error: unknown) => this.#ended.reject(error));
  }

  /** Listens, goes on with sessions of an earlier run, and opens what is missing. */
  static async start(options: ClientOptions): Promise<Client> {
    const client = new Client(options, await epochOf(options.purse));
    const { listen: address, allowsOthers, surroundings } = options;
    client.#proxy = await startProxy({
      address,
      allowsOthers,
      log: surroundings.log,
      connect: (destination) => client.#through((session) => session.connect(destination)),
      datagrams: () => client.#through((session) => session.datagrams()),
    });
    options.onEvent({ event: "listening", address: client.#proxy.address });
    const resumed = await resumeSessions(options, client.#daemon.state.epoch);
    for (const session of resumed) client.#adopt(session);
    client.#tick();
    client.#followEpochs();
    return client;
  }

  get address(): Address {
    return this.#proxy!.address;
  }

  /** With why it ended by itself, or undefined after a stop. Rejects where it could not go on. */
  get finished(): Promise<string | undefined> {
    return this.#ended.promise;
  }

  get state(): ClientState {
    return this.#daemon.state;
  }

  /** Sessions that are there now, the one in use first. */
  get sessions(): readonly PaidSession[] {
    const inUse = this.#daemon.state.inUse;
    return [...this.#lanes]
      .sort(([a], [b]) => Number(b === inUse) - Number(a === inUse))
      .map(([, { session }]) => session);
  }

  /** Pays what is owed, and closes every session. */
  async stop(): Promise<void> {
    await this.#proxy?.close();
    this.#daemon.input({ kind: "stop" });
    await this.#ended.promise.catch(() => undefined);
    await this.#halt();
  }

  /** Leaves everything as it is on the chain: the next run goes on with it. */
  async leave(): Promise<void> {
    await this.#proxy?.close();
    for (const { session } of this.#lanes.values()) session.leave();
    await this.#halt();
  }

  async #halt(): Promise<void> {
    this.#cancelTick();
    this.#cancelEpochs();
    await this.#daemon.stop();
  }

  // ------------------------------------------------------------------------------------------------------------------ time

  #tick(): void {
    const { clock } = this.#options.surroundings;
    for (const [lane, { session }] of this.#lanes) {
      if (session.lostBecause !== undefined) this.#lose(lane, session.lostBecause);
      const isDraining = session.isDraining || session.isMute;
      const { streams } = session.carried;
      this.#daemon.input({ kind: "figures", lane, spent: session.payer.signed.amount, streams, isDraining });
    }
    this.#daemon.input({ kind: "time", nowMillis: clock.now(), epoch: this.#daemon.state.epoch });
    if (!this.#daemon.state.isEnded) this.#cancelTick = clock.after(tickMillis, () => this.#tick());
  }

  #followEpochs(): void {
    const { clock } = this.#options.surroundings;
    const next = () => {
      this.#cancelEpochs = clock.after(epochMillis, () => this.#followEpochs());
    };
    epochOf(this.#options.purse)
      .then((epoch) => this.#daemon.input({ kind: "time", nowMillis: clock.now(), epoch }))
      .catch((error: unknown) => this.#log.debug(`the epoch is not known: ${textOf(error)}`))
      .finally(() => {
        if (!this.#daemon.state.isEnded) next();
      });
  }

  // --------------------------------------------------------------------------------------------------------------- streams

  /** By the session in use; by the next one where its relay fails before anything was carried. */
  async #through(open: (session: PaidSession) => Promise<Forwarded>): Promise<Forwarded> {
    const { clock } = this.#options.surroundings;
    const until = clock.now() + laneMillisMax;
    for (let unpaid = 0; ; ) {
      const { name, edge } = await this.#lane(until);
      try {
        const forwarded = await open(edge.session);
        edge.failures = 0;
        return forwarded;
      } catch (error) {
        if (isOfDestination(error) || clock.now() > until) throw error;
        if (error instanceof Refusal && error.code === RefusalCode.REFUSAL_CODE_UNPAID && unpaid < unpaidTriesMax) {
          unpaid += 1;
          await new Promise<void>((resolve) => {
            clock.after(unpaidMillis, resolve);
          });
        } else this.#noteFailure(name, edge, error);
      }
    }
  }

  #noteFailure(lane: number, edge: LaneEdge, error: unknown): void {
    edge.failures += 1;
    const isOver = error instanceof Refusal && error.code !== RefusalCode.REFUSAL_CODE_FULL;
    if (isOver || edge.failures >= failuresMax) this.#lose(lane, textOf(error));
  }

  async #lane(until: number): Promise<{ readonly name: number; readonly edge: LaneEdge }> {
    const { clock } = this.#options.surroundings;
    for (;;) {
      const name = this.#daemon.state.inUse;
      const edge = name === undefined ? undefined : this.#lanes.get(name);
      if (name !== undefined && edge !== undefined) return { name, edge };
      const left = until - clock.now();
      if (left <= 0) throw retry(`no relay is there now: ${this.#problem || "none was opened in time"}`);
      await new Promise<void>((resolve) => {
        const cancel = clock.after(left, resolve);
        this.#waiting.push(() => {
          cancel();
          resolve();
        });
      });
    }
  }

  // --------------------------------------------------------------------------------------------------------------- effects

  async #perform(effect: ClientEffect): Promise<ClientInput | undefined> {
    if (effect.does === "choose") return this.#choose();
    if (effect.does === "open") return this.#open(effect);
    if (effect.does === "top up") return this.#topUp(effect);
    if (effect.does === "close") return this.#close(effect);
    if (effect.does === "use") this.#use(effect);
    else this.#ended.resolve(effect.problem);
    return undefined;
  }

  #failed(effect: ClientEffect, failure: Failure): ClientInput | undefined {
    const why = failure.message;
    this.#problem = why;
    if (effect.does === "choose") return this.#unchosen(failure);
    if (effect.does === "open") {
      this.#options.onEvent({ event: "unopened", relay: effect.relay, why });
      return { kind: "unopened", lane: effect.lane, why, isBroke: false, locked: 0n };
    }
    if (effect.does === "top up")
      return { kind: "not topped up", lane: effect.lane, why, isFinal: failure.kind === "drop" };
    if (effect.does !== "close") return undefined;
    this.#options.onEvent({ event: "unclosed", why });
    this.#lanes.delete(effect.lane);
    return { kind: "closed", lane: effect.lane, spent: 0n };
  }

  /** What nobody has is asked for at the first start: that is a slip of the pen. Later, and where a node is away, it is tried again. */
  #unchosen(failure: Failure): ClientInput {
    const { hasEverOpened } = this.#daemon.state;
    if (failure.kind === "drop" && !hasEverOpened) this.#ended.reject(failure);
    this.#sayNone(failure.message);
    return { kind: "chosen", relays: [], why: failure.message };
  }

  /** Once, until something else is wrong. */
  #sayNone(why: string): void {
    if (why !== "" && why !== this.#saidNone) this.#options.onEvent({ event: "none", why });
    this.#saidNone = why;
  }

  async #choose(): Promise<ClientInput> {
    const { purse, wishes, surroundings } = this.#options;
    const { chain } = purse.sender;
    const found = await orRetry(() => findCandidates(chain, wishes));
    this.#candidates = await orRetry(() => rankedByProbes(chain, found, surroundings));
    const relays = this.#candidates.map(({ candidate }) => candidate.relay);
    const silent = `none of ${found.candidates.length} relays that suit answers from here`;
    const why = found.candidates.length === 0 ? found.leftOut : relays.length === 0 ? silent : "";
    this.#problem = why;
    this.#sayNone(why);
    return { kind: "chosen", relays, why };
  }

  async #open({ lane, relay, deposit, epochs }: ClientEffect & { does: "open" }): Promise<ClientInput> {
    const { purse, store, surroundings, wishes, onEvent, wallTime } = this.#options;
    const chosen = this.#candidates.find(({ candidate }) => candidate.relay === relay);
    const paying = await orRetry(() => this.#walletFor(deposit));
    if (paying === undefined || chosen === undefined) {
      return { kind: "unopened", lane, why: "no wallet has enough", isBroke: paying === undefined, locked: 0n };
    }
    const target = await orRetry(() => provenTarget(purse.sender.chain, relay, this.#daemon.state.epoch));
    const { wallet, amount } = paying;
    const terms = {
      relay,
      deposit: amount,
      // What a quote said; a price that rose meanwhile is another choice.
      priceMax: wishes.priceMax ?? chosen.candidate.price,
      stableOnly: wishes.stableOnly,
      epochs,
      nowMillis: wallTime(),
    };
    try {
      const session = await orRetry(() => PaidSession.open({ purse, store, wallet, target, surroundings }, terms));
      const { record } = session;
      onEvent({ event: "opened", session: record.id, relay, ...chosen, record, isLinked: wallet.sessions > 0 });
      this.#keep(lane, session);
      return {
        kind: "opened",
        lane,
        locked: record.locked,
        expiresEpoch: record.expiresEpoch,
        spent: record.signed.amount,
      };
    } catch (error) {
      if (!(error instanceof SessionUnusable)) throw error;
      onEvent({ event: "unopened", relay, why: error.message });
      this.#lanes.set(lane, { session: error.session, failures: 0 });
      return { kind: "unopened", lane, why: error.message, isBroke: false, locked: error.session.record.locked };
    }
  }

  /** A wallet that no session was opened from, first; of the others only where linking them was not forbidden. */
  async #walletFor(deposit: bigint): Promise<{ wallet: WalletRecord; amount: bigint } | undefined> {
    const { store, purse, rules, isUnlinked } = this.#options;
    const wallets = (await store.wallets()).filter(({ state }) => state === "ready");
    const usable = isUnlinked ? wallets.filter(({ sessions }) => sessions === 0) : wallets;
    const found = await Promise.all(
      usable.map(async (wallet) => ({ wallet, has: await inWallet(purse.sender.chain, wallet.address, wallet.denom) })),
    );
    const enough = found.filter(({ has }) => has >= rules.depositMin);
    const best = enough.sort(
      (a, b) =>
        Number(b.has >= deposit) - Number(a.has >= deposit) ||
        a.wallet.sessions - b.wallet.sessions ||
        a.wallet.index - b.wallet.index,
    )[0];
    return best === undefined ? undefined : { wallet: best.wallet, amount: best.has < deposit ? best.has : deposit };
  }

  #keep(lane: number, session: PaidSession): void {
    this.#lanes.set(lane, { session, failures: 0 });
    void session.lost.then((error) => this.#lose(lane, error.message));
  }

  #adopt(session: PaidSession): void {
    const { relay, locked, expiresEpoch, signed, id } = session.record;
    const lane = this.#daemon.state.nextName;
    this.#keep(lane, session);
    this.#options.onEvent({ event: "resumed", session: id, relay, record: session.record });
    this.#daemon.input({ kind: "resumed", relay, locked, spent: signed.amount, expiresEpoch });
  }

  #lose(lane: number, why: string): void {
    const edge = this.#lanes.get(lane);
    if (edge === undefined || this.#daemon.state.lanes.find(({ name }) => name === lane)?.state !== "live") return;
    this.#problem = why;
    this.#options.onEvent({ event: "lost", session: edge.session.record.id, relay: edge.session.relay, why });
    this.#daemon.input({ kind: "lost", lane, why });
  }

  async #topUp({ lane, amount, epochs }: ClientEffect & { does: "top up" }): Promise<ClientInput> {
    const { session } = this.#lanes.get(lane)!;
    const { locked, expiresEpoch } = await orRetry(() => session.topUp({ amount, epochs }));
    this.#options.onEvent({ event: "topped up", session: session.record.id, record: session.record });
    return { kind: "topped up", lane, locked, expiresEpoch };
  }

  async #close({ lane, asks }: ClientEffect & { does: "close" }): Promise<ClientInput> {
    const { session } = this.#lanes.get(lane)!;
    let closed: Closed | undefined;
    for (let attempt = 1; closed === undefined; attempt++) {
      try {
        closed = await (asks && attempt === 1 ? session.close() : session.abandon());
      } catch (error) {
        if (attempt >= closeTriesMax) throw failureOf(error, "retry");
        this.#log.debug(`session ${session.record.id} is not closed yet: ${textOf(error)}`);
      }
    }
    this.#lanes.delete(lane);
    this.#options.onEvent({
      event: "closed",
      session: session.record.id,
      relay: session.relay,
      record: session.record,
      ...closed,
    });
    return { kind: "closed", lane, spent: session.record.signed.amount };
  }

  #use({ relay }: ClientEffect & { does: "use" }): void {
    this.#options.onEvent({ event: "using", relay });
    const waiting = this.#waiting;
    this.#waiting = [];
    // The step that wants this is not over yet.
    queueMicrotask(() => {
      for (const go of waiting) go();
    });
  }
}

/** What the relay says of where somebody wants to go, and not of itself. */
const isOfDestination = (error: unknown): boolean =>
  error instanceof Refusal &&
  [RefusalCode.REFUSAL_CODE_POLICY, RefusalCode.REFUSAL_CODE_UNREACHABLE, RefusalCode.REFUSAL_CODE_MALFORMED].some(
    (code) => code === error.code,
  );

/** Nodes and relays that are away are no reason to end. */
async function orRetry<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof SessionUnusable) throw error;
    throw failureOf(error, "retry");
  }
}

export async function epochOf({ sender }: Pick<Purse, "sender">): Promise<bigint> {
  const request = QueryEpochRequest.encode({ number: "" }).finish();
  const { epoch } = await sender.chain.query("/weir.beacon.v1.Query/Epoch", request, (bytes) =>
    QueryEpochResponse.decode(bytes),
  );
  return epoch?.number ?? 0n;
}
