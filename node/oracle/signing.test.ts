import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { verifyEd25519 } from "../../chain/crypto/ed25519.ts";
import { ed25519KeyPair, signEd25519 } from "../../chain/crypto/sign.ts";
import { attestationBytes, compareReadings, readingProblem } from "../../modules/attestation/attestationbytes.ts";
import { rangesMax, submissionProblem } from "../../modules/attestation/attestationslimits.ts";
import { leafHash, rootOfRange } from "../../modules/attestation/leaves.ts";
import { attestedReading, rangesOf, signEpoch, treeOf } from "./signing.ts";
import { type DutyPlan, type Kind, kinds, type MeasuredReading, newWork, type Work } from "./work.ts";

const seed = new Uint8Array(32).fill(5);
const { publicKey } = ed25519KeyPair(seed);
const place = { chainId: "weir-test-1", epoch: 41n, oracle: 3n };

const reading = (changes: Partial<MeasuredReading> = {}): MeasuredReading => ({
  sessionNonce: new Uint8Array(16).fill(1),
  measuredBps: 8_000_000n,
  backgroundBps: 5n,
  rttP50Micros: 10,
  rttP95Micros: 20,
  lossPpm: 7,
  bytes: 10_000_000n,
  startMillis: 1_700_000_000_000n,
  durationMillis: 10_000,
  transcriptHash: new Uint8Array(32).fill(2),
  observedAddress: Uint8Array.of(203, 0, 113, 9),
  relaySignature: new Uint8Array(64).fill(3),
  failure: "",
  ...changes,
});

const plan = (relay: bigint, kind: Kind): DutyPlan => ({
  relay,
  kind,
  claimBps: 10n,
  target: { endpoints: [], transportKey: new Uint8Array(32) },
  time: { fromMillis: 1_700_000_000_000, untilMillis: 1_700_000_080_000 },
  checksAtMillis: [1_700_000_001_000, 1_700_000_002_000, 1_700_000_003_000, 1_700_000_004_000],
});

const read = (relay: bigint, kind: Kind = kinds.overt, changes: Partial<MeasuredReading> = {}): Work => ({
  ...newWork(plan(relay, kind)),
  stage: "read",
  reading: reading(changes),
  checksDone: 4,
  checksPassed: 3,
});

const looked = (relay: bigint): Work => ({ ...newWork(plan(relay, kinds.liveness)), checksDone: 4, checksPassed: 2 });

describe("what an oracle signs", () => {
  it("is what it read with the checks that passed, each in its place of the tree", () => {
    const works = [read(9n), read(2n, kinds.covert), looked(4n), read(2n), read(9n, kinds.remeasurement)];
    const { attestations, tree, absurd } = signEpoch(place, works, seed)!;
    expect(absurd).toEqual([]);
    expect(attestations.map(({ relay, kind }) => [relay, kind])).toEqual([
      [2n, 1],
      [2n, 3],
      [4n, 2],
      [9n, 1],
      [9n, 4],
    ]);
    expect(attestations.every((one, at) => at === 0 || compareReadings(attestations[at - 1]!, one) < 0)).toBe(true);
    for (const attestation of attestations) {
      expect(readingProblem(attestation)).toBeUndefined();
      expect(verifyEd25519(publicKey, attestation.signature, attestationBytes(place, attestation))).toBe(true);
    }
    expect(attestations[0]).toMatchObject({
      measuredBps: 8_000_000n,
      checksPassed: 3,
      relaySignature: reading().relaySignature,
    });
    expect(attestations[2]).toMatchObject({ measuredBps: 0n, bytes: 0n, checksPassed: 2, durationMillis: 0 });
    expect(treeOf(place, attestations).root).toEqual(tree.root);
  });

  it("is a zero where nobody was reached, which the chain takes", () => {
    const nothing = {
      measuredBps: 0n,
      backgroundBps: 0n,
      bytes: 0n,
      durationMillis: 0,
      observedAddress: new Uint8Array(0),
    };
    const work = read(1n, kinds.overt, { ...nothing, relaySignature: new Uint8Array(0), failure: "nobody" });
    expect(readingProblem(attestedReading(work))).toBeUndefined();
    expect("failure" in attestedReading(work)).toBe(false);
  });

  it("leaves out what the chain would call absurd, and says so", () => {
    const { attestations, absurd } = signEpoch(place, [read(1n), read(2n, kinds.overt, { bytes: 0n })], seed)!;
    expect(attestations.map(({ relay }) => relay)).toEqual([1n]);
    expect(absurd[0]!.problem).toContain("too few");
    expect(signEpoch(place, [read(2n, kinds.overt, { bytes: 0n })], seed)).toBeUndefined();
  });
});

describe("ranges", () => {
  const works = Array.from({ length: 1_100 }, (_, index) => read(BigInt(index + 1)));
  const { attestations, tree } = signEpoch(place, works, seed)!;
  const of = { epoch: place.epoch, oracle: place.oracle, attestations, tree, vrfProof: new Uint8Array(80).fill(9) };

  it("lead to the root, neighbours in one, within the message's bounds, whatever is asked for", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(1_099), { minLength: 1, maxLength: 600 }), (leaves) => {
        const ranges = rangesOf(of, leaves);
        expect(submissionProblem(ranges)).toBeUndefined();
        const shown = ranges.flatMap(({ firstIndex, attestations: some }) => some.map((_, at) => firstIndex + at));
        const wanted = leaves.toSorted((left, right) => left - right);
        expect(wanted.slice(0, shown.length)).toEqual(shown);
        if (ranges.length < rangesMax) expect(shown).toHaveLength(wanted.length);
        for (const { firstIndex: first, path, attestations: some } of ranges) {
          const leafHashes = some.map((one) => leafHash(attestationBytes(place, one)));
          expect(rootOfRange({ count: 1_100, first, leafHashes, path })).toEqual(tree.root);
        }
        expect(ranges.map(({ vrfProof }) => vrfProof.length)).toEqual(ranges.map((_, at) => (at === 0 ? 80 : 0)));
      }),
      { numRuns: 20 },
    );
  });

  it("are as many as one message holds, the first of them", () => {
    const all = Array.from({ length: 1_100 }, (_, leaf) => leaf);
    const [range, ...others] = rangesOf(of, all);
    expect(others).toEqual([]);
    expect(range).toMatchObject({ firstIndex: 0 });
    expect(range!.attestations).toHaveLength(1_000);
    expect(submissionProblem([range!])).toBeUndefined();
  });

  it("are of another's readings nowhere: a signature over other bytes is not this key's", () => {
    const other = signEd25519(new Uint8Array(32).fill(6), attestationBytes(place, attestations[0]!));
    expect(verifyEd25519(publicKey, other, attestationBytes(place, attestations[0]!))).toBe(false);
  });
});
