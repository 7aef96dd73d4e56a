/**
 * One reading of one relay, from its name to what can be attested: dialled until its time is over, measured once, shown to the relay. Owns that
 * a relay which is not there yet gets another chance, and one that is not there at all a zero.
 */

import { verifyEd25519 } from "../../chain/crypto/ed25519.ts";
import type { Log } from "../../chain/log.ts";
import {
  type AttestationPlace,
  attestationBytes,
  bpsMax,
  transcriptBytes,
} from "../../modules/attestation/attestationbytes.ts";
import type { Clock } from "../clock.ts";
import { pause } from "../daemon/backoff.ts";
import { textOf } from "../daemon/failure.ts";
import type { SampleRules } from "../measurement/samples.ts";
import { addressBytes } from "../transport/resolve.ts";
import type { Address } from "../transport/transport.ts";
import type { Act } from "./inputs.ts";
import { type Measurement, measureRelay, unreached } from "./measure.ts";
import { addressOf, countersign, type Talk } from "./talking.ts";
import type { DutyPlan, MeasuredReading, OracleRules } from "./work.ts";

export interface ReadingParts {
  readonly talk: Talk;
  readonly place: AttestationPlace;
  readonly rules: OracleRules;
  readonly samples: SampleRules;
  readonly streams: number;
  readonly pingIntervalMillis: number;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  wallMillis(): number;
  readonly log: Log;
}

type Measure = Act & { readonly do: "measure" };

/** What more says nothing of the claim. */
const paceNumerator = 5n;
const paceDenominator = 4n;
const noBytes = new Uint8Array(0);

/** Undefined where there was no time to try it even once. */
export async function readRelay(
  act: Measure,
  parts: ReadingParts,
  signal: AbortSignal,
): Promise<MeasuredReading | undefined> {
  const { duty } = act;
  const address = await addressFor(duty, parts);
  const measured = typeof address === "string" ? nobody(parts, address) : await attempts(act, parts, address, signal);
  if (measured === undefined) return undefined;
  const reading = readingOf(measured);
  if (typeof address === "string" || reading.measuredBps === 0n) return reading;
  return shown(duty, reading, parts, address);
}

async function addressFor(duty: DutyPlan, { talk }: ReadingParts): Promise<Address | string> {
  try {
    return await addressOf(duty.target, talk);
  } catch (error) {
    return textOf(error);
  }
}

const nobody = ({ wallMillis }: ReadingParts, failure: string): Measurement =>
  unreached({
    sessionNonce: Uint8Array.from(crypto.getRandomValues(new Uint8Array(16))),
    startMillis: BigInt(wallMillis()),
    failure,
    retryMillis: undefined,
  });

/** Until one is made, or another could not be over in time. */
async function attempts(
  { duty, epoch, untilMillis }: Measure,
  parts: ReadingParts,
  address: Address,
  signal: AbortSignal,
): Promise<Measurement | undefined> {
  const { talk, place, rules, clock } = parts;
  let last: Measurement | undefined;
  while (!signal.aborted) {
    const leftMillis = untilMillis - parts.wallMillis() - parts.samples.durationMillis;
    if (leftMillis < rules.dialMillisMin) return last;
    last = await measureRelay(talk.transport, {
      chainId: place.chainId,
      epoch,
      relay: duty.relay,
      oracle: place.oracle,
      kind: duty.kind,
      relayKey: duty.target.transportKey,
      address,
      streams: parts.streams,
      samples: parts.samples,
      bpsMax: (duty.claimBps * paceNumerator) / paceDenominator,
      pingIntervalMillis: parts.pingIntervalMillis,
      dialMillisMax: Math.min(rules.dialMillisMax, leftMillis),
      clock,
    });
    if (last.retryMillis === undefined) return last;
    await pause(clock, last.retryMillis, signal);
  }
  return undefined;
}

function readingOf({ pings, ...measured }: Measurement): MeasuredReading {
  const { sessionNonce, bps, bytes, startMillis, durationMillis, transcriptHash, observedAddress, failure } = measured;
  const isRead = bps > 0n;
  return {
    sessionNonce,
    measuredBps: isRead && bps > bpsMax ? bpsMax : bps,
    backgroundBps: 0n,
    rttP50Micros: isRead ? (pings?.rttP50Micros ?? 0) : 0,
    rttP95Micros: isRead ? (pings?.rttP95Micros ?? 0) : 0,
    lossPpm: isRead ? (pings?.lossPpm ?? 0) : 0,
    bytes,
    startMillis,
    durationMillis,
    transcriptHash,
    observedAddress: isRead ? (addressBytes(observedAddress ?? "") ?? noBytes) : noBytes,
    relaySignature: noBytes,
    failure: failure ?? (isRead ? "" : "nothing came back"),
  };
}

/** Shows the relay what will be attested. A signature that is not over it would spoil the attestation, and is left out. */
async function shown(
  duty: DutyPlan,
  reading: MeasuredReading,
  { talk, place, log }: ReadingParts,
  address: Address,
): Promise<MeasuredReading> {
  const attested = { ...reading, relay: duty.relay, kind: duty.kind, checksPassed: 0 };
  const expectedKey = duty.target.transportKey;
  try {
    const attestation = attestationBytes(place, attested);
    const { sessionNonce } = reading;
    const { signature, backgroundBps } = await countersign(
      talk,
      { address, expectedKey },
      { sessionNonce, attestation },
    );
    const message = transcriptBytes(place, attested);
    const isGood = signature.length > 0 && verifyEd25519(expectedKey, signature, message);
    return {
      ...reading,
      relaySignature: isGood ? signature : noBytes,
      backgroundBps: backgroundBps > bpsMax ? bpsMax : backgroundBps,
    };
  } catch (error) {
    log.debug(`a relay did not look at its transcript: ${textOf(error)}`, { relay: duty.relay });
    return reading;
  }
}
