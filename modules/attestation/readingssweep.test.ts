import { describe, expect, it } from "vitest";
import type { ChainEvent } from "../../chain/events.ts";
import type { OracleTally } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { type Behaviour, honest, MeasuredChain, type MeasuredOptions } from "../../test/helpers/measuredchain.ts";
import { storedReading } from "../../test/helpers/readings.ts";
import { attestationKind } from "./attestationbytes.ts";
import { packPrefix } from "./attestationprefix.ts";
import { setRtt } from "./cells.ts";
import { excusedCount, noTally, oracleTallyOf } from "./oracletallies.ts";
import { pruneReadings } from "./readingspruning.ts";
import { commits, covertLists, oracleTallies, plans, readings, refutations } from "./readingsstate.ts";
import { isTallied, observedPrefix, sweepState } from "./readingssweep.ts";
import { isVoidEpoch } from "./readingsview.ts";
import { trustAt } from "./records.ts";
import { tallyOf } from "./tallies.ts";

const overtOnly = { covert_rate: "0" };
const chainOf = (options: Partial<MeasuredOptions> = {}) =>
  new MeasuredChain({ oracles: 3, relays: 3, ...options, params: { ...overtOnly, ...options.params } });
/** Oracles that can carry whatever there is. */
const strong = { unproven_bps: "10000000000" };
const declaredBps = 10_000_000_000n;
/** Blocks enough for several pages. */
const slow = { epochSeconds: 60n, blocksPerEpoch: 12n };
const typed = (events: readonly ChainEvent[], name: string) =>
  events.filter(({ type }) => type === `weir.attestation.v1.${name}`);
const attributes = (event: ChainEvent): Record<string, string> =>
  Object.fromEntries(event.attributes.map(({ key, value }) => [key, JSON.parse(value)]));
const work = (chain: MeasuredChain, epoch: bigint) =>
  chain.oracles.map(({ id }) => oracleTallyOf(chain.chain.context(), epoch, id));

/** So many epochs of it, then two more in which it is counted. */
function counted(chain: MeasuredChain, behaviour: Behaviour): bigint {
  chain.epochs(1);
  const { epoch } = chain;
  chain.epochs(1, behaviour);
  chain.epochs(2);
  expect(isTallied(chain.chain.context(), epoch)).toBe(true);
  return epoch;
}

describe("the tally of an epoch", () => {
  it("counts for each oracle what it was to give, did not give, and gave within the band", () => {
    const chain = chainOf({ oracles: 4 });
    const epoch = counted(chain, ({ oracle, relay, claimBps }) => {
      if (oracle.id === 4n && relay !== 1n) return undefined;
      return oracle.id === 3n && relay === 2n ? { measuredBps: claimBps / 2n } : {};
    });
    const none = { covertAssigned: 0n, covertGiven: 0n, bestMedianBps: 80_000_000n };
    expect(work(chain, epoch)).toEqual([
      { assigned: 3n, missing: 0n, accepted: 3n, ...none },
      { assigned: 3n, missing: 0n, accepted: 3n, ...none },
      { assigned: 3n, missing: 0n, accepted: 2n, ...none },
      { assigned: 3n, missing: 2n, accepted: 1n, ...none },
    ]);
    expect(oracleTallyOf(chain.chain.context(), 99n, 1n)).toMatchObject({ assigned: 0n, missing: 0n });
  });

  it("warns of a bad epoch while it can be challenged still, and of no other", () => {
    const chain = chainOf({ oracles: 4 });
    chain.epochs(1);
    const liar: Behaviour = ({ relay }) => (relay === 2n ? { measuredBps: 10_000_000n } : {});
    const { epoch } = chain;
    expect(typed(chain.epochs(2, liar), "EventSlashWarning")).toEqual([]);
    expect(chain.epoch).toBe(epoch + 2n);
    const warnings = typed(chain.epochs(1, honest), "EventSlashWarning").map(attributes);
    expect(warnings).toEqual([
      {
        relay: "2",
        epoch: `${epoch}`,
        reason:
          "bad epoch: at least 3 of 4 readings (0 of them zeros, left out) are below what is claimed; 0.875000000000000000 of it is lacking",
      },
    ]);
  });

  it("of an epoch to which nobody committed is void, and counts against nobody", () => {
    const chain = chainOf();
    chain.epochs(1);
    const { epoch } = chain;
    chain.epochs(1, () => undefined);
    const events = chain.epochs(3);
    const ctx = chain.chain.context();
    expect(typed(events, "EventTallied").map(attributes)).toContainEqual({ epoch: `${epoch}`, is_void: "true" });
    expect([isVoidEpoch(ctx, epoch), isVoidEpoch(ctx, epoch + 1n), isVoidEpoch(ctx, 99n)]).toEqual([true, false, true]);
    expect(tallyOf(ctx, epoch, 1n)).toMatchObject({ status: "void", bad: false, missing: [] });
    expect(work(chain, epoch).every(({ assigned, missing }) => assigned === 0n && missing === 0n)).toBe(true);
    expect(work(chain, epoch + 1n).every(({ assigned }) => assigned === 3n)).toBe(true);
  });

  it("goes on page by page, whatever the page, to the same counts", () => {
    const counts = ["10", "500"].map((sweep_page) => {
      const chain = chainOf({ relays: 25, params: { sweep_page, ...strong }, declaredBps, ...slow });
      const epoch = counted(chain, ({ oracle, relay }) => (oracle.id === 1n && relay > 20n ? undefined : {}));
      return work(chain, epoch);
    });
    expect(counts[0]).toEqual(counts[1]);
    expect(counts[0]![0]).toMatchObject({ assigned: 25n, missing: 5n });
  });

  it("of a chain that stood still for hours in the middle of an epoch blames nobody for it", () => {
    const chain = chainOf();
    chain.epochs(1);
    chain.toLastBlock();
    const { epoch } = chain;
    chain.commitAll(honest);
    chain.block(10_000n);
    expect(chain.epoch).toBe(epoch + 1n);
    chain.block();
    chain.block();
    chain.submitAll();
    chain.toNextEpoch();
    chain.epochs(2);
    expect(tallyOf(chain.chain.context(), epoch, 1n)).toMatchObject({ status: "conclusive", present: 3, bad: false });
    // Before anyone could commit: void.
    chain.block();
    chain.block(10_000n);
    const halted = chain.epoch - 1n;
    chain.epochs(3);
    expect(tallyOf(chain.chain.context(), halted, 1n)).toMatchObject({ status: "void", bad: false });
    expect(work(chain, halted)[0]).toMatchObject({ assigned: 0n, missing: 0n });
  });

  it("tells the registry the neighbourhood that most saw, and refutes a cell that is too near", () => {
    const cells = ["europe-west", "oceania", "africa", "oceania"];
    const cellOf = (kind: string, id: bigint) => (kind === "relay" ? "europe-west" : cells[Number(id) - 1]!);
    const chain = chainOf({ oracles: 4, cellOf });
    for (const second of ["oceania", "africa"]) {
      setRtt(chain.chain.context(), { first: "europe-west", second, rttMicros: 30_000n });
    }
    const address = Uint8Array.of(198, 51, 100, 7);
    const near: Behaviour = ({ relay, oracle }) => ({
      rttP50Micros: relay === 1n ? 29_999 : 30_000,
      rttP95Micros: 40_000,
      observedAddress: oracle.id === 1n ? Uint8Array.of(9, 9, 9, 9) : address,
    });
    chain.epochs(1);
    const { epoch } = chain;
    const far: Behaviour = () => ({ rttP50Micros: 30_000, rttP95Micros: 40_000 });
    const events = [...chain.epochs(1, near), ...chain.epochs(2, far)];
    const ctx = chain.chain.context();
    expect(typed(events, "EventCellRefuted").map(attributes)).toEqual([
      { relay: "1", epoch: `${epoch}`, cell: "europe-west" },
    ]);
    expect([...refutations.iterate(ctx)]).toEqual([[1n, "europe-west"]]);
    expect(trustAt(ctx, chain.epoch, 2n).prefix).toBe("198.51.100.0/24");
    // Until it says that it is elsewhere, whatever is read of it now.
    expect(tallyOf(ctx, epoch + 1n, 1n)!.rttRefuted).toBe(true);
    expect(tallyOf(ctx, epoch + 1n, 2n)!.rttRefuted).toBe(false);
    refutations.set(ctx, 1n, "oceania");
    expect(tallyOf(ctx, epoch + 1n, 1n)!.rttRefuted).toBe(false);
  });

  it("counts covert readings that were drawn and not given, also of who keeps its proof to itself", () => {
    const chain = chainOf({ oracles: 4, relays: 6, params: { covert_rate: "2.0" } });
    chain.epochs(3);
    const { epoch } = chain;
    chain.epochs(1, ({ oracle, kind }) => (oracle.id <= 2n && kind === attestationKind.covert ? undefined : {}));
    chain.block();
    chain.block();
    // The second oracle's proof is kept: its readings go in without.
    for (const committed of chain.committed.splice(0)) {
      const isSilent = committed.oracle.id === 2n;
      const proof = isSilent ? undefined : chain.proof(committed.oracle, epoch);
      const results = chain.submit([chain.rangeOf(committed, 0, committed.attestations.length, proof)]);
      expect(results.every(({ code }) => code === 0)).toBe(true);
    }
    chain.toNextEpoch();
    chain.toNextEpoch();
    const counts = work(chain, epoch).map(({ covertAssigned, covertGiven }) => [covertAssigned, covertGiven]);
    expect(counts).toEqual([
      [3n, 0n],
      [3n, 0n],
      [3n, 3n],
      [3n, 3n],
    ]);
  });
});

describe("an oracle that cannot carry everything at once", () => {
  const tally = (read: readonly number[], missed: readonly [number, bigint][]): OracleTally => {
    const readKbps = new Uint8Array(4 * read.length);
    for (const [slot, kbps] of read.entries()) new DataView(readKbps.buffer).setUint32(4 * slot, kbps);
    return { ...noTally, readKbps, missed: missed.map(([slot, claimBps]) => ({ slot, claimBps })) };
  };

  it("is excused from what does not fit beside what it read in that slot, and from nothing else", () => {
    // Of 100 Mbit/s it measures 80 at once.
    const capacity = 100_000_000n;
    expect(excusedCount(tally([60_000], [[0, 20_000_001n]]), capacity)).toBe(1n);
    expect(excusedCount(tally([60_000], [[0, 20_000_000n]]), capacity)).toBe(0n);
    expect(excusedCount(tally([60_000], [[1, 20_000_001n]]), capacity)).toBe(0n);
    expect(excusedCount(tally([], [[5, 80_000_000n]]), capacity)).toBe(0n);
    expect(
      excusedCount(
        tally(
          [0, 80_000],
          [
            [1, 1n],
            [1, 1n],
            [0, 1n],
          ],
        ),
        capacity,
      ),
    ).toBe(2n);
  });

  it("is counted so over an epoch", () => {
    // Three relays of 80 in one slot or another, 1.25 of the claim each: one at a time.
    const chain = chainOf({ oracles: 3, relays: 9, declaredBps: 100_000_000n });
    chain.epochs(1);
    const { epoch } = chain;
    const seen = new Set<string>();
    let skipped = 0n;
    chain.epochs(1, ({ oracle, fromMillis }) => {
      const name = `${oracle.id} ${fromMillis}`;
      const isBusy = seen.has(name);
      seen.add(name);
      if (isBusy) skipped++;
      return isBusy ? undefined : {};
    });
    chain.epochs(2);
    expect(skipped).toBeGreaterThan(0n);
    const ctx = chain.chain.context();
    const tallies = chain.oracles.map(({ id }) => oracleTallies.get(ctx, [epoch, id])!);
    expect(tallies.reduce((sum, { excused }) => sum + excused, 0n)).toBe(skipped);
    for (const [index, stored] of tallies.entries()) {
      expect(stored).toMatchObject({ assigned: 9n, missing: 0n, missed: [] });
      expect(stored.readKbps).toHaveLength(0);
      const { assigned, missing } = oracleTallyOf(ctx, epoch, BigInt(index + 1));
      expect({ assigned, missing }).toEqual({ assigned: 9n - stored.excused, missing: 0n });
    }
  });
});

describe("the prefix of a relay", () => {
  it("is the one that most overt readings saw, of as many the first", () => {
    const at = (last: number, kind = 1) =>
      storedReading(1n, 1n, { kind, observedPrefix: packPrefix(Uint8Array.of(1, 1, last, 1)) });
    expect(observedPrefix([at(1), at(2), at(2)])).toBe("1.1.2.0/24");
    expect(observedPrefix([at(1), at(2)])).toBe("1.1.1.0/24");
    expect(observedPrefix([at(1), at(2, 3), at(2, 3)])).toBe("1.1.1.0/24");
    expect(observedPrefix([storedReading(1n, 0n, { observedPrefix: packPrefix(new Uint8Array(0)) })])).toBeUndefined();
  });
});

describe("what is past its use", () => {
  it("goes, so that state is flat over many epochs", () => {
    const chain = chainOf({ oracles: 3, relays: 4, params: { covert_rate: "1.0" }, checksInvariants: false });
    chain.epochs(12);
    const count = () => {
      const ctx = chain.chain.context();
      return [readings, commits, covertLists, oracleTallies, plans].map((map) => [...map.keys(ctx)].length);
    };
    const before = count();
    chain.epochs(6);
    expect(count()).toEqual(before);
    chain.block();
    const oldest = (map: typeof readings | typeof commits) => map.keys(chain.chain.context()).next().value![0];
    expect([oldest(readings), oldest(commits)]).toEqual([chain.epoch - 4n, chain.epoch - 4n]);
    expect(chain.chain.broken()).toBeUndefined();
    expect(sweepState(chain.chain.context()).epoch).toBe(chain.epoch - 2n);
  });

  it("goes a bounded number at a time, the oldest first", () => {
    const chain = chainOf({ relays: 25, params: { sweep_page: "10" }, checksInvariants: false, ...slow });
    chain.epochs(2);
    const ctx = chain.chain.context();
    const all = () => [...readings.keys(ctx)];
    const before = all();
    pruneReadings(ctx, chain.epoch + 50n);
    expect(all()).toEqual(before.slice(10));
    pruneReadings(ctx, chain.epoch + 50n);
    expect(all()).toEqual(before.slice(20));
  });
});
