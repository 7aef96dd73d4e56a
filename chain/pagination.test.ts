/** Pages against slices of a sorted list; the SDK's own answers are compared in modules/sdk.test.ts. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryContext } from "../test/helpers/testchain.ts";
import { collections } from "./collections.ts";
import { pair, stringKey, uint64Key } from "./keycodec.ts";
import { pageLimitMax, pageOffsetMax, pageScanMax, pageTotalMax, paginate } from "./pagination.ts";
import { intValue } from "./valuecodec.ts";

const store = collections("s");
store.item(0, "before", intValue);
const numbers = store.map(1, "numbers", pair(stringKey, uint64Key), intValue);
store.item(2, "after", intValue);

const none: Uint8Array = new Uint8Array(0);
const request = (part: Partial<Parameters<typeof paginate>[2] & object>) => ({
  key: none,
  offset: 0n,
  limit: 0n,
  countTotal: false,
  reverse: false,
  ...part,
});

/** `count` entries under "a", between others. */
function filled(count: number) {
  const ctx = memoryContext();
  ctx.store("s").set(Uint8Array.of(0), Uint8Array.of(0x30));
  ctx.store("s").set(Uint8Array.of(2), Uint8Array.of(0x30));
  numbers.set(ctx, ["", 7n], 7n);
  for (let i = 0; i < count; i++) numbers.set(ctx, ["a", BigInt(i * 3)], BigInt(i));
  numbers.set(ctx, ["ab", 7n], 7n);
  return ctx;
}

const item = (_key: unknown, value: bigint) => value;

describe("pages", () => {
  it("joined by next_key are the whole, forwards and backwards, whatever the limit", () => {
    fc.assert(
      fc.property(fc.nat(40), fc.integer({ min: 1, max: 12 }), fc.boolean(), (count, limit, reverse) => {
        const ctx = filled(count);
        const whole = Array.from({ length: count }, (_, i) => BigInt(i));
        const joined: bigint[] = [];
        let key = none;
        do {
          const page = paginate(ctx, numbers, request({ key, limit: BigInt(limit), reverse }), item, ["a"]);
          expect(page.items.length).toBe(Math.min(limit, count - joined.length));
          expect(page.pagination.total).toBe(0n);
          joined.push(...page.items);
          key = page.pagination.nextKey;
        } while (key.length > 0);
        expect(joined).toEqual(reverse ? whole.toReversed() : whole);
      }),
    );
  });

  it("that begin beyond the end have a total where the SDK's query counts so", () => {
    const ctx = filled(5);
    const beyond = request({ offset: 9n, limit: 2n, countTotal: true });
    const totals = [{}, { countsBeyond: true }].map(
      (rules) => paginate(ctx, numbers, beyond, item, ["a"], rules).pagination.total,
    );
    expect(totals).toEqual([0n, 5n]);
    const uncounted = request({ offset: 9n, limit: 2n });
    expect(paginate(ctx, numbers, uncounted, item, ["a"], { countsBeyond: true }).pagination.total).toBe(0n);
  });

  it("by offset are slices, with a total when it is asked for", () => {
    const parts = fc.record({
      count: fc.nat(30),
      offset: fc.nat(35),
      limit: fc.nat(12),
      countTotal: fc.boolean(),
      reverse: fc.boolean(),
    });
    fc.assert(
      fc.property(parts, ({ count, offset, limit, countTotal, reverse }) => {
        const ctx = filled(count);
        const all = Array.from({ length: count }, (_, i) => BigInt(reverse ? count - 1 - i : i));
        const asked = request({ offset: BigInt(offset), limit: BigInt(limit), countTotal, reverse });
        const { items, pagination } = paginate(ctx, numbers, asked, item, ["a"]);
        expect(items).toEqual(all.slice(offset, offset + (limit === 0 ? 100 : limit)));
        const hasTotal = (countTotal || limit === 0) && offset <= count;
        expect(pagination.total).toBe(hasTotal ? BigInt(count) : 0n);
        expect(pagination.nextKey.length > 0).toBe(limit !== 0 && offset + limit < count);
      }),
    );
  });

  it("of a whole collection take every key of it and none beside it", () => {
    expect(paginate(filled(2), numbers, undefined, item)).toEqual({
      items: [7n, 0n, 1n, 7n],
      pagination: { nextKey: none, total: 4n },
    });
  });

  it("have 100 entries and a total when no limit is given", () => {
    const { items, pagination } = paginate(filled(150), numbers, undefined, item, ["a"]);
    expect([items.length, pagination.total, pagination.nextKey.length > 0]).toEqual([100, 150n, true]);
  });

  it("backwards from a key begin with that key, not with longer ones that begin with it", () => {
    const ctx = memoryContext();
    const words = collections("w").map(1, "words", stringKey, intValue);
    for (const [index, word] of ["a", "ab", "abc", "b"].entries()) words.set(ctx, word, BigInt(index));
    const page = paginate(ctx, words, request({ key: Uint8Array.of(0x61), reverse: true, limit: 9n }), item);
    expect(page.items).toEqual([0n]);
  });

  it("are bounded", () => {
    const ctx = filled(Number(pageLimitMax) + 5);
    const page = paginate(ctx, numbers, request({ limit: (1n << 64n) - 1n }), item, ["a"]);
    expect([BigInt(page.items.length), page.pagination.nextKey.length]).toEqual([pageLimitMax, 8]);
    expect(() => paginate(ctx, numbers, request({ offset: pageOffsetMax + 1n }), item)).toThrow(
      /follow next_key instead/,
    );
  });

  it("have no total where counting would take too long, and are refused to one who insists", () => {
    const count = Number(pageTotalMax) + 2;
    const at = (limit: number, countTotal: boolean) =>
      paginate(ctx, numbers, request({ limit: BigInt(limit), countTotal }), item, ["a"]).pagination.total;
    const ctx = filled(count);
    expect(at(1, false)).toBe(0n);
    expect(at(0, false)).toBe(BigInt(count));
    expect(at(2, true)).toBe(BigInt(count));
    expect(() => at(1, true)).toThrow("more than 100000 entries to count; ask with a limit and without count_total");
    for (let i = 0; i < 100; i++) numbers.set(ctx, ["a", BigInt(i * 3 + 1)], 0n);
    expect(at(0, false)).toBe(0n);
  });

  it("are either by key or by offset", () => {
    expect(() => paginate(filled(1), numbers, request({ key: Uint8Array.of(1), offset: 1n }), item)).toThrow(
      "invalid request, either offset or key is expected, got both",
    );
  });

  it("from a key that is not there begin with the next one", () => {
    const page = paginate(
      filled(5),
      numbers,
      request({ key: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 4), limit: 2n }),
      item,
      ["a"],
    );
    expect(page.items).toEqual([2n, 3n]);
    const beyond = paginate(filled(5), numbers, request({ key: Uint8Array.of(255) }), item, ["a"]);
    expect(beyond).toEqual({ items: [], pagination: { nextKey: none, total: 0n } });
  });
});

describe("pages of matching entries", () => {
  const third = { matches: (_key: unknown, value: bigint) => value % 3n === 0n };

  it("joined by next_key are all that match, forwards and backwards, and are counted", () => {
    fc.assert(
      fc.property(fc.nat(40), fc.integer({ min: 1, max: 9 }), fc.boolean(), (count, limit, reverse) => {
        const ctx = filled(count);
        const all = Array.from({ length: count }, (_, i) => BigInt(i)).filter((value) => value % 3n === 0n);
        if (reverse) all.reverse();
        const found: bigint[] = [];
        let key = none;
        do {
          const asked = request({ key, limit: BigInt(limit), reverse, countTotal: key.length === 0 });
          const { items, pagination } = paginate(ctx, numbers, asked, item, ["a"], third);
          if (key.length === 0) expect(pagination.total).toBe(BigInt(all.length));
          expect(items.length).toBeLessThanOrEqual(limit);
          found.push(...items);
          key = pagination.nextKey;
        } while (key.length > 0);
        expect(found).toEqual(all);
        const after = paginate(ctx, numbers, request({ offset: 2n, limit: 2n, reverse }), item, ["a"], third);
        expect(after.items).toEqual(all.slice(2, 4));
      }),
      { numRuns: 100 },
    );
  });

  it("end after so many entries looked at, with a next_key, and refuse to count more", () => {
    const ctx = memoryContext();
    const count = Number(pageScanMax) + 5;
    for (let i = 0; i < count; i++) numbers.set(ctx, ["a", BigInt(i)], BigInt(i));
    const last = { matches: (_key: unknown, value: bigint) => value === BigInt(count - 1) };
    const first = paginate(ctx, numbers, undefined, item, ["a"], last);
    expect(first.items).toEqual([]);
    const second = paginate(ctx, numbers, request({ key: first.pagination.nextKey }), item, ["a"], last);
    expect(second.items).toEqual([BigInt(count - 1)]);
    expect(() => paginate(ctx, numbers, request({ countTotal: true }), item, ["a"], last)).toThrow(/to count/);
  });
});
