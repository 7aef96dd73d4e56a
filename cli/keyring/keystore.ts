/**
 * A keyring's folder as keys: found by name or address, refused when damaged or out of place. Owns what may stand beside what; opens no
 * secret.
 */
import { join } from "node:path";
import { accountAddress } from "../../chain/address.ts";
import { decodeBech32 } from "../../chain/bech32.ts";
import { type PublicKey, publicKeyAddress } from "../../chain/crypto/publickey.ts";
import { fileNameOf, KeyExists, type KeyFolder, requireName } from "./folder.ts";
import { type KeyFile, type KeyType, type PublicPart, parseKeyFile, renderKeyFile } from "./keyfile.ts";

export const backends = ["file", "test"] as const;
export type Backend = (typeof backends)[number];

export interface KeyRecord {
  readonly name: string;
  readonly type: KeyType;
  readonly publicKey: PublicKey;
  /** Bech32, with the account prefix. */
  readonly address: string;
}

const addressOf = (publicKey: PublicKey): string => accountAddress.encode(publicKeyAddress(publicKey));

/** What is said of a key that may not be stored. */
export const recordOf = ({ name, type, publicKey }: PublicPart): KeyRecord => ({
  name,
  type,
  publicKey,
  address: addressOf(publicKey),
});

export type KeyStore = ReturnType<typeof keyStore>;

/** The keys' files, read and written as KeyFiles. */
export function keyStore(backend: Backend, folder: KeyFolder) {
  const { path } = folder;
  const load = (fileName: string): KeyFile | undefined => {
    const text = folder.read(fileName);
    if (text === undefined) return undefined;
    const file = parse(text, join(path, fileName));
    requirePlace(file, fileName, backend, path);
    return file;
  };
  const all = () => {
    const files: KeyFile[] = [];
    const problems: Error[] = [];
    for (const fileName of folder.fileNames()) {
      try {
        const file = load(fileName);
        if (file !== undefined) files.push(file);
      } catch (error) {
        problems.push(error instanceof Error ? error : new Error(String(error)));
      }
    }
    return { files, problems };
  };
  const file = (name: string): KeyFile => {
    const found = load(fileNameOf(name));
    if (found === undefined)
      throw new Error(`${name}: key not found in ${path}; \`weir keys list\` shows what is there`);
    return found;
  };
  const has = (name: string) => folder.fileNames().includes(fileNameOf(name));
  const requireFree = (name: string) => {
    requireName(name);
    if (isAddress(name)) throw new Error(`${name} is an address: take a name that cannot be mistaken for one`);
    if (has(name)) throw taken(name);
  };
  return {
    all,
    file,
    has,
    requireFree,
    requireThere: (name: string) => {
      if (!has(name)) file(name);
    },
    find(nameOrAddress: string): KeyFile {
      if (has(nameOrAddress) || !isAddress(nameOrAddress)) return file(nameOrAddress);
      const found = all().files.find(({ publicKey }) => addressOf(publicKey) === nameOrAddress);
      if (found === undefined) throw new Error(`key with address ${nameOrAddress} not found in ${path}`);
      return found;
    },
    requireNew(name: string, publicKey: PublicKey): void {
      requireFree(name);
      const address = addressOf(publicKey);
      const same = all().files.find((known) => addressOf(known.publicKey) === address);
      if (same !== undefined) throw new Error(`${address} is here already, as the key ${same.name}`);
    },
    save(key: KeyFile): KeyRecord {
      try {
        folder.create(fileNameOf(key.name), renderKeyFile(key));
      } catch (error) {
        throw error instanceof KeyExists ? taken(key.name) : error;
      }
      return recordOf(key);
    },
  };
}

function requirePlace({ name, type, secret }: KeyFile, fileName: string, backend: Backend, path: string): void {
  const file = join(path, fileName);
  requireName(name);
  if (type === "machine")
    throw new Error(`${file} holds a machine's key, which is no account's: give it its name back`);
  if (fileNameOf(name) !== fileName) {
    throw new Error(`${file} holds the key ${JSON.stringify(name)}: give the file its name back, ${fileNameOf(name)}`);
  }
  if (secret !== undefined && (secret.kind === "bare") !== (backend === "test")) {
    const found =
      secret.kind === "bare" ? "not encrypted, and belongs in keyring-test" : "encrypted, and belongs in keyring-file";
    throw new Error(`${file} is ${found}: move it there, or delete it`);
  }
}

const taken = (name: string): Error =>
  new Error(
    `the key ${name} exists already: nothing was changed. Take another name, or \`weir keys delete ${name}\` first`,
  );

function parse(text: string, path: string): KeyFile {
  try {
    return parseKeyFile(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${path} is damaged: ${reason}. Restore it from a backup, or recover the key from its mnemonic`);
  }
}

function isAddress(text: string): boolean {
  try {
    return decodeBech32(text).bytes.length > 0;
  } catch {
    return false;
  }
}
