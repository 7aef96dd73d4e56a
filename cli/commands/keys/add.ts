/** `weir keys add`: a new key, one from a mnemonic, a multisig of known keys, or a public key alone. Owns what is asked and said. */
import { readFileSync } from "node:fs";
import { publicKeyAddress } from "../../../chain/crypto/publickey.ts";
import { secp256k1KeyPair } from "../../../chain/crypto/sign.ts";
import { type FlagSpec, UsageError } from "../../arguments.ts";
import type { Command, Invocation } from "../../command.ts";
import { defaultCoinType, derivePrivateKey, hdPath, newMnemonic, readMnemonic } from "../../keyring/derive.ts";
import { onlyName, promptsOf } from "../../keyring/flags.ts";
import { type KeyRecord, type Keyring, recordOf } from "../../keyring/keyring.ts";
import { keyOutput, keyTable } from "../../keyring/output.ts";
import type { Prompts } from "../../keyring/prompt.ts";
import { multisigOf, noEd25519, publicKeyFromJson } from "../../keyring/publickeyjson.ts";
import { keyFlags, keyringFor } from "../../keys.ts";

const number = (name: string, help: string, fallback: number): FlagSpec => ({
  name,
  value: "N",
  help,
  default: String(fallback),
});

export const command: Command = {
  name: "keys add",
  positionals: ["NAME"],
  countsItself: true,
  summary: "Makes a key, or recovers one from its mnemonic.",
  description:
    "A new key comes with a mnemonic of 24 words, shown once: whoever has it has the key. What is asked for is read from the terminal, or\n" +
    "from stdin a line an answer: the mnemonic with --recover, then the keyring's passphrase.\n" +
    "--multisig makes a key that needs several of the keys that are here; --pubkey keeps a public key alone, for such a multisig.",
  flags: [
    { name: "recover", help: "from a mnemonic, which is asked for" },
    { name: "source", value: "FILE", help: "with --recover: the file that holds the mnemonic" },
    { name: "interactive", short: "i", help: "ask for a mnemonic and for BIP-39's passphrase" },
    number("account", "account number in the path", 0),
    number("index", "index number in the path", 0),
    number("coin-type", "coin type in the path", defaultCoinType),
    { name: "hd-path", value: "PATH", help: "the whole path instead of those three" },
    { name: "multisig", value: "K1,K2,…", help: "names of the keys that together are this one" },
    number("multisig-threshold", "how many of them must sign", 1),
    { name: "nosort", help: "keep the order of --multisig, instead of that of the addresses" },
    { name: "pubkey", value: "JSON", help: "keep this public key, as `keys show --pubkey` prints it" },
    { name: "pubkey-base64", value: "BASE64", help: "the same, from the 33 bytes" },
    { name: "key-type", aliases: ["algo"], value: "ALGO", help: "secp256k1, the only one", default: "secp256k1" },
    { name: "no-backup", help: "do not show the mnemonic" },
    { name: "dry-run", help: "show the key, and keep nothing" },
    ...keyFlags,
  ],
  examples: [
    "weir keys add alice",
    "weir keys add alice --recover --account 1",
    "weir keys add team --multisig alice,bob,carol --multisig-threshold 2",
    'weir keys add cold --pubkey \'{"@type":"/cosmos.crypto.secp256k1.PubKey","key":"A…"}\'',
  ],
  async run(invocation) {
    const name = onlyName(invocation, command.name);
    requireAlgorithm(invocation.flag("key-type"));
    const keyring = await keyringFor(invocation);
    keyring.requireFree(name);
    const publicKey = givenPublicKey(invocation, keyring);
    if (publicKey !== undefined) return addPublic(invocation, keyring, name, publicKey);
    return addPrivate(invocation, keyring, name);
  },
};

function requireAlgorithm(algorithm: string | undefined): void {
  if (algorithm === "ed25519") throw new UsageError(noEd25519);
  if (algorithm !== "secp256k1") throw new UsageError(`--key-type ${algorithm}: expected secp256k1`);
}

function givenPublicKey(invocation: Invocation, keyring: Keyring) {
  const ways = ["multisig", "pubkey", "pubkey-base64", "recover", "interactive"];
  const given = ways.filter((way) => invocation.isGiven(way));
  if (given.length > 1 && given.join() !== "recover,interactive") {
    throw new UsageError(`--${given.join(" and --")} cannot be used together`);
  }
  const members = invocation.flag("multisig");
  if (members !== undefined) return multisigOfNames(invocation, keyring, members);
  const json = invocation.flag("pubkey");
  if (json !== undefined) return publicKeyFromJson(parsePublicKey(json));
  const key = invocation.flag("pubkey-base64");
  return key === undefined ? undefined : publicKeyFromJson({ "@type": "/cosmos.crypto.secp256k1.PubKey", key });
}

function parsePublicKey(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new UsageError("--pubkey is not JSON; expected what `weir keys show NAME --pubkey` prints");
  }
}

function multisigOfNames(invocation: Invocation, keyring: Keyring, members: string) {
  const names = members.split(",").map((name) => name.trim());
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`duplicate multisig keys: ${twice}`);
  const keys = names.map((name) => keyring.get(name).publicKey);
  if (!invocation.has("nosort")) {
    keys.sort((a, b) => Buffer.compare(publicKeyAddress(a), publicKeyAddress(b)));
  }
  return multisigOf(count(invocation, "multisig-threshold"), keys);
}

function addPublic(invocation: Invocation, keyring: Keyring, name: string, publicKey: KeyRecord["publicKey"]): number {
  const type = publicKey.scheme === "multisig" ? "multi" : "offline";
  const key = invocation.has("dry-run") ? recordOf({ name, type, publicKey }) : keyring.addPublic(name, publicKey);
  const output = keyOutput(key);
  invocation.answer(keyTable([output]), output);
  return 0;
}

async function addPrivate(invocation: Invocation, keyring: Keyring, name: string): Promise<number> {
  const { "coin-type": coinType, account, index } = counts(invocation, ["coin-type", "account", "index"]);
  const path = invocation.flag("hd-path") ?? hdPath(coinType, account, index);
  const prompts = promptsOf(invocation);
  const { mnemonic, isNew } = await mnemonicFor(invocation, prompts);
  const passphrase = invocation.has("interactive") ? await bip39Passphrase(prompts) : "";
  const privateKey = await derivePrivateKey(mnemonic, passphrase, path);
  const key = await keep(invocation, keyring, name, privateKey);
  tell(invocation, key, isNew && !invocation.has("no-backup") ? mnemonic : undefined);
  return 0;
}

async function mnemonicFor(invocation: Invocation, prompts: Prompts): Promise<{ mnemonic: string; isNew: boolean }> {
  const source = invocation.flag("source");
  const isInteractive = invocation.has("interactive");
  if (!invocation.has("recover") && !isInteractive) {
    if (source !== undefined) throw new UsageError("--source goes with --recover or --interactive");
    return { mnemonic: newMnemonic(), isNew: true };
  }
  if (source !== undefined) return { mnemonic: readMnemonic(readFileSync(source, "utf8")), isNew: false };
  const answer = await prompts.secret(
    isInteractive ? "BIP-39 mnemonic, or nothing for a new one:" : "BIP-39 mnemonic:",
  );
  if (isInteractive && !invocation.has("recover") && (answer ?? "").trim() === "") {
    return { mnemonic: newMnemonic(), isNew: true };
  }
  if (answer === undefined) throw new Error("no mnemonic was given: type it, or give it on stdin");
  return { mnemonic: readMnemonic(answer), isNew: false };
}

async function bip39Passphrase(prompts: Prompts): Promise<string> {
  const first = (await prompts.secret("BIP-39 passphrase, most often none:")) ?? "";
  if (first === "") return first;
  if ((await prompts.secret("Repeat it:")) !== first) throw new Error("the two differ: nothing was changed");
  return first;
}

async function keep(invocation: Invocation, keyring: Keyring, name: string, privateKey: Uint8Array) {
  try {
    if (!invocation.has("dry-run")) return await keyring.addLocal(name, privateKey);
    const publicKey = { scheme: "secp256k1", key: secp256k1KeyPair(privateKey).publicKey } as const;
    return recordOf({ name, type: "local", publicKey });
  } finally {
    privateKey.fill(0);
  }
}

function tell({ answer, say, json, has }: Invocation, key: KeyRecord, mnemonic: string | undefined): void {
  const output = keyOutput(key);
  answer(keyTable([output]), mnemonic === undefined ? output : { ...output, mnemonic });
  if (has("dry-run")) say("Dry run: nothing was kept.\n");
  if (mnemonic === undefined || json) return;
  say(
    "\n**Important** write this mnemonic phrase in a safe place.\n" +
      `It is the only way to recover your account if you ever forget your password.\n\n${mnemonic}\n`,
  );
}

function counts<const Name extends string>(invocation: Invocation, names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, count(invocation, name)])) as Record<Name, number>;
}

function count(invocation: Invocation, name: string): number {
  const text = invocation.flag(name) ?? "";
  if (!/^\d{1,10}$/.test(text)) throw new UsageError(`--${name} is ${text}; expected a number`);
  return Number(text);
}
