/**
 * What a signer signs. Owns the sign document of each mode; verifying is verify.ts. DIRECT is the protobuf SignDoc,
 * LEGACY_AMINO_JSON the sorted StdSignDoc; the other modes are refused.
 */
import type { Coin as ProtoCoin } from "../../proto/gen/cosmos/base/v1beta1/coin.ts";
import { SignMode } from "../../proto/gen/cosmos/tx/signing/v1beta1/signing.ts";
import { newBytes } from "../bytes.ts";
import { type ChainError, sdk } from "../errors.ts";
import { formatRfc3339 } from "../rfc3339.ts";
import { aminoJson, aminoJsonPacked, goJsonString } from "./aminojson.ts";
import type { DecodedTx } from "./types.ts";

/** The parts of a transaction that sign bytes are made of: of one that was received, or of one that is being built. */
export type SignableTx = Pick<DecodedTx, "bodyBytes" | "authInfoBytes" | "body" | "authInfo"> & {
  readonly messages: readonly { readonly typeUrl: string; readonly value: unknown }[];
};

export interface SignerData {
  readonly chainId: string;
  readonly accountNumber: bigint;
  readonly sequence: bigint;
}

/** Why no sign bytes can be made, in the SDK's words; it becomes part of "signature verification failed". */
const unsupported = (mode: number): ChainError => {
  const name = Object.entries(SignMode).find(([, value]) => value === mode)?.[0] ?? String(mode);
  return sdk.notSupported(`unsupported sign mode ${name}`);
};

export function signBytes(mode: number, tx: SignableTx, signer: SignerData): Uint8Array {
  if (mode === SignMode.SIGN_MODE_DIRECT) return directSignBytes(tx, signer);
  if (mode === SignMode.SIGN_MODE_LEGACY_AMINO_JSON) return utf8.encode(aminoSignDoc(tx, signer));
  throw unsupported(mode);
}

const utf8 = new TextEncoder();

let chainIdText = "";
let chainIdBytes: Uint8Array = new Uint8Array(0);

/** A process serves one chain: its name is encoded once. */
function encodedChainId(chainId: string): Uint8Array {
  if (chainId !== chainIdText) {
    chainIdText = chainId;
    chainIdBytes = utf8.encode(chainId);
  }
  return chainIdBytes;
}

function varintLength(value: number): number {
  let length = 1;
  for (let left = value; left >= 0x80; left = Math.floor(left / 128)) length++;
  return length;
}

function writeVarint(target: Uint8Array, at: number, value: number): number {
  let left = value;
  let next = at;
  for (; left >= 0x80; left = Math.floor(left / 128)) target[next++] = (left % 128) | 0x80;
  target[next] = left;
  return next + 1;
}

function writeBytes(target: Uint8Array, at: number, tag: number, bytes: Uint8Array): number {
  if (bytes.length === 0) return at;
  target[at] = tag;
  const start = writeVarint(target, at + 1, bytes.length);
  target.set(bytes, start);
  return start + bytes.length;
}

const fieldLength = (bytes: Uint8Array): number =>
  bytes.length === 0 ? 0 : 1 + varintLength(bytes.length) + bytes.length;

/** cosmos.tx.v1beta1.SignDoc, written by hand: it is made for every signature of every transaction. */
function directSignBytes({ bodyBytes, authInfoBytes }: SignableTx, { chainId, accountNumber }: SignerData): Uint8Array {
  if (accountNumber > BigInt(Number.MAX_SAFE_INTEGER))
    throw sdk.logic(`account number ${accountNumber} exceeds ${Number.MAX_SAFE_INTEGER}`);
  const chain = encodedChainId(chainId);
  const number = Number(accountNumber);
  const numberLength = number === 0 ? 0 : 1 + varintLength(number);
  const document = newBytes(fieldLength(bodyBytes) + fieldLength(authInfoBytes) + fieldLength(chain) + numberLength);
  let at = writeBytes(document, 0, 0x0a, bodyBytes);
  at = writeBytes(document, at, 0x12, authInfoBytes);
  at = writeBytes(document, at, 0x1a, chain);
  if (number !== 0) {
    document[at] = 0x20;
    writeVarint(document, at + 1, number);
  }
  return document;
}

/** The same for each of a transaction's signers: a large one with many of them is written once. */
const packed = new WeakMap<SignableTx["messages"], string>();

function packedMessages(messages: SignableTx["messages"]): string {
  const known = packed.get(messages);
  if (known !== undefined) return known;
  const list = messages.map(({ typeUrl, value }) => aminoJsonPacked(typeUrl.slice(1), value));
  const text = list.length === 0 ? "null" : `[${list.join(",")}]`;
  packed.set(messages, text);
  return text;
}

/** StdSignDoc: its keys in ascending order, what Go leaves out when empty left out. */
function aminoSignDoc({ body, authInfo, messages }: SignableTx, signer: SignerData): string {
  if (body.extensionOptions.length > 0 || body.nonCriticalExtensionOptions.length > 0)
    throw sdk.invalidRequest("SIGN_MODE_LEGACY_AMINO_JSON does not support protobuf extension options");
  const { fee } = authInfo;
  if (fee === undefined) throw sdk.invalidRequest("fee cannot be nil when tipper is not signer");
  const parts = [
    `"account_number":"${signer.accountNumber}"`,
    `"chain_id":${goJsonString(signer.chainId)}`,
    `"fee":${aminoFee(fee)}`,
    `"memo":${goJsonString(body.memo)}`,
    `"msgs":${packedMessages(messages)}`,
    `"sequence":"${signer.sequence}"`,
  ];
  if (body.timeoutHeight !== 0n) parts.push(`"timeout_height":"${body.timeoutHeight}"`);
  if (body.timeoutTimestamp !== undefined) parts.push(`"timeout_timestamp":"${formatRfc3339(body.timeoutTimestamp)}"`);
  if (body.unordered) parts.push('"unordered":true');
  return `{${parts.join(",")}}`;
}

type AminoFee = {
  readonly amount: readonly ProtoCoin[];
  readonly gasLimit: bigint;
  readonly payer: string;
  readonly granter: string;
};

function aminoFee({ amount, gasLimit, payer, granter }: AminoFee): string {
  const coins = amount.map((coin) => aminoJson("cosmos.base.v1beta1.Coin", coin));
  const parts = [`"amount":[${coins.join(",")}]`, `"gas":"${gasLimit}"`];
  if (granter !== "") parts.push(`"granter":${goJsonString(granter)}`);
  if (payer !== "") parts.push(`"payer":${goJsonString(payer)}`);
  return `{${parts.join(",")}}`;
}
