/** `weir relay init`: keys and config/relay.toml of a new relay. Overwrites nothing; asks a node what it can, and says what it could not. */
import { existsSync } from "node:fs";
import { defaultsOf, settingsText } from "../../node/daemon/settings.ts";
import { type RelaySettings, relaySchema } from "../../node/relay/settings.ts";
import type { Command, Invocation } from "../command.ts";
import { settingsPath } from "../daemon.ts";
import { chainAt, chainFlags, clientTomlOf, operatorOf, rpcOf, withFlags } from "../daemoninit.ts";
import { openDaemonKeys } from "../daemonkeys.ts";
import { makeFolders, writeText } from "../home.ts";
import { keyFlags } from "../keys.ts";
import { relayKind, transportKeyName } from "../relay.ts";

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
  flags: [...offerFlags.map(({ name, value, help }) => ({ name, value, help })), ...chainFlags, ...keyFlags],
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

async function settingsOf(invocation: Invocation): Promise<RelaySettings> {
  const rpc = rpcOf(invocation);
  const found = await chainAt(invocation, rpc[0]!);
  const given = withFlags(invocation, relaySchema, defaultsOf(relaySchema) as RelaySettings, offerFlags);
  return { ...given, ...found, rpc, operatorKey: invocation.flag("operator-key") ?? given.operatorKey };
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
