/** From canonical bytes back to what was read: for relays, which are asked to agree. Owns no layout of its own: what it gives must give the same bytes. Pure. */
import { compareBytes } from "../../chain/store/types.ts";
import {
  type AttestationPlace,
  type AttestedReading,
  attestationBytes,
  attestationBytesLength,
  ipv6Bytes,
  sessionNonceBytes,
  transcriptHashBytes,
} from "./attestationbytes.ts";

export interface AttestationRead {
  readonly place: AttestationPlace;
  readonly reading: AttestedReading;
}

const at = {
  epoch: 49,
  relay: 57,
  oracle: 65,
  kind: 73,
  nonce: 74,
  measured: 90,
  bytes: 119,
  transcript: 139,
} as const;
const addressAt = attestationBytesLength - ipv6Bytes;
const mappedBytes = 12;

function addressOf(field: Uint8Array): Uint8Array {
  const isNone = field.every((byte) => byte === 0);
  if (isNone) return new Uint8Array(0);
  const isMapped = field.subarray(0, mappedBytes).every((byte, index) => byte === (index < 10 ? 0 : 0xff));
  return isMapped ? field.slice(mappedBytes) : field.slice();
}

/** Undefined where these are no attestation's bytes, or another chain's. */
export function readAttestationBytes(bytes: Uint8Array, chainId: string): AttestationRead | undefined {
  if (bytes.length !== attestationBytesLength) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const place = { chainId, epoch: view.getBigUint64(at.epoch), oracle: view.getBigUint64(at.oracle) };
  const reading: AttestedReading = {
    relay: view.getBigUint64(at.relay),
    kind: bytes[at.kind]!,
    sessionNonce: bytes.slice(at.nonce, at.nonce + sessionNonceBytes),
    measuredBps: view.getBigUint64(at.measured),
    backgroundBps: view.getBigUint64(at.measured + 8),
    rttP50Micros: view.getUint32(at.measured + 16),
    rttP95Micros: view.getUint32(at.measured + 20),
    lossPpm: view.getUint32(at.measured + 24),
    checksPassed: bytes[at.measured + 28]!,
    bytes: view.getBigUint64(at.bytes),
    startMillis: view.getBigUint64(at.bytes + 8),
    durationMillis: view.getUint32(at.bytes + 16),
    transcriptHash: bytes.slice(at.transcript, at.transcript + transcriptHashBytes),
    observedAddress: addressOf(bytes.subarray(addressAt)),
  };
  return compareBytes(attestationBytes(place, reading), bytes) === 0 ? { place, reading } : undefined;
}
