/**
 * `weir keys sign-data`: a signature over a document of ADR-036, as wallets make it by signArbitrary. Owns that nothing else is signed: no
 * transaction looks like one.
 */
import { readFileSync } from "node:fs";
import type { Command } from "../../command.ts";
import { keyFlags, keyringFor } from "../../keys.ts";

const bytesMax = 1 << 20;
const dataType = "sign/MsgSignData";

interface SignData {
  readonly signer: string;
  readonly bytes: Uint8Array;
}

/** The document itself, or an answer of `weir query circuit sign-bytes` that holds it. */
export function readSignData(text: string): SignData {
  if (text.length > bytesMax)
    throw new Error(`the document has ${text.length} characters, expected at most ${bytesMax}`);
  const parsed = JSON.parse(text) as { readonly sign_doc?: unknown };
  const doc = typeof parsed.sign_doc === "string" ? parsed.sign_doc : text.trim();
  const { chain_id, account_number, sequence, msgs } = JSON.parse(doc) as Record<string, unknown>;
  const [message, ...more] = Array.isArray(msgs) ? (msgs as unknown[]) : [];
  const { type, value } = (message ?? {}) as {
    readonly type?: unknown;
    readonly value?: { readonly signer?: unknown };
  };
  const isData =
    type === dataType && chain_id === "" && account_number === "0" && sequence === "0" && more.length === 0;
  if (!isData || typeof value?.signer !== "string") {
    throw new Error(
      `this is no document of ADR-036: expected one message ${dataType} of no chain, account number 0 and sequence 0`,
    );
  }
  return { signer: value.signer, bytes: Buffer.from(doc) };
}

export const command: Command = {
  name: "keys sign-data",
  positionals: ["NAME", "FILE"],
  summary: "Signs a document of ADR-036, such as an emergency act.",
  description:
    "FILE holds the document, or what `weir query circuit sign-bytes … --output json` answered; - is stdin. What it prints goes into\n" +
    "`weir tx circuit submit-signed`. It signs nothing that could be a transaction.",
  flags: keyFlags,
  examples: [
    "weir query circuit sign-bytes weir1… @act.json 2030-01-30T15:04:05Z -o json > sign.json && weir keys sign-data member sign.json",
  ],
  async run(invocation) {
    const [name = "", path = ""] = invocation.positionals;
    const { signer, bytes } = readSignData(readFileSync(path === "-" ? 0 : path, "utf8"));
    const keyring = await keyringFor(invocation);
    const { address } = keyring.get(name);
    if (address !== signer) throw new Error(`the document is for ${signer} to sign, and ${name} is ${address}`);
    const signature = Buffer.from(await keyring.sign(name, bytes)).toString("base64");
    const answer = { member: address, signature };
    invocation.answer(`${JSON.stringify(answer)}\n`, answer);
    return 0;
  },
};
