/**
 * config.toml as CometBFT reads it. Owns the few keys that this node sets at each start (where the application is, how log lines look, and
 * state sync when it is asked for); every other line is the operator's and stays as it is.
 */
import { type Home, readText, writeText } from "./home.ts";
import { setTomlKeys, type TomlKeys } from "./tomledit.ts";

export interface TrustedStart {
  readonly rpcUrls: readonly string[];
  readonly height: bigint;
  readonly hash: string;
}

export interface CometSettings {
  readonly abciAddress: string;
  readonly stateSync: TrustedStart | undefined;
}

export function writeCometConfig({ configToml }: Home, { abciAddress, stateSync }: CometSettings): void {
  const before = readText(configToml, "run `weir init MONIKER` first");
  const keys: TomlKeys = {
    "": { proxy_app: abciAddress, abci: "socket", log_format: "json" },
    ...(stateSync === undefined ? {} : { statesync: stateSyncKeys(stateSync) }),
  };
  const after = setTomlKeys(before, keys);
  if (after !== before) writeText(configToml, after);
}

const stateSyncKeys = ({ rpcUrls, height, hash }: TrustedStart) => ({
  enable: true,
  rpc_servers: rpcUrls.join(","),
  trust_height: Number(height),
  trust_hash: hash,
});
