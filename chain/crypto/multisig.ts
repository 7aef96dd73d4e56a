/**
 * Signatures of a k-of-n multisig: which key signed, by which mode. Owns the bit array's and the counts' rules, with the texts of
 * cosmos-sdk crypto/keys/multisig; does not make sign bytes and does not verify.
 */
import { type CompactBitArray, MultiSignature } from "../../proto/gen/cosmos/crypto/multisig/v1beta1/multisig.ts";
import type { SignMode } from "../../proto/gen/cosmos/tx/signing/v1beta1/signing.ts";
import type { ModeInfo } from "../../proto/gen/cosmos/tx/v1beta1/tx.ts";
import { ChainError } from "../errors.ts";
import type { MultisigKey, PublicKey, SingleKey } from "./publickey.ts";

export interface MultisigMember {
  readonly publicKey: SingleKey;
  readonly signature: Uint8Array;
  readonly mode: SignMode;
}

/** Unauthorized (sdk 4) by code; the text is the bare one that the ante's message wraps. */
const refuse = (text: string): ChainError => new ChainError("sdk", 4, text);

/** How many bits the array holds: whole bytes, or a last byte that holds 1 to 7. */
export function bitCount({ extraBitsStored, elems }: CompactBitArray): number {
  return extraBitsStored === 0 ? elems.length * 8 : (elems.length - 1) * 8 + extraBitsStored;
}

/** The highest bit of a byte is the first. */
export const bitAt = ({ elems }: CompactBitArray, index: number): boolean =>
  ((elems[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0;

/** Stricter than the SDK, which ignores bits beyond the count: two arrays that mean the same must be the same. */
function requireCanonical(bits: CompactBitArray): void {
  const { extraBitsStored, elems } = bits;
  if (extraBitsStored > 7) throw refuse(`bit array stores ${extraBitsStored} extra bits, at most 7`);
  if (extraBitsStored === 0) return;
  const unused = (elems.at(-1) ?? 0) & (0xff >> extraBitsStored);
  if (unused !== 0) throw refuse("bit array has bits set beyond its size");
}

function decodeSignatures(bytes: Uint8Array): readonly Uint8Array[] {
  try {
    const decoded = MultiSignature.decode(bytes);
    const again = MultiSignature.encode(decoded).finish();
    if (again.length === bytes.length && again.every((byte, i) => byte === bytes[i])) return decoded.signatures;
  } catch {
    // The reader's own words say nothing to a client; the refusal below does.
  }
  throw refuse("rejecting a MultiSignature that is not canonical protobuf");
}

/** The keys whose bit is set, in order. */
function signingKeys({ publicKeys, threshold }: MultisigKey, bits: CompactBitArray, signatures: number): PublicKey[] {
  const size = bitCount(bits);
  if (publicKeys.length !== size) throw refuse(`bit array size is incorrect, expecting: ${publicKeys.length}`);
  if (signatures < threshold || signatures > size) throw refuse(`signature size is incorrect ${signatures}`);
  const signing = publicKeys.filter((_, index) => bitAt(bits, index));
  if (signing.length < threshold) {
    throw refuse(`not enough signatures set, have ${signing.length}, expected ${threshold}`);
  }
  // The SDK lets signatures that no bit names pass unseen; nobody has verified them, so they are refused.
  if (signing.length !== signatures) throw refuse(`signature size is incorrect ${signatures}`);
  return signing;
}

/**
 * Who signed what, to be verified one by one. `signature` is the MultiSignature as the transaction carries it, `modeInfo` its mode info.
 * Throws ChainError when the shape alone refuses it.
 */
export function multisigMembers(publicKey: MultisigKey, signature: Uint8Array, modeInfo: ModeInfo): MultisigMember[] {
  const { multi } = modeInfo;
  if (multi?.bitarray === undefined) throw refuse("a multisig key needs a multi mode info with a bit array");
  const signatures = decodeSignatures(signature);
  if (multi.modeInfos.length !== signatures.length) {
    throw refuse(`expected ${multi.modeInfos.length} multisig signatures, got ${signatures.length}`);
  }
  requireCanonical(multi.bitarray);
  return signingKeys(publicKey, multi.bitarray, signatures.length).flatMap((key, i) =>
    membersOf(key, signatures[i]!, multi.modeInfos[i]!, i),
  );
}

function membersOf(key: PublicKey, signature: Uint8Array, modeInfo: ModeInfo, index: number): MultisigMember[] {
  if (key.scheme === "multisig") return multisigMembers(key, signature, modeInfo);
  if (modeInfo.single === undefined) throw refuse(`unable to parse pubkey of index ${index}`);
  return [{ publicKey: key, signature, mode: modeInfo.single.mode }];
}
