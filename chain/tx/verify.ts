/**
 * Verifies what one signer signed. Owns which signature is checked against which key over which bytes; the curve arithmetic is an
 * argument, so that the same walk also collects the checks that workers may start on early.
 */
import type { PublicKey, SingleKey } from "../crypto/publickey.ts";
import type { SignatureCheck } from "../crypto/types.ts";
import { ChainError } from "../errors.ts";
import { type GivenSignature, signingMembers } from "./signatures.ts";
import { type SignableTx, type SignerData, signBytes } from "./signbytes.ts";

export type Verify = (check: SignatureCheck) => boolean;

/** What is wrong, in the SDK's words, or undefined. */
export function signatureProblem(
  key: PublicKey,
  given: GivenSignature,
  tx: SignableTx,
  signer: SignerData,
  verify: Verify,
): string | undefined {
  // The members of a multisig share what they sign.
  const made = key.scheme === "multisig" ? new Map<number, Uint8Array>() : undefined;
  try {
    for (const { publicKey, signature, mode } of signingMembers(key, given)) {
      const message = made?.get(mode) ?? signBytes(mode, tx, signer);
      made?.set(mode, message);
      const { scheme } = publicKey;
      if (!verify({ scheme, publicKey: publicKey.key, signature, message })) return mismatch(key, publicKey);
    }
    return undefined;
  } catch (error) {
    if (error instanceof ChainError) return error.message;
    throw error;
  }
}

function mismatch(key: PublicKey, signing: SingleKey): string {
  if (key.scheme !== "multisig") return "unable to verify single signer signature";
  const index = key.publicKeys.findIndex((member) => member === signing || holds(member, signing));
  return `unable to verify signature at index ${index}`;
}

const holds = (key: PublicKey, signing: SingleKey): boolean =>
  key.scheme === "multisig" && key.publicKeys.some((member) => member === signing || holds(member, signing));
