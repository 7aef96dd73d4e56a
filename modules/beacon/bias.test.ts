/**
 * What withholding gives: whoever proposes the last k blocks before a seed chooses among 2^k beacons at most. Counted with real proofs, then
 * over many seeds with the committees that are drawn from them.
 */
import { describe, expect, it } from "vitest";
import { prove, publicKeyOf } from "../../chain/crypto/ecvrf.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import { seededRandom } from "../../test/helpers/random.ts";
import { drawCommittee, type OracleAtOpen } from "../attestation/committee.ts";
import { firstBeacon, mixed, proofInput } from "./proof.ts";

const chainId = "weir-bias-1";
const secret = sha256(Buffer.from("a proposer who withholds"));

/** With the proof of a height or without: all that its proposer can do. */
function after(beacon: Uint8Array, height: bigint, isProven: boolean): Uint8Array {
  if (!isProven) return beacon;
  const proof = prove(secret, proofInput({ chainId, height, beacon }));
  return mixed(publicKeyOf(secret), { chainId, height, beacon }, proof)!;
}

function reachable(blocks: number): Set<string> {
  let beacons = [firstBeacon(chainId)];
  for (let height = 1n; height <= BigInt(blocks); height++) {
    beacons = beacons.flatMap((beacon) => [after(beacon, height, true), after(beacon, height, false)]);
  }
  return new Set(beacons.map((beacon) => Buffer.from(beacon).toString("hex")));
}

describe("who proposes the last blocks before a seed", () => {
  it.each([0, 1, 2, 3, 4])("chooses among 2^%i beacons and no more", (blocks) => {
    expect(reachable(blocks).size).toBe(2 ** blocks);
  });

  it("cannot tell what comes of any of them while one honest proposer is to follow", () => {
    const honest = (beacon: Uint8Array): Uint8Array => {
      const other = sha256(Buffer.from("an honest proposer"));
      const block = { chainId, height: 3n, beacon };
      return mixed(publicKeyOf(other), block, prove(other, proofInput(block)))!;
    };
    const start = firstBeacon(chainId);
    const ends = [true, false].map((isProven) => honest(after(start, 2n, isProven)));
    expect(new Set(ends.map((end) => Buffer.from(end).toString("hex"))).size).toBe(2);
  });
});

// ------------------------------------------------------------------------------------------------------------------- committees

const oracles = 40;
const size = 9;
/** A sixth of the oracles. */
const hostile = 7n;
/** Enough to make an epoch bad or to hold its median up. */
const captured = 5;
const trials = 6_000;

const atOpen: readonly OracleAtOpen[] = Array.from({ length: oracles }, (_, index) => ({
  id: BigInt(index),
  operator: `operator ${index}`,
  family: undefined,
  prefixes: [],
  bond: 1n,
  provenBps: 1_000n,
}));
const relay = {
  ...{ id: 1n, operator: "relay", family: undefined, prefix: undefined, claimBps: 100n },
  delegatingOperators: new Set<string>(),
};
const rules = { size, oracleBondMin: 1n, prefixRules: false };

/** Of independent outputs, as those of a VRF are to whoever has not its key. */
const isCaptured: readonly boolean[] = Array.from({ length: trials }, (_, trial) => {
  const seed = sha256(Buffer.from(`output ${trial}`));
  return drawCommittee({ seed, epoch: 1n }, relay, atOpen, rules).filter((id) => id < hostile).length >= captured;
});

/** How often at least one of so many choices is a captured committee. */
function capturedOf(choices: number): number {
  const groups = Math.floor(trials / choices);
  const found = Array.from({ length: groups }, (_, group) => isCaptured.slice(group * choices, (group + 1) * choices));
  return found.filter((group) => group.includes(true)).length / groups;
}

describe("a committee drawn from a seed that withholding moved", () => {
  it("is captured at most 2^k times as often as one that nobody moved", () => {
    const honest = capturedOf(1);
    // 7 of 40 oracles have 5 or more of 9 seats in .0033 of the draws.
    expect(honest).toBeGreaterThan(0.0022);
    expect(honest).toBeLessThan(0.0044);
    for (const choices of [2, 4, 8]) {
      expect(capturedOf(choices)).toBeGreaterThan(honest);
      expect(capturedOf(choices)).toBeLessThanOrEqual((choices * honest * trials) / (trials - (trials % choices)));
      expect(Math.abs(capturedOf(choices) - (1 - (1 - honest) ** choices))).toBeLessThan(0.004);
    }
  });

  it("is moved by a third of the stake for two choices on average, since its last blocks in a row are few", () => {
    const random = seededRandom(7);
    const runs = 40_000;
    let [choices, withheld] = [0, 0];
    for (let run = 0; run < runs; run++) {
      let blocks = 0;
      // Beyond ten in a row there is one run in 59,049.
      while (blocks < 10 && random.below(3) === 0) blocks++;
      choices += 2 ** blocks;
      withheld += blocks / 2;
    }
    // (1 − p)/(1 − 2p) at p = 1/3; a choice at random leaves out half of the proofs.
    expect(choices / runs).toBeGreaterThan(1.8);
    expect(choices / runs).toBeLessThan(2.2);
    expect(withheld / runs).toBeCloseTo(0.25, 1);
  });
});
