/**
 * What an oracle signs: one fixed layout, so that every field has one place and two different readings are never the same bytes. Owns the
 * layout and what a field may hold. Pure, for the chain, oracles and relays alike; owns no key, no tree (leaves.ts) and no rule of time.
 *
 *   domain 16 · version 1 · SHA-256(chain id) 32 · epoch 8 · relay 8 · oracle 8 · kind 1 · session nonce 16 · measured bps 8 ·
 *   background bps 8 · rtt p50 µs 4 · rtt p95 µs 4 · loss per million 4 · checks passed 1 · bytes 8 · start ms 8 · duration ms 4 ·
 *   transcript hash 32 · observed address 16
 *
 * Numbers are unsigned and big-endian. An IPv4 address stands in its IPv6 form; no address is zeros.
 */
import { sha256 } from "../../chain/crypto/hash.ts";
import { encodeUtf8 } from "../../chain/utf8.ts";

/** As the enum of the protobuf message. */
export const attestationKind = { overt: 1, liveness: 2, covert: 3, remeasurement: 4 } as const;
export type AttestationKind = (typeof attestationKind)[keyof typeof attestationKind];

export const kindNames: Readonly<Record<number, string>> = {
  1: "overt",
  2: "liveness",
  3: "covert",
  4: "remeasurement",
};

export const isAttestationKind = (kind: number): kind is AttestationKind => kindNames[kind] !== undefined;

/** What is read of a relay, without whose reading it is. */
export interface AttestedReading {
  readonly relay: bigint;
  readonly kind: number;
  readonly sessionNonce: Uint8Array;
  readonly measuredBps: bigint;
  readonly backgroundBps: bigint;
  readonly rttP50Micros: number;
  readonly rttP95Micros: number;
  readonly lossPpm: number;
  readonly checksPassed: number;
  readonly bytes: bigint;
  readonly startMillis: bigint;
  readonly durationMillis: number;
  readonly transcriptHash: Uint8Array;
  readonly observedAddress: Uint8Array;
}

/** In which tree a reading stands. */
export interface AttestationPlace {
  readonly chainId: string;
  readonly epoch: bigint;
  readonly oracle: bigint;
}

export const sessionNonceBytes = 16;
export const transcriptHashBytes = 32;
export const attestationSignatureBytes = 64;
export const ipv4Bytes = 4;
export const ipv6Bytes = 16;
export const checksOfLiveness = 4;

/** Ids are kept in five bytes. */
export const idMax = (1n << 40n) - 1n;
/** Ten terabits: a hundred times what a machine has. */
export const bpsMax = 10_000_000_000_000n;
export const rttMicrosMax = 60_000_000;
export const lossPpmMax = 1_000_000;
export const durationMillisMax = 600_000;
/** What the highest rate carries in the longest time. */
export const bytesMax = (bpsMax / 8n) * (BigInt(durationMillisMax) / 1000n);
/** The year 2248. */
export const startMillisMax = (1n << 43n) - 1n;

/** 16 bytes each. */
const attestationDomain = encodeUtf8("weir/attestation");
const transcriptDomain = encodeUtf8("weir/transcript!");
const version = 1;

const at = {
  version: 16,
  chain: 17,
  epoch: 49,
  relay: 57,
  oracle: 65,
  kind: 73,
  sessionNonce: 74,
  measured: 90,
  background: 98,
  rttP50: 106,
  rttP95: 110,
  loss: 114,
  checks: 118,
  bytes: 119,
  start: 127,
  duration: 135,
  transcriptHash: 139,
  address: 171,
} as const;

export const attestationBytesLength = at.address + ipv6Bytes;

// -------------------------------------------------------------------------------------------------------------------- the bytes

/** What all of an oracle's attestations of an epoch begin with; made once for many. */
export function attestationFrame({ chainId, epoch, oracle }: AttestationPlace): Uint8Array {
  const frame = new Uint8Array(attestationBytesLength);
  frame.set(attestationDomain);
  frame[at.version] = version;
  frame.set(sha256(encodeUtf8(chainId)), at.chain);
  const view = new DataView(frame.buffer);
  view.setBigUint64(at.epoch, epoch);
  view.setBigUint64(at.oracle, oracle);
  return frame;
}

/** Of a reading without a problem. */
export function attestationBytesIn(frame: Uint8Array, reading: AttestedReading): Uint8Array {
  const bytes = frame.slice();
  const view = new DataView(bytes.buffer);
  view.setBigUint64(at.relay, reading.relay);
  bytes[at.kind] = reading.kind;
  bytes.set(reading.sessionNonce, at.sessionNonce);
  view.setBigUint64(at.measured, reading.measuredBps);
  view.setBigUint64(at.background, reading.backgroundBps);
  view.setUint32(at.rttP50, reading.rttP50Micros);
  view.setUint32(at.rttP95, reading.rttP95Micros);
  view.setUint32(at.loss, reading.lossPpm);
  bytes[at.checks] = reading.checksPassed;
  view.setBigUint64(at.bytes, reading.bytes);
  view.setBigUint64(at.start, reading.startMillis);
  view.setUint32(at.duration, reading.durationMillis);
  bytes.set(reading.transcriptHash, at.transcriptHash);
  bytes.set(addressField(reading.observedAddress), at.address);
  return bytes;
}

/** What the oracle signs, and what its tree's leaf is. */
export const attestationBytes = (place: AttestationPlace, reading: AttestedReading): Uint8Array =>
  attestationBytesIn(attestationFrame(place), reading);

/** ::ffff:a.b.c.d, RFC 4291 §2.5.5.2. */
const mappedPrefix = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);

function addressField(address: Uint8Array): Uint8Array {
  const field = new Uint8Array(ipv6Bytes);
  if (address.length === ipv4Bytes) field.set(mappedPrefix);
  field.set(address, address.length === 0 ? 0 : ipv6Bytes - address.length);
  return field;
}

/** What a relay signs when it agrees: the measurement's transcript, and whose it is. */
export function transcriptBytes(place: AttestationPlace, reading: AttestedReading): Uint8Array {
  const frame = attestationFrame(place);
  const bytes = new Uint8Array(at.sessionNonce + transcriptHashBytes);
  bytes.set(frame.subarray(0, at.sessionNonce));
  bytes.set(transcriptDomain);
  new DataView(bytes.buffer).setBigUint64(at.relay, reading.relay);
  bytes[at.kind] = reading.kind;
  bytes.set(reading.transcriptHash, at.sessionNonce);
  return bytes;
}

// ------------------------------------------------------------------------------------------------------------ what fields may hold

const lengthProblem = (name: string, bytes: Uint8Array, expected: number): string | undefined =>
  bytes.length === expected ? undefined : `${name} has ${bytes.length} bytes; expected ${expected}`;

const rangeProblem = (
  name: string,
  value: bigint | number,
  least: bigint | number,
  most: bigint | number,
): string | undefined =>
  value < least || value > most ? `${name} is ${value}; expected ${least} to ${most}` : undefined;

function isMapped(address: Uint8Array): boolean {
  return address.length === ipv6Bytes && mappedPrefix.every((byte, index) => address[index] === byte);
}

function addressProblem(address: Uint8Array, isReached: boolean): string | undefined {
  if (address.length === 0) {
    return isReached ? "observed_address is missing; a relay that was measured answered from one" : undefined;
  }
  if (address.length !== ipv4Bytes && address.length !== ipv6Bytes) {
    return `observed_address has ${address.length} bytes; expected 4 or 16`;
  }
  if (isMapped(address)) return "observed_address is an IPv4 address in IPv6 form; expected its 4 bytes";
  return address.every((byte) => byte === 0) ? "observed_address is the unspecified one" : undefined;
}

/**
 * The rate is the median of samples over at least three quarters of the time, and half of those read at least the median: so many bytes were
 * received at least. Rounded in the oracle's favour.
 */
const hasBytesFor = ({ measuredBps, durationMillis, bytes }: AttestedReading): boolean =>
  measuredBps * BigInt(durationMillis) * 3n <= bytes * 8n * 1000n * 8n;

function rateProblem(reading: AttestedReading): string | undefined {
  const { kind, measuredBps, backgroundBps, bytes, durationMillis } = reading;
  if (kind === attestationKind.liveness) {
    const isMeasured = measuredBps > 0n || backgroundBps > 0n || bytes > 0n || durationMillis > 0;
    return isMeasured ? "checks of liveness measure nothing; expected rates, bytes and duration of 0" : undefined;
  }
  if (measuredBps === 0n) {
    return backgroundBps > 0n ? "background_bps of a relay that was not reached; expected 0" : undefined;
  }
  if (durationMillis === 0) return "duration_millis is 0 although something was measured";
  if (hasBytesFor(reading)) return undefined;
  return `${bytes} bytes in ${durationMillis} ms are too few for ${measuredBps} bit/s`;
}

/** What is absurd in a reading, in words; undefined where all is well. */
export function readingProblem(reading: AttestedReading): string | undefined {
  if (!isAttestationKind(reading.kind)) return `kind is ${reading.kind}; expected 1 to 4`;
  return (
    rangeProblem("relay", reading.relay, 1n, idMax) ??
    lengthProblem("session_nonce", reading.sessionNonce, sessionNonceBytes) ??
    lengthProblem("transcript_hash", reading.transcriptHash, transcriptHashBytes) ??
    rangeProblem("measured_bps", reading.measuredBps, 0n, bpsMax) ??
    rangeProblem("background_bps", reading.backgroundBps, 0n, bpsMax) ??
    rangeProblem("rtt_p95_micros", reading.rttP95Micros, 0, rttMicrosMax) ??
    rangeProblem("rtt_p50_micros", reading.rttP50Micros, 0, reading.rttP95Micros) ??
    rangeProblem("loss_ppm", reading.lossPpm, 0, lossPpmMax) ??
    rangeProblem("checks_passed", reading.checksPassed, 0, checksOfLiveness) ??
    rangeProblem("bytes", reading.bytes, 0n, bytesMax) ??
    rangeProblem("start_millis", reading.startMillis, 1n, startMillisMax) ??
    rangeProblem("duration_millis", reading.durationMillis, 0, durationMillisMax) ??
    addressProblem(reading.observedAddress, reading.measuredBps > 0n) ??
    rateProblem(reading)
  );
}

/** Leaves of a tree are in this order; equal ones are about one thing, of which there is one reading. */
export function compareReadings(left: AttestedReading, right: AttestedReading): number {
  if (left.relay !== right.relay) return left.relay < right.relay ? -1 : 1;
  return left.kind - right.kind;
}
