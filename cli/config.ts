/** app.toml, config.toml and client.toml: their templates and what a node reads of them, each value checked. Owns no home. */
import { parse, TomlError } from "smol-toml";
import { type DecCoins, parseDecCoins } from "../chain/deccoins.ts";
import type { Pruning } from "../chain/store/pruning.ts";
import type { SnapshotRule } from "../chain/store/snapshot.ts";
import { type Home, readText } from "./home.ts";

/** "none" serves the application to an engine that someone else runs. */
export const engineNames = ["local", "comet", "none"] as const;
export type EngineName = (typeof engineNames)[number];

export interface AppConfig {
  readonly engine: EngineName;
  /** The cometbft program; empty: looked for. */
  readonly comet: string;
  /** Where an engine reaches the application, as unix://PATH or tcp://HOST:PORT; empty: a socket in data/. */
  readonly abciAddress: string;
  readonly blockMillis: number;
  readonly minGasPrices: DecCoins;
  readonly pruning: Pruning;
  readonly snapshot: SnapshotRule;
  readonly haltHeight: bigint;
  readonly haltTimeSeconds: bigint;
  readonly minRetainBlocks: bigint;
  readonly queryGasLimit: bigint;
  /** Where metrics are served, HOST:PORT; undefined: nowhere. */
  readonly metricsAddress: string | undefined;
}

export interface NodeConfig {
  readonly moniker: string;
  readonly createEmptyBlocks: boolean;
  readonly rpc: {
    readonly address: string;
    readonly corsOrigins: readonly string[];
    readonly connectionsMax: number;
    readonly bodyBytesMax: number;
    readonly headerBytesMax: number;
    readonly batchMax: number;
    readonly connectionsPerAddressMax: number;
    readonly requestsPerSecondMax: number;
    readonly subscribedClientsMax: number;
    readonly subscriptionsPerClientMax: number;
  };
  readonly mempool: {
    readonly transactionsMax: number;
    readonly bytesMax: number;
    readonly txBytesMax: number;
    readonly cacheMax: number;
    readonly millisToLive: number;
    readonly blocksToLive: number;
  };
}

const initFirst = "run `weir init MONIKER` first";

export function readAppConfig(home: Home): AppConfig {
  const table = readTable(home.appToml);
  return {
    engine: table.choice("engine", engineNames, "local"),
    comet: table.text("cometbft", ""),
    abciAddress: table.text("abci", ""),
    blockMillis: table.duration("block-time", "1s"),
    minGasPrices: table.decCoins("minimum-gas-prices"),
    pruning: readPruning(table),
    snapshot: readSnapshotRule(table.section("state-sync")),
    haltHeight: BigInt(table.count("halt-height", 0)),
    haltTimeSeconds: BigInt(table.count("halt-time", 0)),
    minRetainBlocks: BigInt(table.count("min-retain-blocks", 0)),
    queryGasLimit: queryGas(table.count("query-gas-limit", 0)),
    metricsAddress: readMetricsAddress(table.section("telemetry")),
  };
}

/** A home made before there were metrics has no such section, and none. */
const readMetricsAddress = (table: Table): string | undefined =>
  table.flag("enabled", false) ? table.text("address", "tcp://127.0.0.1:26660") : undefined;

/** The SDK's 0 means no limit; here a query always has one. */
const queryGasLimitMax = 50_000_000n;
const queryGas = (limit: number): bigint => (limit === 0 ? queryGasLimitMax : BigInt(limit));

function readPruning(table: Table): Pruning {
  const kind = table.choice("pruning", ["default", "nothing", "everything", "custom"], "default");
  if (kind !== "custom") return kind;
  return { keepRecent: table.count("pruning-keep-recent", 0), interval: table.count("pruning-interval", 0) };
}

const readSnapshotRule = (table: Table): SnapshotRule => ({
  interval: table.count("snapshot-interval", 0),
  keepRecent: table.count("snapshot-keep-recent", 2),
});

export function readNodeConfig(home: Home): NodeConfig {
  const table = readTable(home.configToml);
  const rpc = table.section("rpc");
  const mempool = table.section("mempool");
  return {
    moniker: table.text("moniker", "node"),
    createEmptyBlocks: table.section("consensus").flag("create_empty_blocks", true),
    rpc: {
      address: rpc.text("laddr", "tcp://127.0.0.1:26657"),
      corsOrigins: rpc.texts("cors_allowed_origins"),
      connectionsMax: rpc.count("max_open_connections", 900),
      bodyBytesMax: rpc.count("max_body_bytes", 1_000_000),
      headerBytesMax: rpc.count("max_header_bytes", 1 << 20),
      batchMax: rpc.count("max_request_batch_size", 10),
      connectionsPerAddressMax: rpc.count("max_connections_per_address", 450),
      requestsPerSecondMax: rpc.count("max_requests_per_second", 20_000),
      subscribedClientsMax: rpc.count("max_subscription_clients", 100),
      subscriptionsPerClientMax: rpc.count("max_subscriptions_per_client", 5),
    },
    mempool: {
      transactionsMax: mempool.count("size", 5_000),
      bytesMax: mempool.count("max_txs_bytes", 1 << 30),
      txBytesMax: mempool.count("max_tx_bytes", 1 << 20),
      cacheMax: mempool.count("cache_size", 10_000),
      millisToLive: mempool.duration("ttl-duration", "0s"),
      blocksToLive: mempool.count("ttl-num-blocks", 0),
    },
  };
}

/** Whom CometBFT connects to, as config.toml has it. */
export function readPeers(home: Home): { readonly seeds: string; readonly persistentPeers: string } {
  const peers = readTable(home.configToml).section("p2p");
  return { seeds: peers.text("seeds", ""), persistentPeers: peers.text("persistent_peers", "") };
}

/** The flags that client.toml may stand for: the SDK's keys, and this program's own. */
export const clientSettings = [
  "home",
  "chain-id",
  "node",
  "output",
  "no-color",
  "keyring-backend",
  "keyring-dir",
  "broadcast-mode",
  "gas",
  "gas-adjustment",
  "gas-prices",
  "fees",
  "trust-height",
  "trust-hash",
  "trust-hours",
] as const;

export interface ClientConfig {
  /** By the flag's name, as it would stand on the line; what is empty is left out. */
  readonly settings: Readonly<Record<string, string>>;
  /** Names that mean nothing here. */
  readonly unknown: readonly string[];
}

export function readClientConfig(text: string, path: string): ClientConfig {
  const values = parseToml(text, path);
  const table = new Table(values, path, "");
  const settings = clientSettings.map((name) => [name, table.word(name)] as const).filter(([, value]) => value !== "");
  const unknown = Object.keys(values as object).filter((name) => !clientSettings.some((known) => known === name));
  return { settings: Object.fromEntries(settings), unknown };
}

const readTable = (path: string): Table => new Table(parseToml(readText(path, initFirst), path), path, "");

function parseToml(text: string, path: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new Error(`${path} line ${error.line}: ${error.message.split("\n")[0]}`);
  }
}

/** Every setting that a file holds, as "state-sync.snapshot-interval". */
export function settingsIn(text: string, path: string): readonly string[] {
  const namesOf = (table: object, prefix: string): string[] =>
    Object.entries(table).flatMap(([name, value]) => {
      const isTable = typeof value === "object" && value !== null && Object.getPrototypeOf(value) !== Array.prototype;
      return isTable && !(value instanceof Date) ? namesOf(value, `${prefix}${name}.`) : [`${prefix}${name}`];
    });
  return namesOf(parseToml(text, path) as object, "");
}

class Table {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #prefix: string;

  constructor(values: unknown, path: string, prefix: string) {
    if (typeof values !== "object" || values === null) throw new Error(`${path}: ${prefix} is not a table`);
    this.#values = values as Readonly<Record<string, unknown>>;
    this.#path = path;
    this.#prefix = prefix;
  }

  section(name: string): Table {
    return new Table(this.#value(name) ?? {}, this.#path, `${name}.`);
  }

  text(name: string, fallback: string): string {
    const value = this.#value(name) ?? fallback;
    if (typeof value !== "string") throw this.#wrong(name, "a text in quotes");
    return value;
  }

  /** As it would be typed: a text, a number, true or false. Empty when it is not there. */
  word(name: string): string {
    const value = this.#value(name) ?? "";
    if (typeof value === "object") throw this.#wrong(name, "a text in quotes");
    return String(value);
  }

  texts(name: string): readonly string[] {
    const value = this.#value(name) ?? [];
    if (!Array.isArray(value) || value.some((item) => typeof item !== "string"))
      throw this.#wrong(name, "a list of texts");
    return value as readonly string[];
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.#value(name) ?? fallback;
    if (typeof value !== "boolean") throw this.#wrong(name, "true or false");
    return value;
  }

  /** A whole number that is not negative; the SDK writes some of them as texts. */
  count(name: string, fallback: number): number {
    const value = this.#value(name) ?? fallback;
    const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
    if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 0) {
      throw this.#wrong(name, "a whole number of 0 or more");
    }
    return number;
  }

  duration(name: string, fallback: string): number {
    const millis = parseDuration(this.text(name, fallback));
    if (millis === undefined) throw this.#wrong(name, 'a duration such as "1s" or "500ms"');
    return millis;
  }

  choice<const T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const value = this.text(name, fallback);
    const choice = choices.find((known) => known === value);
    if (choice === undefined) throw this.#wrong(name, `one of ${choices.join(", ")}`);
    return choice;
  }

  decCoins(name: string): DecCoins {
    try {
      return parseDecCoins(this.text(name, ""));
    } catch {
      throw this.#wrong(name, 'decimal coins such as "0.025uweir"');
    }
  }

  #value(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
  }

  #wrong(name: string, expected: string): Error {
    return new Error(
      `${this.#path}: ${this.#prefix}${name} is ${JSON.stringify(this.#value(name))}; expected ${expected}`,
    );
  }
}

const unitMillis = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const durationMillisMax = 24 * 3_600_000;

/** "1s", "500ms", "1m30s", "0"; undefined when it is none, or longer than a day. */
export function parseDuration(text: string): number | undefined {
  if (/^0[a-z]*$/.test(text)) return 0;
  if (!/^(\d{1,6}(\.\d{1,3})?(ms|s|m|h))+$/.test(text)) return undefined;
  let millis = 0;
  for (const [, number, , unit] of text.matchAll(/(\d{1,6}(\.\d{1,3})?)(ms|s|m|h)/g)) {
    millis += Number(number) * unitMillis[unit as keyof typeof unitMillis];
  }
  return millis <= durationMillisMax ? Math.round(millis) : undefined;
}
