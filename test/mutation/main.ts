/**
 * `npm run mutation -- GROUP`: changes the sources of a group one small thing at a time and asks its tests whether they notice. What it
 * needs is installed when it is first run, in a folder of its own. The report names each change that nobody noticed.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { groups } from "./groups.ts";

const here = import.meta.dirname;
const root = join(here, "..", "..");
const stryker = join(here, "node_modules", "@stryker-mutator", "core", "bin", "stryker.js");
const runner = join(here, "node_modules", "@stryker-mutator", "vitest-runner", "dist", "src", "index.js");

/** Below it the run fails: what the project asks of its modules. */
const scoreMin = 80;

function run(command: string, args: readonly string[], cwd: string, environment: Record<string, string> = {}): void {
  execFileSync(command, args, { cwd, stdio: "inherit", env: { ...process.env, ...environment } });
}

/** Vitest is the project's own: installing peers would bring another. */
const install = () => run("npm", ["ci", "--ignore-scripts", "--legacy-peer-deps"], here);

function configuration(mutate: readonly string[], report: string): object {
  return {
    testRunner: "vitest",
    plugins: [runner],
    vitest: { configFile: "test/mutation/vitest.config.ts" },
    mutate,
    coverageAnalysis: "perTest",
    // TypeScript 7 has no API to rewrite it by; nothing in it matters to vitest.
    tsconfigFile: "none.json",
    concurrency: 2,
    timeoutMS: 60_000,
    reporters: ["clear-text", "json", "progress-append-only"],
    jsonReporter: { fileName: report },
    thresholds: { high: 100, low: scoreMin, break: scoreMin },
  };
}

function mutateGroup(name: string, report: string): void {
  const group = groups[name];
  if (group === undefined) throw new Error(`no group ${name}; there are ${Object.keys(groups).join(", ")}`);
  if (!existsSync(stryker)) install();
  const folder = mkdtempSync(join(tmpdir(), "weir-mutation-"));
  try {
    const file = join(folder, "stryker.config.json");
    writeFileSync(file, JSON.stringify(configuration(group.mutate, report)));
    run(process.execPath, [stryker, "run", file], root, { MUTATION_TESTS: group.tests.join(" ") });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const usage = `usage: npm run mutation -- GROUP [REPORT.json]\n\n${Object.keys(groups).join("\n")}`;

if (import.meta.main) {
  const [name, report] = process.argv.slice(2);
  if (name === undefined) console.log(usage);
  else mutateGroup(name, report ?? join(tmpdir(), `weir-mutation-${name}.json`));
}
