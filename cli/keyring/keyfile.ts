/**
 * What one key's file holds, as text, and the encryption of its secret (docs/keyring.md). Owns the format; does not own where files are,
 * nor how a passphrase is asked for.
 *
 * A file is JSON in exactly one spelling: whatever differs from what this version would write is refused as damaged. All but the secret
 * is readable without a passphrase, and is authenticated together with the secret once that is opened.
 */
import { randomBytes, type ScryptOptions, scrypt } from "node:crypto";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { sha256 } from "../../chain/crypto/hash.ts";
import type { PublicKey } from "../../chain/crypto/publickey.ts";
import { ed25519KeyPair, secp256k1KeyPair } from "../../chain/crypto/sign.ts";
import {
  machineKeyFromJson,
  machineKeyToJson,
  type PublicKeyJson,
  publicKeyFromJson,
  publicKeyToJson,
} from "./publickeyjson.ts";

/** "machine": an ed25519 key by which a daemon is known to others; no account's. */
export type KeyType = "local" | "multi" | "offline" | "machine";

/** scrypt's N (a power of two), r and p. */
export interface Cost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** 128 MiB and about a third of a second for each guess. */
export const defaultCost: Cost = { n: 1 << 17, r: 8, p: 1 };

/** What a foreign file may ask of this machine: 1 GiB, and a while. */
const costMax = { n: 1 << 20, r: 8, p: 4 } as const;

export interface Sealed {
  readonly kind: "sealed";
  readonly cost: Cost;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** The `test` backend's secret, for all to read. */
export interface Bare {
  readonly kind: "bare";
  readonly privateKey: Uint8Array;
}

export interface KeyFile {
  readonly name: string;
  readonly type: KeyType;
  readonly publicKey: PublicKey;
  /** There for a local key and a machine's, and only for those. */
  readonly secret?: Sealed | Bare;
}

export type PublicPart = Pick<KeyFile, "name" | "type" | "publicKey">;

/** The passphrase is wrong, or the file was tampered with: nobody can tell which, and nobody is told. */
export class WrongPassphrase extends Error {}

const version = 1;
const saltBytes = 32;
const nonceBytes = 24;
const privateKeyBytes = 32;
const tagBytes = 16;

interface FileJson {
  version: number;
  name: string;
  type: string;
  pubkey: PublicKeyJson;
  kdf?: { name: string; n: number; r: number; p: number; salt: string };
  cipher?: { name: string; nonce: string };
  ciphertext?: string;
  unencrypted?: string;
  checksum?: string;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

function publicJson({ name, type, publicKey }: PublicPart): FileJson {
  const isMachine = type === "machine" && publicKey.scheme === "ed25519";
  return { version, name, type, pubkey: isMachine ? machineKeyToJson(publicKey.key) : publicKeyToJson(publicKey) };
}

function headerJson(key: PublicPart, { cost, salt, nonce }: Omit<Sealed, "ciphertext" | "kind">): FileJson {
  return {
    ...publicJson(key),
    kdf: { name: "scrypt", n: cost.n, r: cost.r, p: cost.p, salt: base64(salt) },
    cipher: { name: "xchacha20-poly1305", nonce: base64(nonce) },
  };
}

function bodyJson(key: KeyFile): FileJson {
  const { secret } = key;
  if (secret === undefined) return publicJson(key);
  if (secret.kind === "bare") return { ...publicJson(key), unencrypted: base64(secret.privateKey) };
  return { ...headerJson(key, secret), ciphertext: base64(secret.ciphertext) };
}

/** The checksum finds damage without a passphrase; it keeps nobody from tampering, the authenticated encryption does. */
export function renderKeyFile(key: KeyFile): string {
  const body = bodyJson(key);
  const checksum = Buffer.from(sha256(Buffer.from(JSON.stringify(body)))).toString("hex");
  return `${JSON.stringify({ ...body, checksum }, null, 2)}\n`;
}

/** Throws when `text` is not, byte for byte, what renderKeyFile writes. */
export function parseKeyFile(text: string): KeyFile {
  const json = parseJson(text);
  if (json.version !== version) {
    throw new Error(`it has version ${JSON.stringify(json.version)}; this program reads version ${version}`);
  }
  const key = readJson(json);
  if (renderKeyFile(key) !== text) throw new Error("its content does not match its checksum");
  return key;
}

/** What JSON.parse says of a text may quote it, and the text may be a secret. */
function parseJson(text: string): FileJson {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error("it is cut off or not JSON");
  }
  if (typeof json !== "object" || json === null) throw new Error("it is not a JSON object");
  return json as FileJson;
}

function readJson(json: FileJson): KeyFile {
  const { name, type } = json;
  if (typeof name !== "string") throw new Error("it has no name");
  if (type === "machine") return { name, type, publicKey: machineKeyFromJson(json.pubkey), secret: readSecret(json) };
  if (type !== "local" && type !== "multi" && type !== "offline")
    throw new Error("its type is not local, multi or offline");
  const publicKey = publicKeyFromJson(json.pubkey);
  if ((publicKey.scheme === "multisig") !== (type === "multi"))
    throw new Error(`its public key is not that of a ${type} key`);
  if (type !== "local") return { name, type, publicKey };
  return { name, type, publicKey, secret: readSecret(json) };
}

function readSecret({ kdf, cipher, ciphertext, unencrypted }: FileJson): Sealed | Bare {
  if (unencrypted !== undefined) return { kind: "bare", privateKey: readBytes(unencrypted, privateKeyBytes) };
  if (kdf?.name !== "scrypt" || cipher?.name !== "xchacha20-poly1305") {
    throw new Error("its secret is missing or encrypted in a way that this program does not know");
  }
  const cost = { n: kdf.n, r: kdf.r, p: kdf.p };
  requireCost(cost);
  return {
    kind: "sealed",
    cost,
    salt: readBytes(kdf.salt, saltBytes),
    nonce: readBytes(cipher.nonce, nonceBytes),
    ciphertext: readBytes(ciphertext, privateKeyBytes + tagBytes),
  };
}

function readBytes(text: unknown, length: number): Uint8Array {
  const bytes = typeof text === "string" ? new Uint8Array(Buffer.from(text, "base64")) : undefined;
  if (bytes?.length !== length) throw new Error(`one of its fields does not hold ${length} bytes`);
  return bytes;
}

function requireCost({ n, r, p }: Cost): void {
  const isWithin = (value: number, max: number) => Number.isInteger(value) && value >= 1 && value <= max;
  const isPowerOfTwo = Number.isInteger(n) && n >= 2 && (n & (n - 1)) === 0;
  if (isPowerOfTwo && n <= costMax.n && isWithin(r, costMax.r) && isWithin(p, costMax.p)) return;
  throw new Error(`its scrypt parameters are not within n ${costMax.n}, r ${costMax.r}, p ${costMax.p}`);
}

/** NFKC, because the same accent comes composed from one keyboard and in two from another. */
function deriveKey(passphrase: string, salt: Uint8Array, { n, r, p }: Cost): Promise<Uint8Array> {
  const options: ScryptOptions = { N: n, r, p, maxmem: 128 * r * (n + p + 2) };
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize("NFKC"), salt, 32, options, (error, key) =>
      error === null ? resolve(new Uint8Array(key)) : reject(error),
    );
  });
}

const associatedData = (key: PublicPart, sealed: Omit<Sealed, "ciphertext" | "kind">): Uint8Array =>
  Buffer.from(JSON.stringify(headerJson(key, sealed)));

/** Encrypts a private key for `key`'s file; the file's public part cannot be exchanged without this being noticed. */
export async function seal(key: PublicPart, privateKey: Uint8Array, passphrase: string, cost: Cost): Promise<Sealed> {
  requireCost(cost);
  const header = { cost, salt: randomBytes(saltBytes), nonce: randomBytes(nonceBytes) };
  const derived = await deriveKey(passphrase, header.salt, cost);
  const ciphertext = xchacha20poly1305(derived, header.nonce, associatedData(key, header)).encrypt(privateKey);
  derived.fill(0);
  return { kind: "sealed", ...header, ciphertext };
}

/** The private key, which the caller wipes. Throws WrongPassphrase. */
export async function unseal(key: PublicPart, sealed: Sealed, passphrase: string): Promise<Uint8Array> {
  const derived = await deriveKey(passphrase, sealed.salt, sealed.cost);
  try {
    const cipher = xchacha20poly1305(derived, sealed.nonce, associatedData(key, sealed));
    return requireOwn(
      key,
      decrypt(() => cipher.decrypt(sealed.ciphertext)),
    );
  } finally {
    derived.fill(0);
  }
}

function decrypt(open: () => Uint8Array): Uint8Array {
  try {
    return open();
  } catch {
    throw new WrongPassphrase("wrong passphrase");
  }
}

/** A key that signs for another address than the one shown must not be used. */
export function requireOwn({ publicKey }: PublicPart, privateKey: Uint8Array): Uint8Array {
  const pair = publicKey.scheme === "ed25519" ? ed25519KeyPair(privateKey) : secp256k1KeyPair(privateKey);
  if (publicKey.scheme === pair.scheme && Buffer.compare(pair.publicKey, publicKey.key) === 0) return privateKey;
  privateKey.fill(0);
  throw new Error("the private key does not belong to the public key beside it");
}
