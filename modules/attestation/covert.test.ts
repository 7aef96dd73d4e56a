import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { publicKeyOf } from "../../chain/crypto/ecvrf.ts";
import { decOne, parseDec } from "../../chain/dec.ts";
import {
  type CovertTerms,
  covertAssignments,
  covertAssignmentsMax,
  covertWindowMillis,
  livenessMillis,
  oracleOutput,
  oracleProofInput,
  proveOracle,
} from "./covert.ts";

const secret = new Uint8Array(32).fill(9);
const of = { chainId: "weir-test-1", epoch: 41n, oracle: 3n, seed: new Uint8Array(32).fill(5) };
const output = (number: number): Uint8Array => {
  const bytes = new Uint8Array(64);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
};
const terms: CovertTerms = {
  epoch: 41n,
  relayIds: 100n,
  oracles: 10n,
  rate: parseDec("0.2"),
  epochMillis: 86_400_000n,
};

describe("an oracle's proof for an epoch", () => {
  it("shows one output, that of its key over chain, epoch, oracle and seed", () => {
    const proof = proveOracle(secret, of);
    const shown = oracleOutput(publicKeyOf(secret), of, proof);
    expect(shown).toHaveLength(64);
    expect(proveOracle(secret, of)).toEqual(proof);
    for (const change of [{ chainId: "weir-test-2" }, { epoch: 42n }, { oracle: 4n }, { seed: new Uint8Array(32) }]) {
      expect(oracleOutput(publicKeyOf(secret), { ...of, ...change }, proof)).toBeUndefined();
    }
    expect(oracleOutput(publicKeyOf(new Uint8Array(32).fill(8)), of, proof)).toBeUndefined();
  });

  it("is over bytes whose parts have fixed lengths", () => {
    const input = oracleProofInput(of);
    expect(input).toHaveLength(17 + 32 + 8 + 8 + 32);
    expect(new TextDecoder().decode(input.subarray(0, 17))).toBe("weir/oracle/epoch");
    expect(new DataView(input.buffer).getBigUint64(49)).toBe(41n);
    expect(new DataView(input.buffer).getBigUint64(57)).toBe(3n);
    expect(input.subarray(65)).toEqual(of.seed);
  });
});

describe("covert assignments", () => {
  it("are each relay at most once, in order, in the first three quarters of the epoch", () => {
    fc.assert(
      fc.property(fc.nat(), fc.bigInt(0n, 300n), fc.bigInt(1n, 5n), (number, relayIds, oracles) => {
        const list = covertAssignments(output(number), { ...terms, relayIds, oracles, rate: decOne });
        const ids = list.map(({ relay }) => relay);
        expect(ids).toEqual([...new Set(ids)].sort((a, b) => Number(a - b)));
        expect(ids.every((id) => id >= 1n && id <= relayIds)).toBe(true);
        expect(list.every(({ atMillis }) => atMillis >= 0n && atMillis < 64_800_000n)).toBe(true);
        // Its share of the rate, or one more for the rest.
        expect([relayIds / oracles, relayIds / oracles + 1n]).toContain(BigInt(list.length));
      }),
    );
  });

  it("reach every relay at the rate that was asked for, whoever the oracle is", () => {
    const seen = new Map<bigint, number>();
    const epochs = 2_000;
    for (let number = 0; number < epochs; number++) {
      for (const { relay } of covertAssignments(output(number), { ...terms, relayIds: 7n, oracles: 2n })) {
        seen.set(relay, (seen.get(relay) ?? 0) + 1);
      }
    }
    // Of two oracles each reads a relay in one epoch of ten; four standard deviations.
    expect(seen.size).toBe(7);
    for (const count of seen.values()) expect(Math.abs(count - epochs / 10)).toBeLessThan(55);
  });

  it("are all relays where the rate asks for as many as there are, and none where there is nobody to share them", () => {
    const all = covertAssignments(output(1), { ...terms, relayIds: 5n, oracles: 1n, rate: 3n * decOne });
    expect(all.map(({ relay }) => relay)).toEqual([1n, 2n, 3n, 4n, 5n]);
    expect(covertAssignments(output(1), { ...terms, oracles: 0n })).toEqual([]);
    expect(covertAssignments(output(1), { ...terms, rate: 0n })).toEqual([]);
    const many = covertAssignments(output(1), { ...terms, relayIds: 1_000_000n, oracles: 1n, rate: decOne });
    expect(BigInt(many.length)).toBe(covertAssignmentsMax);
  });

  it("are others in another epoch and by another output, and begin at once in an epoch of no length", () => {
    const base = covertAssignments(output(1), terms);
    expect(covertAssignments(output(1), terms)).toEqual(base);
    expect(covertAssignments(output(2), terms)).not.toEqual(base);
    expect(covertAssignments(output(1), { ...terms, epoch: 42n })).not.toEqual(base);
    expect(covertAssignments(output(1), { ...terms, epochMillis: 0n }).every(({ atMillis }) => atMillis === 0n)).toBe(
      true,
    );
    expect(covertWindowMillis(86_400_000n)).toBe(10_800_000n);
  });

  it("follow from an output of 64 bytes alone", () => {
    expect(() => covertAssignments(new Uint8Array(32), terms)).toThrow("a VRF output of 32 bytes; expected 64");
    expect(() => livenessMillis(new Uint8Array(0), 1n, 1n, 1n)).toThrow(RangeError);
  });
});

describe("checks of liveness", () => {
  it("are four, in order, before the last eighth of the epoch, and differ by relay, epoch and oracle", () => {
    const base = livenessMillis(output(1), 41n, 7n, 80_000n);
    expect(base).toHaveLength(4);
    expect(base).toEqual([...base].sort((a, b) => Number(a - b)));
    expect(livenessMillis(output(1), 41n, 7n, 80_000n)).toEqual(base);
    for (const other of [
      livenessMillis(output(2), 41n, 7n, 80_000n),
      livenessMillis(output(1), 42n, 7n, 80_000n),
      livenessMillis(output(1), 41n, 8n, 80_000n),
    ]) {
      expect(other).not.toEqual(base);
    }
    const all = Array.from({ length: 500 }, (_, index) => livenessMillis(output(index), 1n, 1n, 80_000n)).flat();
    expect(all.every((at) => at >= 0n && at < 70_000n)).toBe(true);
    expect(all.filter((at) => at >= 35_000n).length / all.length).toBeCloseTo(0.5, 1);
    expect(livenessMillis(output(1), 1n, 1n, 0n)).toEqual([0n, 0n, 0n, 0n]);
  });
});
