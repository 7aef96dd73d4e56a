/** `weir keys show`: one key, or several as the multisig that they would be. Asks for no passphrase. */
import { UsageError } from "../../arguments.ts";
import type { Command, Invocation } from "../../command.ts";
import { type KeyRecord, type Keyring, recordOf } from "../../keyring/keyring.ts";
import { type BechKind, bechKinds, type KeyOutput, keyOutput, keyTable } from "../../keyring/output.ts";
import { multisigOf } from "../../keyring/publickeyjson.ts";
import { keyFlags, keyringFor } from "../../keys.ts";

export const command: Command = {
  name: "keys show",
  positionals: ["NAME_OR_ADDRESS..."],
  summary: "Shows keys by name or address.",
  description: "Several are shown as the multisig that they would be together, in this order; nothing is kept.",
  flags: [
    { name: "address", short: "a", help: "the address alone" },
    { name: "pubkey", short: "p", help: "the public key alone, in JSON" },
    {
      name: "bech",
      value: bechKinds.join("|"),
      help: "address as account, validator or consensus node",
      default: "acc",
    },
    { name: "multisig-threshold", value: "N", help: "how many of several must sign", default: "1" },
    ...keyFlags,
  ],
  examples: [
    "weir keys show alice",
    "weir keys show alice --address",
    "weir keys show alice --bech val --address",
    "weir keys show alice bob carol --multisig-threshold 2",
  ],
  async run(invocation) {
    const isAddress = invocation.has("address");
    const isPublicKey = invocation.has("pubkey");
    if (isAddress && isPublicKey) throw new UsageError("cannot use both --address and --pubkey at once");
    if ((isAddress || isPublicKey) && invocation.isGiven("output")) {
      throw new UsageError("cannot use --output with --address or --pubkey");
    }
    const key = chosen(invocation, await keyringFor(invocation));
    const output = keyOutput(key, bechKind(invocation.flag("bech")));
    if (isAddress) invocation.answer(`${output.address}\n`, output.address);
    else if (isPublicKey) invocation.answer(`${output.pubkey}\n`, JSON.parse(output.pubkey));
    else invocation.answer(text(key, output), output);
    return 0;
  },
};

function chosen({ positionals, flag }: Invocation, keyring: Keyring): KeyRecord {
  const keys = positionals.map((name) => keyring.get(name));
  if (keys.length === 1) return keys[0]!;
  const publicKeys = keys.map(({ publicKey }) => publicKey);
  return recordOf({
    name: "multi",
    type: "multi",
    publicKey: multisigOf(Number(flag("multisig-threshold")), publicKeys),
  });
}

function bechKind(text: string | undefined): BechKind {
  const kind = bechKinds.find((known) => known === text);
  if (kind === undefined) throw new UsageError(`--bech ${text}: expected ${bechKinds.join(", ")}`);
  return kind;
}

function text({ publicKey }: KeyRecord, output: KeyOutput): string {
  const threshold =
    publicKey.scheme === "multisig" ? `\n${publicKey.threshold} of ${publicKey.publicKeys.length} keys sign.\n` : "";
  return `${keyTable([output])}${threshold}\nPublic key: ${output.pubkey}\n`;
}
