/** Settings that every daemon has: its chain, the nodes that it asks, its key and fees, where it is watched. Owns the names, which files rely on. */
import type { TrustedHeader } from "../chain/provenstate.ts";
import { rpcUrl } from "../chain/rpc.ts";
import {
  address,
  amount,
  choice,
  duration,
  fixed,
  flag,
  type SettingsOf,
  SettingsRefused,
  text,
  texts,
} from "./settings.ts";

const dayMillis = 86_400_000;
const hashCharacters = 64;

export const logLevels = ["debug", "info", "warn", "error"] as const;

/** `monitor` is where /metrics, /health and /status are, 127.0.0.1:PORT. */
export const commonSettings = (monitor: string) => ({
  chainId: fixed(text("The chain that this daemon is of.")),
  rpc: fixed(
    texts("RPC of nodes, the more the better: one that does not answer is passed over.", ["http://127.0.0.1:26657"]),
  ),
  operatorKey: fixed(text("The key that signs its transactions, by its name in the keyring.", "operator")),
  gasPrices: text('What a transaction pays for each gas, "0.025uweir"; empty pays nothing.'),
  trustHeight: fixed(
    amount("A block that you know from elsewhere; 0: the first one is taken as all nodes tell it.", 0n),
  ),
  trustHash: fixed(text("The hash of that block, 64 hex digits.")),
  trustPeriod: fixed(
    duration("How old a header may be that others are believed by.", "7d", { min: 1_000, max: 365 * dayMillis }),
  ),
  pollInterval: fixed(duration("How often a node is asked for a new block.", "500ms", { min: 50, max: 60_000 })),
  monitor: fixed(address("Where /metrics, /health and /status are; port 0 takes a free one.", monitor)),
  logLevel: choice("The least that is logged.", logLevels, "info"),
  allowPrivateAddresses: fixed(
    flag("Dial addresses of this machine and of private networks too: for devnets alone.", false),
  ),
});

export type CommonSettings = SettingsOf<ReturnType<typeof commonSettings>>;

/** What no single setting shows. */
export function checkCommon({ chainId, rpc, trustHeight, trustHash }: CommonSettings, path: string): void {
  const refuse = (what: string): never => {
    throw new SettingsRefused(`${path}: ${what}`);
  };
  if (chainId === "") refuse("chain_id is empty; expected the chain's id");
  if (rpc.length === 0) refuse("rpc names no node; expected one or more of http://HOST:PORT");
  for (const url of rpc) {
    try {
      rpcUrl(url);
    } catch {
      refuse(`rpc holds ${JSON.stringify(url)}; expected http://HOST:PORT`);
    }
  }
  const isHash = trustHash.length === hashCharacters && /^[0-9a-fA-F]+$/.test(trustHash);
  if ((trustHeight === 0n) !== (trustHash === "")) refuse("trust_height and trust_hash belong together");
  if (trustHash !== "" && !isHash) refuse(`trust_hash is ${trustHash}; expected ${hashCharacters} hex digits`);
}

export const trustedIn = ({ trustHeight, trustHash }: CommonSettings): TrustedHeader | undefined =>
  trustHeight === 0n ? undefined : { height: trustHeight, hash: trustHash.toUpperCase() };
