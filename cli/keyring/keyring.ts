/**
 * The keyring: named keys in a folder, and what can be done with them. Owns the rules (one name a key, one passphrase a keyring, who may
 * see a secret); does not own the file's format (keyfile.ts), the disk (folder.ts) or the asking (prompt.ts).
 */
import { join, resolve } from "node:path";
import type { PublicKey } from "../../chain/crypto/publickey.ts";
import { secp256k1KeyPair, signSecp256k1 } from "../../chain/crypto/sign.ts";
import { fileNameOf, type KeyFiles, keyFolder, realKeyFiles } from "./folder.ts";
import {
  type Bare,
  type Cost,
  defaultCost,
  type KeyFile,
  type PublicPart,
  requireOwn,
  type Sealed,
  seal,
  unseal,
} from "./keyfile.ts";
import { type Backend, type KeyRecord, type KeyStore, keyStore, recordOf } from "./keystore.ts";
import { type PassphraseSource, passphraseLock } from "./passphrase.ts";

export { type Backend, backends, type KeyRecord, recordOf } from "./keystore.ts";
export { type PassphraseQuestion, passphraseLengthMin } from "./passphrase.ts";

export interface KeyringOptions extends PassphraseSource {
  /** The folder above keyring-file and keyring-test. */
  readonly home: string;
  readonly backend: Backend;
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

export function openKeyring(options: KeyringOptions): Keyring {
  const { home, backend, files = realKeyFiles } = options;
  const folder = keyFolder(join(resolve(home), `keyring-${backend}`), files);
  const store = keyStore(backend, folder);
  const { privateKeyOf, conceal } = secretsOf(options, store);

  const saveLocal = async (name: string, privateKey: Uint8Array): Promise<KeyRecord> => {
    const key = { name, type: "local", publicKey: publicKeyOf(privateKey) } as const;
    return store.save({ ...key, secret: await conceal(key, privateKey) });
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

/** How secrets come out of files and go into them. */
function secretsOf(options: KeyringOptions, store: KeyStore) {
  const { backend, cost = defaultCost } = options;
  const lock = passphraseLock(options);

  /** Proven on a key that is there already, so that all keys have the same. */
  const passphraseForNew = async (): Promise<string> => {
    const known = lock.known();
    if (known !== undefined) return known;
    const sealed = store.all().files.find(({ secret }) => secret?.kind === "sealed");
    if (sealed === undefined) return lock.choose();
    return lock.prove(async (passphrase) => void (await openSecret(sealed, passphrase)).fill(0));
  };

  return {
    async privateKeyOf(name: string): Promise<Uint8Array> {
      const file = store.file(name);
      if (file.secret === undefined) throw new Error(`${name} is ${described[file.type]}: its private key is not here`);
      if (file.secret.kind === "bare") return requireOwn(file, file.secret.privateKey);
      let opened: Uint8Array | undefined;
      await lock.prove(async (passphrase) => {
        opened = await openSecret(file, passphrase);
      });
      return opened!;
    },
    async conceal(key: PublicPart, privateKey: Uint8Array): Promise<Sealed | Bare> {
      if (backend === "test") return { kind: "bare", privateKey };
      return seal(key, privateKey, await passphraseForNew(), cost);
    },
  };
}

const described = {
  local: "a local key",
  multi: "a multisig",
  offline: "a public key alone",
  machine: "a machine's key",
} as const;

const publicKeyOf = (privateKey: Uint8Array): PublicKey => ({
  scheme: "secp256k1",
  key: secp256k1KeyPair(privateKey).publicKey,
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
