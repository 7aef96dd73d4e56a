/** `weir oracle init`: keys and config/oracle.toml of a new oracle. Overwrites nothing; asks a node what it can, and says what it could not. */
import { existsSync } from "node:fs";
import { defaultsOf, settingsText } from "../../node/daemon/settings.ts";
import { type OracleSettings, oracleSchema } from "../../node/oracle/settings.ts";
import type { Command, Invocation } from "../command.ts";
import { settingsPath } from "../daemon.ts";
import { chainAt, chainFlags, clientTomlOf, operatorOf, rpcOf, type SettingFlag, withFlags } from "../daemoninit.ts";
import { openDaemonKeys } from "../daemonkeys.ts";
import { makeFolders, writeText } from "../home.ts";
import { keyFlags } from "../keys.ts";
import { oracleKind, oracleTransportKey, oracleVrfKey } from "../oracle.ts";

const head = [
  "An oracle of Weir: where it asks, what it registers and how it measures. Figures have units: 1gbps, 5s, 60000weir.",
  "After a change: kill -HUP its process, or restart it. The table [registration] stands on the chain once it is registered:",
  "`weir tx attestation update-oracle` changes it there.",
].join("\n");

const registrationFlags: readonly SettingFlag[] = [
  {
    name: "endpoint",
    value: "ADDRESS:PORT",
    help: "the public address that it measures from, literal",
    path: ["registration", "endpoint"],
  },
  {
    name: "capacity",
    value: "RATE",
    help: "what the line carries in both directions (default 1gbps)",
    path: ["registration", "capacity"],
  },
  { name: "cell", value: "NAME", help: "its region", path: ["registration", "cell"] },
  { name: "moniker", value: "TEXT", help: "a name for people (default oracle)", path: ["registration", "moniker"] },
  { name: "gas-prices", value: "COINS", help: "what a transaction pays for each gas: 0.025uweir", path: ["gasPrices"] },
];

export const command: Command = {
  name: "oracle init",
  positionals: [],
  summary: "Makes the keys and config/oracle.toml of an oracle in --home.",
  description:
    "Three keys, encrypted with one passphrase: the operator's account (a new one comes with 24 words, shown once), the transport key that signs\n" +
    "what is attested, and the key of proofs that covert work follows from. What is not given keeps its default; the file explains each setting.",
  flags: [...registrationFlags.map(({ path: _, ...flag }) => flag), ...chainFlags, ...keyFlags],
  examples: [
    "weir oracle init --rpc https://rpc.example.org --endpoint 192.0.2.1:443 --capacity 1gbps --cell europe-west",
    "weir oracle init --endpoint 192.0.2.1:443 --home /var/lib/weir-oracle",
  ],
  async run(invocation) {
    const { home } = invocation;
    const path = settingsPath(home, oracleKind);
    if (existsSync(path)) {
      throw new Error(`${path} exists already: nothing was changed. Edit it, or use another --home`);
    }
    const settings = await settingsOf(invocation);
    makeFolders(home);
    const keys = openDaemonKeys(invocation);
    const address = await operatorOf(invocation, keys, settings.operatorKey);
    const transportKey = await keys.makeMachine(oracleTransportKey);
    const vrfKey = await keys.makeMachine(oracleVrfKey);
    writeText(path, settingsText(oracleSchema, settings, head));
    if (!existsSync(home.clientToml)) writeText(home.clientToml, clientTomlOf(settings));
    invocation.answer(nextSteps(settings, path, address), {
      config: path,
      operator: address,
      transport_key: Buffer.from(transportKey).toString("base64"),
      vrf_key: Buffer.from(vrfKey).toString("base64"),
      chain_id: settings.chainId,
    });
    return 0;
  },
};

async function settingsOf(invocation: Invocation): Promise<OracleSettings> {
  const rpc = rpcOf(invocation);
  const found = await chainAt(invocation, rpc[0]!);
  const given = withFlags(invocation, oracleSchema, defaultsOf(oracleSchema) as OracleSettings, registrationFlags);
  return { ...given, ...found, rpc, operatorKey: invocation.flag("operator-key") ?? given.operatorKey };
}

function nextSteps({ registration }: OracleSettings, path: string, address: string): string {
  const missing = (["endpoint", "cell"] as const).filter((name) => registration[name] === "");
  return [
    `Made ${path}, the operator's account ${address}, a transport key and a key of proofs.`,
    "",
    ...(missing.length === 0
      ? []
      : [`Set ${missing.map((name) => `registration.${name}`).join(" and ")} in it:   weir query attestation cells`]),
    `Send the bond and some WEIR for fees to ${address}. No port has to be open: an oracle only dials.`,
    "Register it, with its bond:   weir oracle register",
    "Run it:                       weir oracle start",
    "",
  ].join("\n");
}
