/** Signatures without their transaction, as the SDK's `--signature-only` writes them. Owns that JSON in both directions. */
import { publicKeyFromAny, publicKeyToAny } from "../../chain/crypto/publickey.ts";
import { fromJson, toJson } from "../../chain/protojson.ts";
import type { SignatureDescriptors } from "../../proto/gen/cosmos/tx/signing/v1beta1/signing.ts";
import { readJson } from "./document.ts";
import type { MemberSignature } from "./signing.ts";

const descriptorsType = "cosmos.tx.signing.v1beta1.SignatureDescriptors";
const fileSignaturesMax = 64;

export function signatureJson({ publicKey, mode, signature }: MemberSignature, sequence: bigint): unknown {
  const data = { single: { mode, signature }, multi: undefined };
  const descriptors: SignatureDescriptors = { signatures: [{ publicKey: publicKeyToAny(publicKey), data, sequence }] };
  return toJson(descriptorsType, descriptors);
}

export function readSignatures(path: string): readonly MemberSignature[] {
  const { signatures } = fromJson<SignatureDescriptors>(descriptorsType, readJson(path), path);
  if (signatures.length === 0 || signatures.length > fileSignaturesMax) {
    throw new Error(`${path} holds ${signatures.length} signatures; expected 1 to ${fileSignaturesMax}`);
  }
  return signatures.map(({ publicKey, data }) => {
    if (publicKey === undefined || data?.single === undefined) {
      throw new Error(`${path}: found no public key with a single signature; expected what --signature-only writes`);
    }
    return { publicKey: publicKeyFromAny(publicKey), ...data.single };
  });
}
