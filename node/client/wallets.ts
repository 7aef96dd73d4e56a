/**
 * Every key that a client has, out of one secret of 32 bytes. Owns the paths; keeps nothing, and knows no disk.
 *
 * The secret is the entropy of 24 words (BIP-39, no passphrase). Wallet i is the account m/44'/118'/i'/0/0 of those words, so that any Cosmos wallet
 * finds the money by its account numbers. What vouchers are signed with and who a link comes from are no accounts: they are HKDF-SHA256 of the
 * secret, with the purpose, the chain, the wallet and a counter as its info.
 */
import { hkdfSync } from "node:crypto";
import { HDKey } from "@scure/bip32";
import { entropyToMnemonic, mnemonicToEntropy, mnemonicToSeed } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { ed25519KeyPair } from "../../chain/crypto/sign.ts";
import { type AccountSigner, signerOf } from "../chain/signer.ts";
import type { Identity } from "../transport/transport.ts";
import { codeSecretBytes } from "./topupcode.ts";

export const rootBytes = 32;
/** Of BIP-32's hardened steps. */
const walletsMax = 1 << 20;

export const wordsOfRoot = (root: Uint8Array): string => entropyToMnemonic(root, wordlist);

/** Throws where they are not the 24 words of a root. */
export function rootOfWords(words: string): Uint8Array {
  const root = mnemonicToEntropy(words.normalize("NFKD").trim().toLowerCase().split(/\s+/).join(" "), wordlist);
  if (root.length !== rootBytes) throw new Error("a client's secret has 24 words");
  return root;
}

export interface ClientKeys {
  wallet(index: number): AccountSigner;
  /** ed25519, of one session alone: signs its vouchers. */
  sessionSeed(wallet: number, counter: number): Uint8Array;
  /** The secret of a code that one pays into oneself, for that wallet: after a crash the same again. */
  ownCode(wallet: number): Uint8Array;
  /** Who a session's links come from, so that no relay meets the same key twice. */
  linkIdentity(wallet: number, counter: number): Identity;
}

export async function clientKeys(root: Uint8Array, chainId: string): Promise<ClientKeys> {
  if (root.length !== rootBytes) throw new RangeError(`a client's secret has ${rootBytes} bytes`);
  const secret = Uint8Array.from(root);
  const seed = await mnemonicToSeed(wordsOfRoot(secret));
  const master = HDKey.fromMasterSeed(seed);
  seed.fill(0);
  const derived = (purpose: string, wallet: number, counter: number): Uint8Array =>
    new Uint8Array(hkdfSync("sha256", secret, "", `weir/client/${purpose}/${wallet}/${counter}/${chainId}`, 32));
  return {
    wallet: (index) => signerOf(accountKey(master, index)),
    sessionSeed: (wallet, counter) => derived("session", wallet, counter),
    ownCode: (wallet) => derived("own-code", wallet, 0).slice(0, codeSecretBytes),
    linkIdentity(wallet, counter) {
      const seed = derived("link", wallet, counter);
      return { seed, publicKey: ed25519KeyPair(seed).publicKey };
    },
  };
}

function accountKey(master: HDKey, index: number): Uint8Array {
  if (!Number.isInteger(index) || index < 0 || index >= walletsMax) throw new RangeError(`there is no wallet ${index}`);
  const { privateKey } = master.derive(`m/44'/118'/${index}'/0/0`);
  if (privateKey === null) throw new Error(`wallet ${index} has no key`);
  return privateKey;
}
