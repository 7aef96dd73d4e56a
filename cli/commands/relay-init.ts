/** `weir relay init`: keys and config/relay.toml of a new relay. Overwrites nothing; asks a node what it can, and says what it could not. */
import { existsSync } from "node:fs";
import { asObject } from "../../chain/consensus/json.ts";
import { NodeClient } from "../../node/chain/nodeclient.ts";
import { rpcAt } from "../../node/chain/rpc.ts";
import { defaultsOf, type Schema, settingsText } from "../../node/daemon/settings.ts";
import { type RelaySettings, relaySchema } from "../../node/relay/settings.ts";
import { UsageError } from "../arguments.ts";
import type { Command, Invocation } from "../command.ts";
import { settingsPath } from "../daemon.ts";
import { type DaemonKeys, openDaemonKeys } from "../daemonkeys.ts";
import { makeFolders, writeText } from "../home.ts";
import { defaultCoinType, derivePrivateKey, hdPath, newMnemonic } from "../keyring/derive.ts";
import { keyFlags } from "../keys.ts";
import { relayKind, transportKeyName } from "../relay.ts";
import { clientToml } from "../templates.ts";

const head = [
  "A relay of Weir: what it offers and how it runs. Figures have units: 20mbps, 500gb, 25ms, 0.05usd, 1000weir.",
  "After a change: kill -HUP its process, or restart it. What is offered (the table [offer], endpoint, exit.policy) stands on the chain once",
  "it is registered: `weir tx attestation update-relay` changes it there.",
].join("\n");

/** By flag, the place in the file. */
const offerFlags = [
  { name: "endpoint", value: "HOST:PORT", help: "where the world reaches the relay", path: ["endpoint"] },
  { name: "listen", value: "ADDRESS", help: "where it listens, TCP and UDP (default 0.0.0.0:4430)", path: ["listen"] },
  { name: "claim", value: "RATE", help: "what the line sends and receives (default 20mbps)", path: ["offer", "claim"] },
  { name: "rtt", value: "TIME", help: "to oracles of the region (default 30ms)", path: ["offer", "roundTrip"] },
  { name: "cell", value: "NAME", help: "its region", path: ["offer", "cell"] },
  { name: "moniker", value: "TEXT", help: "a name for people (default relay)", path: ["offer", "moniker"] },
  {
    name: "price-floor",
    value: "PRICE",
    help: "least price for a GiB (default 0.05usd)",
    path: ["offer", "priceFloor"],
  },
  { name: "exit", value: "POLICY", help: "none, web, all (default none)", path: ["exit", "policy"] },
  { name: "bandwidth", value: "RATE", help: "cap of all that it carries, in each direction", path: ["bandwidth"] },
  { name: "gas-prices", value: "COINS", help: "what a transaction pays for each gas: 0.025uweir", path: ["gasPrices"] },
  { name: "monthly-volume", value: "BYTES", help: "cap of what it sends in a month: 500gb", path: ["monthlyVolume"] },
] as const;

export const command: Command = {
  name: "relay init",
  positionals: [],
  summary: "Makes the keys and config/relay.toml of a relay in --home.",
  description:
    "The account of the operator (a new key comes with 24 words, shown once) and the transport key, by which oracles and buyers know the relay,\n" +
    "are encrypted with one passphrase. What is not given keeps its default; the file explains each setting. Nothing that exists is overwritten.",
  flags: [
    ...offerFlags.map(({ name, value, help }) => ({ name, value, help })),
    { name: "rpc", value: "URL", help: "a node to ask; several are better (default --node)", repeated: true },
    { name: "trust-height", value: "N", help: "a block that you know from elsewhere" },
    { name: "trust-hash", value: "HEX", help: "its hash" },
    { name: "operator-key", value: "NAME", help: "name of the operator's key", default: "operator" },
    { name: "no-backup", help: "do not show the new account's words" },
    ...keyFlags,
  ],
  examples: [
    "weir relay init --rpc https://rpc.example.org --endpoint relay.example.org:4430 --claim 20mbps --cell europe-west",
    "weir relay init --endpoint relay.example.org:4430 --monthly-volume 500gb --home /var/lib/weir-relay",
  ],
  async run(invocation) {
    const { home } = invocation;
    const path = settingsPath(home, relayKind);
    if (existsSync(path))
      throw new Error(`${path} exists already: nothing was changed. Edit it, or use another --home`);
    const settings = await settingsOf(invocation);
    makeFolders(home);
    const keys = openDaemonKeys(invocation);
    const address = await operatorOf(invocation, keys, settings.operatorKey);
    const transportKey = await keys.makeMachine(transportKeyName);
    writeText(path, settingsText(relaySchema, settings, head));
    if (!existsSync(home.clientToml)) writeText(home.clientToml, clientTomlOf(settings));
    invocation.answer(nextSteps(settings, path, address), {
      config: path,
      operator: address,
      transport_key: Buffer.from(transportKey).toString("base64"),
      chain_id: settings.chainId,
    });
    return 0;
  },
};

const clientTomlOf = ({ chainId, rpc }: RelaySettings): string =>
  clientToml(chainId).replace(/^node = .*$/m, `node = ${JSON.stringify(rpc[0])}`);

async function settingsOf(invocation: Invocation): Promise<RelaySettings> {
  const rpc = invocation.flags("rpc").length > 0 ? invocation.flags("rpc") : [invocation.flag("node") ?? ""];
  const found = await chainAt(invocation, rpc[0]!);
  const given = offerFlags.reduce<RelaySettings>((settings, { name, path: place }) => {
    const text = invocation.flag(name);
    return text === undefined
      ? settings
      : (withSetting(relaySchema, settings, place, text, `--${name}`) as RelaySettings);
  }, defaultsOf(relaySchema) as RelaySettings);
  const operatorKey = invocation.flag("operator-key") ?? given.operatorKey;
  return { ...given, rpc, operatorKey, ...found };
}

/** As the file would have it. */
function withSetting(schema: Schema, values: object, place: readonly string[], text: string, label: string): object {
  const [name = "", ...below] = place;
  const own = (values as Readonly<Record<string, unknown>>)[name];
  const entry = schema[name]!;
  if (below.length > 0) return { ...values, [name]: withSetting(entry as Schema, own as object, below, text, label) };
  const setting = entry as { readonly expected: string; read(value: unknown): unknown };
  const read = setting.read(text);
  if (read === undefined) throw new UsageError(`${label} ${text}: expected ${setting.expected}`);
  return { ...values, [name]: read };
}

interface Chain {
  readonly chainId: string;
  readonly trustHeight: bigint;
  readonly trustHash: string;
}

/** What the line says, and else what the node says; a block that a node tells is worth as much as the node. */
async function chainAt(invocation: Invocation, url: string): Promise<Chain> {
  const [height, hash] = [invocation.flag("trust-height") ?? "0", invocation.flag("trust-hash") ?? ""];
  if (!/^\d{1,18}$/.test(height)) throw new UsageError(`--trust-height ${height}: expected a height`);
  const chainId = invocation.flag("chain-id");
  try {
    const node = new NodeClient(url);
    const found = await node.chainId();
    if (chainId !== undefined && chainId !== found)
      throw new UsageError(`${url} is of the chain ${found}, not ${chainId}`);
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

async function newestBlock(url: string): Promise<Pick<Chain, "trustHeight" | "trustHash">> {
  const status = await rpcAt(url).call("status");
  const sync = asObject(status.sync_info, "sync_info");
  const trustHash = String(sync.latest_block_hash ?? "");
  if (trustHash === "") return { trustHeight: 0n, trustHash };
  return { trustHeight: BigInt(String(sync.latest_block_height)), trustHash };
}

/** The key that is there, or a new one. */
async function operatorOf(invocation: Invocation, { keyring }: DaemonKeys, name: string): Promise<string> {
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

function nextSteps({ endpoint, listen, offer }: RelaySettings, path: string, address: string): string {
  const missing = [endpoint === "" ? "endpoint" : "", offer.cell === "" ? "offer.cell" : ""].filter(
    (name) => name !== "",
  );
  return [
    `Made ${path}, the operator's account ${address} and a transport key.`,
    "",
    ...(missing.length === 0 ? [] : [`Set ${missing.join(" and ")} in it:   weir query attestation cells`]),
    `Forward port ${listen.port}, TCP and UDP, to this machine, and send WEIR to ${address}.`,
    "Register it, with its bond:   weir relay register",
    "Run it:                       weir relay start",
    "",
  ].join("\n");
}
