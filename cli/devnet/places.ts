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

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Places {
  readonly folder: string;
  /** Where each process says how it is: relays in order, oracles, the client. */
  readonly health: readonly Address[];
  /** The buyer's. */
  readonly proxy: Address;
  /** What is downloaded is there. */
  readonly content: Address;
  /** Of the chain. */
  readonly rpc: Address;
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
}

interface Kept extends NewDevnet {
  readonly ports: readonly number[];
}

const loopback = "127.0.0.1";
const memberCount = relayCount + oracleCount;
/** Of each relay and oracle where it is reached, then where it says how it is; the same of the client; its proxy; what is downloaded. */
const portCount = 2 * memberCount + 3;

const fileOf = ({ folder }: Home): string => join(folder, "devnet.json");

export const hasDevnet = (home: Home): boolean => existsSync(fileOf(home));

/** Chooses ports; writes nothing. */
export async function newDevnet(home: Home, wanted: NewDevnet): Promise<Devnet & { keep(): void }> {
  const [rpcPort, ...ports] = await freePorts(loopback, portCount + 1);
  const rpc = wanted.rpc.port === 0 ? { ...wanted.rpc, port: rpcPort! } : wanted.rpc;
  const kept = { ...wanted, rpc, ports };
  return { ...devnetOf(home, kept), keep: () => writeText(fileOf(home), textOf(kept)) };
}

export function keptDevnet(home: Home): Devnet & NewDevnet {
  const path = fileOf(home);
  const found = asObject(JSON.parse(readFileSync(path, "utf8")), path);
  const kept = readKept(found, path);
  return { ...kept, ...devnetOf(home, kept) };
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
    ports,
  };
}

export const addressText = ({ host, port }: Address): string =>
  `tcp://${host.includes(":") ? `[${host}]` : host}:${port}`;

const textOf = ({ seed, epochSeconds, hasLiar, rpc, ports }: Kept): string =>
  `${JSON.stringify({ seed, epoch_seconds: `${epochSeconds}`, liar: hasLiar, rpc: addressText(rpc), ports }, null, 2)}\n`;

function devnetOf({ folder }: Home, { ports, rpc, ...wanted }: Kept): Devnet {
  const addresses = ports.map((port) => ({ host: loopback, port }));
  const plan = planDevnet({ ...wanted, endpoints: addresses.slice(0, memberCount) });
  const places = {
    folder,
    health: addresses.slice(memberCount, 2 * memberCount + 1),
    proxy: addresses[portCount - 2]!,
    content: addresses[portCount - 1]!,
    rpc,
  };
  return { plan, places };
}
