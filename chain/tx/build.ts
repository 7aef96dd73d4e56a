/**
 * Builds and signs transactions, for the CLI and tests. Owns putting the parts together in the one canonical encoding; keys and how
 * they sign are the caller's: a signer is a function.
 */

import { MultiSignature } from "../../proto/gen/cosmos/crypto/multisig/v1beta1/multisig.ts";
import { SignMode } from "../../proto/gen/cosmos/tx/signing/v1beta1/signing.ts";
import {
  AuthInfo,
  type Fee,
  type ModeInfo,
  type SignerInfo,
  TxBody,
  TxRaw,
} from "../../proto/gen/cosmos/tx/v1beta1/tx.ts";
import type { MessageCodec } from "../codec.ts";
import { type Coins, coinsToProto } from "../coins.ts";
import type { Timestamp } from "../context.ts";
import { type MultisigKey, type PublicKey, publicKeyToAny } from "../crypto/publickey.ts";
import { type SignableTx, signBytes } from "./signbytes.ts";

export interface TypedMessage<T = unknown> {
  readonly codec: MessageCodec<T>;
  readonly value: T;
}

export interface TxContents {
  readonly messages: readonly TypedMessage[];
  readonly memo?: string;
  readonly timeoutHeight?: bigint;
  readonly timeoutTimestamp?: Timestamp;
}

export interface FeeToPay {
  readonly amount: Coins;
  readonly gasLimit: bigint;
  readonly payer?: string;
  readonly granter?: string;
}

export interface SigningTerms {
  readonly chainId: string;
  readonly accountNumber: bigint;
  readonly sequence: bigint;
}

export type SignFunction = (message: Uint8Array) => Uint8Array;

export type TxSigner = SigningTerms & {
  readonly publicKey: PublicKey;
  /** SIGN_MODE_DIRECT unless said otherwise. */
  readonly mode?: SignMode;
  readonly sign: SignFunction;
};

/** A transaction before its signatures: what every signer signs over. */
export type UnsignedTx = SignableTx;

export function buildUnsigned(contents: TxContents, fee: FeeToPay, signerInfos: readonly SignerInfo[]): UnsignedTx {
  const messages = contents.messages.map(({ codec, value }) => ({ typeUrl: `/${codec.typeName}`, value }));
  const body: TxBody = {
    messages: contents.messages.map(({ codec, value }) => ({
      typeUrl: `/${codec.typeName}`,
      value: codec.encode(value),
    })),
    memo: contents.memo ?? "",
    timeoutHeight: contents.timeoutHeight ?? 0n,
    unordered: false,
    timeoutTimestamp: contents.timeoutTimestamp,
    extensionOptions: [],
    nonCriticalExtensionOptions: [],
  };
  const { amount, gasLimit, payer = "", granter = "" } = fee;
  const protoFee: Fee = { amount: coinsToProto(amount), gasLimit, payer, granter };
  const authInfo: AuthInfo = { signerInfos: [...signerInfos], fee: protoFee, tip: undefined };
  return {
    body,
    authInfo,
    messages,
    bodyBytes: TxBody.encode(body).finish(),
    authInfoBytes: AuthInfo.encode(authInfo).finish(),
  };
}

const singleMode = (mode: SignMode): ModeInfo => ({ single: { mode }, multi: undefined });

const signerInfo = (publicKey: PublicKey, modeInfo: ModeInfo, sequence: bigint): SignerInfo => ({
  publicKey: publicKeyToAny(publicKey),
  modeInfo,
  sequence,
});

const modeOf = ({ mode }: TxSigner): SignMode => mode ?? SignMode.SIGN_MODE_DIRECT;

/** The bytes to broadcast, signed by every signer in the order in which the messages ask for them. */
export function signTx(contents: TxContents, fee: FeeToPay, signers: readonly TxSigner[]): Uint8Array {
  const infos = signers.map((signer) => signerInfo(signer.publicKey, singleMode(modeOf(signer)), signer.sequence));
  const unsigned = buildUnsigned(contents, fee, infos);
  return assemble(
    unsigned,
    signers.map((signer) => signer.sign(signBytes(modeOf(signer), unsigned, signer))),
  );
}

/** For Simulate: the signatures empty, everything else in place. */
export function unsignedForSimulation(
  contents: TxContents,
  fee: FeeToPay,
  signers: readonly Pick<TxSigner, "publicKey" | "sequence">[],
): Uint8Array {
  const mode = singleMode(SignMode.SIGN_MODE_UNSPECIFIED);
  const infos = signers.map(({ publicKey, sequence }) => signerInfo(publicKey, mode, sequence));
  return assemble(
    buildUnsigned(contents, fee, infos),
    signers.map(() => new Uint8Array(0)),
  );
}

export const assemble = ({ bodyBytes, authInfoBytes }: UnsignedTx, signatures: readonly Uint8Array[]): Uint8Array =>
  TxRaw.encode({ bodyBytes, authInfoBytes, signatures: [...signatures] }).finish();

/** What each member of a multisig signs: amino JSON, which does not cover auth info and so is known before anyone has signed. */
export const multisigSignBytes = (contents: TxContents, fee: FeeToPay, terms: SigningTerms): Uint8Array =>
  signBytes(SignMode.SIGN_MODE_LEGACY_AMINO_JSON, buildUnsigned(contents, fee, []), terms);

export interface MemberSignature {
  /** Which of the multisig's keys. */
  readonly index: number;
  readonly signature: Uint8Array;
}

/** Combines the members' signatures, in any order, into the one of the multisig account, and gives the bytes to broadcast. */
export function combineMultisig(
  contents: TxContents,
  fee: FeeToPay,
  multisig: { readonly publicKey: MultisigKey; readonly sequence: bigint },
  given: readonly MemberSignature[],
): Uint8Array {
  const { publicKey, sequence } = multisig;
  const members = [...given].sort((a, b) => a.index - b.index);
  const count = publicKey.publicKeys.length;
  const elems = new Uint8Array(Math.ceil(count / 8));
  for (const { index } of members) elems[index >> 3]! |= 0x80 >> (index & 7);
  const modeInfo: ModeInfo = {
    single: undefined,
    multi: {
      bitarray: { extraBitsStored: count % 8, elems },
      modeInfos: members.map(() => singleMode(SignMode.SIGN_MODE_LEGACY_AMINO_JSON)),
    },
  };
  const unsigned = buildUnsigned(contents, fee, [signerInfo(publicKey, modeInfo, sequence)]);
  const signature = MultiSignature.encode({ signatures: members.map((member) => member.signature) }).finish();
  return assemble(unsigned, [signature]);
}
