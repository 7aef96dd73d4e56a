/** What signs and sends for the relay of --home: the transaction's session, with what config/relay.toml says behind what is typed. */
import { UsageError } from "./arguments.ts";
import type { Invocation } from "./command.ts";
import { useKeyring } from "./keys.ts";
import { openRelayHere, type RelayHere } from "./relay.ts";
import { openSession, type Session } from "./tx/session.ts";

/** What the settings say stands behind what is typed. */
function behind(invocation: Invocation, values: Readonly<Record<string, string | undefined>>): Invocation {
  const flag = (name: string) => (invocation.isGiven(name) ? undefined : values[name]) ?? invocation.flag(name);
  return { ...invocation, flag };
}

export interface RelaySession extends RelayHere {
  readonly session: Session;
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
