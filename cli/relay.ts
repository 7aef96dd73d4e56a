/** What the commands of `weir relay` share: its settings, its keys, the chain that it asks, and the name of its machine's key. Owns no command. */

import { NodeClient } from "../node/chain/nodeclient.ts";
import type { ChainAnswers } from "../node/measurement/epochfacts.ts";
import { checkPaid } from "../node/relay/paidsettings.ts";
import { findRelay } from "../node/relay/report.ts";
import { type RelaySettings, relaySchema } from "../node/relay/settings.ts";
import { UsageError } from "./arguments.ts";
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

/** What the settings say stands behind what is typed. */
function behind(invocation: Invocation, values: Readonly<Record<string, string | undefined>>): Invocation {
  const flag = (name: string) => (invocation.isGiven(name) ? undefined : values[name]) ?? invocation.flag(name);
  return { ...invocation, flag };
}

export interface RelayHere {
  readonly settings: RelaySettings;
  readonly keys: DaemonKeys;
  /** Of the operator. */
  readonly address: string;
  readonly chain: ChainAnswers;
  /** Undefined where it is not registered. */
  find(): Promise<bigint | undefined>;
}

export interface RelaySession extends RelayHere {
  readonly session: Session;
}

/** The relay of --home, by the first node of config/relay.toml unless the line names one. */
export function openRelayHere(invocation: Invocation): RelayHere {
  const settings = loadSettings(relayKind, invocation.home);
  const keys = openDaemonKeys(invocation);
  const { operatorKey, chainId, relay, rpc } = settings;
  if (!keys.keyring.has(operatorKey)) {
    throw new Error(
      `there is no key ${operatorKey} in ${keys.keyring.folder}: \`weir keys add ${operatorKey}\` makes it`,
    );
  }
  const { address } = keys.keyring.get(operatorKey);
  const url = invocation.isGiven("node") ? (invocation.flag("node") ?? "") : rpc[0]!;
  const chain = answersOf(new NodeClient(url), chainId);
  const find = async () =>
    relay === 0 ? findRelay(chain, address, keys.machines.publicKey(transportKeyName)) : BigInt(relay);
  return { settings, keys, address, chain, find };
}

/** With what signs and sends: the operator's key, at the fee that the settings name, and until a block has it. */
export async function openRelaySession(line: Invocation): Promise<RelaySession> {
  const here = openRelayHere(line);
  const { rpc, chainId, operatorKey, gasPrices } = here.settings;
  const invocation = behind(line, {
    node: rpc[0],
    "chain-id": chainId,
    from: operatorKey,
    "gas-prices": gasPrices,
    "broadcast-mode": "commit",
  });
  useKeyring(invocation, here.keys.keyring);
  const session = await openSession(invocation);
  if (session.node === undefined) throw new UsageError("--offline asks no node, and this needs one");
  return { ...here, session };
}

export async function requireRelay({ find, address, settings }: RelayHere): Promise<bigint> {
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
