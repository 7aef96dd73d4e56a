import { describe, expect, it } from "vitest";
import { proposers } from "../../modules/beacon/state.ts";
import { epochRecords } from "../../modules/rewards/state.ts";
import { compareRuns } from "./determinism.ts";
import { checkRestart } from "./restart.ts";
import { simulate } from "./simulate.ts";
import { queryContext } from "./world.ts";

describe("a simulated chain", () => {
  const seen = { fined: 0n, paidRelays: 0n };

  it.each([1, 2, 3, 4, 5])(
    "keeps every invariant over 60 blocks of faults, and its export starts the same chain again (seed %i)",
    async (seed) => {
      const { chain, transactions, succeeded, faults } = await simulate(seed, 60);
      expect(succeeded).toBeGreaterThan(transactions / 4);
      expect(succeeded).toBeLessThan(transactions);
      expect(faults.absences).toBeGreaterThan(0);
      const proposed = [...proposers.iterate(queryContext(chain))].map(([, proposer]) => proposer);
      expect(proposed.reduce((sum, { proven }) => sum + proven, 0n)).toBeGreaterThan(0n);
      seen.fined += proposed.reduce((sum, { fined }) => sum + BigInt(fined), 0n);
      const records = [...epochRecords.iterate(queryContext(chain))].map(([, record]) => record);
      seen.paidRelays += records.reduce((sum, { paidRelays }) => sum + paidRelays, 0n);
      await checkRestart(chain, seed);
    },
  );

  it("has in some of its runs proofs that were withheld and fined, and relays that were paid", () => {
    expect(seen.fined).toBeGreaterThan(0n);
    expect(seen.paidRelays).toBeGreaterThan(0n);
  });

  it("gives one app hash and one result in processes with other flags, time zones, locales and hosts", async () => {
    expect(await compareRuns(42, 40)).toBe(40);
  });
});
