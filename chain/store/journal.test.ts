import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { limitedGasMeter } from "../gas.ts";
import { GasReadStore, GasWriteStore } from "./gasstore.ts";
import { Journal } from "./journal.ts";
import { emptyStores, memoryJournal } from "./memory.ts";
import { SortedKeys } from "./sortedkeys.ts";
import { compareBytes, type Entry, type KeyRange, type ReadStore, type ReadStores } from "./types.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const key = (...bytes: number[]) => Uint8Array.from(bytes);

/** The obvious store: a sorted array of entries. */
class ModelStore implements ReadStore {
  readonly entries: Map<string, Uint8Array>;
  constructor(entries: Iterable<[string, Uint8Array]> = []) {
    this.entries = new Map(entries);
  }
  get = (k: Uint8Array) => this.entries.get(hex(k));
  has = (k: Uint8Array) => this.entries.has(hex(k));
  *iterate({ start, end, reverse }: KeyRange): IterableIterator<Entry> {
    const keys = [...this.entries.keys()].map((text) => Uint8Array.from(Buffer.from(text, "hex"))).sort(compareBytes);
    const inside = keys.filter((k) => (!start || compareBytes(k, start) >= 0) && (!end || compareBytes(k, end) < 0));
    for (const k of reverse ? inside.reverse() : inside) yield [k, this.entries.get(hex(k))!];
  }
}

const baseOf = (model: ModelStore): ReadStores => ({ store: () => new ModelStore(model.entries) });
const list = (store: ReadStore, range: KeyRange) => [...store.iterate(range)].map(([k, v]) => `${hex(k)}=${hex(v)}`);

const keys = fc.uint8Array({ minLength: 1, maxLength: 2 }).map((bytes) => bytes.map((byte) => byte % 5));
const values = fc.uint8Array({ minLength: 1, maxLength: 3 });
type Step =
  | { kind: "set"; k: Uint8Array; v: Uint8Array }
  | { kind: "delete"; k: Uint8Array }
  | { kind: "mark" }
  | { kind: "rollback" }
  | { kind: "read" };
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("set" as const), k: keys, v: values }),
    fc.record({ kind: fc.constant("delete" as const), k: keys }),
    fc.record({ kind: fc.constantFrom("mark" as const, "rollback" as const, "read" as const) }),
  ),
  { maxLength: 60 },
);
const ranges = fc.record({
  start: fc.option(keys, { nil: undefined }),
  end: fc.option(keys, { nil: undefined }),
  reverse: fc.boolean(),
});

describe("the journal", () => {
  it("reads, ranges and rolls back as a plain sorted map with snapshots does", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, values)), steps, ranges, (initial, script, range) => {
        const base = new ModelStore(initial.map(([k, v]) => [hex(k), v]));
        const journal = new Journal(baseOf(base));
        const store = journal.store("s");
        let model = new ModelStore(base.entries);
        const marks: { mark: number; model: ModelStore }[] = [];
        for (const step of script) {
          if (step.kind === "set") {
            store.set(step.k, step.v);
            model.entries.set(hex(step.k), step.v);
          } else if (step.kind === "delete") {
            store.delete(step.k);
            model.entries.delete(hex(step.k));
          } else if (step.kind === "mark") marks.push({ mark: journal.mark(), model: new ModelStore(model.entries) });
          else if (step.kind === "rollback" && marks.length > 0) {
            const to = marks.pop()!;
            journal.rollback(to.mark);
            model = to.model;
          } else expect(list(store, range)).toEqual(list(model, range));
        }
        expect(list(store, range)).toEqual(list(model, range));
        const committed = new ModelStore(base.entries);
        for (const [k, v] of journal.changes().get("s") ?? []) {
          if (v === null) committed.entries.delete(hex(k));
          else committed.entries.set(hex(k), v);
        }
        expect(list(committed, {})).toEqual(list(model, {}));
      }),
      { numRuns: 500 },
    );
  });

  it("lists its changes once a key, in ascending byte order", () => {
    const journal = memoryJournal();
    const store = journal.store("s");
    for (const k of [key(0xff), key(0x7f, 1), key(0x80), key(0), key(0x80)]) store.set(k, key(1));
    expect(
      journal
        .changes()
        .get("s")!
        .map(([k]) => hex(k)),
    ).toEqual(["00", "7f01", "80", "ff"]);
  });

  it("lets an iteration delete the key it was given, and see keys written ahead of it", () => {
    const journal = memoryJournal();
    const store = journal.store("s");
    for (let i = 0; i < 10; i += 2) store.set(key(i), key(i));
    const seen: number[] = [];
    for (const [k] of store.iterate({})) {
      seen.push(k[0]!);
      store.delete(k);
      if (k[0] === 2) store.set(key(5), key(5));
      if (k[0] === 2) store.delete(key(4));
    }
    expect(seen).toEqual([0, 2, 5, 6, 8]);
    expect([...store.iterate({})]).toEqual([]);
  });

  it("gives copies, so that a caller cannot change what is stored", () => {
    const store = memoryJournal().store("s");
    const value = key(1, 2);
    store.set(key(1), value);
    value[0] = 9;
    store.get(key(1))![1] = 9;
    expect(store.get(key(1))).toEqual(key(1, 2));
  });

  it("refuses an empty key and keys or values beyond the limits", () => {
    const store = memoryJournal().store("s");
    expect(() => store.set(key(), key(1))).toThrow("store key of 0 bytes");
    expect(() => store.set(new Uint8Array(1025), key(1))).toThrow("store key of 1025 bytes");
    expect(() => store.set(key(1), new Uint8Array((1 << 20) + 1))).toThrow("store value of 1048577 bytes");
    expect(() => store.set(key(1), key())).toThrow("store value is empty");
  });

  it("iterates without what was undone meanwhile", () => {
    const journal = new Journal(baseOf(new ModelStore([["01", key(1)]])));
    const store = journal.store("s");
    const mark = journal.mark();
    store.set(key(2), key(2));
    const entries = store.iterate({});
    expect(hex(entries.next().value![0])).toBe("01");
    journal.rollback(mark);
    expect(entries.next().done).toBe(true);
  });

  it("knows keys of any length from those that begin or end alike", () => {
    const store = memoryJournal().store("s");
    const keys = [1, 63, 64, 65, 1023, 1024].flatMap((length) => [
      new Uint8Array(length),
      new Uint8Array(length).fill(1, length - 1),
      new Uint8Array(length).fill(2, 0, 1),
    ]);
    for (const [index, one] of keys.entries()) store.set(one, key(index + 1));
    for (const [index, one] of keys.entries()) {
      expect(store.get(one)).toEqual(key(index + 1));
      expect(store.get(one)).toEqual(key(index + 1));
    }
  });

  it("is empty over no stores", () => {
    expect([...new Journal(emptyStores).store("x").iterate({})]).toEqual([]);
  });
});

describe("sorted keys", () => {
  it("find neighbours as a sorted array does, through many splits", () => {
    const sorted = new SortedKeys([]);
    const all = new Set<string>();
    for (let i = 0; i < 3000; i++) {
      const text = String((i * 7919) % 3001).padStart(4, "0");
      sorted.add(text);
      sorted.add(text);
      all.add(text);
    }
    const expected = [...all].sort();
    for (let i = 0; i < expected.length; i += 37) {
      expect(sorted.after(expected[i]!, true)).toBe(expected[i]);
      expect(sorted.after(expected[i]!, false)).toBe(expected[i + 1]);
      expect(sorted.before(expected[i]!)).toBe(expected[i - 1]);
    }
    expect(sorted.before(undefined)).toBe(expected.at(-1));
  });
});

describe("store gas", () => {
  it("charges reads, writes and deletions by the SDK's schedule", () => {
    const gas = limitedGasMeter(1_000_000n);
    const store = new GasWriteStore(memoryJournal().store("s"), gas);
    store.set(key(1, 2), key(1, 2, 3));
    expect(gas.consumed).toBe(2000n + 30n * 5n);
    store.get(key(1, 2));
    expect(gas.consumed).toBe(2150n + 1000n + 15n);
    store.get(key(9));
    expect(gas.consumed).toBe(3165n + 1000n + 3n);
    store.has(key(9));
    store.delete(key(9));
    expect(gas.consumed).toBe(4168n + 2000n);
    store.set(key(7), new Uint8Array(5000).fill(1));
    store.get(key(7));
    expect(gas.consumed).toBe(6168n + 2000n + 30n * 5001n + 1000n + 3n * 5001n);
  });

  it("charges an iteration for the entry it opens on, then for each entry it leaves", () => {
    const journal = memoryJournal();
    journal.store("s").set(key(1), key(1, 1));
    journal.store("s").set(key(2), key(1));
    const gas = limitedGasMeter(1_000_000n);
    for (const _ of new GasReadStore(journal.store("s"), gas).iterate({}));
    expect(gas.consumed).toBe(9n + 30n + (9n + 30n) + (6n + 30n));
  });

  it("stops at the operation that runs out, with the SDK's words", () => {
    const store = new GasWriteStore(memoryJournal().store("s"), limitedGasMeter(1999n));
    expect(() => store.set(key(1), key(1))).toThrow(
      "out of gas in location: WriteFlat; gasWanted: 1999, gasUsed: 2000: out of gas",
    );
  });
});

describe("a journal over genesis", () => {
  it("hands over genesis writes and its own as one, and leaves genesis as it was", () => {
    const genesis = memoryJournal();
    genesis.store("s").set(key(1), key(1));
    genesis.store("s").set(key(2), key(2));
    genesis.store("only-genesis").set(key(7), key(7));
    const first = new Journal(emptyStores, genesis);
    first.store("s").set(key(2), key(9));
    first.store("s").delete(key(1));
    const second = new Journal(emptyStores, genesis);
    expect(list(second.store("s"), {})).toEqual(["01=01", "02=02"]);
    expect(
      [...first.changes()].map(([name, changes]) => [name, changes.map(([k, v]) => [hex(k), v && hex(v)])]),
    ).toEqual([
      ["only-genesis", [["07", "07"]]],
      [
        "s",
        [
          ["01", null],
          ["02", "09"],
        ],
      ],
    ]);
  });
});
