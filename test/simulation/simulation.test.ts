import { describe, expect, it } from "vitest";
import { TestApplication } from "../helpers/testapplication.ts";
import { compareRuns } from "./determinism.ts";
import { exported, simulate, storeContents } from "./simulate.ts";

describe("a simulated chain", () => {
  it.each([1, 2, 3, 4, 5])(
    "keeps every invariant over 60 blocks, and its export starts the same chain again (seed %i)",
    async (seed) => {
      const { chain, transactions, succeeded } = await simulate(seed, 60);
      expect(succeeded).toBeGreaterThan(transactions / 4);
      expect(succeeded).toBeLessThan(transactions);
      const appState = exported(chain);
      const [again, twin] = [await TestApplication.start({ appState }), await TestApplication.start({ appState })];
      expect(storeContents(again)).toEqual(storeContents(chain));
      expect(exported(again)).toEqual(appState);
      expect(Buffer.from(again.state.appHash).toString("hex")).toBe(Buffer.from(twin.state.appHash).toString("hex"));
    },
  );

  it("gives one app hash and one result in processes with other flags, time zones, locales and hosts", async () => {
    expect(await compareRuns(42, 40)).toBe(40);
  });
});
