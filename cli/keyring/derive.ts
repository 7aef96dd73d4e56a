/** From words to a private key: BIP-39, BIP-32 and BIP-44, as wallets do. Owns the checks; keeps nothing. */
import { HDKey } from "@scure/bip32";
import { entropyToMnemonic, generateMnemonic, mnemonicToSeed, validateMnemonic } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { sha256 } from "../../chain/crypto/hash.ts";

/** The Cosmos Hub's number in SLIP-44, which this chain shares. */
export const defaultCoinType = 118;
const hardenedMax = 0x7fff_ffff;
const pathDepthMax = 16;

/** 24 words. */
export const newMnemonic = (): string => generateMnemonic(wordlist, 256);

/** 24 words out of SHA-256 of what somebody rolled; as good as the dice. */
export const mnemonicOfEntropy = (entropy: string): string => entropyToMnemonic(sha256(Buffer.from(entropy)), wordlist);

/** Words in lower case with single spaces; throws, without quoting them, when they are no mnemonic. */
export function readMnemonic(text: string): string {
  const words = text.normalize("NFKD").trim().toLowerCase().split(/\s+/);
  const mnemonic = words.join(" ");
  if (validateMnemonic(mnemonic, wordlist)) return mnemonic;
  const unknown = words.findIndex((word) => !wordlist.includes(word));
  const reason =
    unknown === -1
      ? `the ${words.length} words do not belong together (12, 15, 18, 21 or 24 are possible, and the last one holds a checksum)`
      : `word ${unknown + 1} is not in BIP-39's English list`;
  throw new Error(`invalid mnemonic: ${reason}`);
}

/** BIP-44. Throws when a number is not one of a path. */
export function hdPath(coinType: number, account: number, index: number): string {
  for (const [name, value] of Object.entries({ "coin-type": coinType, account, index })) {
    if (!Number.isInteger(value) || value < 0 || value > hardenedMax) {
      throw new Error(`--${name} is ${value}; expected a number from 0 to ${hardenedMax}`);
    }
  }
  return `m/44'/${coinType}'/${account}'/0/${index}`;
}

function requirePath(path: string): string {
  const full = path.startsWith("m/") ? path : `m/${path}`;
  const steps = full.split("/").slice(1);
  const isStep = (step: string) => /^\d{1,10}'?$/.test(step) && Number.parseInt(step, 10) <= hardenedMax;
  if (steps.length > pathDepthMax || !steps.every(isStep)) {
    throw new Error(`--hd-path ${path}: expected a path such as ${hdPath(defaultCoinType, 0, 0)}`);
  }
  return full;
}

/** 32 bytes, which the caller wipes. */
export async function derivePrivateKey(mnemonic: string, bip39Passphrase: string, path: string): Promise<Uint8Array> {
  const checked = requirePath(path);
  const seed = await mnemonicToSeed(mnemonic, bip39Passphrase);
  const master = HDKey.fromMasterSeed(seed);
  const { privateKey } = master.derive(checked);
  seed.fill(0);
  master.wipePrivateData();
  if (privateKey === null) throw new Error(`${path} leads to no private key; take another --index`);
  return privateKey;
}
