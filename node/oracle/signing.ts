/**
 * From what was read to what is attested: the fields of an attestation, its signature, the tree over all of an epoch, and the ranges that show
 * parts of it. Owns no key and no time. Pure.
 */
import { signEd25519 } from "../../chain/crypto/sign.ts";
import {
  type AttestationPlace,
  type AttestedReading,
  attestationBytesIn,
  attestationFrame,
  compareReadings,
  readingProblem,
} from "../../modules/attestation/attestationbytes.ts";
import { attestationsMax, rangesMax } from "../../modules/attestation/attestationslimits.ts";
import { type LeafTree, leafTree } from "../../modules/attestation/leaves.ts";
import { Attestation, type AttestationRange } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { type Kind, kinds, type MeasuredReading, type Work } from "./work.ts";

const zeros = (length: number): Uint8Array => new Uint8Array(length);

/** Checks alone measure nothing; their moment is the first of them. */
const checksReading = (work: Work): MeasuredReading => ({
  sessionNonce: zeros(16),
  measuredBps: 0n,
  backgroundBps: 0n,
  rttP50Micros: 0,
  rttP95Micros: 0,
  lossPpm: 0,
  bytes: 0n,
  startMillis: BigInt(Math.ceil(work.checksAtMillis[0] ?? work.time?.fromMillis ?? 1)),
  durationMillis: 0,
  transcriptHash: zeros(32),
  observedAddress: zeros(0),
  relaySignature: zeros(0),
  failure: "",
});

/** What is attested of a work that is done. */
export function attestedReading(
  work: Work,
): AttestedReading & { readonly kind: Kind; readonly relaySignature: Uint8Array } {
  const { failure: _, ...reading } = work.kind === kinds.liveness ? checksReading(work) : work.reading!;
  return { ...reading, relay: work.relay, kind: work.kind, checksPassed: work.checksPassed };
}

export interface SignedEpoch {
  /** In the order of the tree. */
  readonly attestations: readonly Attestation[];
  readonly tree: LeafTree;
  /** What could not be attested, and why: a defect of this program, or a relay that answers absurdly. */
  readonly absurd: readonly { readonly work: Work; readonly problem: string }[];
}

/** Undefined where nothing is left to sign. */
export function signEpoch(
  place: AttestationPlace,
  works: readonly Work[],
  transportSeed: Uint8Array,
): SignedEpoch | undefined {
  const all = works.map((work) => ({ work, reading: attestedReading(work) }));
  const judged = all.map((one) => ({ ...one, problem: readingProblem(one.reading) }));
  const absurd = judged.flatMap(({ work, problem }) => (problem === undefined ? [] : [{ work, problem }]));
  const good = judged.filter(({ problem }) => problem === undefined).map(({ reading }) => reading);
  if (good.length === 0) return undefined;
  const frame = attestationFrame(place);
  const signed = good.sort(compareReadings).map((reading) => {
    const bytes = attestationBytesIn(frame, reading);
    return {
      bytes,
      attestation: Attestation.fromPartial({ ...reading, signature: signEd25519(transportSeed, bytes) }),
    };
  });
  return {
    attestations: signed.map(({ attestation }) => attestation),
    tree: leafTree(signed.map(({ bytes }) => bytes)),
    absurd,
  };
}

// ------------------------------------------------------------------------------------------------------------------- showing

export interface RangesOf {
  readonly epoch: bigint;
  readonly oracle: bigint;
  /** All leaves, in the order of the tree. */
  readonly attestations: readonly Attestation[];
  readonly tree: LeafTree;
  readonly vrfProof?: Uint8Array | undefined;
}

/** Neighbours in one range each; as many as one message holds, in ascending order. The proof goes with the first. */
export function rangesOf(of: RangesOf, leaves: readonly number[]): AttestationRange[] {
  const { epoch, oracle, attestations, tree, vrfProof } = of;
  const runs: { first: number; length: number }[] = [];
  for (const leaf of leaves.toSorted((left, right) => left - right).slice(0, attestationsMax)) {
    const last = runs.at(-1);
    if (last !== undefined && last.first + last.length === leaf) last.length++;
    else if (runs.length < rangesMax) runs.push({ first: leaf, length: 1 });
    else break;
  }
  return runs.map(({ first, length }, index) => ({
    epoch,
    oracle,
    firstIndex: first,
    path: tree.pathOf({ first, length }),
    attestations: attestations.slice(first, first + length),
    vrfProof: index === 0 ? (vrfProof ?? zeros(0)) : zeros(0),
  }));
}

/** The tree again, from what was written down. */
export function treeOf(place: AttestationPlace, attestations: readonly Attestation[]): LeafTree {
  const frame = attestationFrame(place);
  return leafTree(attestations.map((attestation) => attestationBytesIn(frame, attestation)));
}
