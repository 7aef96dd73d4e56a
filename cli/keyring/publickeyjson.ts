/**
 * Public keys as the SDK's JSON: {"@type": …, "key": …}. Owns both directions, and that an account's keys are secp256k1; does not own
 * the keys' own rules (chain/crypto/publickey.ts).
 */
import { type MultisigKey, multisigKeysMax, type PublicKey, type SingleKey } from "../../chain/crypto/publickey.ts";
import { secp256k1KeyBytes } from "../../chain/crypto/secp256k1.ts";

export type PublicKeyJson =
  | { readonly "@type": typeof secp256k1Type; readonly key: string }
  | { readonly "@type": typeof ed25519Type; readonly key: string }
  | {
      readonly "@type": typeof multisigType;
      readonly threshold: number;
      readonly public_keys: readonly PublicKeyJson[];
    };

const secp256k1Type = "/cosmos.crypto.secp256k1.PubKey";
const ed25519Type = "/cosmos.crypto.ed25519.PubKey";
const multisigType = "/cosmos.crypto.multisig.LegacyAminoPubKey";

/** Nested multisigs are for programs: no command here makes one. */
const depthMax = 1;

export const noEd25519 =
  "ed25519 keys cannot sign for accounts: the chain refuses their signatures, as every Cosmos chain does. Use secp256k1";

export function publicKeyToJson(publicKey: PublicKey): PublicKeyJson {
  if (publicKey.scheme === "multisig") {
    const { threshold, publicKeys } = publicKey;
    return { "@type": multisigType, threshold, public_keys: publicKeys.map(publicKeyToJson) };
  }
  if (publicKey.scheme === "ed25519") throw new Error(noEd25519);
  return { "@type": secp256k1Type, key: Buffer.from(publicKey.key).toString("base64") };
}

const ed25519KeyBytes = 32;

/** Of a machine: what it shows to other machines, never an account. */
export const machineKeyToJson = (key: Uint8Array): PublicKeyJson => ({
  "@type": ed25519Type,
  key: Buffer.from(key).toString("base64"),
});

export function machineKeyFromJson(json: unknown): SingleKey {
  const fields = (typeof json === "object" && json !== null ? json : {}) as Readonly<Record<string, unknown>>;
  const key = typeof fields.key === "string" ? new Uint8Array(Buffer.from(fields.key, "base64")) : new Uint8Array();
  if (fields["@type"] !== ed25519Type || key.length !== ed25519KeyBytes) {
    throw new Error(`a machine's public key has @type ${ed25519Type} and ${ed25519KeyBytes} bytes in base64`);
  }
  return { scheme: "ed25519", key };
}

/** Throws for anything but a secp256k1 key or a multisig of them. */
export function publicKeyFromJson(json: unknown, depth = 0): PublicKey {
  if (typeof json !== "object" || json === null) throw new Error("a public key is not a JSON object");
  const fields = json as Readonly<Record<string, unknown>>;
  if (fields["@type"] === secp256k1Type) return singleKey(fields.key);
  if (fields["@type"] === multisigType && depth < depthMax) return multisigKey(fields, depth);
  if (fields["@type"] === ed25519Type) throw new Error(noEd25519);
  throw new Error(`a public key has @type ${JSON.stringify(fields["@type"] ?? null)}; expected ${secp256k1Type}`);
}

function singleKey(text: unknown): SingleKey {
  const key = typeof text === "string" ? new Uint8Array(Buffer.from(text, "base64")) : new Uint8Array();
  if (key.length !== secp256k1KeyBytes || (key[0] !== 2 && key[0] !== 3)) {
    throw new Error(`a secp256k1 public key is ${secp256k1KeyBytes} bytes that begin with 02 or 03, in base64`);
  }
  return { scheme: "secp256k1", key };
}

function multisigKey({ threshold, public_keys: keys }: Readonly<Record<string, unknown>>, depth: number): MultisigKey {
  if (!Array.isArray(keys)) throw new Error("a multisig has no list of public_keys");
  return multisigOf(
    Number(threshold),
    keys.map((key) => publicKeyFromJson(key, depth + 1)),
  );
}

/** Throws unless 1 ≤ threshold ≤ keys, and the keys are not too many. */
export function multisigOf(threshold: number, publicKeys: readonly PublicKey[]): MultisigKey {
  if (publicKeys.length > multisigKeysMax) {
    throw new Error(`a multisig of ${publicKeys.length} keys; at most ${multisigKeysMax} are allowed`);
  }
  if (!Number.isInteger(threshold) || threshold < 1) throw new Error("threshold must be a positive integer");
  if (threshold > publicKeys.length) {
    throw new Error(`threshold k of n multisignature: ${publicKeys.length} < ${threshold}`);
  }
  return { scheme: "multisig", threshold, publicKeys };
}
