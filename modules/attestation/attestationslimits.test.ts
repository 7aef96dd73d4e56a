import { describe, expect, it } from "vitest";
import type { AttestationRange } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { reading } from "../../test/helpers/readings.ts";
import { attestationsMax, rangesMax, submissionProblem } from "./attestationslimits.ts";

const attestation = {
  ...reading(),
  kind: 1,
  signature: new Uint8Array(64),
  relaySignature: new Uint8Array(0),
} as const;
const range = (changes: Partial<AttestationRange> = {}): AttestationRange => ({
  epoch: 41n,
  oracle: 3n,
  firstIndex: 0,
  path: [],
  attestations: [attestation],
  vrfProof: new Uint8Array(0),
  ...changes,
});
const many = (count: number): AttestationRange => range({ attestations: new Array(count).fill(attestation) });
const hash = new Uint8Array(32);

describe("a submission", () => {
  it("has 1 to 256 ranges and at most 1,000 attestations in all", () => {
    expect({ rangesMax, attestationsMax }).toEqual({ rangesMax: 256, attestationsMax: 1_000 });
    expect(submissionProblem([])).toBe("0 ranges; expected 1 to 256");
    expect(submissionProblem(new Array(rangesMax).fill(range()))).toBeUndefined();
    expect(submissionProblem(new Array(rangesMax + 1).fill(range()))).toBe("257 ranges; expected 1 to 256");
    expect(submissionProblem([many(attestationsMax)])).toBeUndefined();
    expect(submissionProblem([many(999), many(2)])).toBe("1001 attestations; expected at most 1000 in a message");
    expect(submissionProblem([range(), many(0)])).toBe("ranges[1]: no attestations; expected one or more");
  });

  it("has paths that a tree of depth 20 can ask for", () => {
    expect(submissionProblem([range({ path: new Array(40).fill(hash) })])).toBeUndefined();
    expect(submissionProblem([range({ path: new Array(41).fill(hash) })])).toBe(
      "ranges[0]: a path of 41 hashes; expected at most 40",
    );
    for (const length of [0, 31, 33]) {
      expect(submissionProblem([range({ path: [hash, new Uint8Array(length)] })])).toBe(
        "ranges[0]: a hash in path has not 32 bytes",
      );
    }
  });

  it("has proofs and relays' signatures of their lengths, or none", () => {
    expect(submissionProblem([range({ vrfProof: new Uint8Array(80) })])).toBeUndefined();
    for (const length of [1, 79, 81]) {
      expect(submissionProblem([range({ vrfProof: new Uint8Array(length) })])).toBe(
        `ranges[0]: vrf_proof has ${length} bytes; expected 80, or none`,
      );
    }
    const signed = (length: number) => [attestation, { ...attestation, relaySignature: new Uint8Array(length) }];
    expect(submissionProblem([range({ attestations: signed(64) })])).toBeUndefined();
    for (const length of [1, 63, 65]) {
      expect(submissionProblem([range({ attestations: signed(length) })])).toBe(
        `ranges[0]: relay_signature has ${length} bytes; expected 64, or none`,
      );
    }
  });
});
