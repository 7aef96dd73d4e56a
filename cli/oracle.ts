/** What the commands of `weir oracle` share: its settings, its keys, the chain that it asks, and the names of its machine's keys. Owns no command. */
import type { ChainAnswers } from "../node/measurement/epochfacts.ts";
import { type OracleSettings, oracleSchema, urlsOf } from "../node/oracle/settings.ts";
import { UsageError } from "./arguments.ts";
import type { Invocation } from "./command.ts";
import { loadSettings } from "./daemon.ts";
import { type DaemonKeys, openDaemonKeys } from "./daemonkeys.ts";
import { useKeyring } from "./keys.ts";
import { answersOf } from "./relay.ts";
import { openSession, type Session } from "./tx/session.ts";

export const oracleTransportKey = "oracle-transport";
export const oracleVrfKey = "oracle-vrf";

export const oracleKind = {
  daemon: "oracle",
  schema: oracleSchema,
  check: (settings: OracleSettings) => void urlsOf(settings),
} as const;

export interface OracleSession {
  readonly settings: OracleSettings;
  readonly keys: DaemonKeys;
  readonly session: Session;
  /** Of the operator. */
  readonly address: string;
  readonly chain: ChainAnswers;
  /** As the chain is asked for it: its id, or its operator. */
  readonly name: string;
}

/** With the node, the chain and the key of config/oracle.toml, unless the line says otherwise; `sends` where a transaction may follow. */
export async function openOracleSession(line: Invocation, sends: boolean): Promise<OracleSession> {
  const settings = loadSettings(oracleKind, line.home);
  const values: Readonly<Record<string, string | undefined>> = {
    node: settings.rpc[0],
    "chain-id": settings.chainId,
    from: settings.operatorKey,
    "gas-prices": settings.gasPrices,
    "broadcast-mode": "commit",
  };
  const flag = (name: string) => (line.isGiven(name) ? undefined : values[name]) ?? line.flag(name);
  // A command that only asks has no flag for doing without a node.
  const has = (name: string) => (sends || name !== "offline") && line.has(name);
  const invocation = { ...line, flag, has };
  const keys = openDaemonKeys(invocation);
  useKeyring(invocation, keys.keyring);
  const session = await openSession(invocation);
  if (session.node === undefined) throw new UsageError("--offline asks no node, and this needs one");
  if (!keys.keyring.has(settings.operatorKey)) {
    throw new Error(
      `there is no key ${settings.operatorKey} in ${keys.keyring.folder}: \`weir keys add ${settings.operatorKey}\` makes it`,
    );
  }
  const { address } = keys.keyring.get(settings.operatorKey);
  const name = settings.oracle === 0 ? address : `${settings.oracle}`;
  return { settings, keys, session, address, chain: answersOf(session.node, settings.chainId), name };
}
