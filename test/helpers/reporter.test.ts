import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "..");
let folder: string;

/** Below the repository, so that `vitest` resolves; ignored by git. */
beforeAll(() => {
  folder = mkdtempSync(join(root, "node_modules", ".reporter-"));
  const file = (name: string, body: string) =>
    writeFileSync(join(folder, name), `import { expect, it } from "vitest";\n${body}\n`);
  file("good.test.ts", 'it("a", () => {});\nit("b", () => {});');
  file("bad.test.ts", 'it("a", () => {});\nit("b", () => expect(1).toBe(2));\nit.skip("c", () => {});');
  file("unloadable.test.ts", 'throw new Error("cannot be loaded");');
  file(
    "outside.test.ts",
    'it("a", () => {});\nsetImmediate(() => { throw new Error("outside"); });\nit("b", () => new Promise((resolve) => setImmediate(resolve)));',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a run of these files ends with. */
function run(...names: string[]) {
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      join(root, "node_modules", "vitest", "vitest.mjs"),
      "run",
      ...["--root", folder],
      ...["--reporter", "default", "--reporter", join(root, "test", "helpers", "reporter.ts")],
      ...names,
    ],
    { encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } },
  );
  return { status, lastLine: stdout.trimEnd().split("\n").at(-1) };
}

describe("the last line of a test run", () => {
  it("counts what passed, with exit code 0", () => {
    expect(run("good")).toEqual({ status: 0, lastLine: "2 passed, 0 failed, 0 skipped" });
  });

  it("counts what failed, what was skipped and files that cannot be loaded, with exit code 1", () => {
    expect(run("good", "bad", "unloadable")).toEqual({ status: 1, lastLine: "3 passed, 2 failed, 1 skipped" });
  });

  it("counts an error outside of tests as a failure", () => {
    expect(run("outside")).toEqual({ status: 1, lastLine: "2 passed, 1 failed, 0 skipped" });
  });
});
