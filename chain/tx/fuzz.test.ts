import { describe, expect, it } from "vitest";
import { fuzzTransactions } from "../../test/helpers/txfuzz.ts";

describe("damaged transactions", () => {
  it("are refused by a ChainError or are the one encoding of what they say", () => {
    const counts = fuzzTransactions({ seed: 20_260_101, cases: 15_000, checkOneIn: 10 });
    expect(counts.decoded + counts.refused).toBe(counts.cases);
    expect(counts.decoded).toBeGreaterThan(5_000);
    expect(counts.refused).toBeGreaterThan(5_000);
    expect(counts.passed).toBeGreaterThan(50);
    expect(counts.checked - counts.passed).toBeGreaterThan(50);
  });

  it("are the same for the same seed", () => {
    const plan = { seed: 7, cases: 500, checkOneIn: 5 };
    expect(fuzzTransactions(plan)).toStrictEqual(fuzzTransactions(plan));
  });
});
