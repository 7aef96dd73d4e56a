/**
 * What the commands of `weir relay` share: its settings, its keys, the chain that it asks, and the name of its machine's key. Loads no more than the
 * daemon needs: what signs and sends is relaysession.ts. Owns no command.
 */

import { NodeClient } from "../node/chain/nodeclient.ts";
import type { ChainAnswers } from "../node/measurement/epochfacts.ts";
import { checkPaid } from "../node/relay/paidsettings.ts";
import { findRelay } from "../node/relay/report.ts";
import { type RelaySettings, relaySchema } from "../node/relay/settings.ts";
import type { Invocation } from "./command.ts";
import { loadSettings } from "./daemon.ts";
import { type DaemonKeys, openDaemonKeys } from "./daemonkeys.ts";

export const transportKeyName = "relay-transport";

export const relayKind = {
  daemon: "relay",
  schema: relaySchema,
  check: checkPaid,
} as const;

export interface RelayHere {
  readonly settings: RelaySettings;
  readonly keys: DaemonKeys;
  /** Of the operator. */
  readonly address: string;
  readonly chain: ChainAnswers;
  /** Undefined where it is not registered. */
  find(): Promise<bigint | undefined>;
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
