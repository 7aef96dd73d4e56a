/** What the commands of `weir relay` share: its settings, its keys, the chain that it asks, and the name of its machine's key. Owns no command. */

import type { NodeClient } from "../node/chain/nodeclient.ts";
import type { ChainAnswers } from "../node/measurement/epochfacts.ts";
import { checkPaid } from "../node/relay/paidsettings.ts";
import { findRelay } from "../node/relay/report.ts";
import { type RelaySettings, relaySchema } from "../node/relay/settings.ts";
import { type FlagSpec, UsageError } from "./arguments.ts";
import type { Invocation } from "./command.ts";
import { loadSettings } from "./daemon.ts";
import { type DaemonKeys, openDaemonKeys } from "./daemonkeys.ts";
import { useKeyring } from "./keys.ts";
import { openSession, type Session } from "./tx/session.ts";

export const transportKeyName = "relay-transport";

export const relayKind = {
  daemon: "relay",
  schema: relaySchema,
  check: checkPaid,
} as const;

export const yesFlag: FlagSpec = { name: "yes", short: "y", help: "do not ask before signing and sending" };

/** What the settings say stands behind what is typed. */
function behind(invocation: Invocation, values: Readonly<Record<string, string | undefined>>): Invocation {
  const flag = (name: string) => (invocation.isGiven(name) ? undefined : values[name]) ?? invocation.flag(name);
  return { ...invocation, flag };
}

export interface RelaySession {
  readonly settings: RelaySettings;
  readonly keys: DaemonKeys;
  readonly session: Session;
  /** Of the operator. */
  readonly address: string;
  readonly chain: ChainAnswers;
  /** Undefined where it is not registered. */
  find(): Promise<bigint | undefined>;
}

/** With the node, the chain and the key of config/relay.toml, unless the line says otherwise. */
export async function openRelaySession(line: Invocation): Promise<RelaySession> {
  const settings = loadSettings(relayKind, line.home);
  const invocation = behind(line, {
    node: settings.rpc[0],
    "chain-id": settings.chainId,
    from: settings.operatorKey,
    "gas-prices": settings.gasPrices,
    "broadcast-mode": "commit",
  });
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
  const chain = answersOf(session.node, settings.chainId);
  const find = async () =>
    settings.relay !== 0
      ? BigInt(settings.relay)
      : findRelay(chain, address, keys.machines.publicKey(transportKeyName));
  return { settings, keys, session, address, chain, find };
}

export async function requireRelay({ find, address, settings }: RelaySession): Promise<bigint> {
  const id = await find();
  if (id !== undefined) return id;
  throw new Error(
    `no relay of ${address} with this home's key stands on ${settings.chainId}: run \`weir relay register\` first`,
  );
}

/** A node as what daemons ask; nothing is proven. */
export const answersOf = (node: NodeClient, chainId: string): ChainAnswers => ({
  chainId,
  query: async (path, data, decode) => decode((await node.abciQuery({ path, data })).value),
});
