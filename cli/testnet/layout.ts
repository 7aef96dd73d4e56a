/** A network of several nodes below one folder: which nodes, at which addresses, in which homes. Owns testnet.json; a home owns itself. */
import { existsSync, readFileSync } from "node:fs";
import { isIPv4 } from "node:net";
import { join } from "node:path";
import { asArray, asObject, asString } from "../../chain/consensus/json.ts";
import { UsageError } from "../arguments.ts";
import { type Home, homeAt, writeText } from "../home.ts";

/** Each node has an address of its own, so that all have the same ports. */
export const ports = { peers: 26_656, rpc: 26_657, metrics: 26_660 } as const;

/** As many as `staking` lets validate by default. */
export const validatorsMax = 100;

export interface TestnetNode {
  readonly name: string;
  /** IPv4. */
  readonly address: string;
  readonly home: Home;
  /** Where its output goes. */
  readonly logFile: string;
}

export interface Testnet {
  readonly folder: string;
  readonly chainId: string;
  readonly nodes: readonly TestnetNode[];
}

export const rpcUrlOf = ({ address }: TestnetNode): string => `http://${address}:${ports.rpc}`;

const nodeIn = (folder: string, name: string, address: string): TestnetNode => ({
  name,
  address,
  home: homeAt(join(folder, name)),
  logFile: join(folder, name, "node.log"),
});

/** node0 at the first address, node1 at the next one. */
export function planTestnet(folder: string, chainId: string, count: number, firstAddress: string): Testnet {
  const nodes = Array.from({ length: count }, (_, i) => nodeIn(folder, `node${i}`, addressAfter(firstAddress, i)));
  return { folder, chainId, nodes };
}

function addressAfter(first: string, steps: number): string {
  const number = first.split(".").reduce((sum, part) => sum * 256 + Number(part), 0) + steps;
  const address = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
  const last = Number(address.split(".")[3]);
  if (isIPv4(first) && number < 2 ** 32 && last > 0 && last < 255) return address;
  throw new UsageError(
    `--starting-ip-address ${first}: expected an IPv4 address with room for one a node behind it, as 127.0.0.1`,
  );
}

const manifestOf = (folder: string): string => join(folder, "testnet.json");

/** Written last: where it is, the homes are whole. */
export function writeManifest({ folder, chainId, nodes }: Testnet): void {
  const listed = nodes.map(({ name, address }) => ({ name, address }));
  writeText(manifestOf(folder), `${JSON.stringify({ chain_id: chainId, nodes: listed }, null, 2)}\n`);
}

export function readTestnet(folder: string): Testnet {
  const path = manifestOf(folder);
  if (!existsSync(path)) {
    throw new Error(`${path} is missing: \`weir testnet init --validators 4 --out ${folder}\` makes a network there`);
  }
  const manifest = asObject(JSON.parse(readFileSync(path, "utf8")), path);
  const nodes = asArray(manifest.nodes, "nodes").map((entry, i) => {
    const { name, address } = asObject(entry, `nodes[${i}]`);
    return nodeIn(folder, requireName(asString(name, "name"), path), asString(address, "address"));
  });
  if (nodes.length === 0) throw new Error(`${path} names no node: make the network anew in another folder`);
  return { folder, chainId: asString(manifest.chain_id, "chain_id"), nodes };
}

/** It becomes a folder's. */
function requireName(name: string, path: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name)) return name;
  throw new Error(`${path}: ${JSON.stringify(name)} is no name of a node; expected one such as node0`);
}
