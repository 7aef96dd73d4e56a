/** `weir keys import`: an exported private key comes into the keyring. */
import { readFileSync, statSync } from "node:fs";
import type { Command, Invocation } from "../../command.ts";
import { armorCharactersMax } from "../../keyring/asciiarmor.ts";
import { attemptsOnTerminal, promptsOf } from "../../keyring/flags.ts";
import { WrongPassphrase } from "../../keyring/keyfile.ts";
import { keyOutput, keyTable } from "../../keyring/output.ts";
import { decryptPrivateKey } from "../../keyring/privatekeyarmor.ts";
import { keyFlags, keyringFor } from "../../keys.ts";

export const command: Command = {
  name: "keys import",
  positionals: ["NAME", "FILE"],
  summary: "Reads an exported private key.",
  description:
    "FILE holds what `weir keys export` or `simd keys export` printed, of any version. First the passphrase of that text is asked for, then\n" +
    "the keyring's.",
  flags: keyFlags,
  examples: ["weir keys import alice alice.armor"],
  async run(invocation) {
    const [name = "", path = ""] = invocation.positionals;
    const keyring = await keyringFor(invocation);
    keyring.requireFree(name);
    const privateKey = await decryptFile(invocation, readArmor(path), path);
    const output = keyOutput(await keyring.addLocal(name, privateKey).finally(() => privateKey.fill(0)));
    invocation.answer(keyTable([output]), output);
    return 0;
  },
};

function readArmor(path: string): string {
  const { size } = statSync(path);
  if (size > armorCharactersMax) throw new Error(`${path} has ${size} bytes; an exported key has fewer than 1,000`);
  return readFileSync(path, "utf8");
}

async function decryptFile(invocation: Invocation, armor: string, path: string): Promise<Uint8Array> {
  const prompts = promptsOf(invocation);
  for (let attempt = 1; ; attempt++) {
    const passphrase = await prompts.secret("Passphrase of the exported key:");
    if (passphrase === undefined)
      throw new Error("no passphrase of the exported key was given: type it, or give it on stdin");
    try {
      return await decryptPrivateKey(armor, passphrase);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!(error instanceof WrongPassphrase)) throw new Error(`${path} cannot be imported: ${reason}`);
      if (!prompts.isTerminal || attempt >= attemptsOnTerminal) throw error;
      invocation.say(`${reason}\n`);
    }
  }
}
