/**
 * An answer as a frame, ready to be sent. Owns the short ways for the two answers that come in numbers, a transaction's check and a block's
 * results; any other is encoded by the generated code, and all come out as that would write them.
 */
import { type Response, Response as ResponseMessage } from "../../proto/gen/tendermint/abci/types.ts";
import { encodeResultsFrame, encodeTxResult } from "../consensus/resultbytes.ts";
import { frameHead, frameOf } from "./framing.ts";

/** Fields 9 and 21 of Response, as bytes of a length. */
const checkTxTag = Uint8Array.of(0x4a);
const finalizeBlockTag = 0xaa;

export function encodeResponse(response: Response): Uint8Array {
  const { checkTx, finalizeBlock } = response;
  // Check and result of a transaction are two messages with the same fields.
  if (checkTx !== undefined) return framed(checkTxTag, encodeTxResult(checkTx));
  if (finalizeBlock !== undefined) return encodeResultsFrame(finalizeBlock, finalizeBlockTag);
  return frameOf(ResponseMessage.encode(response).finish());
}

function framed(tag: Uint8Array, body: Uint8Array): Uint8Array {
  const length = frameHead(body.length);
  return Buffer.concat([frameHead(tag.length + length.length + body.length), tag, length, body]);
}
