/**
 * An answer as a frame, ready to be sent. Owns the short ways for the answers that come in numbers, a transaction's check and a block's
 * results, and for the largest, a snapshot's chunk, which is not copied; any other is encoded by the generated code, and all come out as that
 * would write them.
 */
import { type Response, Response as ResponseMessage } from "../../proto/gen/tendermint/abci/types.ts";
import { encodeResultsFrame, encodeTxResult } from "../consensus/resultbytes.ts";
import { frameHead, frameOf } from "./framing.ts";

/** Fields of Response, as bytes of a length; and the one field of a chunk's answer. */
const checkTxTag = Uint8Array.of(0x4a);
const finalizeBlockTag = 0xaa;
const loadSnapshotChunkTag = Uint8Array.of(0x7a);
const chunkTag = Uint8Array.of(0x0a);

/** The frame in pieces that follow one another. */
export function responseParts(response: Response): readonly Uint8Array[] {
  const { checkTx, finalizeBlock, loadSnapshotChunk } = response;
  // Check and result of a transaction are two messages with the same fields.
  if (checkTx !== undefined) return [Buffer.concat(framed(field(checkTxTag, [encodeTxResult(checkTx)])))];
  if (finalizeBlock !== undefined) return [encodeResultsFrame(finalizeBlock, finalizeBlockTag)];
  if (loadSnapshotChunk !== undefined && loadSnapshotChunk.chunk.length > 0) {
    return framed(field(loadSnapshotChunkTag, field(chunkTag, [loadSnapshotChunk.chunk])));
  }
  return [frameOf(ResponseMessage.encode(response).finish())];
}

export const encodeResponse = (response: Response): Uint8Array => Buffer.concat(responseParts(response));

const lengthOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0);

const field = (tag: Uint8Array, parts: readonly Uint8Array[]): readonly Uint8Array[] => [
  tag,
  frameHead(lengthOf(parts)),
  ...parts,
];

const framed = (parts: readonly Uint8Array[]): readonly Uint8Array[] => [frameHead(lengthOf(parts)), ...parts];
