/** The tests of one group, in the process of the mutation runner: they run once for every mutant. */
import { defineConfig } from "vitest/config";

const include = (process.env.MUTATION_TESTS ?? "").split(" ").filter((pattern) => pattern !== "");

export default defineConfig({
  test: { include, pool: "threads", maxWorkers: 1, isolate: false, testTimeout: 60_000, hookTimeout: 60_000 },
});
