import { describe, expect, it } from "vitest";
import { ReadingsGenesis } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { accountOf, MeasuredChain } from "../../test/helpers/measuredchain.ts";
import { memoryContext, testChain } from "../../test/helpers/testchain.ts";
import { attestationKind } from "./attestationbytes.ts";
import { readingsGenesis } from "./readingsgenesis.ts";

/** A chain with everything in it: readings, covert lists, a dispute that is open, one that ended, an equivocation. */
function full(): MeasuredChain {
  const chain = new MeasuredChain({ oracles: 4, relays: 3, params: { covert_rate: "2.0" } });
  const challenge = (relay: bigint) =>
    chain.chain.message("/weir.attestation.v1.MsgChallenge", {
      challenger: accountOf("watcher"),
      relay,
      epoch: chain.epoch - 2n,
    }).refusal;
  chain.epochs(3);
  expect(challenge(1n)).toBeUndefined();
  chain.epochs(4);
  expect(challenge(2n)).toBeUndefined();
  chain.toLastBlock();
  const due = chain.due(chain.oracles[3]!).find(({ kind }) => kind === attestationKind.overt)!;
  const [first, second] = [chain.attest(due, chain.epoch), chain.attest(due, chain.epoch, { lossPpm: 5 })];
  const report = { reporter: accountOf("watcher"), oracle: 4n, epoch: chain.epoch, first, second };
  expect(chain.chain.message("/weir.attestation.v1.MsgReportEquivocation", report).refusal).toBeUndefined();
  chain.commitAll();
  return chain;
}

describe("readings in genesis", () => {
  it("are exported whole, and the same chain begins again with them", () => {
    const chain = full();
    const exported = chain.chain.exported();
    const { readings } = exported.attestation as { readings: Record<string, unknown[]> };
    for (const name of ["commits", "readings", "plans", "covert", "oracle_tallies", "disputes", "dispute_records"]) {
      expect([name, readings[name]!.length > 0]).toEqual([name, true]);
    }
    expect(readings.equivocations).toHaveLength(1);
    const json = JSON.parse(JSON.stringify(exported)) as typeof exported;
    const again = testChain(json, undefined, chain.chain.context().block);
    expect(again.broken()).toBeUndefined();
    expect(again.exported().attestation).toEqual(exported.attestation);
    const side = ([key]: readonly [Uint8Array, Uint8Array]) => key[0]! >= 64 && key[0]! < 96;
    expect(again.entries("attestation").filter(side)).toEqual(chain.chain.entries("attestation").filter(side));
  });

  it("are none on a new chain", () => {
    expect(readingsGenesis.parse(undefined)).toEqual(ReadingsGenesis.fromPartial({}));
    const ctx = memoryContext();
    readingsGenesis.init(ctx, undefined);
    expect(readingsGenesis.export(ctx)).toEqual(ReadingsGenesis.fromPartial({}));
  });

  it("are refused where they cannot be, with what was found and expected", () => {
    const refused = (changes: object, text: string | RegExp) =>
      expect(() => readingsGenesis.parse(ReadingsGenesis.fromPartial(changes))).toThrow(text);
    const at = "attestation.readings";
    const commit = { root: new Uint8Array(32), count: 1 };
    const one = { epoch: 1n, oracle: 1n, commit };
    refused({ commits: [one, one] }, `${at}.commits: found 1/1 again, expected each once`);
    refused({ commits: [{ epoch: 1n, oracle: 1n }] }, `${at}.commits: found nothing`);
    refused({ commits: [{ ...one, commit: { ...commit, count: 0 } }] }, "count is 0");
    const reading = { oracle: 1n, kind: 1, measuredBps: 1n, observedPrefix: "1.2.3.0/24" };
    const of = (...list: object[]) => ({
      readings: [{ epoch: 1n, relay: 1n, readings: { isAudited: true, committee: [1n], readings: list } }],
    });
    expect(readingsGenesis.parse(ReadingsGenesis.fromPartial(of(reading)))).toBeDefined();
    refused({ readings: [{ epoch: 1n, relay: 1n }] }, "expected a committee and its readings");
    refused({ readings: [...of(reading).readings, ...of(reading).readings] }, "1/1 again");
    refused(of(reading, reading), "1/1 again");
    refused(of({ ...reading, oracle: 0n }), "found oracle 0");
    refused(of({ ...reading, oracle: 1n << 40n }), "found oracle 1099511627776");
    refused(of({ ...reading, kind: 5 }), "found kind 5");
    refused(of({ ...reading, measuredBps: 10_000_000_000_001n }), "a rate above");
    refused(of({ ...reading, backgroundBps: 10_000_000_000_001n }), "a rate above");
    refused(of({ ...reading, rttP50Micros: 60_000_001 }), "round-trip time of 60000001");
    refused(of({ ...reading, lossPpm: 1_000_001 }), "a loss of 1000001");
    refused(of({ ...reading, checksPassed: 5 }), "5 checks passed");
    refused(of({ ...reading, observedPrefix: "1.2.3.4/24" }), "the prefix 1.2.3.4/24");
    const committee = new Array<bigint>(128).fill(1n);
    refused({ readings: [{ epoch: 1n, relay: 1n, readings: { committee, readings: [] } }] }, "at most 127 ids");
    refused({ plans: [{ epoch: 1n }] }, "expected a plan");
    refused(
      { plans: [{ epoch: 1n, plan: {}, oracles: { oracles: [{ id: 1n, bond: "-1" }] } }] },
      "oracles with their bonds",
    );
    refused({ covert: [{ epoch: 1n, oracle: 1n, assignments: { vrfProof: new Uint8Array(79) } }] }, "80 bytes");
    refused({ oracleTallies: [{ epoch: 1n, oracle: 1n }] }, "expected a tally");
    const dispute = {
      relay: 1n,
      epoch: 1n,
      measuredIn: 4n,
      challenger: accountOf("watcher"),
      bond: "5",
      state: 1 as const,
    };
    expect(readingsGenesis.parse(ReadingsGenesis.fromPartial({ disputes: [dispute] }))).toBeDefined();
    refused({ disputes: [{ ...dispute, measuredIn: 5n }] }, "measured_in: found 5, expected 4");
    refused({ disputes: [{ ...dispute, challenger: "weir1" }] }, "disputes[0].challenger");
    refused({ disputes: [{ ...dispute, state: 6 }] }, "a state of a dispute");
    refused({ disputes: [{ ...dispute, bond: "-5" }] }, "bond");
    refused({ disputeRecords: [{ oracle: 1n, record: { outside: [] } }] }, "found 0 disputes");
    refused({ disputeRecords: [{ oracle: 1n, record: { outside: new Array(31).fill(true) } }] }, "31 disputes");
    refused({ sweep: { epoch: 1n, stage: 0, next: 0n } }, "a stage of the tally");
    refused({ sweep: { epoch: 1n, stage: 4, next: 0n } }, "a stage of the tally");
    refused({ refutations: [{ relay: 1n, cell: "" }] }, "the cell that is refuted");
    refused({ equivocations: [one, one] }, "1/1 again");
  });
});
