import { expect, it } from "vitest";
import { runCrashes } from "./campaigns/crash.ts";

it("loses nothing acknowledged when the process is killed at a call of a commit, or at any moment (a slice of the crash campaign)", async () => {
  const rows = await runCrashes({ seed: 11, calls: [14, 21, 33], rounds: 1, randomKills: 2 });
  expect(rows.flatMap(({ failures }) => failures)).toEqual([]);
  expect(rows.map(({ points }) => points)).toEqual([3, 3, expect.any(Number)]);
});
