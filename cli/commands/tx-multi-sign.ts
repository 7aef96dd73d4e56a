/** `weir tx multi-sign`: joins the signatures of a multisig's members. */
import { UsageError } from "../arguments.ts";
import type { Command } from "../command.ts";
import { readDocument } from "../tx/document.ts";
import { documentFlag, signFlags } from "../tx/flags.ts";
import { give } from "../tx/send.ts";
import { openSession } from "../tx/session.ts";
import { readSignatures } from "../tx/signaturefile.ts";
import { addressOfKey, combine, type MemberSignature } from "../tx/signing.ts";
import { isMemberSignature } from "../tx/verifying.ts";

export const command: Command = {
  name: "tx multi-sign",
  positionals: ["FILE", "MULTISIG", "SIGNATURE..."],
  summary: "Joins the signatures of a multisig's members into a signed transaction.",
  description:
    "FILE is the unsigned transaction, MULTISIG the name of the multisig's key, each SIGNATURE a file of `weir tx sign --multisig`.\n" +
    "Every signature is verified first.",
  flags: [...signFlags.filter(({ name }) => name !== "from" && name !== "sign-mode"), documentFlag],
  examples: ["weir tx multi-sign unsigned.json treasury alice.json bob.json --output-document signed.json"],
  async run(invocation) {
    const session = await openSession(invocation);
    const [file = "", name = "", ...paths] = invocation.positionals;
    const document = readDocument(file);
    const { publicKey, address } = session.keyring.get(name);
    if (publicKey.scheme !== "multisig") throw new UsageError(`${name} is no multisig`);
    const terms = await session.terms(address);
    const members = paths.flatMap((path) => readSignatures(path).map((signature) => ({ path, signature })));
    for (const { path, signature } of members) {
      const signer = addressOfKey(signature.publicKey);
      if (!publicKey.publicKeys.some((key) => addressOfKey(key) === signer)) {
        throw new Error(`${path}: ${signer} is no member of ${name}`);
      }
      if (!isMemberSignature(document, signature, terms)) throw wrong(path, signature, terms);
    }
    const signatures = members.map(({ signature }) => signature);
    return give(invocation, combine(document, { publicKey, sequence: terms.sequence }, signatures));
  },
};

const wrong = (
  path: string,
  { publicKey }: MemberSignature,
  { chainId, accountNumber, sequence }: { chainId: string; accountNumber: bigint; sequence: bigint },
): Error =>
  new Error(
    `${path}: the signature of ${addressOfKey(publicKey)} is not over this transaction on ${chainId} ` +
      `with account number ${accountNumber} and sequence ${sequence}: sign again`,
  );
