/**
 * How `weir relay|oracle|client … start` becomes a running daemon: settings read and read again, keys opened, the chain and the store at hand, where
 * it is watched, and how it ends. Owns that order; what a daemon does is node/'s.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { asObject } from "../chain/consensus/json.ts";
import type { Log } from "../chain/log.ts";
import { Registry } from "../chain/server/metrictext.ts";
import { type ChainClient, openChainClient } from "../node/chain/chainclient.ts";
import type { AccountSigner } from "../node/chain/signer.ts";
import { type Clock, systemClock } from "../node/clock.ts";
import { type CommonSettings, checkCommon, trustedIn } from "../node/daemon/commonsettings.ts";
import { failureOf, textOf } from "../node/daemon/failure.ts";
import { type Health, serveHealth } from "../node/daemon/health.ts";
import { limitedLog } from "../node/daemon/log.ts";
import { addChainMetrics, addProcessMetrics } from "../node/daemon/processmetrics.ts";
import {
  defaultsOf,
  readSettings,
  reloaded,
  type Schema,
  type SettingsOf,
  settingsText,
} from "../node/daemon/settings.ts";
import { type DaemonStore, openStore } from "../node/daemon/store.ts";
import { type FlagSpec, UsageError } from "./arguments.ts";
import type { Invocation } from "./command.ts";
import { type DaemonKeys, openDaemonKeys } from "./daemonkeys.ts";
import { type Home, makeFolders, writeText } from "./home.ts";
import { keyFlags } from "./keys.ts";
import { isLogLevel, jsonLog, type LogLevel, lineLog, logFormats, logLevels } from "./log.ts";
import { awaitEndOfInput, awaitSignal } from "./signals.ts";
import { version } from "./version.ts";

/** What a stop may take before the process ends anyway: what is on disk is whole at any moment. */
const stopMillisMax = 4_500;

export const daemonFlags: readonly FlagSpec[] = [
  ...keyFlags,
  { name: "lifeline", help: "end when standard input ends: for a program that starts this one" },
  { name: "log-level", value: logLevels, help: "the least that is logged, instead of the settings'" },
  { name: "log-format", value: logFormats.join("|"), help: "of the log (default plain on a terminal, json elsewhere)" },
];

export interface RunningDaemon<Settings> {
  /** Drains: takes nothing new, lets go of what is under way, keeps what is owed. */
  stop(): Promise<void>;
  /** Rejects with what ended it. */
  readonly finished: Promise<void>;
  /** For `status` and people; bigint is fine, destinations and clients are not. */
  status(): unknown;
  health?(): Health;
  /** New settings, checked; those that need a restart are as before. */
  reload?(settings: Settings): void;
}

export interface DaemonParts<Settings> {
  readonly settings: Settings;
  readonly keys: DaemonKeys;
  readonly signer: AccountSigner;
  readonly chain: ChainClient;
  readonly store: DaemonStore;
  readonly log: Log;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly home: Home;
}

export interface DaemonKind<S extends Schema> {
  /** "relay", "oracle", "client": its folder under data/ and, unless said otherwise, its file under config/. */
  readonly daemon: string;
  readonly file?: string;
  readonly schema: S;
  /** It signs by keys of its own making: operator_key is not opened, and `signer` not to be used. */
  readonly isKeyless?: true;
  /** What no single setting shows; throws SettingsRefused. */
  check?(settings: SettingsOf<S>, path: string): void;
  start(parts: DaemonParts<SettingsOf<S>>): Promise<RunningDaemon<SettingsOf<S>>>;
  /** Lines for people once it runs. */
  started?(parts: DaemonParts<SettingsOf<S>>): readonly string[];
}

export const settingsPath = ({ config }: Home, { daemon, file }: Pick<DaemonKind<Schema>, "daemon" | "file">): string =>
  join(config, file ?? `${daemon}.toml`);

export const daemonData = ({ data }: Home, daemon: string): string => join(data, daemon);

/** Where a running daemon is asked for its status: written once it listens, with port 0 too. */
export const monitorFile = (home: Home, daemon: string): string => join(daemonData(home, daemon), "monitor");

type WithCommon<S extends Schema> = SettingsOf<S> & CommonSettings;

/** All of the file or nothing. */
export function loadSettings<S extends Schema>(kind: Omit<DaemonKind<S>, "start">, home: Home): WithCommon<S> {
  const path = settingsPath(home, kind);
  if (!existsSync(path)) throw new Error(`${path} is missing: run \`weir ${kind.daemon} init\` first, or pass --home`);
  const settings = readSettings(kind.schema, readFileSync(path, "utf8"), path) as WithCommon<S>;
  checkCommon(settings, path);
  kind.check?.(settings, path);
  return settings;
}

/** For `init`. Throws where there is one already, which may hold an operator's changes. */
export function writeSettings<S extends Schema>(
  kind: Pick<DaemonKind<S>, "daemon" | "file" | "schema">,
  home: Home,
  values: Partial<SettingsOf<S>>,
): string {
  const path = settingsPath(home, kind);
  if (existsSync(path)) throw new Error(`${path} exists already: nothing was changed`);
  makeFolders(home);
  const head = `The settings of this ${kind.daemon}. \`kill -HUP\` lets it read them again; what is empty or left out is as shown.`;
  writeText(path, settingsText(kind.schema, { ...defaultsOf(kind.schema), ...values }, head));
  return path;
}

const statusMillisMax = 3_000;

/** What the daemon of this home says of itself; undefined where none runs. */
export async function askRunning(home: Home, daemon: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const file = monitorFile(home, daemon);
  if (!existsSync(file)) return undefined;
  try {
    const url = `${readFileSync(file, "utf8").trim()}/status`;
    const response = await fetch(url, { signal: AbortSignal.timeout(statusMillisMax), redirect: "error" });
    return asObject(await response.json(), url);
  } catch {
    // A file of a daemon that was killed leads nowhere, or to somebody else.
    return undefined;
  }
}

interface Opened {
  readonly settings: CommonSettings;
  readonly log: Log;
  setLevel(level: LogLevel): void;
}

export async function runDaemonCommand<S extends Schema>(invocation: Invocation, kind: DaemonKind<S>): Promise<number> {
  const ending = awaitSignal();
  const { home } = invocation;
  const settings = loadSettings(kind, home);
  const opened = { settings, ...openLog(invocation, settings.logLevel) };
  const keys = openDaemonKeys(invocation);
  const signer = kind.isKeyless === true ? undefined : await keys.signer(settings.operatorKey);
  const store = await openStore(daemonData(home, kind.daemon), { daemon: kind.daemon, chainId: settings.chainId });
  const told = invocation.has("lifeline") ? Promise.race([ending, awaitEndOfInput(process.stdin)]) : ending;
  process.on("uncaughtException", (error) => {
    opened.log.error(`the daemon ends: ${error.stack ?? error.message}`);
    process.exit(1);
  });
  try {
    return await runWith(invocation, kind, { ...opened, keys, signer, store, settings, told });
  } finally {
    await store.close();
    // A pipe that is listened to would keep the process.
    if (invocation.has("lifeline")) process.stdin.destroy();
  }
}

interface Surroundings<S extends Schema> extends Opened {
  readonly settings: WithCommon<S>;
  readonly keys: DaemonKeys;
  readonly signer: AccountSigner | undefined;
  readonly store: DaemonStore;
  readonly told: Promise<string>;
}

async function runWith<S extends Schema>(
  invocation: Invocation,
  kind: DaemonKind<S>,
  { settings, log, setLevel, keys, signer, store, told }: Surroundings<S>,
): Promise<number> {
  const registry = new Registry();
  let current = settings;
  const clock = systemClock;
  const chain = openChainClient({
    chainId: settings.chainId,
    rpc: settings.rpc,
    ...(signer === undefined ? {} : { signer }),
    store,
    clock,
    log: limitedLog(log, clock),
    gasPrices: () => current.gasPrices,
    trusted: trustedIn(settings),
    trustMillisMax: settings.trustPeriod,
    pollMillis: settings.pollInterval,
  });
  const stopMetrics = addProcessMetrics(registry, { daemon: kind.daemon, version, chain_id: settings.chainId });
  addChainMetrics(registry, chain);
  const parts = partsOf({ settings, keys, chain, store, log, clock, registry, home: invocation.home }, signer);
  const daemon = await kind.start(parts);
  const monitor = await serveHealth({
    address: settings.monitor,
    registry,
    clock,
    health: () => healthOf(daemon, chain),
    status: () => ({ daemon: kind.daemon, version, ...statusOfChain(chain), ...(daemon.status() as object) }),
  });
  const { host, port } = monitor.address;
  const monitorUrl = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  writeFileSync(monitorFile(invocation.home, kind.daemon), `${monitorUrl}\n`, { mode: 0o600 });
  process.on("SIGHUP", () => {
    current = reload(invocation.home, kind, current, daemon, log);
    if (!invocation.isGiven("log-level")) setLevel(current.logLevel);
  });
  const whose = signer === undefined ? "" : ` of ${signer.address}`;
  const lines = [`The ${kind.daemon}${whose} runs on ${settings.chainId}. Ctrl-C stops it.`];
  const text = [...lines, ...(kind.started?.(parts) ?? [])].join("\n");
  invocation.answer(`${text}\n`, { daemon: kind.daemon, address: signer?.address ?? "", monitor: monitorUrl });
  const code = await untilEnd(daemon, told, log);
  stopMetrics();
  await Promise.all([monitor.close(), chain.close()]);
  return code;
}

const partsOf = <Settings>(
  parts: Omit<DaemonParts<Settings>, "signer">,
  signer: AccountSigner | undefined,
): DaemonParts<Settings> => ({
  ...parts,
  get signer() {
    if (signer === undefined) throw new Error("this daemon has no operator's key");
    return signer;
  },
});

/** 0 after a stop that was asked for, 1 after a failure. */
async function untilEnd(daemon: RunningDaemon<never>, told: Promise<string>, log: Log): Promise<number> {
  const end = await Promise.race([
    told.then((reason) => ({ reason })),
    daemon.finished.then(
      () => ({ reason: "nothing is left to do" }),
      (error: unknown) => ({ failure: failureOf(error) }),
    ),
  ]);
  const code = "failure" in end ? 1 : 0;
  if ("failure" in end) log.error(`the daemon ends: ${end.failure.message}`);
  else log.info(`${end.reason}: stopping`);
  const cut = setTimeout(() => {
    log.warn(
      `what was under way did not end within ${stopMillisMax / 1_000} s; the next start goes on from what is on disk`,
    );
    process.exit(code);
  }, stopMillisMax);
  cut.unref();
  await daemon.stop();
  log.info("stopped");
  return code;
}

function reload<S extends Schema>(
  home: Home,
  kind: DaemonKind<S>,
  before: WithCommon<S>,
  daemon: RunningDaemon<SettingsOf<S>>,
  log: Log,
): WithCommon<S> {
  const path = settingsPath(home, kind);
  try {
    const { settings, changed, needRestart } = reloaded(kind.schema, before, loadSettings(kind, home));
    daemon.reload?.(settings);
    log.info(`${path} was read again`, { changed: changed.join(" ") || "nothing" });
    if (needRestart.length > 0) log.warn(`what was changed here counts after a restart: ${needRestart.join(", ")}`);
    return settings as WithCommon<S>;
  } catch (error) {
    log.error(`${path} is not taken over, the settings stay as they were: ${textOf(error)}`);
    return before;
  }
}

/** Blocks that do not come are a problem of every daemon. */
const stillMillisMax = 60_000n;

function healthOf(daemon: RunningDaemon<never>, chain: ChainClient): Health {
  const own = daemon.health?.() ?? { isHealthy: true, problems: [] };
  const { newest } = chain;
  const age = newest === undefined ? undefined : BigInt(Date.now()) - newest.timeMillis;
  if (age !== undefined && age < stillMillisMax) return own;
  const problem =
    age === undefined
      ? "no block was seen since the start"
      : `the newest block is ${age / 1_000n} s old: see rpc in the settings`;
  return { isHealthy: false, problems: [problem, ...own.problems] };
}

const statusOfChain = ({ chainId, address, newest, endpoints, pendingTransactions }: ChainClient) => ({
  chain_id: chainId,
  address,
  height: newest?.height ?? 0n,
  block_time_millis: newest?.timeMillis ?? 0n,
  endpoints,
  transactions_pending: pendingTransactions,
});

/** Words where somebody looks on, JSON where a program does; the level may change while it runs. */
function openLog({ say, isColoured, flag }: Invocation, setting: LogLevel): Omit<Opened, "settings"> {
  const given = flag("log-level");
  if (given !== undefined && !isLogLevel(given)) throw new UsageError(`--log-level ${given}: expected ${logLevels}`);
  const format = flag("log-format") ?? (process.stderr.isTTY === true ? "plain" : "json");
  if (!logFormats.some((known) => known === format)) {
    throw new UsageError(`--log-format ${format}: expected ${logFormats.join(" or ")}`);
  }
  const make = (level: LogLevel): Log => (format === "json" ? jsonLog(say, level) : lineLog(say, level, isColoured));
  let current = make(given ?? setting);
  const log: Log = {
    debug: (message, fields) => current.debug(message, fields),
    info: (message, fields) => current.info(message, fields),
    warn: (message, fields) => current.warn(message, fields),
    error: (message, fields) => current.error(message, fields),
  };
  return { log, setLevel: (level) => (current = make(level)) };
}
