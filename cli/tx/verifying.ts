/** Checks the signatures of a transaction against its signers. Owns the list of what is right and wrong; the chain's own walk verifies. */

import { publicKeyFromAny } from "../../chain/crypto/publickey.ts";
import { verifySignature } from "../../chain/crypto/verify.ts";
import { type SignerData, signBytes } from "../../chain/tx/signbytes.ts";
import { signatureProblem } from "../../chain/tx/verify.ts";
import { requiredOf, signersOf, type TxDocument } from "./document.ts";
import { addressOfKey, type MemberSignature } from "./signing.ts";

export interface CheckedSigner {
  readonly address: string;
  /** Undefined: it is good, or as good as can be said. */
  readonly problem: string | undefined;
}

/** `termsOf` undefined: only that each signer has signed in its place. */
export async function checkSigners(
  document: TxDocument,
  termsOf: ((address: string) => Promise<SignerData>) | undefined,
): Promise<readonly CheckedSigner[]> {
  const required = requiredOf(document);
  const given = signersOf(document);
  const checked: CheckedSigner[] = [];
  for (const [index, address] of required.entries()) {
    const problem = await problemOf(document, given[index], address, termsOf);
    checked.push({ address, problem });
  }
  for (const { info } of given.slice(required.length)) {
    const address = info.publicKey === undefined ? "nobody" : addressOfKey(publicKeyFromAny(info.publicKey));
    checked.push({ address, problem: "nobody asked for this signature" });
  }
  return checked;
}

async function problemOf(
  document: TxDocument,
  given: ReturnType<typeof signersOf>[number] | undefined,
  address: string,
  termsOf: ((address: string) => Promise<SignerData>) | undefined,
): Promise<string | undefined> {
  if (given === undefined || given.signature.length === 0) return "has not signed";
  const { publicKey, modeInfo } = given.info;
  if (publicKey === undefined || modeInfo === undefined) return "its public key or its sign mode is missing";
  const key = publicKeyFromAny(publicKey);
  const signer = addressOfKey(key);
  if (signer !== address) return `in its place stands the signature of ${signer}`;
  if (termsOf === undefined) return undefined;
  const terms = await termsOf(address);
  return signatureProblem(key, { modeInfo, bytes: given.signature }, document, terms, verifySignature);
}

/** Whether a member of a multisig signed this, for the account of the multisig. */
export function isMemberSignature(
  document: TxDocument,
  { publicKey, mode, signature }: MemberSignature,
  terms: SignerData,
): boolean {
  if (publicKey.scheme === "multisig") return false;
  const message = signBytes(mode, document, terms);
  return verifySignature({ scheme: publicKey.scheme, publicKey: publicKey.key, signature, message });
}
