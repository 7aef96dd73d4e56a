/**
 * Puts signatures into a transaction: one key's, several keys', or those of a multisig's members. Owns who may sign where; what is signed
 * is chain/tx/signbytes.ts, and the secret never leaves the keyring.
 */
import { accountAddress } from "../../chain/address.ts";
import {
  type MultisigKey,
  type PublicKey,
  publicKeyAddress,
  publicKeyFromAny,
  publicKeyToAny,
} from "../../chain/crypto/publickey.ts";
import { type SignerData, signBytes } from "../../chain/tx/signbytes.ts";
import { MultiSignature } from "../../proto/gen/cosmos/crypto/multisig/v1beta1/multisig.ts";
import { SignMode } from "../../proto/gen/cosmos/tx/signing/v1beta1/signing.ts";
import type { ModeInfo, SignerInfo } from "../../proto/gen/cosmos/tx/v1beta1/tx.ts";
import { UsageError } from "../arguments.ts";
import type { KeyRecord, Keyring } from "../keyring/keyring.ts";
import { requiredOf, type SignedBy, signersOf, type TxDocument, withSigners } from "./document.ts";

export interface SigningKey {
  readonly record: KeyRecord;
  readonly mode: SignMode;
  readonly terms: SignerData;
}

export const single = (mode: SignMode): ModeInfo => ({ single: { mode }, multi: undefined });

export const addressOfKey = (key: PublicKey): string => accountAddress.encode(publicKeyAddress(key));

const addressOfInfo = ({ publicKey }: SignerInfo): string | undefined =>
  publicKey === undefined ? undefined : addressOfKey(publicKeyFromAny(publicKey));

const signsDirect = ({ modeInfo }: SignerInfo): boolean => modeInfo?.single?.mode === SignMode.SIGN_MODE_DIRECT;

/** Each key in its place among the signers that the messages ask for; what others have signed stays. */
export async function sign(document: TxDocument, keyring: Keyring, keys: readonly SigningKey[]): Promise<TxDocument> {
  const placed = withSigners(document, place(document, keys));
  const signed = [...signersOf(placed)];
  for (const { record, mode, terms } of keys) {
    const index = signed.findIndex(({ info }) => addressOfInfo(info) === record.address);
    const signature = await keyring.sign(record.name, signBytes(mode, placed, terms));
    signed[index] = { info: signed[index]!.info, signature };
  }
  return withSigners(placed, signed);
}

function place(document: TxDocument, keys: readonly SigningKey[]): SignedBy[] {
  const required = requiredOf(document);
  const before = new Map(signersOf(document).map((signer) => [addressOfInfo(signer.info), signer]));
  const now = new Map(before);
  for (const { record, mode, terms } of keys) {
    if (!required.includes(record.address)) throw notAsked(record, required);
    const info = { publicKey: publicKeyToAny(record.publicKey), modeInfo: single(mode), sequence: terms.sequence };
    now.set(record.address, { info, signature: new Uint8Array() });
  }
  const placed = required.flatMap((address) => now.get(address) ?? []);
  const isWhole = placed.length === required.length;
  if (!isWhole && placed.some(({ info }) => signsDirect(info))) throw directNeedsAll(required, now);
  const mine = new Set<string | undefined>(keys.map(({ record }) => record.address));
  const isChanged = placed.length !== before.size || !placed.every(({ info }) => before.has(addressOfInfo(info)));
  const others = placed.filter(({ info }) => !mine.has(addressOfInfo(info)));
  if (isChanged && others.some(({ info, signature }) => signsDirect(info) && signature.length > 0)) {
    throw new UsageError(
      "somebody has signed this in the mode direct, which covers who else signs: let all sign with --sign-mode amino-json",
    );
  }
  return placed;
}

const notAsked = ({ name, address }: KeyRecord, required: readonly string[]): UsageError =>
  new UsageError(`this transaction asks for the signature of ${required.join(" and ")}; ${name} is ${address}`);

function directNeedsAll(required: readonly string[], now: ReadonlyMap<string | undefined, unknown>): UsageError {
  const absent = required.filter((address) => !now.has(address));
  return new UsageError(
    `${absent.join(" and ")} must sign too, and the mode direct covers who signs: use --sign-mode amino-json`,
  );
}

export interface MemberSignature {
  readonly publicKey: PublicKey;
  readonly mode: SignMode;
  readonly signature: Uint8Array;
}

const bytesText = (key: PublicKey): string => JSON.stringify([...publicKeyToAny(key).value]);

/** The members' signatures as the one of their multisig. */
export function combine(
  document: TxDocument,
  multisig: { readonly publicKey: MultisigKey; readonly sequence: bigint },
  given: readonly MemberSignature[],
): TxDocument {
  const { publicKey, sequence } = multisig;
  const byKey = new Map(given.map((member) => [bytesText(member.publicKey), member]));
  const members = publicKey.publicKeys.map((key) => byKey.get(bytesText(key)));
  const signing = members.filter((member) => member !== undefined);
  if (signing.length < publicKey.threshold) {
    throw new UsageError(`${signing.length} of ${publicKey.threshold} signatures needed; let more members sign`);
  }
  const elems = new Uint8Array(Math.ceil(members.length / 8));
  members.forEach((member, i) => {
    if (member !== undefined) elems[i >> 3]! |= 0x80 >> (i & 7);
  });
  const bitarray = { extraBitsStored: members.length % 8, elems };
  const modeInfo = { single: undefined, multi: { bitarray, modeInfos: signing.map(({ mode }) => single(mode)) } };
  const info = { publicKey: publicKeyToAny(publicKey), modeInfo, sequence };
  const signature = MultiSignature.encode({ signatures: signing.map((member) => member.signature) }).finish();
  const address = addressOfKey(publicKey);
  const others = new Map(signersOf(document).map((signer) => [addressOfInfo(signer.info), signer]));
  const required = requiredOf(document);
  if (!required.includes(address))
    throw new UsageError(`this transaction asks for the signature of ${required.join(" and ")}, not of ${address}`);
  others.set(address, { info, signature });
  return withSigners(
    document,
    required.flatMap((signer) => others.get(signer) ?? []),
  );
}
