/**
 * What an oracle says to a relay beside measuring it: asks whether it is there, has it sign a transcript, hands it its attestations. Owns those
 * short links, and that a relay's name is resolved once and leads nowhere private.
 */
import { messageCodec } from "../../chain/codec.ts";
import { strictDecode } from "../../chain/tx/strict.ts";
import { attestationSignatureBytes } from "../../modules/attestation/attestationbytes.ts";
import { parseEndpoint } from "../../modules/attestation/endpoints.ts";
import { TranscriptAnswer, TranscriptFrame } from "../../proto/gen/weir/wire/v1/wire.ts";
import { textOf } from "../daemon/failure.ts";
import { frame, readFrame } from "../transport/frames.ts";
import { ask, Refusal } from "../transport/opening.ts";
import { resolveOnce } from "../transport/resolve.ts";
import type { Address, Link, Transport } from "../transport/transport.ts";
import type { Target } from "./work.ts";

export interface Talk {
  readonly transport: Transport;
  readonly chainId: string;
  readonly dialMillisMax: number;
  /** Only where the settings say so. */
  readonly allowsPrivate: boolean;
}

const answerBytesMax = 256;

/** The first of its endpoints that leads to an address which may be dialled; rejects with the reasons where none does. */
export async function addressOf({ endpoints }: Target, { allowsPrivate, dialMillisMax }: Talk): Promise<Address> {
  const reasons: string[] = [];
  for (const text of endpoints) {
    const endpoint = parseEndpoint(text);
    if (endpoint === undefined) continue;
    try {
      const host = await resolveOnce(endpoint.host, { allowsPrivate, deadlineMillis: dialMillisMax });
      return { host, port: endpoint.port };
    } catch (error) {
      reasons.push(textOf(error));
    }
  }
  throw new Error(reasons.join("; ") || "the relay has no endpoint");
}

/** Dials, lets `body` talk, and hangs up whatever comes of it. */
async function over<T>(
  { transport, dialMillisMax }: Talk,
  { address, expectedKey }: { readonly address: Address; readonly expectedKey: Uint8Array },
  body: (link: Link) => Promise<T>,
): Promise<T> {
  const link = await transport.dial(address, { expectedKey, deadlineMillis: dialMillisMax });
  link.stream.on("error", () => undefined);
  try {
    return await body(link);
  } finally {
    link.stream.destroy();
  }
}

const termsOf = ({ chainId, dialMillisMax }: Talk) => ({ chainId, deadlineMillis: dialMillisMax });

const checkAttempts = 2;

/** A relay that answers at all is there: one that is full says so, and is. */
export async function isThere(talk: Talk, target: Target): Promise<boolean> {
  for (let attempt = 0; attempt < checkAttempts; attempt++) {
    try {
      const address = await addressOf(target, talk);
      const to = { address, expectedKey: target.transportKey };
      await over(talk, to, (link) => ask(link, { ping: {} }, termsOf(talk)));
      return true;
    } catch (error) {
      if (error instanceof Refusal) return true;
    }
  }
  return false;
}

export interface Countersigned {
  /** Empty where it does not agree. */
  readonly signature: Uint8Array;
  readonly backgroundBps: bigint;
}

/** Of a measurement that is just over. Rejects where the relay does not answer. */
export function countersign(
  talk: Talk,
  to: { readonly address: Address; readonly expectedKey: Uint8Array },
  { sessionNonce, attestation }: { readonly sessionNonce: Uint8Array; readonly attestation: Uint8Array },
): Promise<Countersigned> {
  return over(talk, to, async (link) => {
    await ask(link, { countersign: { sessionNonce } }, termsOf(talk));
    link.stream.write(frame(messageCodec(TranscriptFrame).encode({ attestation })));
    const limits = { bytesMax: answerBytesMax, deadlineMillis: talk.dialMillisMax };
    const bytes = await readFrame(link.stream, limits);
    const { signature, backgroundBps } = strictDecode<TranscriptAnswer>(TranscriptAnswer.$type, bytes);
    const isSigned = signature.length === attestationSignatureBytes;
    return { signature: isSigned ? signature : new Uint8Array(0), backgroundBps };
  });
}

export interface DeliveryOutcome {
  readonly isTaken: boolean;
  /** It will not take it later either. */
  readonly isFinal: boolean;
  readonly reason: string;
}

/** `ranges` is a MsgSubmitAttestations without its submitter. */
export async function deliverTo(talk: Talk, target: Target, ranges: Uint8Array): Promise<DeliveryOutcome> {
  try {
    const to = { address: await addressOf(target, talk), expectedKey: target.transportKey };
    await over(talk, to, (link) => ask(link, { deliver: { ranges } }, termsOf(talk)));
    return { isTaken: true, isFinal: true, reason: "" };
  } catch (error) {
    const isFinal = error instanceof Refusal && error.retryMillis === 0;
    return { isTaken: false, isFinal, reason: textOf(error) };
  }
}
