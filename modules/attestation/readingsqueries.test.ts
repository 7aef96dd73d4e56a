import { describe, expect, it } from "vitest";
import { QueryError } from "../../chain/errors.ts";
import type * as proto from "../../proto/gen/weir/attestation/v1/query.ts";
import { accountOf, MeasuredChain } from "../../test/helpers/measuredchain.ts";
import { attestationKind } from "./attestationbytes.ts";
import { forgetReadings } from "./readingspruning.ts";

const path = (name: string) => `/weir.attestation.v1.Query/${name}`;

function scene() {
  const chain = new MeasuredChain({ oracles: 4, relays: 3, params: { covert_rate: "2.0" } });
  chain.epochs(3);
  const epoch = chain.epoch - 2n;
  const challenge = { challenger: accountOf("watcher"), relay: 1n, epoch };
  expect(chain.chain.message("/weir.attestation.v1.MsgChallenge", challenge).refusal).toBeUndefined();
  chain.epochs(2);
  return { chain, epoch, ask: <R>(name: string, request: object) => chain.chain.query<R>(path(name), request) };
}

describe("what is asked of readings", () => {
  // Only the last test goes on from it.
  const { chain, epoch, ask } = scene();

  it("is answered: commitments, readings, tallies, oracles' counts, disputes", () => {
    const commits = ask<proto.QueryCommitsResponse>("Commits", { epoch, pagination: { limit: 3n } });
    expect(commits.commits.map(({ oracle }) => oracle)).toEqual([1n, 2n, 3n]);
    expect(commits.pagination!.nextKey.length).toBeGreaterThan(0);
    const { readings } = ask<proto.QueryReadingsResponse>("Readings", { epoch, relay: 1n });
    expect(readings!.isAudited).toBe(true);
    expect([...readings!.committee].sort()).toEqual([1n, 2n, 3n, 4n]);
    expect(readings!.readings[0]).toMatchObject({ measuredBps: 80_000_000n, observedPrefix: "203.0.113.0/24" });
    const tally = ask<proto.QueryTallyResponse>("Tally", { epoch, relay: 1n });
    expect(tally.tally).toMatchObject({ status: 1, medianBps: 80_000_000n, claimBps: 80_000_000n, present: 4 });
    expect(tally.tally).toMatchObject({ uptime: "1000000000000000000", loss: "1200000000000000", rttMicros: 12_345 });
    expect(tally.isFinal).toBe(true);
    const open = ask<proto.QueryTallyResponse>("Tally", { epoch: chain.epoch, relay: 1n });
    expect(open).toMatchObject({ isFinal: false, tally: { uptime: "", loss: "", rttMicros: 0 } });
    const work = ask<proto.QueryOracleTallyResponse>("OracleTally", { oracle: "2", epoch: `${epoch}` });
    expect(work).toMatchObject({ isFinal: true, tally: { assigned: 3n, accepted: 3n } });
    const dispute = ask<proto.QueryDisputeResponse>("Dispute", { epoch, relay: 1n });
    expect(dispute.dispute).toMatchObject({ relay: 1n, epoch, measuredIn: epoch + 3n, state: 1 });
    expect(ask<proto.QueryDisputesResponse>("Disputes", {}).disputes).toHaveLength(1);
  });

  it("shows covert assignments once their proof is published, and re-measurements once they are drawn", () => {
    const { assignments } = ask<proto.QueryAssignmentsResponse>("Assignments", { oracle: "1", epoch: `${epoch + 2n}` });
    const covert = assignments.filter(({ kind }) => kind === attestationKind.covert);
    const work = ask<proto.QueryOracleTallyResponse>("OracleTally", { oracle: "1", epoch: `${epoch + 2n}` });
    expect(covert.map(({ relay }) => relay)).toEqual(work.covert!.assignments.map(({ relay }) => relay));
    expect(covert.length).toBeGreaterThan(0);
    expect(chain.epoch).toBe(epoch + 4n);
    const second = ask<proto.QueryAssignmentsResponse>("Assignments", { oracle: "1", epoch: `${epoch + 3n}` });
    const again = second.assignments.filter(({ kind }) => kind === attestationKind.remeasurement);
    expect(again.map(({ relay }) => relay)).toEqual([1n]);
  });

  it("is refused in words where there is nothing, or where it is no question", () => {
    const refused = (name: string, request: object) => {
      try {
        ask(name, request);
      } catch (error) {
        return error instanceof QueryError ? `${error.status}: ${error.message}` : error;
      }
      return "answered";
    };
    expect(refused("Slots", { epoch: "x" })).toBe('InvalidArgument: the epoch is "x"; expected a whole number');
    expect(refused("Slots", { epoch: "99" })).toBe("NotFound: epoch 99 has not opened, or is forgotten");
    expect(refused("Assignments", { oracle: "" })).toBe('InvalidArgument: the oracle is ""; expected a whole number');
    expect(refused("Tally", { epoch: chain.epoch, relay: 9n })).toBe(
      `NotFound: there was no relay 9 to measure in epoch ${chain.epoch}`,
    );
    forgetReadings(chain.chain.context(), epoch, 3n);
    for (const name of ["Tally", "Readings"]) {
      expect(refused(name, { epoch, relay: 3n })).toContain(
        `NotFound: no readings of relay 3 in epoch ${epoch} are kept`,
      );
      expect(refused(name, { epoch, relay: 2n })).toBe("answered");
      expect(refused(name, { epoch: chain.epoch, relay: 3n })).toBe("answered");
    }
    expect(refused("Dispute", { epoch: 1n, relay: 2n })).toContain("NotFound: nobody disputed");
    const both = { epoch: 1n, pagination: { offset: 1n, key: Uint8Array.of(1) } };
    expect(refused("Commits", both)).toContain("InvalidArgument");
    expect(refused("Disputes", both)).toContain("InvalidArgument");
  });

  it("tells daemons the plan, the turns that are known, and who has to read whom when", () => {
    const before = ask<proto.QuerySlotsResponse>("Slots", {});
    expect(before).toMatchObject({ epoch: chain.epoch, slotCount: 0, slots: [] });
    chain.block();
    chain.block();
    const half = ask<proto.QuerySlotsResponse>("Slots", {});
    chain.toLastBlock();
    const known = ask<proto.QuerySlotsResponse>("Slots", { epoch: `${chain.epoch}` });
    // Four rounds of one cell in one part.
    expect(known.slotCount).toBe(known.plan!.rounds * (known.slots.length / known.plan!.rounds));
    expect(half.slots.length).toBeLessThan(known.slots.length);
    expect(known.slots.slice(0, half.slots.length)).toEqual(half.slots);
    expect(known.slots[0]!.turns[0]!.cell).toBe("europe-west");
    const all = ask<proto.QueryAssignmentsResponse>("Assignments", { oracle: "1" });
    expect(all.nextAfterRelay).toBe(0n);
    const overt = all.assignments.filter(({ kind }) => kind === attestationKind.overt);
    expect(overt.map(({ relay }) => relay)).toEqual([1n, 2n, 3n]);
    const begins = new Set(known.slots.map(({ beginMillis }) => beginMillis));
    for (const { fromMillis, untilMillis } of overt) {
      expect(begins.has(fromMillis)).toBe(true);
      expect(untilMillis > fromMillis).toBe(true);
    }
    const rest = ask<proto.QueryAssignmentsResponse>("Assignments", { oracle: "1", afterRelay: 2n });
    expect(rest.assignments.map(({ relay }) => relay)).toEqual([3n]);
  });
});
