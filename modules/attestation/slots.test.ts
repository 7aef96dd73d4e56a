import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CellCount,
  excused,
  measuringEndNanos,
  partOf,
  partsPerCellMax,
  planSlots,
  slotBeginNanos,
  slotCountMax,
  slotTable,
  slotTick,
  turnsOf,
} from "./slots.ts";

const seed = new Uint8Array(32).fill(3);
const cellOf = (cell: string, relays: number, countedBps: bigint): CellCount => ({
  cell,
  relays,
  countedBps: countedBps * BigInt(relays),
});
const plan = (cells: CellCount[], capacityBps = 1000n, rounds = 9) => planSlots({ capacityBps, rounds, cells });
const beacons = (count: number, salt = 0) =>
  Array.from({ length: count }, (_, index) => new Uint8Array(32).fill((index * 7 + salt) & 255));
const cellName = (index: number) => `cell-${String(index).padStart(4, "0")}`;

describe("a plan of slots", () => {
  it("lets all relays of a cell share every slot, one member of the committee a slot", () => {
    const made = plan([cellOf("eu", 5, 100n)]);
    expect(made).toEqual({ parts: [{ cell: "eu", index: 0 }], slotCount: 9, partsPerSlot: 1, rounds: 9 });
    for (let relay = 1n; relay <= 5n; relay++) expect(partOf(made, { seed, epoch: 5n }, "eu", relay)).toBe(0);
    expect(partOf(made, { seed, epoch: 5n }, "us", 1n)).toBe(-1);
  });

  it("cuts a cell that counts more than half of the capacity into the fewest parts that could hold it", () => {
    expect(plan([cellOf("eu", 5, 100n)]).parts).toHaveLength(1);
    expect(plan([{ cell: "eu", relays: 5, countedBps: 501n }]).parts).toHaveLength(2);
    expect(plan([cellOf("eu", 10, 100n)]).parts).toHaveLength(2);
    expect(plan([cellOf("eu", 10, 101n)]).parts).toHaveLength(3);
  });

  it("has no more parts than relays, and no more than there can be slots", () => {
    expect(plan([cellOf("eu", 1, 5_000n)]).parts).toHaveLength(1);
    expect(plan([cellOf("eu", 100_000, 100n)], 2n).parts).toHaveLength(partsPerCellMax);
    expect(plan([cellOf("eu", 100_000, 100n)], 1n).parts).toHaveLength(1);
  });

  it("spreads the relays of a cell over its parts evenly, anew in every epoch, and never to another cell's", () => {
    const made = plan([cellOf("as", 10, 10n), cellOf("eu", 2_000, 1n), cellOf("us", 10, 10n)]);
    expect(made.parts.map(({ cell }) => cell)).toEqual(["as", "eu", "eu", "eu", "eu", "us"]);
    const parts = (epoch: bigint) =>
      Array.from({ length: 2_000 }, (_, index) => partOf(made, { seed, epoch }, "eu", BigInt(index + 1)));
    const counts = [1, 2, 3, 4].map((part) => parts(5n).filter((found) => found === part).length);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2_000);
    // Four standard deviations about 500.
    for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(80);
    expect(parts(6n)).not.toEqual(parts(5n));
    expect(partOf(made, { seed, epoch: 5n }, "us", 3n)).toBe(5);
  });

  it("has no slots where there is nothing to measure", () => {
    expect(plan([cellOf("eu", 0, 1n)])).toMatchObject({ parts: [], slotCount: 0 });
    expect(turnsOf(plan([]), 5n, beacons(3))).toEqual([]);
  });

  it("gives every part every round once, whatever the beacons, and overlaps cells beyond 800 slots", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(255), (cellCount, salt) => {
        const made = plan(Array.from({ length: cellCount }, (_, index) => cellOf(cellName(index), 2, 100n)));
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
        const table = slotTable(made, turns);
        turns.forEach((slot, index) => {
          for (const { part, round } of slot) expect(table[part]![round]).toBe(index);
        });
        expect(table.flat()).not.toContain(-1);
      }),
      { numRuns: 8 },
    );
  });

  it("keeps parts of one cell in slots of their own while other cells remain", () => {
    const made = plan(Array.from({ length: 120 }, (_, index) => cellOf(cellName(index), 10, 100n)));
    expect(made.parts).toHaveLength(240);
    const turns = turnsOf(made, 5n, beacons(made.slotCount));
    const shared = turns.filter((slot) => new Set(slot.map(({ part }) => made.parts[part]!.cell)).size < slot.length);
    expect(shared.length).toBeLessThan(turns.length / 20);
  });

  it("tells nothing of a slot before the beacon of its beginning", () => {
    const made = plan(Array.from({ length: 12 }, (_, index) => cellOf(cellName(index), 1, 100n)));
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

  it("are each drawn from the last tick that does not begin after them", () => {
    expect(Array.from({ length: 3 }, (_, slot) => slotTick(slot, 3, 800n))).toEqual([0n, 266n, 533n]);
    for (const slotCount of [1, 7, 9, 799, 800]) {
      const times = { openNanos: 0n, epochNanos: 86_400_000_000_000n };
      for (let slot = 0; slot < slotCount; slot++) {
        const tick = slotTick(slot, slotCount, 800n);
        const tickBegins = (measuringEndNanos(times) * tick) / 800n;
        expect(tickBegins <= slotBeginNanos(times, slotCount, slot)).toBe(true);
        expect((measuringEndNanos(times) * (tick + 1n)) / 800n > slotBeginNanos(times, slotCount, slot)).toBe(true);
      }
    }
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
