/**
 * Private keys as `simd keys export` writes and `simd keys import` reads them (cosmos-sdk crypto/armor.go). Owns the two encryptions:
 * Argon2id with ChaCha20-Poly1305, and what older versions wrote, bcrypt with XSalsa20-Poly1305.
 */
import { randomBytes } from "node:crypto";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { argon2idAsync } from "@noble/hashes/argon2.js";
import { sha256 } from "../../chain/crypto/hash.ts";
import { armorCharactersMax, decodeArmor, encodeArmor } from "./asciiarmor.ts";
import { WrongPassphrase } from "./keyfile.ts";
import { noEd25519 } from "./publickeyjson.ts";

const blockType = "TENDERMINT PRIVATE KEY";
const saltBytes = 16;

/** Amino's prefix of tendermint/PrivKeySecp256k1 and the length of what follows. */
const secp256k1Prefix = Buffer.of(0xe1, 0xb0, 0xf7, 0x9b, 32);
/** Of tendermint/PrivKeyEd25519. */
const ed25519Prefix = Buffer.of(0xa3, 0x28, 0x89, 0x10, 64);

/** The SDK's: one pass over 64 MiB in four lanes. */
const argon2Key = (passphrase: string, salt: Uint8Array): Promise<Uint8Array> =>
  argon2idAsync(passphrase, salt, { t: 1, m: 64 * 1024, p: 4, dkLen: 32 });

/** Zero, because a salt and so a key is used once. */
const argon2Nonce = new Uint8Array(12);

const bcryptRounds = 12;
const secretboxNonceBytes = 24;

/** bcrypt's 64 letters in the order of base64's. */
const bcryptLetters = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const base64Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const bcryptBase64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString("base64")
    .replaceAll("=", "")
    .replace(/./g, (letter) => bcryptLetters[base64Letters.indexOf(letter)]!);

/** SHA-256 of bcrypt's whole text, parameters and salt included. */
async function bcryptKey(passphrase: string, salt: Uint8Array): Promise<Uint8Array> {
  const { hash } = await import("bcryptjs");
  return sha256(Buffer.from(await hash(passphrase, `$2a$${bcryptRounds}$${bcryptBase64(salt)}`)));
}

/** The passphrase is taken as it is: other tools do not normalize it. */
export async function encryptPrivateKey(
  privateKey: Uint8Array,
  passphrase: string,
  salt: Uint8Array = randomBytes(saltBytes),
): Promise<string> {
  const key = await argon2Key(passphrase, salt);
  const plain = Buffer.concat([secp256k1Prefix, privateKey]);
  const data = chacha20poly1305(key, argon2Nonce).encrypt(plain);
  key.fill(0);
  plain.fill(0);
  const headers = new Map([
    ["kdf", "argon2"],
    ["salt", Buffer.from(salt).toString("hex").toUpperCase()],
    ["type", "secp256k1"],
  ]);
  return encodeArmor({ blockType, headers, data });
}

/** The 32 bytes, which the caller wipes. Throws WrongPassphrase, or what is wrong with the text. */
export async function decryptPrivateKey(armor: string, passphrase: string): Promise<Uint8Array> {
  const { blockType: found, headers, data } = decodeArmor(armor);
  if (found !== blockType) throw new Error(`it is a ${found}; expected a ${blockType}`);
  const type = headers.get("type") ?? "secp256k1";
  if (type === "ed25519") throw new Error(noEd25519);
  if (type !== "secp256k1") throw new Error(`it is a key of type ${JSON.stringify(type)}; expected secp256k1`);
  const salt = readSalt(headers.get("salt"));
  const plain = await decrypt(headers.get("kdf"), data, salt, passphrase);
  try {
    return readAmino(plain);
  } finally {
    plain.fill(0);
  }
}

function readSalt(hex: string | undefined): Uint8Array {
  if (hex === undefined || !/^([0-9A-Fa-f]{2})+$/.test(hex) || hex.length > armorCharactersMax) {
    throw new Error("it has no salt in hexadecimal");
  }
  return new Uint8Array(Buffer.from(hex, "hex"));
}

async function decrypt(kdf: string | undefined, data: Uint8Array, salt: Uint8Array, passphrase: string) {
  if (kdf !== "argon2" && kdf !== "bcrypt") {
    throw new Error(`its kdf is ${JSON.stringify(kdf)}; expected argon2 or bcrypt`);
  }
  if (salt.length < 8 || (kdf === "bcrypt" && salt.length !== saltBytes)) {
    throw new Error(`its salt has ${salt.length} bytes; expected ${saltBytes}`);
  }
  const key = kdf === "argon2" ? await argon2Key(passphrase, salt) : await bcryptKey(passphrase, salt);
  const cipher =
    kdf === "argon2"
      ? chacha20poly1305(key, argon2Nonce)
      : xsalsa20poly1305(key, data.subarray(0, secretboxNonceBytes));
  try {
    return cipher.decrypt(kdf === "argon2" ? data : data.subarray(secretboxNonceBytes));
  } catch {
    throw new WrongPassphrase("wrong passphrase for this exported key");
  } finally {
    key.fill(0);
  }
}

function readAmino(plain: Uint8Array): Uint8Array {
  const prefix = Buffer.from(plain.subarray(0, secp256k1Prefix.length));
  if (prefix.equals(ed25519Prefix)) throw new Error(noEd25519);
  if (!prefix.equals(secp256k1Prefix) || plain.length !== secp256k1Prefix.length + 32) {
    throw new Error("what it holds is not a secp256k1 private key");
  }
  return plain.slice(secp256k1Prefix.length);
}
