/**
 * From messages to a transaction that is sent: gas and fee, the summary, the question, the signatures, the broadcast. Owns that order and
 * what each of --dry-run, --generate-only and --offline leaves out.
 */
import { writeFileSync } from "node:fs";
import { base64 } from "../../chain/base64.ts";
import { publicKeyToAny } from "../../chain/crypto/publickey.ts";
import { ChainError } from "../../chain/errors.ts";
import { SignMode } from "../../proto/gen/cosmos/tx/signing/v1beta1/signing.ts";
import { agrees } from "../agrees.ts";
import { UsageError } from "../arguments.ts";
import type { Invocation } from "../command.ts";
import { broadcast } from "./broadcast.ts";
import {
  documentJson,
  type NamedMessage,
  newDocument,
  requiredOf,
  type SignedBy,
  type TxDocument,
  validate,
  withFee,
  withSigners,
} from "./document.ts";
import { adjusted, feeOf, gasLimitDefault, readCount, readGasTerms, readSignMode } from "./flags.ts";
import { type Session, signingKey, simulate } from "./session.ts";
import { sign, single } from "./signing.ts";
import { inWords } from "./words.ts";

export async function send(session: Session, messages: readonly NamedMessage[]): Promise<number> {
  const { invocation } = session;
  refuseContradictions(invocation);
  const generates = invocation.has("generate-only");
  const draft = draftOf(session, messages);
  checkLocally(draft);
  const document = await priced(session, draft, !generates);
  if (invocation.has("dry-run")) return dryRun(session, document);
  if (generates) return give(invocation, document);
  const keys = requiredOf(document).map((address) => signingKey(session, address));
  const chainId = await session.chainId();
  if (!(await agreesToSign(invocation, inWords(document, { chainId, keys: session.keyring.list().keys })))) return 1;
  const mode = readSignMode(invocation) ?? SignMode.SIGN_MODE_DIRECT;
  const signing = await Promise.all(
    keys.map(async (record) => ({ record, mode, terms: await session.terms(record.address) })),
  );
  const signed = await sign(document, session.keyring, signing);
  return session.node === undefined ? give(invocation, signed) : broadcast(invocation, session.node, signed.bytes);
}

function refuseContradictions(invocation: Invocation): void {
  const given = ["dry-run", "generate-only"].filter((name) => invocation.has(name));
  if (given.length > 1) throw new UsageError("--dry-run and --generate-only exclude each other");
  if (!invocation.has("offline")) return;
  if (invocation.has("dry-run")) throw new UsageError("--dry-run asks a node, and --offline asks none");
  if (invocation.flag("gas") === "auto")
    throw new UsageError("--gas auto asks a node, and --offline asks none: say --gas N");
}

function draftOf({ invocation, address }: Session, messages: readonly NamedMessage[]): TxDocument {
  const [payer, granter] = [invocation.flag("fee-payer"), invocation.flag("fee-granter")];
  return newDocument(messages, {
    memo: invocation.flag("memo") ?? "",
    timeoutHeight: readCount(invocation, "timeout-height") ?? 0n,
    gasLimit: gasLimitDefault,
    fee: [],
    payer: payer === undefined ? "" : address(payer),
    granter: granter === undefined ? "" : address(granter),
  });
}

/** What the chain would refuse whatever its state is wrong usage. */
export function checkLocally(document: TxDocument): void {
  try {
    validate(document);
  } catch (error) {
    if (error instanceof ChainError) throw new UsageError(error.message);
    throw error;
  }
}

async function priced(session: Session, draft: TxDocument, simulates: boolean): Promise<TxDocument> {
  const { invocation, node } = session;
  const terms = readGasTerms(invocation, (simulates && node !== undefined) || invocation.has("dry-run"));
  if (terms.limit !== undefined && !invocation.has("dry-run"))
    return withFee(draft, terms.limit, feeOf(terms, terms.limit));
  if (node === undefined) throw new UsageError("--gas auto asks a node, and --offline asks none: say --gas N");
  // The fee's size is part of what is simulated; what it comes to is known only afterwards.
  const guess = withFee(draft, gasLimitDefault, feeOf(terms, gasLimitDefault));
  const { gasUsed } = await simulate(node, (await withoutSignatures(session, guess)).bytes);
  const limit = adjusted(gasUsed, terms.adjustment);
  return withFee(draft, limit, feeOf(terms, limit));
}

/** Every signer in place with its key where the keyring has it; the chain knows the others', or takes a common one. */
async function withoutSignatures(session: Session, document: TxDocument): Promise<TxDocument> {
  const { keys } = session.keyring.list();
  const signers = requiredOf(document).map(async (address): Promise<SignedBy> => {
    const { sequence } = await session.terms(address);
    const key = keys.find((record) => record.address === address);
    const publicKey = key === undefined ? undefined : publicKeyToAny(key.publicKey);
    return {
      info: { publicKey, modeInfo: single(SignMode.SIGN_MODE_UNSPECIFIED), sequence },
      signature: new Uint8Array(),
    };
  });
  return withSigners(document, await Promise.all(signers));
}

async function dryRun({ invocation, chainId, keyring }: Session, document: TxDocument): Promise<number> {
  const gasLimit = document.authInfo.fee?.gasLimit ?? 0n;
  const words = inWords(document, { chainId: await chainId(), keys: keyring.list().keys });
  invocation.answer(`${words}\nIt would succeed now. Nothing was signed or sent.\n`, {
    gas_limit: String(gasLimit),
    fee: document.authInfo.fee?.amount ?? [],
    tx: documentJson(document),
  });
  return 0;
}

/** The transaction as JSON, on stdout or in a file, for another command. */
export function give(invocation: Invocation, document: TxDocument): number {
  return giveJson(invocation, documentJson(document));
}

export function giveJson(invocation: Invocation, json: unknown): number {
  const path = invocation.flag("output-document");
  const text = `${JSON.stringify(json)}\n`;
  if (path === undefined) {
    invocation.answer(text, json);
    return 0;
  }
  writeFileSync(path, text);
  invocation.answer(`Wrote ${path}.\n`, { output_document: path });
  return 0;
}

export const base64Of = ({ bytes }: TxDocument): string => base64(bytes);

/** Shows what will be signed, and asks unless --yes. */
export const agreesToSign = (
  invocation: Invocation,
  words: string,
  question = "Sign and send this?",
): Promise<boolean> => agrees(invocation, { words, question, otherwise: "Nothing was signed or sent." });
