/**
 * Keys by which daemons are known to other machines (ed25519), beside a keyring's accounts: the same folder, file format and passphrase, under
 * names of their own, so that no account command sees them. Owns those files; does not own what the keys are for.
 */
import { join, resolve } from "node:path";
import { ed25519KeyPair } from "../../chain/crypto/sign.ts";
import type { Identity } from "../../node/transport/transport.ts";
import { KeyExists, keyFolder, realKeyFiles } from "./folder.ts";
import { defaultCost, type KeyFile, parseKeyFile, renderKeyFile, requireOwn, seal, unseal } from "./keyfile.ts";
import type { KeyringOptions } from "./keyring.ts";
import { keyStore } from "./keystore.ts";
import { passphraseLock } from "./passphrase.ts";

const suffix = ".machine";

export interface MachineKeys {
  has(name: string): boolean;
  /** Without a passphrase. Throws where there is none of the name. */
  publicKey(name: string): Uint8Array;
  /** Asks for the passphrase where nobody gave it yet. */
  open(name: string): Promise<Identity>;
  /** 32 bytes. Throws where the name is taken. */
  add(name: string, seed: Uint8Array): Promise<Uint8Array>;
}

export function machineKeys(options: KeyringOptions): MachineKeys {
  const { home, backend, files = realKeyFiles, cost = defaultCost } = options;
  const folder = keyFolder(join(resolve(home), `keyring-${backend}`), files);
  const accounts = keyStore(backend, folder);
  const lock = passphraseLock(options);

  const read = (name: string): KeyFile | undefined => {
    const text = folder.read(fileNameOf(name));
    return text === undefined ? undefined : parse(text, name, folder.path);
  };
  const require = (name: string): KeyFile => {
    const key = read(name);
    if (key === undefined) throw new Error(`${join(folder.path, fileNameOf(name))} is missing: \`init\` makes it`);
    return key;
  };
  const passphraseForNew = async (): Promise<string> => {
    const known = lock.known();
    const sealed = accounts.all().files.find(({ secret }) => secret?.kind === "sealed");
    if (known !== undefined) return known;
    if (sealed === undefined) return lock.choose();
    return lock.prove(async (passphrase) => void (await opened(sealed, passphrase)).fill(0));
  };

  return {
    has: (name) => read(name) !== undefined,
    publicKey: (name) => keyOf(require(name)),
    async open(name) {
      const key = require(name);
      if (key.secret?.kind === "bare") return { publicKey: keyOf(key), seed: requireOwn(key, key.secret.privateKey) };
      let seed: Uint8Array | undefined;
      await lock.prove(async (passphrase) => {
        seed = await opened(key, passphrase);
      });
      return { publicKey: keyOf(key), seed: seed! };
    },
    async add(name, seed) {
      const { publicKey } = ed25519KeyPair(seed);
      const key = { name, type: "machine", publicKey: { scheme: "ed25519", key: publicKey } } as const;
      const bare = { kind: "bare", privateKey: seed } as const;
      const secret = backend === "test" ? bare : await seal(key, seed, await passphraseForNew(), cost);
      try {
        folder.create(fileNameOf(name), renderKeyFile({ ...key, secret }));
      } catch (error) {
        if (!(error instanceof KeyExists)) throw error;
        throw new Error(`${join(folder.path, fileNameOf(name))} exists already: nothing was changed`);
      }
      return publicKey;
    },
  };
}

function fileNameOf(name: string): string {
  if (!/^[a-z0-9-]{1,40}$/.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a machine's key`);
  return `${name}${suffix}`;
}

function parse(text: string, name: string, folder: string): KeyFile {
  const path = join(folder, fileNameOf(name));
  try {
    const key = parseKeyFile(text);
    if (key.type !== "machine" || key.name !== name) throw new Error(`it holds ${key.name}, of type ${key.type}`);
    return key;
  } catch (error) {
    throw new Error(
      `${path} is damaged: ${error instanceof Error ? error.message : error}. Restore it from a backup, or register a new key`,
    );
  }
}

function opened(key: KeyFile, passphrase: string): Promise<Uint8Array> {
  if (key.secret?.kind !== "sealed") throw new Error(`${key.name} has no encrypted secret`);
  return unseal(key, key.secret, passphrase);
}

function keyOf({ name, publicKey }: KeyFile): Uint8Array {
  if (publicKey.scheme !== "ed25519") throw new Error(`${name} is no machine's key`);
  return publicKey.key;
}
