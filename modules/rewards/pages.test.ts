/** Two lists gone through at once, a page at a time. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { added, mergedIds } from "./page.ts";

const ascending = fc.uniqueArray(fc.bigInt(1n, 60n)).map((ids) => ids.sort((a, b) => (a < b ? -1 : 1)));

describe("pages over two lists", () => {
  it("go through each entry of either once, in order, whatever the size of a page", () => {
    fc.assert(
      fc.property(ascending, ascending, fc.integer({ min: 1, max: 9 }), (left, right, size) => {
        const seen: bigint[] = [];
        let after = 0n;
        for (;;) {
          const from = (list: readonly bigint[]) => list.filter((id) => id > after).slice(0, size);
          const page = mergedIds(from(left), from(right), size);
          seen.push(...page);
          if (page.length < size) break;
          after = page.at(-1)!;
        }
        expect(seen).toEqual([...new Set([...left, ...right])].sort((a, b) => (a < b ? -1 : 1)));
      }),
    );
  });

  it("add to what is stored as text", () => {
    expect(added("5", 0n)).toBe("5");
    expect(added("5", 7n)).toBe("12");
  });
});
