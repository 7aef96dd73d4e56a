/**
 * From the bytes of a transaction to its parts. Owns the shape (TxRaw, body, auth info, registered messages) and the limit of its
 * size; whether what it says is allowed is for the ante steps.
 */
import type { AuthInfo, TxBody, TxRaw } from "../../proto/gen/cosmos/tx/v1beta1/tx.ts";
import { sdk } from "../errors.ts";
import type { AnyMessageHandler } from "../module.ts";
import { strictDecode, strictDecodeUnpacked } from "./strict.ts";
import type { DecodedMessage, DecodedTx } from "./types.ts";

/** CometBFT's own default for one transaction (mempool.max_tx_bytes). */
export const txBytesMax = 1_048_576;

export interface MessageRegistry {
  /** By type URL, "/cosmos.bank.v1beta1.MsgSend". */
  handler(typeUrl: string): AnyMessageHandler | undefined;
}

export function decodeTx(bytes: Uint8Array, registry: MessageRegistry): DecodedTx {
  if (bytes.length > txBytesMax)
    throw sdk.txTooLarge(`the transaction has ${bytes.length} bytes, expected at most ${txBytesMax}`);
  const raw = strictDecode<TxRaw>("cosmos.tx.v1beta1.TxRaw", bytes);
  const knowsMessage = (typeUrl: string) => registry.handler(typeUrl) !== undefined;
  const { value: body, unpacked } = strictDecodeUnpacked<TxBody>("cosmos.tx.v1beta1.TxBody", raw.bodyBytes, {
    knowsMessage,
    origin: { name: "body", offset: raw.bodyBytes.byteOffset - bytes.byteOffset },
  });
  const authInfo = strictDecode<AuthInfo>("cosmos.tx.v1beta1.AuthInfo", raw.authInfoBytes, {
    origin: { name: "auth_info", offset: raw.authInfoBytes.byteOffset - bytes.byteOffset },
  });
  const messages = body.messages.map(({ typeUrl }, index): DecodedMessage => {
    const handler = registry.handler(typeUrl)!;
    return { typeUrl, handler, value: unpacked[index] };
  });
  const { bodyBytes, authInfoBytes, signatures } = raw;
  return { bytes, bodyBytes, authInfoBytes, body, authInfo, signatures, messages };
}
