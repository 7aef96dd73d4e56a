/**
 * What `init` of every daemon with an operator's key does alike: values of flags where the settings' file has them, what a node can tell of its
 * chain, and the operator's key. Owns no file of settings.
 */
import { asObject } from "../chain/consensus/json.ts";
import { NodeClient } from "../node/chain/nodeclient.ts";
import { rpcAt } from "../node/chain/rpc.ts";
import type { Schema } from "../node/daemon/settings.ts";
import { type FlagSpec, UsageError } from "./arguments.ts";
import type { Invocation } from "./command.ts";
import type { DaemonKeys } from "./daemonkeys.ts";
import { defaultCoinType, derivePrivateKey, hdPath, newMnemonic } from "./keyring/derive.ts";
import { clientToml } from "./templates.ts";

/** A flag that stands for a setting. */
export interface SettingFlag extends FlagSpec {
  /** Where in the file. */
  readonly path: readonly string[];
}

export const chainFlags: readonly FlagSpec[] = [
  { name: "rpc", value: "URL", help: "a node to ask; several are better (default --node)", repeated: true },
  { name: "trust-height", value: "N", help: "a block that you know from elsewhere" },
  { name: "trust-hash", value: "HEX", help: "its hash" },
  { name: "operator-key", value: "NAME", help: "name of the operator's key", default: "operator" },
  { name: "no-backup", help: "do not show the new account's words" },
];

/** The settings with what the line says, read as the file is read. */
export function withFlags<Settings extends object>(
  invocation: Invocation,
  schema: Schema,
  settings: Settings,
  flags: readonly SettingFlag[],
): Settings {
  return flags.reduce<Settings>((values, { name, path }) => {
    const text = invocation.flag(name);
    return text === undefined ? values : (withSetting(schema, values, path, text, `--${name}`) as Settings);
  }, settings);
}

function withSetting(schema: Schema, values: object, path: readonly string[], text: string, label: string): object {
  const [name = "", ...below] = path;
  const own = (values as Readonly<Record<string, unknown>>)[name];
  const entry = schema[name]!;
  if (below.length > 0) return { ...values, [name]: withSetting(entry as Schema, own as object, below, text, label) };
  const setting = entry as { readonly expected: string; read(value: unknown): unknown };
  const read = setting.read(text);
  if (read === undefined) throw new UsageError(`${label} ${text}: expected ${setting.expected}`);
  return { ...values, [name]: read };
}

export const rpcOf = (invocation: Invocation): readonly string[] =>
  invocation.flags("rpc").length > 0 ? invocation.flags("rpc") : [invocation.flag("node") ?? ""];

export interface ChainFound {
  readonly chainId: string;
  readonly trustHeight: bigint;
  readonly trustHash: string;
}

/** What the line says, and else what the node says; a block that a node tells is worth as much as the node. */
export async function chainAt(invocation: Invocation, url: string): Promise<ChainFound> {
  const [height, hash] = [invocation.flag("trust-height") ?? "0", invocation.flag("trust-hash") ?? ""];
  if (!/^\d{1,18}$/.test(height)) throw new UsageError(`--trust-height ${height}: expected a height`);
  const chainId = invocation.flag("chain-id");
  try {
    const found = await new NodeClient(url).chainId();
    if (chainId !== undefined && chainId !== found) {
      throw new UsageError(`${url} is of the chain ${found}, not ${chainId}`);
    }
    if (hash !== "") return { chainId: found, trustHeight: BigInt(height), trustHash: hash };
    const newest = await newestBlock(url);
    invocation.say(
      `Block ${newest.trustHeight} with hash ${newest.trustHash} is trusted at the word of ${url}: compare it with another source.\n`,
    );
    return { chainId: found, ...newest };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (chainId === undefined) {
      throw new UsageError(`${error instanceof Error ? error.message : error}; or say which chain it is: --chain-id`);
    }
    return { chainId, trustHeight: BigInt(height), trustHash: hash };
  }
}

async function newestBlock(url: string): Promise<Pick<ChainFound, "trustHeight" | "trustHash">> {
  const status = await rpcAt(url).call("status");
  const sync = asObject(status.sync_info, "sync_info");
  const trustHash = String(sync.latest_block_hash ?? "");
  if (trustHash === "") return { trustHeight: 0n, trustHash };
  return { trustHeight: BigInt(String(sync.latest_block_height)), trustHash };
}

/** The address of the key that is there, or of a new one, whose words are shown once. */
export async function operatorOf(invocation: Invocation, { keyring }: DaemonKeys, name: string): Promise<string> {
  if (keyring.has(name)) return keyring.get(name).address;
  const mnemonic = newMnemonic();
  const privateKey = await derivePrivateKey(mnemonic, "", hdPath(defaultCoinType, 0, 0));
  try {
    const { address } = await keyring.addLocal(name, privateKey);
    if (!invocation.has("no-backup")) {
      invocation.say(
        `\n**Important** write these words in a safe place: they alone bring the account ${name} back.\n\n${mnemonic}\n\n`,
      );
    }
    return address;
  } finally {
    privateKey.fill(0);
  }
}

/** What the other commands of the home take for granted. */
export const clientTomlOf = ({ chainId, rpc }: { readonly chainId: string; readonly rpc: readonly string[] }): string =>
  clientToml(chainId).replace(/^node = .*$/m, `node = ${JSON.stringify(rpc[0])}`);
