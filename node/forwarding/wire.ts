/**
 * What client and relay say to each other about paid traffic: the proof by which a link may spend a session, vouchers and receipts on its
 * control link, and datagrams in their frames. Owns their bytes and limits; does not own money (credit.ts, ../relay/ledger.ts) nor sockets.
 */
import { sign } from "node:crypto";
import type { Duplex } from "node:stream";
import { messageCodec } from "../../chain/codec.ts";
import { verifyEd25519 } from "../../chain/crypto/ed25519.ts";
import { writeUint64 } from "../../chain/keycodec.ts";
import { strictDecode } from "../../chain/tx/strict.ts";
import { encodeUtf8 } from "../../chain/utf8.ts";
import { DatagramFrame, ReceiptFrame, VoucherFrame } from "../../proto/gen/weir/wire/v1/wire.ts";
import { privateKeyOf } from "../transport/certificate.ts";
import { frame, frameBounds, readFrame } from "../transport/frames.ts";
import { StreamFailure } from "../transport/taking.ts";
import type { Link } from "../transport/transport.ts";

// ---------------------------------------------------------------------------------------------------------------- the proof

const proofDomain = "weir/wire/session";
const exportLabel = "weir-session-1";
const exportedBytes = 32;

export interface ProofTerms {
  readonly chainId: string;
  readonly session: bigint;
}

type Exporting = Pick<Link, "exportKey">;

function sessionContext(session: bigint): Uint8Array {
  const context = new Uint8Array(8);
  writeUint64(context, 0, session);
  return context;
}

/** Domain and chain id, each behind its length in one byte · session 8 · 32 bytes that only this link's two ends can compute. */
function proofBytes(link: Exporting, { chainId, session }: ProofTerms): Uint8Array {
  const texts = [proofDomain, chainId].map(encodeUtf8).flatMap((text) => [Uint8Array.of(text.length), text]);
  const context = sessionContext(session);
  return Buffer.concat([...texts, context, link.exportKey(exportLabel, context, exportedBytes)]);
}

/** Signed with the session's key: of this link, session and chain alone. */
export const sessionProof = (link: Exporting, terms: ProofTerms, sessionSeed: Uint8Array): Uint8Array =>
  Uint8Array.from(sign(null, proofBytes(link, terms), privateKeyOf(sessionSeed)));

export const isSessionProof = (
  link: Exporting,
  terms: ProofTerms,
  sessionKey: Uint8Array,
  proof: Uint8Array,
): boolean => verifyEd25519(sessionKey, proof, proofBytes(link, terms));

/** Each direction of a forwarded stream ends by itself, as a TCP connection's do. */
export function halfOpen({ stream }: Link): Duplex {
  stream.allowHalfOpen = true;
  return stream;
}

// ----------------------------------------------------------------------------------------------------- vouchers and receipts

/** Neither is longer, whatever its numbers are. */
const controlFrameBytesMax = 512;

const vouchers = messageCodec(VoucherFrame);
const receipts = messageCodec(ReceiptFrame);

function strictly<T>(typeName: string, bytes: Uint8Array, what: string): T {
  try {
    return strictDecode<T>(typeName, bytes);
  } catch (error) {
    throw new StreamFailure(`a ${what} that cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

export const sendVoucher = (stream: Duplex, voucher: Partial<VoucherFrame>): boolean =>
  stream.write(frame(vouchers.encode(VoucherFrame.fromPartial(voucher))));

export const sendReceipt = (stream: Duplex, receipt: Partial<ReceiptFrame>): boolean =>
  stream.write(frame(receipts.encode(ReceiptFrame.fromPartial(receipt))));

const controlFrame = (stream: Duplex, deadlineMillis: number): Promise<Buffer> =>
  readFrame(stream, { bytesMax: controlFrameBytesMax, deadlineMillis });

/** The next one of a control link; rejects with StreamFailure at its end. */
export const readVoucher = async (stream: Duplex, deadlineMillis: number): Promise<VoucherFrame> =>
  strictly<VoucherFrame>(VoucherFrame.$type, await controlFrame(stream, deadlineMillis), "voucher");

export const readReceipt = async (stream: Duplex, deadlineMillis: number): Promise<ReceiptFrame> =>
  strictly<ReceiptFrame>(ReceiptFrame.$type, await controlFrame(stream, deadlineMillis), "receipt");

// ----------------------------------------------------------------------------------------------------------------- datagrams

/** Of a datagram's content: what fits one of UDP over IPv4, but for the largest that nobody sends. */
export const datagramBytesMax = 16_384;
const hostBytesMax = 255;
const datagramFrameBytesMax = datagramBytesMax + hostBytesMax + 16;

const datagrams = messageCodec(DatagramFrame);

/** With its length before it, as it goes over a link. */
export const datagramFrame = (datagram: DatagramFrame): Buffer => frame(datagrams.encode(datagram));

/** Finds the datagrams in a link's bytes as they come; throws StreamFailure at what is none. */
export class DatagramReader {
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Below this many bytes there is nothing whole: who sends byte by byte costs no more than it sends. */
  #neededBytes = 1;

  /** Whatever is whole by now. */
  take(chunk: Buffer): DatagramFrame[] {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes < this.#neededBytes) return [];
    let bytes = this.#held.length === 1 ? chunk : Buffer.concat(this.#held);
    const found: DatagramFrame[] = [];
    for (;;) {
      const bounds = frameBounds(bytes, datagramFrameBytesMax);
      this.#neededBytes = bounds?.end ?? bytes.length + 1;
      if (bounds === undefined || bytes.length < bounds.end) break;
      found.push(datagramOf(bytes.subarray(bounds.start, bounds.end)));
      bytes = bytes.subarray(bounds.end);
    }
    // Not a view of a chunk that would be kept alive whole.
    this.#held = bytes.length === 0 ? [] : [Buffer.from(bytes)];
    this.#heldBytes = bytes.length;
    return found;
  }
}

function datagramOf(bytes: Uint8Array): DatagramFrame {
  const datagram = strictly<DatagramFrame>(DatagramFrame.$type, bytes, "datagram");
  const { length } = datagram.payload;
  if (length <= datagramBytesMax) return datagram;
  throw new StreamFailure(`a datagram of ${length} bytes; expected at most ${datagramBytesMax}`);
}
