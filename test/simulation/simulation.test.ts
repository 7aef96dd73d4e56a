import { describe, expect, it } from "vitest";
import { compareRuns } from "./determinism.ts";
import { checkRestart } from "./restart.ts";
import { simulate } from "./simulate.ts";

describe("a simulated chain", () => {
  it.each([1, 2, 3, 4, 5])(
    "keeps every invariant over 60 blocks of faults, and its export starts the same chain again (seed %i)",
    async (seed) => {
      const { chain, transactions, succeeded, faults } = await simulate(seed, 60);
      expect(succeeded).toBeGreaterThan(transactions / 4);
      expect(succeeded).toBeLessThan(transactions);
      expect(faults.absences).toBeGreaterThan(0);
      await checkRestart(chain, seed);
    },
  );

  it("gives one app hash and one result in processes with other flags, time zones, locales and hosts", async () => {
    expect(await compareRuns(42, 40)).toBe(40);
  });
});
