/** Typed collections over a journal, against plain maps. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryContext } from "../test/helpers/testchain.ts";
import { collections } from "./collections.ts";
import { bytesKey, encodeKey, pair, prefixedAddressKey, stringKey, triple, uint64Key } from "./keycodec.ts";
import { boolValue, intValue, stringValue } from "./valuecodec.ts";

const bytes = (...list: number[]) => Uint8Array.from(list);
const keysOf = (entries: Iterable<readonly [Uint8Array, Uint8Array]>) =>
  [...entries].map(([key, value]) => `${Buffer.from(key).toString("hex")}=${Buffer.from(value).toString("hex")}`);

describe("a declaration", () => {
  it.each<readonly [string, number | string, number | string]>([
    ["the same number twice", 1, 1],
    ["the same text twice", "ab", "ab"],
    ["a prefix of another", "ab", "abc"],
    ["one that another begins", "abc", "ab"],
    ["a number that begins a text", 0x61, "abc"],
  ])("refuses %s", (_what, first, second) => {
    const store = collections("shop");
    store.map(first, "goods", stringKey, intValue);
    expect(() => store.keySet(second, "buyers", stringKey)).toThrow(
      "store shop: the prefixes of goods and buyers overlap; choose another for one",
    );
  });

  it("refuses a name that is taken and prefixes that are none", () => {
    const store = collections("shop");
    store.item(1, "goods", intValue);
    expect(() => store.item(2, "goods", intValue)).toThrow("store shop has two collections named goods; rename one");
    for (const prefix of [-1, 256, 1.5, ""]) expect(() => store.item(prefix, "x", intValue)).toThrow(/prefix must/);
  });

  it("says where it stands", () => {
    const goods = collections("shop").map("goods", "goods", stringKey, intValue);
    expect({ ...goods, prefix: Buffer.from(goods.prefix).toString() }).toMatchObject({
      storeName: "shop",
      name: "goods",
      kind: "map",
      prefix: "goods",
    });
  });
});

describe("an item", () => {
  it("is there once it is set, under its prefix alone", () => {
    const ctx = memoryContext();
    const item = collections("s").item(7, "x", stringValue);
    expect(item.get(ctx)).toBeUndefined();
    item.set(ctx, "a");
    expect(item.get(ctx)).toBe("a");
    expect(keysOf(ctx.store("s").iterate({}))).toEqual(["07=61"]);
    item.delete(ctx);
    expect(item.get(ctx)).toBeUndefined();
  });
});

describe("a sequence", () => {
  it("counts from 0 and can be set", () => {
    const ctx = memoryContext();
    const sequence = collections("s").sequence(2, "n");
    expect([sequence.peek(ctx), sequence.next(ctx), sequence.next(ctx), sequence.peek(ctx)]).toEqual([0n, 0n, 1n, 2n]);
    sequence.set(ctx, 41n);
    expect(sequence.next(ctx)).toBe(41n);
    expect(keysOf(ctx.store("s").iterate({}))).toEqual(["02=000000000000002a"]);
  });
});

describe("a set", () => {
  it("holds what was added and nothing beside it", () => {
    const ctx = memoryContext();
    const store = collections("s");
    const set = store.keySet(1, "set", uint64Key);
    store.item(2, "neighbour", boolValue).set(ctx, true);
    for (const key of [3n, 1n, 2n, 3n]) set.add(ctx, key);
    set.delete(ctx, 2n);
    expect([...set.keys(ctx)]).toEqual([1n, 3n]);
    expect([set.has(ctx, 1n), set.has(ctx, 2n), set.get(ctx, 3n), set.get(ctx, 2n)]).toEqual([
      true,
      false,
      true,
      undefined,
    ]);
    expect(keysOf(ctx.store("s").iterate({ end: bytes(2) }))).toEqual([
      "010000000000000001=00",
      "010000000000000003=00",
    ]);
  });
});

describe("a map", () => {
  const store = collections("s");
  store.item(1, "before", intValue);
  const map = store.map(2, "map", triple(stringKey, uint64Key, bytesKey), intValue);
  store.item(3, "after", intValue);

  const text = fc.constantFrom("", "a", "ab", "b");
  const key = fc.tuple(text, fc.constantFrom(0n, 1n, 255n, 256n), fc.uint8Array({ maxLength: 2 }));
  const byStore = (a: readonly [string, bigint, Uint8Array], b: readonly [string, bigint, Uint8Array]) =>
    Buffer.compare(encodeKey(bytes(2), map.keyCodec, a), encodeKey(bytes(2), map.keyCodec, b));

  it("iterates like a sorted list, whatever the range", () => {
    const range = fc.record(
      {
        start: key,
        end: key,
        reverse: fc.boolean(),
        leading: fc.oneof(fc.tuple(text), fc.tuple(text, fc.constantFrom(0n, 1n))),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(key, fc.bigInt(0n, 9n)), { maxLength: 30 }),
        range,
        (entries, { leading, ...bounds }) => {
          const ctx = memoryContext();
          ctx.store("s").set(bytes(1), bytes(0x31));
          ctx.store("s").set(bytes(3), bytes(0x31));
          const model = new Map<string, readonly [readonly [string, bigint, Uint8Array], bigint]>();
          for (const [at, value] of entries) {
            map.set(ctx, at, value);
            model.set(`${at}`, [at, value]);
          }
          const sorted = [...model.values()].sort(([a], [b]) => byStore(a, b));
          expect([...map.iterate(ctx)]).toEqual(sorted);

          const within = sorted
            .filter(([at]) => bounds.start === undefined || byStore(at, bounds.start) >= 0)
            .filter(([at]) => bounds.end === undefined || byStore(at, bounds.end) < 0);
          expect([...map.iterate(ctx, bounds)]).toEqual(bounds.reverse === true ? within.toReversed() : within);

          if (leading === undefined) return;
          const led = sorted.filter(([at]) => leading.every((part, index) => part === at[index]));
          expect([...map.keys(ctx, { leading, reverse: true })]).toEqual(led.map(([at]) => at).toReversed());
        },
      ),
    );
  });

  it("forgets what is deleted, also while it iterates", () => {
    const ctx = memoryContext();
    for (let i = 0n; i < 10n; i++) map.set(ctx, ["a", i, bytes()], i);
    for (const [at, value] of map.iterate(ctx)) if (value % 2n === 0n) map.delete(ctx, at);
    expect([...map.iterate(ctx)].map(([, value]) => value)).toEqual([1n, 3n, 5n, 7n, 9n]);
    expect(map.has(ctx, ["a", 0n, bytes()])).toBe(false);
    expect(map.get(ctx, ["a", 0n, bytes()])).toBeUndefined();
  });
});

interface Ship {
  readonly number: bigint;
  readonly flag: string;
}

describe("an indexed map", () => {
  const store = collections("s");
  const shipCodec = {
    encode: ({ number, flag }: Ship) => stringValue.encode(`${number}:${flag}`),
    decode(encoded: Uint8Array): Ship {
      const [number, flag] = stringValue.decode(encoded).split(":");
      return { number: BigInt(number!), flag: flag! };
    },
  };
  const byNumber = store.uniqueIndex<bigint, string, Ship>(
    1,
    "by_number",
    uint64Key,
    stringKey,
    (_name, { number }) => number,
  );
  const byFlag = store.multiIndex<string, string, Ship>(2, "by_flag", stringKey, stringKey, (_name, { flag }) => flag);
  const ships = store.indexedMap(3, "ships", stringKey, shipCodec, [byNumber, byFlag]);

  it("finds by what it indexes, after every change", () => {
    const name = fc.constantFrom("ada", "bea", "cid", "dot");
    const change = fc.record({
      name,
      flag: fc.constantFrom("nl", "no", "n"),
      number: fc.bigInt(0n, 9n),
      remove: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const ctx = memoryContext();
        const model = new Map<string, Ship>();
        for (const { name: at, flag, number, remove } of changes) {
          const taken = [...model].some(([other, ship]) => other !== at && ship.number === number);
          if (remove) {
            ships.delete(ctx, at);
            model.delete(at);
          } else if (taken) {
            expect(() => ctx.attempt(() => ships.set(ctx, at, { number, flag }))).toThrow(/is already taken/);
          } else {
            ships.set(ctx, at, { number, flag });
            model.set(at, { number, flag });
          }
        }
        const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
        expect([...ships.iterate(ctx)]).toEqual(sorted);
        expect(new Map(byNumber.iterate(ctx))).toEqual(new Map(sorted.map(([at, { number }]) => [number, at])));
        for (const flag of ["nl", "no", "n"]) {
          const owners = sorted.filter(([, ship]) => ship.flag === flag).map(([at]) => [flag, at]);
          expect([...byFlag.keys(ctx, { leading: [flag] })]).toEqual(owners);
        }
      }),
    );
  });

  it("leaves an index alone when what it indexes stays", () => {
    const ctx = memoryContext();
    ships.set(ctx, "ada", { number: 1n, flag: "nl" });
    const consumed = ctx.gas.consumed;
    ships.replace(ctx, "ada", { number: 1n, flag: "nl" }, { number: 1n, flag: "nl" });
    // One write of a key of four bytes and a value of four, by the SDK's schedule.
    expect(ctx.gas.consumed - consumed).toBe(2000n + 30n * 8n);
  });

  it("knows which b belong to which a", () => {
    const ctx = memoryContext();
    const holdings = collections("h");
    const owners = holdings.reverseIndex<Uint8Array, string, bigint>(1, "owners", prefixedAddressKey, stringKey);
    const balances = holdings.indexedMap(2, "balances", pair(bytesKey, stringKey), intValue, [owners]);
    balances.set(ctx, [bytes(1), "gold"], 5n);
    balances.set(ctx, [bytes(1, 1), "gold"], 5n);
    balances.set(ctx, [bytes(1), "tin"], 1n);
    balances.set(ctx, [bytes(1), "gold"], 6n);
    expect([...owners.keys(ctx, { leading: ["gold"] })]).toEqual([
      ["gold", bytes(1)],
      ["gold", bytes(1, 1)],
    ]);
    balances.delete(ctx, [bytes(1), "gold"]);
    expect([...owners.keys(ctx)]).toEqual([
      ["gold", bytes(1, 1)],
      ["tin", bytes(1)],
    ]);
  });
});

describe("a queue by time", () => {
  it("gives what is due, oldest first, and no more than asked", () => {
    const ctx = memoryContext();
    const store = collections("s");
    const queue = store.timeQueue(1, "queue", uint64Key, stringValue);
    store.item(2, "neighbour", boolValue).set(ctx, true);
    const at = (seconds: bigint, nanos = 0) => ({ seconds, nanos });
    queue.set(ctx, [at(10n), 2n], "b");
    queue.set(ctx, [at(10n), 1n], "a");
    queue.set(ctx, [at(10n, 1), 1n], "later by a nanosecond");
    queue.set(ctx, [at(-5n), 9n], "before 1970");
    queue.set(ctx, [at(1_000n), 1n], "far");
    const due = (now: { seconds: bigint; nanos: number }, limit = 99) =>
      [...queue.due(ctx, now, limit)].map(([, v]) => v);
    expect(due(at(9n))).toEqual(["before 1970"]);
    expect(due(at(10n))).toEqual(["before 1970", "a", "b"]);
    expect(due(at(10n, 1))).toEqual(["before 1970", "a", "b", "later by a nanosecond"]);
    expect(due(at(10n), 2)).toEqual(["before 1970", "a"]);
    for (const [key] of queue.due(ctx, at(10n), 99)) queue.delete(ctx, key);
    expect([...queue.iterate(ctx)].map(([, value]) => value)).toEqual(["later by a nanosecond", "far"]);
  });
});
