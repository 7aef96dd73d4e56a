/**
 * An oracle's daemon: follows the chain and the time, lets step decide and the edge do, and says what it refused and why. Owns its start, its end
 * and its log; it only dials, so that it works behind any NAT.
 */
import type { Log } from "../../chain/log.ts";
import type { Registry } from "../../chain/server/metrictext.ts";
import { QueryOracleRequest, QueryOracleResponse } from "../../proto/gen/weir/attestation/v1/query.ts";
import type { Oracle } from "../../proto/gen/weir/attestation/v1/state.ts";
import { type ChainClient, orAbsent } from "../chain/chainclient.ts";
import type { Clock } from "../clock.ts";
import { fatal, retry } from "../daemon/failure.ts";
import type { Health } from "../daemon/health.ts";
import { limitedLog } from "../daemon/log.ts";
import { type Daemon, runDaemon } from "../daemon/runner.ts";
import type { DaemonStore } from "../daemon/store.ts";
import { tlsTransport } from "../transport/tls.ts";
import type { Identity, Transport } from "../transport/transport.ts";
import { CovertBuyer } from "./covert.ts";
import type { Effect, Input } from "./inputs.ts";
import { Journal } from "./journalstore.ts";
import { addOracleMetrics } from "./metrics.ts";
import { type CovertReader, Performer, type Performing } from "./perform.ts";
import { type OracleProgress, oracleProgress } from "./progress.ts";
import { type OracleSettings, rulesOf } from "./settings.ts";
import { initialState, step } from "./step.ts";
import type { OracleState } from "./work.ts";

export interface OracleParts {
  readonly settings: OracleSettings;
  readonly transportKey: Identity;
  /** The secret half is an ed25519 seed; proofs are made by it. */
  readonly vrfKey: Identity;
  readonly chain: ChainClient;
  readonly store: DaemonStore;
  readonly log: Log;
  readonly clock: Clock;
  readonly registry: Registry;
  /** Milliseconds since 1970. */
  wallMillis(): number;
  /** Another than TLS, for tests. */
  readonly transport?: (identity: Identity) => Transport;
}

export interface RunningOracle {
  stop(): Promise<void>;
  readonly finished: Promise<void>;
  status(): OracleProgress & { readonly oracle: bigint };
  health(): Health;
  reload(settings: OracleSettings): void;
}

/** How often the time is told. */
const tickMillis = 100;

export async function startOracle(parts: OracleParts): Promise<RunningOracle> {
  const { clock, store, wallMillis, registry } = parts;
  const log = limitedLog(parts.log, clock);
  const journal = new Journal(store);
  const registration = new Registration(parts);
  const covert = await CovertBuyer.open({ ...parts, vrfSeed: parts.vrfKey.seed, log });
  const initial = initialState(rulesOf(parts.settings), await journal.load(), wallMillis());
  let running: Daemon<OracleState, Input> | undefined;
  const state = () => running?.state ?? initial;
  const performer = new Performer(performing({ parts, log, journal, registration, covert, state }));
  const daemon = runDaemon<OracleState, Input, Effect>({
    initial,
    step,
    perform: (effect, signal) => performer.perform(effect, signal),
    failed: (effect, failure) => {
      log.warn(`${effect.do}: ${failure.message}`);
      return performer.failed(effect, failure.message);
    },
    laneOf,
    log,
  });
  running = daemon;
  addOracleMetrics(registry, state);
  const stopFollowing = following(parts, daemon, log);
  const stop = async () => {
    stopFollowing();
    await Promise.all([daemon.stop(), covert.stop()]);
  };
  const reload = (settings: OracleSettings) => {
    covert.reload(settings);
    daemon.input({ is: "rules", rules: rulesOf(settings) });
  };
  return runningOracle(daemon, registration, { stop, reload });
}

interface Surroundings {
  readonly parts: OracleParts;
  readonly log: Log;
  readonly journal: Journal;
  readonly registration: Registration;
  readonly covert: CovertReader;
  state(): OracleState;
}

function performing({ parts, log, journal, registration, covert, state }: Surroundings): Performing {
  const { settings, chain, clock, wallMillis, transportKey, vrfKey } = parts;
  const rules = rulesOf(settings);
  return {
    chain,
    journal,
    talk: {
      transport: (parts.transport ?? tlsTransport)(transportKey),
      chainId: chain.chainId,
      dialMillisMax: rules.dialMillisMax,
      allowsPrivate: settings.allowPrivateAddresses,
    },
    transportSeed: transportKey.seed,
    vrfSeed: vrfKey.seed,
    rules,
    streams: settings.measuring.streams,
    pingIntervalMillis: settings.measuring.pingInterval,
    clock,
    wallMillis,
    log,
    covert,
    registered: () => registration.oracle(),
    id: () => registration.known(),
    state,
  };
}

/** Tells the daemon of time and blocks, and the log of what comes of them. The function that it gives ends that. */
function following(
  { chain, clock, wallMillis }: OracleParts,
  daemon: Daemon<OracleState, Input>,
  log: Log,
): () => void {
  const reporting = new Reporting(log);
  const hear = (input: Input) => {
    daemon.input(input);
    reporting.look(daemon.state);
  };
  const stopTicking = ticking(clock, () => hear({ is: "time", nowMillis: wallMillis() }));
  const stopFollowing = chain.onBlock(({ height, timeMillis }) =>
    hear({ is: "block", height, blockMillis: Number(timeMillis), nowMillis: wallMillis() }),
  );
  return () => {
    stopTicking();
    stopFollowing();
  };
}

function runningOracle(
  daemon: Daemon<OracleState, Input>,
  registration: Registration,
  changes: Pick<RunningOracle, "stop" | "reload">,
): RunningOracle {
  const problems = (progress: OracleProgress) => [...registration.problems, ...progress.problems];
  return {
    ...changes,
    finished: daemon.finished,
    status: () => {
      const progress = oracleProgress(daemon.state);
      return { oracle: registration.id, ...progress, problems: problems(progress) };
    },
    health: () => {
      const found = problems(oracleProgress(daemon.state));
      return { isHealthy: found.length === 0, problems: found };
    },
  };
}

/** What is written is written in order; all else at once. */
const laneOf = ({ do: what }: Effect): string | undefined =>
  what === "record" || what === "sign" || what === "forget" ? "journal" : undefined;

function ticking(clock: Clock, tick: () => void): () => void {
  let cancel: () => void = () => undefined;
  const next = () => {
    cancel = clock.after(tickMillis, () => {
      tick();
      next();
    });
  };
  next();
  return () => cancel();
}

/** How the oracle stands on the chain, asked for at each plan. */
class Registration {
  readonly #parts: OracleParts;
  #id = 0n;
  #isFound = false;
  problems: readonly string[] = [];

  constructor(parts: OracleParts) {
    this.#parts = parts;
    this.#id = BigInt(parts.settings.oracle);
  }

  /** 0 while it is not known. */
  get id(): bigint {
    return this.#id;
  }

  async known(): Promise<bigint> {
    return this.#isFound ? this.#id : (await this.oracle()).id;
  }

  async oracle(): Promise<Oracle> {
    const { chain, transportKey } = this.#parts;
    const name = this.#id === 0n ? chain.address : `${this.#id}`;
    const request = QueryOracleRequest.encode({ oracle: name }).finish();
    const decode = (bytes: Uint8Array) => QueryOracleResponse.decode(bytes);
    const answer = await orAbsent(chain.query("/weir.attestation.v1.Query/Oracle", request, decode));
    const found = answer?.oracle?.oracle;
    if (found === undefined) {
      this.problems = [`${name} has no oracle on ${chain.chainId}: run \`weir oracle register\``];
      throw retry(this.problems[0]!);
    }
    if (found.operator !== chain.address) {
      throw fatal(
        `oracle ${found.id} is ${found.operator}'s, and this daemon signs for ${chain.address}: see operator_key`,
      );
    }
    this.#id = found.id;
    this.#isFound = true;
    const isKey = found.terms.some((terms) => Buffer.compare(terms.transportKey, transportKey.publicKey) === 0);
    this.problems = isKey
      ? []
      : [`oracle ${found.id} is registered with another transport key than this home has: relays will not let it in`];
    return found;
  }
}

/** Says what an operator wants to read: each once. */
class Reporting {
  readonly #log: Log;
  #before: OracleState | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  look(state: OracleState): void {
    const before = this.#before;
    this.#before = state;
    if (before === undefined || before.epochs === state.epochs) return;
    for (const [number, epoch] of state.epochs) {
      const known = before.epochs.get(number);
      if (known === epoch) continue;
      if (known?.isPlanned !== true && epoch.isPlanned) {
        this.#log.info("an epoch is planned", { epoch: number, readings: epoch.works.size });
      }
      for (const [key, work] of epoch.works) {
        if (work.stage === "missed" && known?.works.get(key)?.stage !== "missed") {
          this.#log.warn(`a reading is missed: ${work.reason}`, { epoch: number, relay: work.relay, kind: work.kind });
        } else if (work.stage === "read" && known?.works.get(key)?.stage !== "read") {
          const { measuredBps = 0n, failure = "" } = work.reading ?? {};
          this.#log.debug("a relay was read", { epoch: number, relay: work.relay, bps: measuredBps, failure });
        }
      }
      for (const what of ["commit", "submit"] as const) {
        const [{ at }, was] = [epoch[what].sending, known?.[what].sending.at];
        if (at === was) continue;
        if (at === "done") this.#log.info(`${what} is done`, { epoch: number });
        if (epoch[what].sending.at === "lost" && epoch.works.size > 0) {
          this.#log.warn(`${what} is lost: ${epoch[what].sending.reason}`, { epoch: number });
        }
      }
    }
  }
}
