import { describe, expect, it } from "vitest";
import { diverted } from "../../chain/execution.ts";
import { furtherSignatureGas, limitedGasMeter, unlimitedGasMeter } from "../../chain/gas.ts";
import type { AttestationRange } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { accountOf } from "../../test/helpers/measuredchain.ts";
import { codesOf, measured, relaysRead, resigned } from "../../test/helpers/measuredscene.ts";
import { attestationsMax, rangesMax, submissionProblem } from "./attestationslimits.ts";
import { attestation } from "./index.ts";
import { leafCountMax } from "./leaves.ts";
import { commits } from "./readingsstate.ts";

const submitHandler = attestation.messages["/weir.attestation.v1.MsgSubmitAttestations"]!;
const noPath = 103;

describe("a hostile submission", () => {
  it("gains nothing by a first index, a path, or a count that lies", () => {
    const { chain, epoch, committed } = measured();
    const honest = chain.rangeOf(committed, 1, 1);
    const lies: AttestationRange[] = [
      { ...honest, firstIndex: 0 },
      { ...honest, firstIndex: 4 },
      { ...honest, firstIndex: 0xffff_ffff },
      { ...honest, path: [] },
      { ...honest, path: honest.path.toReversed() },
      { ...honest, path: [...honest.path, honest.path[0]!] },
      { ...honest, path: honest.path.map(() => new Uint8Array(32)) },
      { ...honest, attestations: [committed.attestations[2]!] },
    ];
    for (const lie of lies) expect(codesOf(chain, [lie])).toEqual([noPath]);
    // An oracle that committed to more leaves than its tree has proves nothing by it any more.
    const ctx = chain.chain.context();
    const commit = commits.get(ctx, [epoch, 1n])!;
    commits.set(ctx, [epoch, 1n], { ...commit, count: 5 });
    expect(codesOf(chain, [chain.rangeOf(committed, 3, 1)])).toEqual([noPath]);
    commits.set(ctx, [epoch, 1n], { ...commit, count: leafCountMax });
    expect(codesOf(chain, [honest])).toEqual([noPath]);
    commits.set(ctx, [epoch, 1n], commit);
    expect(codesOf(chain, [honest])).toEqual([0]);
  });

  it("counts each reading of overlapping ranges once, whichever way they overlap", () => {
    const scene = measured();
    const { chain, committed } = scene;
    const results = codesOf(chain, [
      chain.rangeOf(committed, 0, 3),
      chain.rangeOf(committed, 1, 3),
      chain.rangeOf(committed, 0, 4),
      chain.rangeOf(committed, 2, 1),
    ]);
    expect(results).toEqual([0, 0, 0, 108, 108, 0, 108, 108, 108, 108, 108]);
    expect(relaysRead(scene)).toHaveLength(4);
  });

  it("with leaves out of order or twice in a range is none", () => {
    const { chain, committed } = measured();
    const range = chain.rangeOf(committed, 0, 2);
    const [first, second] = range.attestations;
    expect(codesOf(chain, [{ ...range, attestations: [second!, first!] }])).toEqual([111, 111]);
    expect(codesOf(chain, [{ ...range, attestations: [first!, first!] }])).toEqual([111, 111]);
  });

  it("leaves what stands beside an absurd leaf its place, unless that has no bytes at all", () => {
    const { chain, committed } = measured((honest, on) => [
      resigned(on, on.epoch, honest[0]!, { rttP50Micros: 0xffff_ffff, checksPassed: 300 }),
      ...honest.slice(1),
    ]);
    expect(codesOf(chain, [chain.rangeOf(committed)])).toEqual([104, 0, 0, 0]);
    const range = chain.rangeOf(committed, 1, 2);
    const short = { ...range.attestations[0]!, sessionNonce: new Uint8Array(3) };
    const results = chain.submit([{ ...range, attestations: [short, range.attestations[1]!] }]);
    expect(results.map(({ code }) => code)).toEqual([104, noPath]);
    const unsigned = { ...range.attestations[0]!, signature: new Uint8Array(63) };
    const [refused] = chain.submit([{ ...range, attestations: [unsigned, range.attestations[1]!] }]);
    expect(refused).toEqual({ code: 104, text: "signature has 63 bytes; expected 64" });
  });

  it("is bounded: ranges, attestations, hashes of a path, lengths", () => {
    const { chain, committed } = measured();
    const range = chain.rangeOf(committed, 0, 1);
    const many = (count: number): AttestationRange => ({
      ...range,
      attestations: new Array(count).fill(range.attestations[0]),
    });
    expect(submissionProblem([])).toBe("0 ranges; expected 1 to 256");
    expect(submissionProblem(new Array(rangesMax).fill(range))).toBeUndefined();
    expect(submissionProblem(new Array(rangesMax + 1).fill(range))).toBe("257 ranges; expected 1 to 256");
    expect(submissionProblem([many(attestationsMax)])).toBeUndefined();
    expect(submissionProblem([many(999), many(2)])).toBe("1001 attestations; expected at most 1000 in a message");
    expect(submissionProblem([many(0)])).toBe("ranges[0]: no attestations; expected one or more");
    const hash = new Uint8Array(32);
    expect(submissionProblem([{ ...range, path: new Array(40).fill(hash) }])).toBeUndefined();
    expect(submissionProblem([range, { ...range, path: new Array(41).fill(hash) }])).toBe(
      "ranges[1]: a path of 41 hashes; expected at most 40",
    );
    expect(submissionProblem([{ ...range, path: [new Uint8Array(31)] }])).toContain("has not 32 bytes");
    expect(submissionProblem([{ ...range, vrfProof: new Uint8Array(79) }])).toContain("vrf_proof has 79 bytes");
    expect(submissionProblem([{ ...range, vrfProof: new Uint8Array(80) }])).toBeUndefined();
    const half = { ...range.attestations[0]!, relaySignature: new Uint8Array(32) };
    expect(submissionProblem([{ ...range, attestations: [half] }])).toContain("relay_signature has 32 bytes");
    const message = { submitter: accountOf("watcher"), ranges: [] };
    expect(() => submitHandler.validate(message)).toThrow("0 ranges; expected 1 to 256");
    expect(() => submitHandler.validate({ submitter: "weir1", ranges: [range] })).toThrow();
  });

  it("that runs out of gas leaves nothing, wherever it does", () => {
    const { chain, epoch, committed } = measured();
    const message = { submitter: accountOf("watcher"), ranges: [chain.rangeOf(committed)] };
    const used = (limit: bigint) => {
      const metered = chain.chain.context(limitedGasMeter(limit));
      let outcome = "taken";
      try {
        metered.attempt(() => submitHandler.execute(metered, message));
      } catch (error) {
        outcome = (error as Error).message.split(";")[0]!;
      }
      return { outcome, gas: metered.gas.consumed };
    };
    const places = new Set<string>();
    for (let limit = 500n; ; limit += 3_700n) {
      const { outcome } = used(limit);
      if (outcome === "taken") break;
      expect(outcome).toMatch(/^out of gas in location: /);
      places.add(outcome);
      expect(chain.chain.entries("attestation").filter(([key]) => key[0] === 65 && BigInt(key[8]!) === epoch)).toEqual(
        [],
      );
    }
    expect([...places].join()).toMatch(/signature in a message/);
    expect(places.size).toBeGreaterThan(2);
  });

  it("pays for each signature and for each hash", () => {
    const { chain, committed } = measured();
    const gasOf = (length: number): bigint => {
      const metered = chain.chain.context(unlimitedGasMeter());
      const message = { submitter: accountOf("watcher"), ranges: [chain.rangeOf(committed, 0, length)] };
      expect(() =>
        metered.attempt(() => {
          submitHandler.execute(metered, message);
          throw new RangeError("enough");
        }),
      ).toThrow("enough");
      return metered.gas.consumed;
    };
    expect(gasOf(2) - gasOf(1)).toBeGreaterThan(furtherSignatureGas);
  });
});

describe("what a message says of its signatures before it is executed", () => {
  it("is what execution then asks, in that order", () => {
    const { chain, committed } = measured((_honest, on, dues) => dues.map((due) => on.attest(due, on.epoch, {}, true)));
    const message = { submitter: accountOf("watcher"), ranges: [chain.rangeOf(committed)] };
    const guessed = submitHandler.furtherSignatures!(chain.chain.context(), message);
    expect(guessed).toHaveLength(8);
    const asked: unknown[] = [];
    const ctx = chain.chain.context();
    const spied = diverted(ctx, { verify: (check) => asked.push(check) > 0 });
    submitHandler.execute(spied, message);
    expect(asked).toEqual(guessed);
  });

  it("is nothing of strangers and of absurd readings", () => {
    const { chain, committed } = measured();
    const range = chain.rangeOf(committed, 0, 2);
    const absurd = { ...range.attestations[0]!, lossPpm: 2_000_000 };
    const of = (ranges: AttestationRange[]) =>
      submitHandler.furtherSignatures!(chain.chain.context(), { submitter: accountOf("watcher"), ranges });
    expect(of([{ ...range, attestations: [absurd, range.attestations[1]!] }])).toHaveLength(1);
    expect(of([{ ...range, oracle: 99n }])).toEqual([]);
  });
});
