/** The homes of a devnet's processes: settings and keys, as `init` of each would write them. Owns what of them is the devnet's to say. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { formatCode } from "../../node/client/topupcode.ts";
import { defaultsOf } from "../../node/daemon/settings.ts";
import { type OracleSettings, oracleSchema } from "../../node/oracle/settings.ts";
import { type RelaySettings, relaySchema } from "../../node/relay/settings.ts";
import { rootName } from "../clienthome.ts";
import { monitorFile, writeSettings } from "../daemon.ts";
import { devnetAccounts } from "../devnet-accounts.ts";
import { type Home, homeAt, makeFolders, readText, writeText } from "../home.ts";
import { defaultCoinType, derivePrivateKey, hdPath } from "../keyring/derive.ts";
import { openKeyring } from "../keyring/keyring.ts";
import { machineKeys } from "../keyring/machinekeys.ts";
import { oracleKind, oracleTransportKey, oracleVrfKey } from "../oracle.ts";
import { relayKind, transportKeyName } from "../relay.ts";
import { clientToml } from "../templates.ts";
import { setTomlKeys } from "../tomledit.ts";
import { logFileOf } from "./chainlog.ts";
import type { ChildSpec } from "./children.ts";
import { contentPath } from "./content.ts";
import { type Address, type Devnet, urlOf } from "./places.ts";
import { devnetCell, devnetChainId, type PlannedOracle, type PlannedRelay } from "./plan.ts";
import { shapedPrefix } from "./shaping.ts";

const operatorKeyName = "operator";
const loopback = "127.0.0.1";
/** Blocks come twice a second; whose turn it is, an oracle learns by them. */
const oraclePollMillis = 250;
const relayPollMillis = 500;

const homeOf = (folder: string, name: string): Home => homeAt(join(folder, name));

/** Not encrypted: they follow from a seed, and are worth nothing. */
const keyringIn = ({ folder }: Home) => ({ home: folder, backend: "test" as const, passphrase: notAsked });

const notAsked = (): Promise<string> => Promise.reject(new Error("the test keyring has no passphrase"));

export async function writeDevnetHomes(devnet: Devnet): Promise<void> {
  const { plan, places } = devnet;
  await writeAccounts(homeAt(places.folder), urlOf(places.rpc));
  for (const [index, relay] of plan.relays.entries()) await writeRelay(devnet, relay, places.relayMonitors[index]!);
  for (const oracle of plan.oracles) await writeOracle(devnet, oracle);
  await writeBuyer(devnet);
}

/** So that whoever types in a second terminal is alice with --home and --from alone. */
async function writeAccounts(home: Home, rpcUrl: string): Promise<void> {
  const keyring = openKeyring(keyringIn(home));
  for (const { name, mnemonic } of devnetAccounts) {
    await keyring.addLocal(name, await derivePrivateKey(mnemonic, "", hdPath(defaultCoinType, 0, 0)));
  }
  writeClientToml(home, rpcUrl);
}

function writeClientToml(home: Home, rpcUrl: string): void {
  const text = existsSync(home.clientToml)
    ? readText(home.clientToml, "it was there just now")
    : clientToml(devnetChainId);
  writeText(home.clientToml, setTomlKeys(text, { "": { node: rpcUrl, "keyring-backend": "test" } }));
}

const common = (rpc: Address, monitor: Address, pollInterval: number) => ({
  chainId: devnetChainId,
  rpc: [urlOf(rpc)],
  operatorKey: operatorKeyName,
  pollInterval,
  monitor,
  allowPrivateAddresses: true,
});

async function writeRelay({ places }: Devnet, relay: PlannedRelay, monitor: Address): Promise<void> {
  const { name, host, port, operatorKey, transportKey, claimBps, speedBps, isLiar } = relay;
  const home = homeOf(places.folder, name);
  const defaults = defaultsOf(relaySchema) as RelaySettings;
  writeSettings(relayKind, home, {
    ...common(places.relayRpc, monitor, relayPollMillis),
    endpoint: `${host}:${port}`,
    listen: { host, port },
    bandwidth: places.octet === undefined ? speedBps : 0n,
    lowerClaim: !isLiar,
    offer: { ...defaults.offer, moniker: name, claim: claimBps, cell: devnetCell },
    exit: { ...defaults.exit, policy: "all" },
  });
  await openKeyring(keyringIn(home)).addLocal(operatorKeyName, operatorKey.privateKey);
  await machineKeys(keyringIn(home)).add(transportKeyName, transportKey.privateKey);
  writeClientToml(home, urlOf(places.rpc));
}

async function writeOracle({ places }: Devnet, oracle: PlannedOracle): Promise<void> {
  const { name, host, port, operatorKey, transportKey, vrfKey, declaredBps, bond, codes } = oracle;
  const home = homeOf(places.folder, name);
  const defaults = defaultsOf(oracleSchema) as OracleSettings;
  writeSettings(oracleKind, home, {
    ...common(places.rpc, { host: loopback, port: 0 }, oraclePollMillis),
    registration: {
      ...defaults.registration,
      ...{ moniker: name, endpoint: `${host}:${port}`, capacity: declaredBps, cell: devnetCell, bond },
    },
    covert: { ...defaults.covert, urls: [`${urlOf(places.content)}${contentPath}`], codesFile: codesFileOf(home) },
  });
  writeCodes(home, codes);
  await openKeyring(keyringIn(home)).addLocal(operatorKeyName, operatorKey.privateKey);
  const machines = machineKeys(keyringIn(home));
  await machines.add(oracleTransportKey, transportKey.privateKey);
  await machines.add(oracleVrfKey, vrfKey.privateKey);
  writeClientToml(home, urlOf(places.rpc));
}

async function writeBuyer({ plan: { buyer }, places }: Devnet): Promise<void> {
  const home = homeOf(places.folder, buyer.name);
  makeFolders(home);
  await machineKeys(keyringIn(home)).add(rootName, buyer.root);
  writeCodes(home, buyer.codes);
  writeClientToml(home, urlOf(places.rpc));
}

function writeCodes(home: Home, secrets: readonly Uint8Array[]): void {
  const codes = secrets.map((secret) => formatCode(devnetChainId, secret));
  writeText(codesFileOf(home), `${["# Top-up codes, as a shop sells them.", ...codes].join("\n")}\n`);
}

const codesFileOf = ({ config }: Home): string => join(config, "codes.txt");

// -------------------------------------------------------------------------------------------------------------- their commands

/** Relays in their order, then oracles. */
export function daemonSpecs({ plan, places }: Devnet): ChildSpec[] {
  const { folder, octet } = places;
  const prefix = octet === undefined ? [] : shapedPrefix;
  return [
    ...plan.relays.map(({ name }) => specOf(folder, name, "relay", ["relay", "start", ...plainLog], prefix)),
    ...plan.oracles.map(({ name }) => specOf(folder, name, "oracle", ["oracle", "start", ...plainLog])),
  ];
}

const plainLog = ["--log-format", "plain"];

export function buyerSpec({ plan: { buyer }, places }: Devnet): ChildSpec {
  const { host, port } = places.proxy;
  const home = homeOf(places.folder, buyer.name);
  return specOf(places.folder, buyer.name, "client", [
    ...["client", "connect", "--listen", `${host}:${port}`, "--code-file", codesFileOf(home)],
    ...["--port", `${places.content.port}`, "--allow-private-addresses", "--log-level", "info"],
  ]);
}

function specOf(
  folder: string,
  name: string,
  daemon: string,
  words: readonly string[],
  prefix: readonly string[] = [],
): ChildSpec {
  const home = homeOf(folder, name);
  return {
    name,
    argv: [...words, "--home", home.folder],
    logFile: logFileOf(folder, name),
    monitorFile: monitorFile(home, daemon),
    prefix,
  };
}
