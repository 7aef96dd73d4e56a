/**
 * Where a devnet's parts are: folders in its home, ports of this machine. Kept in devnet.json, so that a devnet with a home of its own goes on
 * where it stopped. Owns that file.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { asArray, asInteger, asObject, asString, type JsonObject } from "../../chain/consensus/json.ts";
import { type Home, writeText } from "../home.ts";
import { parseAddress } from "../node.ts";
import { type DevnetPlan, oracleCount, planDevnet, relayCount } from "./plan.ts";
import { freePorts } from "./ports.ts";
import { relayHost, sharedHost } from "./shaping.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Places {
  readonly folder: string;
  /** Where each relay says how it is, in order. */
  readonly relayMonitors: readonly Address[];
  /** The buyer's. */
  readonly proxy: Address;
  /** What is downloaded is there. */
  readonly content: Address;
  /** Of the chain. */
  readonly rpc: Address;
  /** The same, as relays reach it. */
  readonly relayRpc: Address;
  /** The second number of the addresses of relays with networks of their own; undefined where they have none. */
  readonly octet: number | undefined;
}

export const urlOf = ({ host, port }: Address): string => `http://${host.includes(":") ? `[${host}]` : host}:${port}`;

export interface Devnet {
  readonly plan: DevnetPlan;
  readonly places: Places;
}

export interface NewDevnet {
  readonly seed: string;
  readonly epochSeconds: bigint;
  readonly hasLiar: boolean;
  /** Port 0 takes a free one. */
  readonly rpc: Address;
  /** Lines are the kernel's, and not the relays' own. */
  readonly isShaped: boolean;
}

interface Kept extends Omit<NewDevnet, "isShaped"> {
  readonly octet: number | undefined;
  readonly ports: readonly number[];
}

const loopback = "127.0.0.1";
const memberCount = relayCount + oracleCount;
/** Of each relay and oracle where it is reached; of relays where they say how they are; the buyer's proxy; what is downloaded. */
const portCount = memberCount + relayCount + 2;
/** The second numbers of addresses that hardly any network has. */
const octets = { first: 192, count: 60 } as const;

const fileOf = ({ folder }: Home): string => join(folder, "devnet.json");

export const hasDevnet = (home: Home): boolean => existsSync(fileOf(home));

/** Chooses ports; writes nothing. */
export async function newDevnet(home: Home, wanted: NewDevnet): Promise<Devnet & { keep(): void }> {
  const [rpcPort, ...ports] = await freePorts(loopback, portCount + 1);
  const rpc = wanted.rpc.port === 0 ? { ...wanted.rpc, port: rpcPort! } : wanted.rpc;
  const octet = wanted.isShaped ? octets.first + Math.floor(Math.random() * octets.count) : undefined;
  const kept = { ...wanted, rpc, ports, octet };
  return { ...devnetOf(home, kept), keep: () => writeText(fileOf(home), textOf(kept)) };
}

export function keptDevnet(home: Home): Devnet & NewDevnet {
  const path = fileOf(home);
  const found = asObject(JSON.parse(readFileSync(path, "utf8")), path);
  const kept = readKept(found, path);
  return { ...kept, isShaped: kept.octet !== undefined, ...devnetOf(home, kept) };
}

function readKept(found: JsonObject, path: string): Kept {
  const ports = asArray(found.ports, `${path}: ports`).map((port) => Number(port));
  if (ports.length !== portCount || !ports.every((port) => Number.isInteger(port) && port > 0 && port < 65_536)) {
    throw new Error(`${path}: ports are ${JSON.stringify(found.ports)}; expected ${portCount} of them`);
  }
  return {
    seed: asString(found.seed, `${path}: seed`),
    epochSeconds: asInteger(found.epoch_seconds, `${path}: epoch_seconds`),
    hasLiar: found.liar === true,
    rpc: parseAddress(asString(found.rpc, `${path}: rpc`)),
    octet: found.octet === undefined ? undefined : Number(found.octet),
    ports,
  };
}

export const addressText = ({ host, port }: Address): string =>
  `tcp://${host.includes(":") ? `[${host}]` : host}:${port}`;

const textOf = ({ seed, epochSeconds, hasLiar, rpc, octet, ports }: Kept): string => {
  const kept = { seed, epoch_seconds: `${epochSeconds}`, liar: hasLiar, rpc: addressText(rpc), octet, ports };
  return `${JSON.stringify(kept, null, 2)}\n`;
};

function devnetOf({ folder }: Home, { ports, rpc, octet, ...wanted }: Kept): Devnet {
  const shared = octet === undefined ? loopback : sharedHost(octet);
  const hostOf = (index: number) => (octet === undefined ? loopback : relayHost(octet, index));
  const addresses = ports.map((port) => ({ host: loopback, port }));
  const relayAddresses = (from: number): Address[] =>
    ports.slice(from, from + relayCount).map((port, index) => ({ host: hostOf(index), port }));
  const plan = planDevnet({
    ...wanted,
    endpoints: [...relayAddresses(0), ...addresses.slice(relayCount, memberCount)],
  });
  const places = {
    folder,
    relayMonitors: relayAddresses(memberCount),
    proxy: addresses[portCount - 2]!,
    content: { ...addresses[portCount - 1]!, host: shared },
    rpc,
    relayRpc: octet === undefined ? rpc : { host: shared, port: rpc.port },
    octet,
  };
  return { plan, places };
}
