import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CountedRelay,
  excused,
  measuringEndNanos,
  planSlots,
  slotBeginNanos,
  slotCountMax,
  turnsOf,
} from "./slots.ts";

const seed = new Uint8Array(32).fill(3);
const relays = (count: number, countedBps: bigint, from = 0): CountedRelay[] =>
  Array.from({ length: count }, (_, index) => ({ id: BigInt(from + index + 1), countedBps }));
const plan = (cells: [string, CountedRelay[]][], capacityBps = 1000n, committeeSize = 9) =>
  planSlots({ seed, epoch: 5n, capacityBps, committeeSize, cells });
const beacons = (count: number, salt = 0) =>
  Array.from({ length: count }, (_, index) => new Uint8Array(32).fill((index * 7 + salt) & 255));
const cellName = (index: number) => `cell-${String(index).padStart(4, "0")}`;

describe("a plan of slots", () => {
  it("lets all relays of a cell share every slot, one member of the committee a slot", () => {
    const { parts, slotCount, partsPerSlot } = plan([["eu", relays(5, 100n)]]);
    expect(parts).toEqual([{ cell: "eu", relays: [1n, 2n, 3n, 4n, 5n] }]);
    expect({ slotCount, partsPerSlot }).toEqual({ slotCount: 9, partsPerSlot: 1 });
  });

  it("cuts a cell that counts more than half of the capacity into parts that do not, and into few", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(1n, 500n), { minLength: 1, maxLength: 60 }), (sizes) => {
        const all = sizes.map((countedBps, index) => ({ id: BigInt(index + 1), countedBps }));
        const { parts } = plan([["eu", all]]);
        const sum = (ids: readonly bigint[]) => ids.reduce((total, id) => total + all[Number(id) - 1]!.countedBps, 0n);
        expect(parts.every(({ relays: ids }) => sum(ids) <= 500n)).toBe(true);
        expect(parts.flatMap(({ relays: ids }) => ids).sort((a, b) => Number(a - b))).toEqual(all.map(({ id }) => id));
        const total = sum(all.map(({ id }) => id));
        // First fit is never worse than 1.7 times the best, and the best is at least this.
        expect(parts.length).toBeLessThanOrEqual(Math.ceil((1.7 * Number(total)) / 500) + 1);
      }),
    );
    expect(plan([["eu", relays(10, 100n)]]).parts).toHaveLength(2);
  });

  it("measures a relay alone that nobody could measure with others", () => {
    const { parts } = plan([["eu", [...relays(1, 5000n), ...relays(3, 10n, 1)]]]);
    expect(parts.find(({ relays: ids }) => ids.includes(1n))!.relays).toEqual([1n]);
  });

  it("has no slots where there is nothing to measure", () => {
    expect(plan([["eu", []]])).toMatchObject({ parts: [], slotCount: 0 });
    expect(turnsOf(plan([]), 5n, beacons(3))).toEqual([]);
  });

  it("gives every part every round once, whatever the beacons, and overlaps cells beyond 800 slots", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(255), (cellCount, salt) => {
        const made = plan(
          Array.from({ length: cellCount }, (_, index) => [cellName(index), relays(2, 100n, index * 2)]),
        );
        expect(made.slotCount).toBeLessThanOrEqual(slotCountMax);
        const turns = turnsOf(made, 5n, beacons(made.slotCount, salt));
        const rounds = made.parts.map((_, part) =>
          turns
            .flat()
            .filter((turn) => turn.part === part)
            .map(({ round }) => round),
        );
        expect(rounds).toEqual(made.parts.map(() => [0, 1, 2, 3, 4, 5, 6, 7, 8]));
        for (const slot of turns) expect(new Set(slot.map(({ part }) => part)).size).toBe(slot.length);
      }),
      { numRuns: 8 },
    );
  });

  it("keeps parts of one cell in slots of their own while other cells remain", () => {
    const cells = Array.from({ length: 120 }, (_, index): [string, CountedRelay[]] => [
      cellName(index),
      relays(10, 100n, index * 10),
    ]);
    const made = plan(cells);
    expect(made.parts).toHaveLength(240);
    const turns = turnsOf(made, 5n, beacons(made.slotCount));
    const shared = turns.filter((slot) => new Set(slot.map(({ part }) => made.parts[part]!.cell)).size < slot.length);
    expect(shared.length).toBeLessThan(turns.length / 20);
  });

  it("tells nothing of a slot before the beacon of its beginning", () => {
    const made = plan(Array.from({ length: 12 }, (_, index) => [cellName(index), relays(1, 100n, index)]));
    const known = beacons(made.slotCount);
    const before = turnsOf(made, 5n, known);
    const changed = known.map((beacon, slot) => (slot < 50 ? beacon : new Uint8Array(32).fill(200)));
    const after = turnsOf(made, 5n, changed);
    expect(after.slice(0, 50)).toEqual(before.slice(0, 50));
    expect(after.slice(50)).not.toEqual(before.slice(50));
    expect(turnsOf(made, 5n, known.slice(0, 3))).toEqual(before.slice(0, 3));
  });
});

describe("an epoch's slots", () => {
  it("fill its first three quarters, one after the other", () => {
    const times = { openNanos: 1_000n, epochNanos: 20_000_000_000n };
    expect(measuringEndNanos(times)).toBe(15_000_001_000n);
    expect(slotBeginNanos(times, 3, 0)).toBe(1_000n);
    expect(slotBeginNanos(times, 3, 1)).toBe(5_000_001_000n);
    expect(slotBeginNanos(times, 3, 3)).toBe(measuringEndNanos(times));
    expect(slotBeginNanos(times, 0, 0)).toBe(1_000n);
  });
});

describe("an oracle", () => {
  it("is excused from what it cannot carry at once, and never from what it can", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(0n, 400n), { maxLength: 20 }), fc.bigInt(0n, 2000n), (claims, capacityBps) => {
        const assignments = claims.map((claimBps, index) => ({ relay: BigInt(index + 1), claimBps }));
        const left = excused(seed, 5n, capacityBps, assignments);
        const room = (capacityBps * 4n) / 5n;
        const used = assignments
          .filter(({ relay }) => !left.has(relay))
          .reduce((sum, { claimBps }) => sum + claimBps, 0n);
        expect(used <= room).toBe(true);
        for (const { relay, claimBps } of assignments) if (left.has(relay)) expect(used + claimBps > room).toBe(true);
      }),
    );
  });
});
