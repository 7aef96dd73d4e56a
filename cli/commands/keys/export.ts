/** `weir keys export`: a private key leaves the keyring, encrypted as the SDK's tools have it, or bare for those who insist. */
import { UsageError } from "../../arguments.ts";
import type { Command, Invocation } from "../../command.ts";
import { promptsOf } from "../../keyring/flags.ts";
import { type Keyring, passphraseLengthMin } from "../../keyring/keyring.ts";
import { encryptPrivateKey } from "../../keyring/privatekeyarmor.ts";
import { keyFlags, keyringFor } from "../../keys.ts";

export const command: Command = {
  name: "keys export",
  positionals: ["NAME"],
  summary: "Writes a private key, encrypted, for other tools.",
  description:
    "What it prints is what `simd keys export` prints, and `simd keys import` reads it. First a passphrase for that text is asked for, then\n" +
    "the keyring's.",
  flags: [
    { name: "unarmored-hex", help: "the bare key in hexadecimal; needs --unsafe" },
    { name: "unsafe", help: "I know that whoever sees the output has the key" },
    { name: "yes", short: "y", help: "do not ask" },
    ...keyFlags,
  ],
  examples: ["weir keys export alice > alice.armor", "weir keys export alice --unarmored-hex --unsafe"],
  async run(invocation) {
    const [name = ""] = invocation.positionals;
    const isHex = invocation.has("unarmored-hex");
    if (isHex !== invocation.has("unsafe")) {
      throw new UsageError("the flags --unsafe and --unarmored-hex must be used together");
    }
    const keyring = await keyringFor(invocation);
    const { type } = keyring.get(name);
    if (type !== "local") throw new Error(`${name} is ${type}: its private key is not here`);
    await (isHex ? exportHex(invocation, keyring, name) : exportArmor(invocation, keyring, name));
    return 0;
  },
};

async function exportArmor(invocation: Invocation, keyring: Keyring, name: string): Promise<void> {
  const prompts = promptsOf(invocation);
  const question = "Passphrase for the exported key:";
  const passphrase = await (prompts.isTerminal ? prompts.newSecret(question) : prompts.secret(question));
  if (passphrase === undefined)
    throw new Error("no passphrase for the exported key was given: type it, or give it on stdin");
  if ([...passphrase].length < passphraseLengthMin) {
    throw new Error(`a passphrase needs ${passphraseLengthMin} characters or more`);
  }
  const privateKey = await keyring.exportPrivateKey(name);
  const armor = await encryptPrivateKey(privateKey, passphrase);
  privateKey.fill(0);
  invocation.answer(`${armor}\n`, { name, armor });
}

async function exportHex(invocation: Invocation, keyring: Keyring, name: string): Promise<void> {
  const question =
    "WARNING: The private key will be exported as an unarmored hexadecimal string. USE AT YOUR OWN RISK. Continue?";
  if (!invocation.has("yes") && !(await promptsOf(invocation).confirm(question))) {
    throw new Error("not exported: it takes a y, or --yes");
  }
  const privateKey = await keyring.exportPrivateKey(name);
  const hex = Buffer.from(privateKey).toString("hex");
  privateKey.fill(0);
  invocation.answer(`${hex}\n`, { name, private_key: hex });
}
