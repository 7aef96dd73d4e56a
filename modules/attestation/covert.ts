/**
 * What an oracle does unseen: which relays it measures as an ordinary buyer and when, and at which seconds it looks whether a relay is there.
 * All of it follows from one VRF output of the oracle's own an epoch, so that it can neither choose nor skip, and nobody else knows before its
 * proof is published. Pure, for the chain and oracles alike; owns no key and no state.
 */
import { outputLength, prove, verify } from "../../chain/crypto/ecvrf.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import { RandomStream } from "../../chain/crypto/randomstream.ts";
import { type Dec, decOne } from "../../chain/dec.ts";
import { writeUint64 } from "../../chain/keycodec.ts";
import { encodeUtf8 } from "../../chain/utf8.ts";
import { checksOfLiveness } from "./attestationbytes.ts";
import { relaySeed } from "./committee.ts";

export interface OracleProofOf {
  readonly chainId: string;
  readonly epoch: bigint;
  readonly oracle: bigint;
  /** The epoch's. */
  readonly seed: Uint8Array;
}

const domain = encodeUtf8("weir/oracle/epoch");

/** What the oracle's VRF key proves: every part has one length. */
export function oracleProofInput({ chainId, epoch, oracle, seed }: OracleProofOf): Uint8Array {
  const chain = sha256(encodeUtf8(chainId));
  const bytes = new Uint8Array(domain.length + chain.length + 16 + seed.length);
  bytes.set(domain);
  bytes.set(chain, domain.length);
  writeUint64(bytes, domain.length + chain.length, epoch);
  writeUint64(bytes, domain.length + chain.length + 8, oracle);
  bytes.set(seed, domain.length + chain.length + 16);
  return bytes;
}

export const proveOracle = (secretKey: Uint8Array, of: OracleProofOf): Uint8Array =>
  prove(secretKey, oracleProofInput(of));

/** 64 bytes, or undefined when it is no proof. */
export const oracleOutput = (publicKey: Uint8Array, of: OracleProofOf, proof: Uint8Array): Uint8Array | undefined =>
  verify(publicKey, oracleProofInput(of), proof);

export interface CovertTerms {
  readonly epoch: bigint;
  /** Relays have ids from 1 up to here; those that are no more are drawn too, and passed over. */
  readonly relayIds: bigint;
  /** Oracles that share the work. */
  readonly oracles: bigint;
  /** Covert readings of a relay in an epoch, on average. */
  readonly rate: Dec;
  readonly epochMillis: bigint;
}

export interface CovertAssignment {
  readonly relay: bigint;
  /** After the epoch opened. */
  readonly atMillis: bigint;
}

/** An oracle is one machine: more sessions than these it does not buy in an epoch. */
export const covertAssignmentsMax = 4096n;

/** Covert sessions begin in the first three quarters of an epoch, each within an eighth of an epoch of its second. */
const beginsNumerator = 3n;
const beginsDenominator = 4n;
const windowDenominator = 8n;

/** What an oracle has for finding a shop, a wallet and a session from the second that was drawn. */
export const covertWindowMillis = (epochMillis: bigint): bigint => epochMillis / windowDenominator;

/** Its share of the rate, rounded down, and one more as often as the rest is of a whole. */
function countOf(stream: RandomStream, { relayIds, oracles, rate }: CovertTerms): bigint {
  if (oracles === 0n) return 0n;
  const expected = (relayIds * rate) / oracles;
  const count = expected / decOne + (stream.below(decOne) < expected % decOne ? 1n : 0n);
  const most = relayIds < covertAssignmentsMax ? relayIds : covertAssignmentsMax;
  return count < most ? count : most;
}

/** Relays without repeats in ascending order, each with its second. */
export function covertAssignments(output: Uint8Array, terms: CovertTerms): CovertAssignment[] {
  const stream = new RandomStream(relaySeed(requireOutput(output), terms.epoch, 0n, "covert"));
  const count = countOf(stream, terms);
  const latest = (terms.epochMillis * beginsNumerator) / beginsDenominator;
  // Fisher and Yates' shuffle, of which only the places that were touched are kept.
  const moved = new Map<bigint, bigint>();
  const assignments: CovertAssignment[] = [];
  for (let place = 0n; place < count; place++) {
    const other = place + stream.below(terms.relayIds - place);
    const relay = (moved.get(other) ?? other) + 1n;
    moved.set(other, moved.get(place) ?? place);
    assignments.push({ relay, atMillis: latest > 0n ? stream.below(latest) : 0n });
  }
  return assignments.sort((left, right) => (left.relay < right.relay ? -1 : 1));
}

/** When the oracle looks whether the relay is there: after the epoch opened, in ascending order, before its last eighth. */
export function livenessMillis(output: Uint8Array, epoch: bigint, relay: bigint, epochMillis: bigint): bigint[] {
  const stream = new RandomStream(relaySeed(requireOutput(output), epoch, relay, "liveness"));
  const latest = epochMillis - epochMillis / windowDenominator;
  const drawn = Array.from({ length: checksOfLiveness }, () => (latest > 0n ? stream.below(latest) : 0n));
  return drawn.sort((left, right) => (left === right ? 0 : left < right ? -1 : 1));
}

function requireOutput(output: Uint8Array): Uint8Array {
  if (output.length === outputLength) return output;
  throw new RangeError(`a VRF output of ${output.length} bytes; expected ${outputLength}`);
}
