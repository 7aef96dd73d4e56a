/**
 * Signatures as a transaction carries them: the mode in auth info, the bytes beside it, nested for multisigs. Owns walking the two
 * together; what a multisig's members are is crypto/multisig.ts, and whether they verify is verify.ts.
 */
import { MultiSignature } from "../../proto/gen/cosmos/crypto/multisig/v1beta1/multisig.ts";
import { SignMode } from "../../proto/gen/cosmos/tx/signing/v1beta1/signing.ts";
import type { ModeInfo } from "../../proto/gen/cosmos/tx/v1beta1/tx.ts";
import { type MultisigMember, multisigMembers } from "../crypto/multisig.ts";
import type { PublicKey } from "../crypto/publickey.ts";
import { sdk } from "../errors.ts";
import { strictDecode } from "./strict.ts";

export interface GivenSignature {
  readonly modeInfo: ModeInfo;
  readonly bytes: Uint8Array;
}

/** cosmos-sdk x/auth/ante flattenSignatures. */
const signatureDepthMax = 2;
const signatureBreadthMax = 32;

/** The members of a multi-signature; undefined for a single one. */
function membersOf({ modeInfo, bytes }: GivenSignature, depth: number): GivenSignature[] | undefined {
  if (depth > signatureDepthMax) throw sdk.tooManySignatures(`max depth of ${signatureDepthMax} reached`);
  const { single, multi } = modeInfo;
  if (single !== undefined) return undefined;
  if (multi === undefined) throw sdk.txDecode("mode_info holds neither single nor multi; expected one of them");
  const { signatures } = strictDecode<MultiSignature>("cosmos.crypto.multisig.v1beta1.MultiSignature", bytes);
  const { modeInfos } = multi;
  if (signatures.length > signatureBreadthMax)
    throw sdk.tooManySignatures(`max breadth of ${signatureBreadthMax} reached`);
  if (modeInfos.length !== signatures.length)
    throw sdk.txDecode(`expected ${modeInfos.length} multisig signatures, got ${signatures.length}`);
  return signatures.map((signature, index) => ({ modeInfo: modeInfos[index]!, bytes: signature }));
}

/** What the SDK's `signature` events hold: every single signature, and after the members of a multisig the whole of it. */
export function flattenedSignatures(given: GivenSignature, depth = 0): readonly Uint8Array[] {
  const members = membersOf(given, depth)?.flatMap((member) => flattenedSignatures(member, depth + 1));
  return members === undefined ? [given.bytes] : [...members, MultiSignature.encode({ signatures: members }).finish()];
}

/** Whether a signature's bytes are still to come, as in a simulation. */
export function isIncomplete(given: GivenSignature | undefined, depth = 0): boolean {
  if (given === undefined || given.bytes.length === 0) return true;
  return membersOf(given, depth)?.some((member) => isIncomplete(member, depth + 1)) ?? false;
}

/** The SDK's refusal says less when only amino signed, as then the sequence is part of what was signed. */
export const onlyAmino = ({ single, multi }: ModeInfo): boolean =>
  multi?.modeInfos.every(onlyAmino) ?? single?.mode === SignMode.SIGN_MODE_LEGACY_AMINO_JSON;

/** Which single key is said to have made which signature. Throws ChainError when key and signature do not fit each other. */
export function signingMembers(key: PublicKey, { modeInfo, bytes }: GivenSignature): readonly MultisigMember[] {
  if (key.scheme === "multisig") return multisigMembers(key, bytes, modeInfo);
  if (modeInfo.single === undefined) throw sdk.unauthorized("mode_info.multi needs a multisig key");
  return [{ publicKey: key, signature: bytes, mode: modeInfo.single.mode }];
}
