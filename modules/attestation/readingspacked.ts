/**
 * The readings of a relay in an epoch as stored bytes: 31 a reading, so that a network of many relays fits into memory. Owns the layout and its
 * other form in protobuf, which genesis and queries have.
 *
 *   audited 1 bit, committee's size 7 bits · oracle ids 5 each · then each reading: oracle 5 · kind 3 bits, countersigned 1 bit,
 *   checks 3 bits · measured bps 6 · background bps 6 · rtt µs 4 · loss per million 3 · prefix 6
 */
import type { Codec } from "../../chain/codec.ts";
import type * as proto from "../../proto/gen/weir/attestation/v1/readings.ts";
import { packedPrefixBytes, packPrefixText, unpackPrefix } from "./attestationprefix.ts";
import type { StoredReading } from "./tally.ts";

export interface RelayReadings {
  readonly isAudited: boolean;
  /** In the order of the rounds. */
  readonly committee: readonly bigint[];
  readonly readings: readonly StoredReading[];
}

export const committeeSizeMax = 127;

const idBytes = 5;
const at = { oracle: 0, kind: 5, measured: 6, background: 12, rtt: 18, loss: 22, prefix: 25 } as const;
export const packedReadingBytes = at.prefix + packedPrefixBytes;

const auditedBit = 0x80;
const kindMask = 0x07;
const countersignedBit = 0x08;
const checksShift = 4;

function writeUint(bytes: Uint8Array, offset: number, length: number, value: bigint): void {
  let rest = value;
  for (let index = offset + length - 1; index >= offset; index--) {
    bytes[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

/** Six bytes are exact in a number. */
function readUint(bytes: Uint8Array, offset: number, length: number): number {
  let value = 0;
  for (let index = offset; index < offset + length; index++) value = value * 256 + bytes[index]!;
  return value;
}

function writeReading(bytes: Uint8Array, start: number, reading: StoredReading): void {
  writeUint(bytes, start + at.oracle, idBytes, reading.oracle);
  const flags = reading.kind | (reading.isCountersigned ? countersignedBit : 0);
  bytes[start + at.kind] = flags | (reading.checksPassed << checksShift);
  writeUint(bytes, start + at.measured, 6, reading.measuredBps);
  writeUint(bytes, start + at.background, 6, reading.backgroundBps);
  writeUint(bytes, start + at.rtt, 4, BigInt(reading.rttP50Micros));
  writeUint(bytes, start + at.loss, 3, BigInt(reading.lossPpm));
  bytes.set(reading.observedPrefix, start + at.prefix);
}

function readReading(bytes: Uint8Array, start: number): StoredReading {
  const flags = bytes[start + at.kind]!;
  return {
    oracle: BigInt(readUint(bytes, start + at.oracle, idBytes)),
    kind: flags & kindMask,
    measuredBps: BigInt(readUint(bytes, start + at.measured, 6)),
    backgroundBps: BigInt(readUint(bytes, start + at.background, 6)),
    rttP50Micros: readUint(bytes, start + at.rtt, 4),
    lossPpm: readUint(bytes, start + at.loss, 3),
    checksPassed: flags >> checksShift,
    isCountersigned: (flags & countersignedBit) !== 0,
    observedPrefix: bytes.slice(start + at.prefix, start + at.prefix + packedPrefixBytes),
  };
}

export const relayReadingsCodec: Codec<RelayReadings> = {
  encode({ isAudited, committee, readings }) {
    const start = 1 + committee.length * idBytes;
    const bytes = new Uint8Array(start + readings.length * packedReadingBytes);
    bytes[0] = (isAudited ? auditedBit : 0) | committee.length;
    for (const [index, oracle] of committee.entries()) writeUint(bytes, 1 + index * idBytes, idBytes, oracle);
    for (const [index, reading] of readings.entries()) writeReading(bytes, start + index * packedReadingBytes, reading);
    return bytes;
  },
  decode(bytes) {
    const size = (bytes[0] ?? 0) & ~auditedBit;
    const start = 1 + size * idBytes;
    const count = (bytes.length - start) / packedReadingBytes;
    if (!Number.isInteger(count) || count < 0) {
      throw new Error(`stored readings are damaged: ${bytes.length} bytes; restore the store from a snapshot`);
    }
    return {
      isAudited: (bytes[0]! & auditedBit) !== 0,
      committee: Array.from({ length: size }, (_, index) => BigInt(readUint(bytes, 1 + index * idBytes, idBytes))),
      readings: Array.from({ length: count }, (_, index) => readReading(bytes, start + index * packedReadingBytes)),
    };
  },
};

export const readingToProto = ({ observedPrefix, ...reading }: StoredReading): proto.Reading => ({
  ...reading,
  kind: reading.kind as proto.AttestationKind,
  observedPrefix: unpackPrefix(observedPrefix) ?? "",
});

/** Of a reading without a problem. */
export const readingFromProto = ({ observedPrefix, ...reading }: proto.Reading): StoredReading => ({
  ...reading,
  observedPrefix: packPrefixText(observedPrefix) ?? new Uint8Array(packedPrefixBytes),
});

export const readingsToProto = ({ isAudited, committee, readings }: RelayReadings): proto.RelayReadings => ({
  isAudited,
  committee: [...committee],
  readings: readings.map(readingToProto),
});

export const readingsFromProto = ({ isAudited, committee, readings }: proto.RelayReadings): RelayReadings => ({
  isAudited,
  committee,
  readings: readings.map(readingFromProto),
});
