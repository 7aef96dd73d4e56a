/**
 * The keyring: named keys in a folder, and what can be done with them. Owns the rules (one name a key, one passphrase a keyring, who may
 * see a secret); does not own the file's format (keyfile.ts), the disk (folder.ts) or the asking (prompt.ts).
 */
import { join, resolve } from "node:path";
import { accountAddress } from "../../chain/address.ts";
import { decodeBech32 } from "../../chain/bech32.ts";
import { type PublicKey, publicKeyAddress } from "../../chain/crypto/publickey.ts";
import { secp256k1KeyPair, signSecp256k1 } from "../../chain/crypto/sign.ts";
import {
  fileNameOf,
  KeyExists,
  type KeyFiles,
  type KeyFolder,
  keyFolder,
  realKeyFiles,
  requireName,
} from "./folder.ts";
import {
  type Cost,
  defaultCost,
  type KeyFile,
  type KeyType,
  type PublicPart,
  parseKeyFile,
  renderKeyFile,
  requireOwn,
  seal,
  unseal,
  WrongPassphrase,
} from "./keyfile.ts";

export const backends = ["file", "test"] as const;
export type Backend = (typeof backends)[number];

export interface KeyRecord {
  readonly name: string;
  readonly type: KeyType;
  readonly publicKey: PublicKey;
  /** Bech32, with the account prefix. */
  readonly address: string;
}

export interface PassphraseQuestion {
  /** "new" when no key is here yet: the answer should be asked for twice. */
  readonly purpose: "unlock" | "new";
  /** From 1. */
  readonly attempt: number;
  /** Why the answer before was not taken. */
  readonly problem?: string;
}

export interface KeyringOptions {
  /** The folder above keyring-file and keyring-test. */
  readonly home: string;
  readonly backend: Backend;
  /** Asked at most once for a keyring unless it is wrong; never for the `test` backend, and never for public data. */
  readonly passphrase: (question: PassphraseQuestion) => Promise<string>;
  /** How often a wrong passphrase may be given; once unless said otherwise. */
  readonly attempts?: number;
  readonly cost?: Cost;
  readonly files?: KeyFiles;
}

export interface Listing {
  /** In the order of their names. */
  readonly keys: readonly KeyRecord[];
  /** What cannot be used, and why; the other keys can. */
  readonly problems: readonly Error[];
}

export interface Keyring {
  readonly backend: Backend;
  readonly folder: string;
  list(): Listing;
  /** By name first. Throws when there is none. */
  get(nameOrAddress: string): KeyRecord;
  has(name: string): boolean;
  /** Throws unless a key can be added under the name. */
  requireFree(name: string): void;
  /** 64 bytes r‖s over SHA-256 of `bytes`. Throws for a key that is not local. */
  sign(name: string, bytes: Uint8Array): Promise<Uint8Array>;
  addLocal(name: string, privateKey: Uint8Array): Promise<KeyRecord>;
  /** A public key alone; a multisig is one. */
  addPublic(name: string, publicKey: PublicKey): KeyRecord;
  /** The 32 bytes of a local key, which the caller wipes. */
  exportPrivateKey(name: string): Promise<Uint8Array>;
  rename(from: string, to: string): Promise<KeyRecord>;
  remove(name: string): void;
}

export const passphraseLengthMin = 8;

export function openKeyring(options: KeyringOptions): Keyring {
  const { home, backend, files = realKeyFiles, cost = defaultCost } = options;
  const folder = keyFolder(join(resolve(home), `keyring-${backend}`), files);
  const store = keyStore(backend, folder);
  const lock = passphraseLock(options);

  /** The keyring's passphrase; proven on a key that is there already, so that all keys have the same. */
  const passphraseForNew = async (): Promise<string> => {
    const sealed = store.all().files.find(({ secret }) => secret?.kind === "sealed");
    if (sealed === undefined) return lock.ask("new", requireLength);
    return lock.prove(async (passphrase) => void (await openSecret(sealed, passphrase)).fill(0));
  };

  const privateKeyOf = async (name: string): Promise<Uint8Array> => {
    const file = store.file(name);
    if (file.secret === undefined) throw new Error(`${name} is ${described[file.type]}: its private key is not here`);
    if (file.secret.kind === "bare") return requireOwn(file, file.secret.privateKey);
    let opened: Uint8Array | undefined;
    await lock.prove(async (passphrase) => {
      opened = await openSecret(file, passphrase);
    });
    return opened!;
  };

  const saveLocal = async (name: string, privateKey: Uint8Array): Promise<KeyRecord> => {
    const key = { name, type: "local", publicKey: publicKeyOf(privateKey) } as const;
    const secret =
      backend === "test"
        ? ({ kind: "bare", privateKey } as const)
        : await seal(key, privateKey, await passphraseForNew(), cost);
    return store.save({ ...key, secret });
  };

  return {
    backend,
    folder: folder.path,
    list: () => ({ keys: store.all().files.map(recordOf), problems: store.all().problems }),
    get: (nameOrAddress) => recordOf(store.find(nameOrAddress)),
    has: (name) => store.has(name),
    requireFree: (name) => store.requireFree(name),
    async sign(name, bytes) {
      const privateKey = await privateKeyOf(name);
      try {
        return signSecp256k1(privateKey, bytes);
      } finally {
        privateKey.fill(0);
      }
    },
    async addLocal(name, privateKey) {
      store.requireNew(name, publicKeyOf(privateKey));
      return saveLocal(name, privateKey);
    },
    addPublic(name, publicKey) {
      store.requireNew(name, publicKey);
      return store.save({ name, type: publicKey.scheme === "multisig" ? "multi" : "offline", publicKey });
    },
    exportPrivateKey: privateKeyOf,
    async rename(from, to) {
      const file = store.file(from);
      store.requireFree(to);
      const renamed =
        file.type === "local"
          ? await saveRenamed(from, to, privateKeyOf, saveLocal)
          : store.save({ ...file, name: to });
      folder.remove(fileNameOf(from));
      return renamed;
    },
    remove(name) {
      store.requireThere(name);
      folder.remove(fileNameOf(name));
    },
  };
}

const described = { local: "a local key", multi: "a multisig", offline: "a public key alone" } as const;

const publicKeyOf = (privateKey: Uint8Array): PublicKey => ({
  scheme: "secp256k1",
  key: secp256k1KeyPair(privateKey).publicKey,
});

const addressOf = (publicKey: PublicKey): string => accountAddress.encode(publicKeyAddress(publicKey));

/** What is said of a key that may not be stored. */
export const recordOf = ({ name, type, publicKey }: PublicPart): KeyRecord => ({
  name,
  type,
  publicKey,
  address: addressOf(publicKey),
});

function openSecret(file: KeyFile, passphrase: string): Promise<Uint8Array> {
  if (file.secret?.kind !== "sealed") throw new Error(`${file.name} has no encrypted secret`);
  return unseal(file, file.secret, passphrase);
}

/** The name is authenticated with the secret, so a key is encrypted anew for another. */
async function saveRenamed(
  from: string,
  to: string,
  privateKeyOf: (name: string) => Promise<Uint8Array>,
  save: (name: string, privateKey: Uint8Array) => Promise<KeyRecord>,
): Promise<KeyRecord> {
  const privateKey = await privateKeyOf(from);
  try {
    return await save(to, privateKey);
  } finally {
    privateKey.fill(0);
  }
}

async function requireLength(passphrase: string): Promise<void> {
  const length = [...passphrase.normalize("NFKC")].length;
  if (length >= passphraseLengthMin) return;
  throw new WrongPassphrase(`a passphrase needs ${passphraseLengthMin} characters or more`);
}

type Proof = (passphrase: string) => Promise<void>;

/** Asks until the proof succeeds or the attempts are used up, and remembers what was right. */
function passphraseLock({ passphrase, attempts = 1 }: KeyringOptions) {
  let known: string | undefined;
  const ask = async (purpose: PassphraseQuestion["purpose"], proof: Proof): Promise<string> => {
    let problem: string | undefined;
    for (let attempt = 1; ; attempt++) {
      const answer = await passphrase({ purpose, attempt, ...(problem === undefined ? {} : { problem }) });
      try {
        await proof(answer);
        known = answer;
        return answer;
      } catch (error) {
        if (!(error instanceof WrongPassphrase) || attempt >= attempts) throw error;
        problem = error.message;
      }
    }
  };
  return {
    ask,
    /** With what was right before; it is wrong where a file came from another keyring. */
    async prove(proof: Proof): Promise<string> {
      if (known === undefined) return ask("unlock", proof);
      try {
        await proof(known);
        return known;
      } catch (error) {
        if (!(error instanceof WrongPassphrase)) throw error;
        return ask("unlock", proof);
      }
    },
  };
}

/** The keys' files, read and written as KeyFiles. */
function keyStore(backend: Backend, folder: KeyFolder) {
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

function requirePlace({ name, secret }: KeyFile, fileName: string, backend: Backend, path: string): void {
  const file = join(path, fileName);
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
