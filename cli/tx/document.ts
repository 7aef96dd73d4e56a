/**
 * A transaction on its way: as the JSON that the SDK's commands exchange, as bytes, and as what is signed. Owns reading and writing it
 * whole; every document here decodes as strictly as the chain decodes it.
 */
import { readFileSync } from "node:fs";
import type { MessageCodec } from "../../chain/codec.ts";
import { type Coins, coinsToProto } from "../../chain/coins.ts";
import { makeRegistry } from "../../chain/definition.ts";
import { ChainError } from "../../chain/errors.ts";
import { fromJson, toJson } from "../../chain/protojson.ts";
import { decodeTx, txBytesMax } from "../../chain/tx/decode.ts";
import { requiredSigners } from "../../chain/tx/signers.ts";
import type { DecodedTx } from "../../chain/tx/types.ts";
import { weir } from "../../modules/index.ts";
import { AuthInfo, type SignerInfo, type Tx, TxBody, TxRaw } from "../../proto/gen/cosmos/tx/v1beta1/tx.ts";
import { UsageError } from "../arguments.ts";
import { parseJsonText } from "../jsontext.ts";

export const registry = makeRegistry(weir.modules);

const txType = "cosmos.tx.v1beta1.Tx";
/** JSON is wordier than bytes: base64 and names. */
const fileCharactersMax = 8 * txBytesMax;

export type TxDocument = DecodedTx;

export interface TxTerms {
  readonly memo: string;
  readonly timeoutHeight: bigint;
  readonly gasLimit: bigint;
  readonly fee: Coins;
  readonly payer: string;
  readonly granter: string;
}

export interface NamedMessage {
  readonly codec: MessageCodec<unknown>;
  readonly value: unknown;
}

export function newDocument(messages: readonly NamedMessage[], terms: TxTerms): TxDocument {
  const body = TxBody.fromPartial({
    messages: messages.map(({ codec, value }) => ({ typeUrl: `/${codec.typeName}`, value: codec.encode(value) })),
    memo: terms.memo,
    timeoutHeight: terms.timeoutHeight,
  });
  const { fee, gasLimit, payer, granter } = terms;
  const authInfo = AuthInfo.fromPartial({ fee: { amount: coinsToProto(fee), gasLimit, payer, granter } });
  return assembled(TxBody.encode(body).finish(), authInfo, []);
}

function assembled(bodyBytes: Uint8Array, authInfo: AuthInfo, signatures: readonly Uint8Array[]): TxDocument {
  const authInfoBytes = AuthInfo.encode(authInfo).finish();
  return decodeTx(TxRaw.encode({ bodyBytes, authInfoBytes, signatures: [...signatures] }).finish(), registry);
}

export interface SignedBy {
  readonly info: SignerInfo;
  readonly signature: Uint8Array;
}

/** The same body and fee with these signers. */
export const withSigners = ({ bodyBytes, authInfo }: TxDocument, signers: readonly SignedBy[]): TxDocument =>
  assembled(
    bodyBytes,
    { ...authInfo, signerInfos: signers.map(({ info }) => info) },
    signers.map(({ signature }) => signature),
  );

export const withFee = ({ bodyBytes, authInfo, signatures }: TxDocument, gasLimit: bigint, fee: Coins): TxDocument =>
  assembled(
    bodyBytes,
    { ...authInfo, fee: { payer: "", granter: "", ...authInfo.fee, gasLimit, amount: coinsToProto(fee) } },
    signatures,
  );

export const signersOf = (document: TxDocument): readonly SignedBy[] =>
  document.authInfo.signerInfos.map((info, index) => ({
    info,
    signature: document.signatures[index] ?? new Uint8Array(),
  }));

export const requiredOf = (document: TxDocument): readonly string[] => requiredSigners(document);

/** Stateless checks, as CheckTx runs them. */
export function validate(document: TxDocument): void {
  if (document.messages.length === 0) throw new UsageError("the transaction has no message");
  for (const { handler, value } of document.messages) handler.validate(value);
}

// --------------------------------------------------------------------------------------------------------------------- JSON

export const documentJson = ({ body, authInfo, signatures }: TxDocument): unknown =>
  toJson(txType, { body, authInfo, signatures: [...signatures] });

export function documentOfJson(json: unknown, path: string): TxDocument {
  const { body, authInfo, signatures } = fromJson<Tx>(txType, json, path);
  if (body === undefined || authInfo === undefined) {
    throw new Error(`${path}: found no ${body === undefined ? "body" : "auth_info"}, expected a transaction`);
  }
  try {
    return assembled(TxBody.encode(body).finish(), authInfo, signatures);
  } catch (error) {
    if (error instanceof ChainError) throw new Error(`${path}: ${error.message}`);
    throw error;
  }
}

export const documentOfBytes = (bytes: Uint8Array): TxDocument => decodeTx(bytes, registry);

/** "-" is stdin. */
export function readText(path: string): string {
  let text: string;
  try {
    text = readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  if (text.length > fileCharactersMax) throw new UsageError(`${path} has more than ${fileCharactersMax} characters`);
  return text;
}

export const readJson = (path: string): unknown => parseJsonText(readText(path), path);

export const readDocument = (path: string): TxDocument => documentOfJson(readJson(path), path);
