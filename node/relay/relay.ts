/**
 * A relay's daemon: its door and all that serves there, what it keeps on disk, and the core that brings readings to the chain. Owns how these hang
 * together, from the start to the stop; each of them stands in a file of its own.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../../chain/log.ts";
import type { Registry } from "../../chain/server/metrictext.ts";
import type { ChainClient } from "../chain/chainclient.ts";
import type { Clock } from "../clock.ts";
import { fatal, textOf } from "../daemon/failure.ts";
import type { Health } from "../daemon/health.ts";
import { limitedLog } from "../daemon/log.ts";
import { type Daemon, runDaemon } from "../daemon/runner.ts";
import { type DaemonStore, jsonCodec } from "../daemon/store.ts";
import { PingResponder } from "../measurement/pings.ts";
import { tlsTransport } from "../transport/tls.ts";
import type { Identity, Listener, Transport } from "../transport/transport.ts";
import { effectsOf, failureToInput } from "./effects.ts";
import type { PaidForwarding } from "./forwarded.ts";
import { ChainGate } from "./gate.ts";
import { HeldReadings } from "./heldreadings.ts";
import { MeasuredRelay } from "./measured.ts";
import { addRelayMetrics } from "./metrics.ts";
import { checkPaid } from "./paidsettings.ts";
import { findRelay, type RelayReport } from "./report.ts";
import { Serving } from "./serving.ts";
import type { RelaySettings } from "./settings.ts";
import { newRelayState, type RelayEffect, type RelayInput, type RelayState, step } from "./step.ts";
import { type MonthMark, Traffic, type TrafficLimits } from "./traffic.ts";

/** What the paid side is given: node/forwarding opens with it. */
export interface ForwardingParts {
  readonly chainId: string;
  readonly relay: bigint;
  readonly identity: Identity;
  readonly chain: ChainClient;
  /** Its own folder. */
  readonly directory: string;
  readonly traffic: Traffic;
  readonly log: Log;
  readonly clock: Clock;
  /** Asked each time: settings change while it runs. */
  settings(): RelaySettings;
}

export interface RelayParts {
  readonly settings: RelaySettings;
  readonly identity: Identity;
  readonly chain: ChainClient;
  readonly store: DaemonStore;
  /** HOME/data/relay. */
  readonly directory: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly registry: Registry;
  /** Milliseconds since 1970. */
  wallMillis(): number;
  openForwarding(parts: ForwardingParts): Promise<PaidForwarding>;
  readonly transport?: Transport;
  /** Tells the chain that it drains, when it is told to stop. */
  readonly drainsOnStop?: boolean;
}

const handshakeMillisMax = 10_000;
/** Of what is under way, when it is told to stop. */
const graceMillis = 1_500;
const drainMillisMax = 2_500;
const registrationMillisMax = 60_000;

export interface RunningRelay {
  readonly id: bigint;
  readonly address: { readonly host: string; readonly port: number };
  readonly finished: Promise<void>;
  stop(): Promise<void>;
  status(): Record<string, unknown>;
  health(): Health;
  reload(settings: RelaySettings): void;
}

interface Registered {
  readonly id: bigint;
}

export async function startRelay(parts: RelayParts): Promise<RunningRelay> {
  const id = await registeredId(parts);
  const relay = new RelayDaemon(parts, id);
  await relay.open();
  return relay;
}

/** A relay that has run before starts while the chain is down. */
async function registeredId({ settings, identity, chain, store, clock }: RelayParts): Promise<bigint> {
  const table = store.table<Registered>("registered", jsonCodec<Registered>());
  const key = Buffer.from(identity.publicKey).toString("hex");
  const known = await table.get(key);
  if (settings.relay !== 0) return BigInt(settings.relay);
  if (known !== undefined) return known.id;
  const id = await asked(() => findRelay(chain, chain.address, identity.publicKey), clock);
  if (id === undefined) {
    throw fatal(
      `no relay of ${chain.address} with this home's transport key stands on ${chain.chainId}: run \`weir relay register\` first, or name the relay in config/relay.toml`,
    );
  }
  await store.write([table.put(key, { id })]);
  return id;
}

/** The chain may be starting, too. */
async function asked<T>(question: () => Promise<T>, clock: Clock): Promise<T> {
  const { retried } = await import("../daemon/backoff.ts");
  return retried(question, { clock, deadlineMillis: registrationMillisMax });
}

export const limitsOf = (settings: RelaySettings): TrafficLimits => ({
  bpsMax: settings.bandwidth === 0n ? undefined : settings.bandwidth,
  monthBytesMax: settings.monthlyVolume === 0n ? undefined : settings.monthlyVolume,
  claimBps: settings.offer.claim,
});

class RelayDaemon implements RunningRelay {
  readonly id: bigint;
  readonly #parts: RelayParts;
  readonly #log: Log;
  #settings: RelaySettings;
  #listener: Listener | undefined;
  #pings: PingResponder | undefined;
  #traffic: Traffic | undefined;
  #measured: MeasuredRelay | undefined;
  #forwarding: PaidForwarding | undefined;
  #serving: Serving | undefined;
  #core: Daemon<RelayState, RelayInput> | undefined;
  #report: RelayReport | undefined;
  #stopWatching: () => void = () => undefined;

  constructor(parts: RelayParts, id: bigint) {
    this.id = id;
    this.#parts = parts;
    this.#settings = parts.settings;
    this.#log = limitedLog(parts.log, parts.clock);
  }

  async open(): Promise<void> {
    const { chain, settings, registry } = this.#parts;
    const { host, port } = settings.listen;
    const held = new HeldReadings(this.#parts.store);
    this.#core = await this.#openCore(held);
    this.#traffic = await this.#openTraffic();
    this.#forwarding = await this.#openForwarding(this.#traffic);
    this.#listener = await this.#listen();
    this.#pings = await PingResponder.listen({ host, port: port === 0 ? this.#listener.address.port : port });
    this.#serve(held, this.#traffic, this.#forwarding, this.#pings);
    this.#stopWatching = chain.onBlock(({ height, timeMillis }) => {
      this.#core?.input({ type: "block", height, timeMillis });
    });
    addRelayMetrics(registry, {
      traffic: this.#traffic,
      serving: this.#serving!,
      forwarding: this.#forwarding,
      report: () => this.#report,
    });
    this.#log.info(`relay ${this.id} listens at ${this.address.host}:${this.address.port}`);
  }

  async #openCore(held: HeldReadings): Promise<Daemon<RelayState, RelayInput>> {
    const { chain } = this.#parts;
    const perform = effectsOf({
      chain,
      relay: this.id,
      held,
      log: this.#log,
      onReport: (report) => {
        this.#report = report;
      },
    });
    return runDaemon<RelayState, RelayInput, RelayEffect>({
      initial: newRelayState(await held.all(), this.#settings.lowerClaim),
      step,
      perform,
      failed: failureToInput(this.#log),
      laneOf: ({ type }) => type,
      log: this.#log,
    });
  }

  async #openTraffic(): Promise<Traffic> {
    const { store, clock, wallMillis } = this.#parts;
    const table = store.table<MonthMark>("month", jsonCodec<MonthMark>());
    const keep = (mark: MonthMark) => store.write([table.put("mark", mark)]);
    return new Traffic({ limits: limitsOf(this.#settings), clock, wallMillis, mark: await table.get("mark"), keep });
  }

  #openForwarding(traffic: Traffic): Promise<PaidForwarding> {
    const { chain, identity, clock, openForwarding } = this.#parts;
    checkPaid(this.#settings);
    const directory = join(this.#parts.directory, "paid");
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const settings = () => this.#settings;
    const { chainId } = chain;
    return openForwarding({
      chainId,
      relay: this.id,
      identity,
      chain,
      directory,
      traffic,
      log: this.#log,
      clock,
      settings,
    });
  }

  async #listen(): Promise<Listener> {
    const { identity, transport = tlsTransport(identity) } = this.#parts;
    const { listen: address, limits } = this.#settings;
    try {
      return await transport.listen({
        address,
        connectionsMax: limits.connections,
        connectionsPerAddressMax: limits.connectionsPerAddress,
        handshakeMillisMax,
        onLink: (link) => (this.#serving === undefined ? link.stream.destroy() : this.#serving.welcome(link)),
        onRefused: (reason) => this.#serving?.turnedAway(reason),
      });
    } catch (error) {
      await this.#forwarding?.stop(0);
      throw fatal(
        `nothing can listen at ${address.host}:${address.port} (${textOf(error)}): free the port, or set another in listen`,
      );
    }
  }

  #serve(held: HeldReadings, traffic: Traffic, forwarding: PaidForwarding, pings: PingResponder): void {
    const { chain, identity, clock, wallMillis } = this.#parts;
    const gate = new ChainGate({
      chain,
      relay: this.id,
      clock,
      wallMillis,
      newest: () => newestOf(chain),
      closedReason: () => traffic.measuringClosedReason,
    });
    const onSeen = ({
      measure,
      bps,
      bytes,
    }: {
      measure: { epoch: bigint; oracle: bigint };
      bps: bigint;
      bytes: bigint;
    }) => this.#log.info("measured", { epoch: measure.epoch, oracle: measure.oracle, bps, bytes });
    this.#measured = new MeasuredRelay({ gate, pings, traffic, clock, onSeen });
    const measured = this.#measured;
    this.#serving = new Serving({
      chainId: chain.chainId,
      measured,
      forwarding,
      clock,
      log: this.#log,
      countersigning: { chainId: chain.chainId, identity, seen: (nonce) => measured.seen(nonce) },
      delivery: {
        chain,
        relay: this.id,
        relayKey: identity.publicKey,
        openEpoch: () => this.#core?.state.epoch?.number,
      },
      keep: async (ranges) => {
        this.#core?.input({ type: "kept", held: await held.keep(ranges) });
      },
    });
  }

  // ------------------------------------------------------------------------------------------------------------ while it runs

  get finished(): Promise<void> {
    return this.#core!.finished;
  }

  get address(): { readonly host: string; readonly port: number } {
    return this.#listener!.address;
  }

  reload(settings: RelaySettings): void {
    checkPaid(settings);
    this.#settings = settings;
    this.#traffic?.setLimits(limitsOf(settings));
    this.#core?.input({ type: "settings", lowersClaim: settings.lowerClaim });
  }

  health(): Health {
    const problems = [
      this.#traffic?.closedReason,
      this.#core?.state.epoch === undefined ? "which epoch is open is not known yet" : undefined,
    ];
    return { isHealthy: this.#listener !== undefined, problems: problems.filter((problem) => problem !== undefined) };
  }

  status(): Record<string, unknown> {
    const { state } = this.#core!;
    const { sessionsOpen, flowsOpen, unsettled } = this.#forwarding!.status();
    const { links, refused, byPurpose } = this.#serving!.figures;
    const { address } = this;
    return {
      relay: this.id,
      listen: `${address.host}:${address.port}`,
      epoch: state.epoch?.number ?? null,
      measuring_now: this.#measured!.running,
      readings: [...state.held.values()].map(({ epoch, oracle, kind, measuredBps, isCountersigned, stage }) => ({
        epoch,
        oracle,
        kind,
        measured_bps: measuredBps,
        countersigned: isCountersigned,
        stage,
      })),
      sessions_open: sessionsOpen,
      flows_open: flowsOpen,
      unsettled,
      traffic: this.#traffic!.figures,
      links,
      links_refused: refused,
      asked_for: Object.fromEntries(byPurpose),
    };
  }

  // ----------------------------------------------------------------------------------------------------------------- the stop

  async stop(): Promise<void> {
    this.#stopWatching();
    this.#serving?.drain();
    const closed = this.#listener?.close();
    const told = this.#parts.drainsOnStop === true ? this.#tellTheChain() : Promise.resolve();
    await Promise.all([this.#forwarding?.stop(graceMillis), told]);
    this.#serving?.cutAll();
    await Promise.all([closed, this.#pings?.close(), this.#core?.stop()]);
    await this.#traffic?.close();
  }

  async #tellTheChain(): Promise<void> {
    const { chain, clock } = this.#parts;
    const { drainMessage } = await import("./effects.ts");
    const epoch = this.#core?.state.epoch?.number ?? 0n;
    const message = drainMessage(chain.address, this.id, BigInt(this.#settings.drainEpochs));
    const sent = chain.submit([message], { purpose: `drain/${epoch}` }).then(
      () => this.#log.info("the chain knows that the relay drains"),
      (error: unknown) => this.#log.warn(`the chain was not told that the relay drains: ${textOf(error)}`),
    );
    let cancel: () => void = () => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = clock.after(drainMillisMax, resolve);
    });
    await Promise.race([sent, late]);
    cancel();
  }
}

const newestOf = ({ newest }: ChainClient) =>
  newest === undefined ? undefined : { height: newest.height, timeNanos: newest.timeMillis * 1_000_000n };
