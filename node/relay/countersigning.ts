/**
 * What a relay signs of its own measurement: the transcript that an oracle shows, where the figures are those that the relay counted. Owns that
 * comparison and the two frames; does not own the count (measured.ts). An oracle that is not agreed with attests all the same.
 */
import { messageCodec } from "../../chain/codec.ts";
import { signEd25519 } from "../../chain/crypto/sign.ts";
import { strictDecode } from "../../chain/tx/strict.ts";
import { transcriptBytes } from "../../modules/attestation/attestationbytes.ts";
import { type AttestationRead, readAttestationBytes } from "../../modules/attestation/attestationread.ts";
import { type Countersign, RefusalCode, TranscriptAnswer, TranscriptFrame } from "../../proto/gen/weir/wire/v1/wire.ts";
import { frame, readFrame } from "../transport/frames.ts";
import { accept, refusal, refuse } from "../transport/opening.ts";
import type { Identity, Link } from "../transport/transport.ts";
import type { Seen } from "./measured.ts";

const frameBytesMax = 1_024;
const deadlineMillis = 5_000;
/** The two ends look at different moments: so much less than the relay counted is still the same figure. */
const agreedPercent = 90n;

const answerCodec = messageCodec(TranscriptAnswer);

export interface CountersigningOptions {
  readonly chainId: string;
  readonly identity: Identity;
  seen(sessionNonce: Uint8Array): Seen | undefined;
}

/** Why the relay does not agree; undefined where it does. */
export function disagreement(
  { place, reading }: AttestationRead,
  { measure, bytes, bps, cellBps }: Seen,
): string | undefined {
  const isSame =
    place.epoch === measure.epoch &&
    place.oracle === measure.oracle &&
    reading.relay === measure.relay &&
    reading.kind === measure.kind &&
    Buffer.compare(reading.sessionNonce, measure.sessionNonce) === 0;
  if (!isSame) return "it is about another measurement";
  if (reading.bytes > bytes) return `it counts ${reading.bytes} bytes where ${bytes} were sent back`;
  if ((reading.measuredBps + cellBps) * 100n < bps * agreedPercent) {
    return `it says ${reading.measuredBps} bit/s where ${bps} came and went`;
  }
  return undefined;
}

/** One link: the transcript, and what the relay says to it. Resolves to why it did not agree. */
export async function countersign(
  link: Link,
  { sessionNonce }: Countersign,
  { chainId, identity, seen: seenOf }: CountersigningOptions,
): Promise<string | undefined> {
  const seen = seenOf(sessionNonce);
  if (seen === undefined || Buffer.compare(seen.peerKey, link.peerKey) !== 0) {
    refuse(link, refusal(RefusalCode.REFUSAL_CODE_NOT_NOW, "no measurement of this nonce was just made by this key"));
    return undefined;
  }
  accept(link);
  const bytes = await readFrame(link.stream, { bytesMax: frameBytesMax, deadlineMillis });
  const { attestation } = strictDecode<TranscriptFrame>(TranscriptFrame.$type, bytes);
  const read = readAttestationBytes(attestation, chainId);
  const problem = read === undefined ? "it is no attestation of this chain" : disagreement(read, seen);
  const signature =
    read === undefined || problem !== undefined
      ? new Uint8Array(0)
      : signEd25519(identity.seed, transcriptBytes(read.place, read.reading));
  link.stream.end(frame(answerCodec.encode({ signature, backgroundBps: seen.backgroundBps })));
  return problem;
}
