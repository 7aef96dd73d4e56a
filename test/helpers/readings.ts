/** Readings for tests: an ordinary one, changed where a test says so. */
import { type AttestedReading, attestationKind } from "../../modules/attestation/attestationbytes.ts";
import { packPrefix } from "../../modules/attestation/attestationprefix.ts";
import type { StoredReading } from "../../modules/attestation/tally.ts";

const counting = (length: number, from: number): Uint8Array => Uint8Array.from({ length }, (_, index) => from + index);

/** Ten seconds at 95 Mbit/s, beside 5 Mbit/s of paid traffic. */
export const reading = (changes: Partial<AttestedReading> = {}): AttestedReading => ({
  relay: 7n,
  kind: attestationKind.overt,
  sessionNonce: counting(16, 0),
  measuredBps: 95_000_000n,
  backgroundBps: 5_000_000n,
  rttP50Micros: 12_345,
  rttP95Micros: 23_456,
  lossPpm: 1_200,
  checksPassed: 4,
  bytes: 118_750_000n,
  startMillis: 1_700_000_123_456n,
  durationMillis: 10_000,
  transcriptHash: counting(32, 32),
  observedAddress: Uint8Array.of(203, 0, 113, 9),
  ...changes,
});

/** What is signed where the relay cannot be reached. */
export const zeroReading = (changes: Partial<AttestedReading> = {}): AttestedReading =>
  reading({
    measuredBps: 0n,
    backgroundBps: 0n,
    bytes: 0n,
    durationMillis: 0,
    rttP50Micros: 0,
    rttP95Micros: 0,
    lossPpm: 0,
    checksPassed: 0,
    observedAddress: new Uint8Array(0),
    ...changes,
  });

export const livenessReading = (changes: Partial<AttestedReading> = {}): AttestedReading =>
  zeroReading({ kind: attestationKind.liveness, checksPassed: 4, ...changes });

export const storedReading = (
  oracle: bigint,
  measuredBps: bigint,
  changes: Partial<StoredReading> = {},
): StoredReading => ({
  oracle,
  kind: attestationKind.overt,
  measuredBps,
  backgroundBps: 0n,
  rttP50Micros: 10_000,
  lossPpm: 1_000,
  checksPassed: 4,
  isCountersigned: false,
  observedPrefix: packPrefix(Uint8Array.of(203, 0, 113, 9)),
  ...changes,
});
