/** `weir tx sign`: signs a transaction in a file, whole or as a member of a multisig. */
import { signBytes } from "../../chain/tx/signbytes.ts";
import { SignMode } from "../../proto/gen/cosmos/tx/signing/v1beta1/signing.ts";
import { UsageError } from "../arguments.ts";
import type { Command } from "../command.ts";
import type { KeyRecord } from "../keyring/keyring.ts";
import { readDocument, requiredOf, type TxDocument } from "../tx/document.ts";
import { documentFlag, readSignMode, signFlags } from "../tx/flags.ts";
import { agreesToSign, checkLocally, give, giveJson } from "../tx/send.ts";
import { openSession, type Session, signingKey } from "../tx/session.ts";
import { signatureJson } from "../tx/signaturefile.ts";
import { sign } from "../tx/signing.ts";
import { inWords } from "../tx/words.ts";

const { SIGN_MODE_DIRECT: direct, SIGN_MODE_LEGACY_AMINO_JSON: amino } = SignMode;

export const command: Command = {
  name: "tx sign",
  positionals: ["FILE"],
  summary: "Signs a transaction in a file, and prints it with the signature.",
  description:
    "FILE is what --generate-only wrote, here or by any chain's command of the SDK; - is stdin. With --multisig the signature is for the\n" +
    "multisig's account and is printed alone, for `weir tx multi-sign`. With --offline nothing is asked from a node.",
  flags: [
    ...signFlags,
    { name: "multisig", value: "ACCOUNT", help: "sign as a member of this multisig, by its address or key name" },
    { name: "signature-only", help: "print the signature alone" },
    documentFlag,
    { name: "yes", short: "y", help: "do not ask before signing" },
  ],
  examples: [
    "weir tx sign unsigned.json --from alice --output-document signed.json",
    "weir tx sign unsigned.json --from alice --multisig treasury --output-document alice.json",
    "weir tx sign unsigned.json --from alice --offline --chain-id weir-local-1 --account-number 0 --sequence 3",
  ],
  async run(invocation) {
    const session = await openSession(invocation);
    const document = readDocument(invocation.positionals[0]!);
    checkLocally(document);
    const record = await whoSigns(session, document);
    const words = inWords(document, { chainId: await session.chainId(), keys: session.keyring.list().keys });
    if (!(await agreesToSign(invocation, words, `Sign this with ${record.name}?`))) return 1;
    const multisig = invocation.flag("multisig");
    if (multisig !== undefined) return signAsMember(session, document, record, session.address(multisig));
    const mode = readSignMode(invocation) ?? direct;
    const terms = await session.terms(record.address);
    if (invocation.has("signature-only")) return signAlone(session, document, record, mode, terms);
    return give(invocation, await sign(document, session.keyring, [{ record, mode, terms }]));
  },
};

async function whoSigns(session: Session, document: TxDocument): Promise<KeyRecord> {
  const from = session.invocation.flag("from");
  if (from !== undefined) return signingKey(session, session.address(from));
  if (session.invocation.flag("multisig") !== undefined)
    throw new UsageError("--multisig needs --from: the member's key");
  const [first, ...more] = requiredOf(document);
  if (first === undefined || more.length > 0) throw new UsageError("several must sign this: say which key with --from");
  return signingKey(session, first);
}

async function signAsMember(session: Session, document: TxDocument, record: KeyRecord, account: string) {
  const mode = readSignMode(session.invocation) ?? amino;
  if (mode !== amino)
    throw new UsageError("members of a multisig sign with --sign-mode amino-json, which is the default here");
  const required = requiredOf(document);
  if (!required.includes(account)) {
    throw new UsageError(`this transaction asks for the signature of ${required.join(" and ")}, not of ${account}`);
  }
  return signAlone(session, document, record, mode, await session.terms(account));
}

async function signAlone(
  { invocation, keyring }: Session,
  document: TxDocument,
  record: KeyRecord,
  mode: SignMode,
  terms: Awaited<ReturnType<Session["terms"]>>,
): Promise<number> {
  const whole = mode === direct ? await sign(document, keyring, [{ record, mode, terms }]) : undefined;
  const signature = whole?.signatures[0] ?? (await keyring.sign(record.name, signBytes(mode, document, terms)));
  return giveJson(invocation, signatureJson({ publicKey: record.publicKey, mode, signature }, terms.sequence));
}
