/**
 * The keys that a validator proves its blocks by: config/beacon_key.json, its public half in genesis.json, and the file by which a validator
 * of a chain to come hands it in. Owns those files; what a key is worth is modules/beacon's.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { accountAddress, validatorAddress } from "../chain/address.ts";
import type { GenesisDocument } from "../chain/consensus/genesis.ts";
import { asArray, asObject, asString, base64, fromBase64, type JsonObject } from "../chain/consensus/json.ts";
import { newConsensusKey, nodeKeyJson, parseKey } from "../chain/consensus/keys.ts";
import { prove, publicKeyOf } from "../chain/crypto/ecvrf.ts";
import type { KeyPair } from "../chain/crypto/sign.ts";
import type { SystemSigner } from "../chain/systemtx.ts";
import { isPossession, provePossession } from "../modules/beacon/index.ts";
import { type Home, writeText } from "./home.ts";

export type BeaconKey = KeyPair;

/** A key that was replaced proves until the next one counts; older ones are of no use. */
const keysMax = 4;

/** Seeds of ed25519 are what ECVRF's secrets are; this one signs nothing. */
export const newBeaconKey = (): BeaconKey => newConsensusKey();

/** The newest last; none where this node has no file. */
export function readBeaconKeys(path: string): readonly BeaconKey[] {
  if (!existsSync(path)) return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    // What JSON.parse says of a text quotes it, and it may be of a secret.
    throw new Error(`${path} is not JSON: restore the file from a backup`);
  }
  const keys = asArray(asObject(parsed, path).keys, `${path}: keys`);
  if (keys.length === 0 || keys.length > keysMax)
    throw new Error(`${path}: ${keys.length} keys, expected 1 to ${keysMax}`);
  return keys.map((key, index) => parseKey(JSON.stringify(key), `${path}: keys[${index}]`));
}

export function writeBeaconKeys(path: string, keys: readonly BeaconKey[]): void {
  const kept = keys.slice(-keysMax).map((key): unknown => JSON.parse(nodeKeyJson(key)));
  writeText(path, `${JSON.stringify({ keys: kept }, null, 2)}\n`);
}

const signerOf = ({ privateKey }: BeaconKey): SystemSigner => ({
  publicKey: publicKeyOf(privateKey),
  prove: (input) => prove(privateKey, input),
});

const folderSuffix = "_beacon.json";

/** The home's own, and those of the validators that the local engine signs for: NAME_beacon.json beside NAME_key.json. */
export function beaconSigners({ beaconKey }: Home, folder: string | undefined): SystemSigner[] {
  const names = folder === undefined || !existsSync(folder) ? [] : readdirSync(folder).sort();
  const paths = names.filter((name) => name.endsWith(folderSuffix)).map((name) => join(folder!, name));
  return [beaconKey, ...paths].flatMap((path) => readBeaconKeys(path).map(signerOf));
}

// -------------------------------------------------------------------------------------------------------------------- genesis

export interface GenesisKey {
  /** The validator's account. */
  readonly operator: string;
  readonly publicKey: Uint8Array;
}

const beaconIn = ({ appState }: GenesisDocument): JsonObject =>
  asObject(asObject(appState, "app_state").beacon, "app_state.beacon");

const withProposers = (document: GenesisDocument, proposers: readonly unknown[]): GenesisDocument => ({
  ...document,
  appState: { ...asObject(document.appState, "app_state"), beacon: { ...beaconIn(document), proposers } },
});

/** They count from the first block on. */
export function withBeaconKeys(document: GenesisDocument, keys: readonly GenesisKey[]): GenesisDocument {
  const added = keys.map(({ operator, publicKey }) => ({
    operator: validatorAddress.encode(accountAddress.decode(operator)),
    proposer: { keys: [{ public_key: base64(publicKey), usable_from: "0" }] },
  }));
  const present = asArray(beaconIn(document).proposers ?? [], "app_state.beacon.proposers");
  return withProposers(document, [...present, ...added]);
}

export const withoutBeaconKeys = (document: GenesisDocument): GenesisDocument => withProposers(document, []);

// --------------------------------------------------------------------------------- the file that is handed in with a genesis tx

/** No .json, so that who collects transactions alone passes it over. */
const handedInSuffix = ".beacon";

export const isHandedInName = (name: string): boolean => name.endsWith(handedInSuffix);

export const handedInName = (nodeId: string): string => `gentx-${nodeId}${handedInSuffix}`;

export function handedInJson(key: BeaconKey, chainId: string, operator: string): string {
  const possession = provePossession(key.privateKey, chainId, accountAddress.decode(operator));
  const file = { operator, public_key: base64(publicKeyOf(key.privateKey)), possession: base64(possession) };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** One that proves that who handed it in has the secret, for one of these operators. */
export function readHandedIn(path: string, chainId: string, operators: ReadonlySet<string>): GenesisKey {
  const file = asObject(JSON.parse(readFileSync(path, "utf8")), path);
  const operator = asString(file.operator, `${path}: operator`);
  const publicKey = fromBase64(asString(file.public_key, `${path}: public_key`), `${path}: public_key`);
  const possession = fromBase64(asString(file.possession, `${path}: possession`), `${path}: possession`);
  if (!operators.has(operator)) throw new Error(`${path}: operator ${operator} has no genesis tx here`);
  if (isPossession(publicKey, chainId, accountAddress.decode(operator), possession)) return { operator, publicKey };
  throw new Error(
    `${path}: possession does not prove this key for ${operator} on ${chainId}: \`weir genesis gentx\` makes one`,
  );
}
