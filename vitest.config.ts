/** Which tests run, where, and for how long at most. */
import { configDefaults, defineConfig } from "vitest/config";

/** Walk-throughs that take half a minute of a core each: `npm run campaign -- walks`. */
const long = "**/*.long.test.ts";

export default defineConfig({
  test: {
    include: ["{chain,modules,node,cli,proto,test,bench}/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...(process.env.WEIR_LONG === "1" ? [] : [long])],
    reporters: ["default", "./test/helpers/reporter.ts"],
    pool: "forks",
    maxWorkers: 2,
    // What nodes say is read as people read it, though no terminal is there.
    env: { WEIR_LOG_FORMAT: "plain" },
    // A test that hangs ends; a machine that is busy does not fail one.
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
