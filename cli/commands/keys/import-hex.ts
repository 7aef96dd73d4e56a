/** `weir keys import-hex`: a bare private key comes into the keyring. It is asked for: a command line can be read by others. */

import { secp256k1KeyPair } from "../../../chain/crypto/sign.ts";
import type { Command } from "../../command.ts";
import { onlyName, promptsOf } from "../../keyring/flags.ts";
import { keyOutput, keyTable } from "../../keyring/output.ts";
import { keyFlags, keyringFor } from "../../keys.ts";

export const command: Command = {
  name: "keys import-hex",
  positionals: ["NAME"],
  countsItself: true,
  summary: "Reads a private key in hexadecimal.",
  description: "The key is asked for, or read from the first line of stdin, and never taken from the command line.",
  flags: keyFlags,
  examples: ["weir keys import-hex alice"],
  async run(invocation) {
    const name = onlyName(invocation, command.name);
    const keyring = await keyringFor(invocation);
    keyring.requireFree(name);
    const hex = await promptsOf(invocation).secret("Private key in hexadecimal:");
    const privateKey = readPrivateKey(hex?.trim() ?? "");
    const output = keyOutput(await keyring.addLocal(name, privateKey).finally(() => privateKey.fill(0)));
    invocation.answer(keyTable([output]), output);
    return 0;
  },
};

function readPrivateKey(hex: string): Uint8Array {
  const privateKey = new Uint8Array(Buffer.from(hex, "hex"));
  if (/^[0-9A-Fa-f]{64}$/.test(hex) && isScalar(privateKey)) return privateKey;
  throw new Error(
    "that is no secp256k1 private key: expected 64 hexadecimal digits, below the order of the curve and not zero",
  );
}

function isScalar(privateKey: Uint8Array): boolean {
  try {
    return secp256k1KeyPair(privateKey).publicKey.length > 0;
  } catch {
    return false;
  }
}
