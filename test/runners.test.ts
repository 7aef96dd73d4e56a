import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { spread, tableRow } from "../bench/figure.ts";
import { listPrograms, parseInvocation, UsageError } from "./helpers/catalog.ts";

const root = join(import.meta.dirname, "..");
let folder: string;

const steady = `/** A bench of known figures. */
export default async function* steady({ quick, args }) {
  yield { bench: "steady.a", unit: "tx/s", params: { keys: 10, quick, args }, samples: [3, 1, 2] };
  yield { bench: "steady.b", unit: "ms", params: {}, samples: [4, 1] };
}
`;
const broken = `/**
 * A program that fails.
 * It has a second line.
 */
export default async () => { throw new Error("the tree forgot a key"); };
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "weir-runners-"));
  writeFileSync(join(folder, "steady.ts"), steady);
  writeFileSync(join(folder, "broken.ts"), broken);
  writeFileSync(join(folder, "helper.ts"), "export const two = 2;\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a runner over the folder of this test instead of its own. */
function run(runner: "bench" | "campaign", argv: readonly string[]) {
  const [path, name] = runner === "bench" ? ["bench/main.ts", "runBench"] : ["test/campaigns/main.ts", "runCampaign"];
  const code = `
    import { ${name} } from ${JSON.stringify(join(root, path))};
    import { runMain } from ${JSON.stringify(join(root, "test/helpers/catalog.ts"))};
    await runMain(() => ${name}(${JSON.stringify(folder)}, ${JSON.stringify(argv)}));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

describe("the list of programs", () => {
  it("holds the files with a default export, each with the first line of its head comment", () => {
    expect(listPrograms(folder).map(({ name, doc }) => [name, doc])).toEqual([
      ["broken", "A program that fails."],
      ["steady", "A bench of known figures."],
    ]);
  });

  it("gives every bench and campaign of this repository a line of its own", () => {
    for (const path of ["bench", "test/campaigns"]) {
      for (const { name, doc } of listPrograms(join(root, path))) {
        expect(doc, `${path}/${name}.ts needs a head comment`).toMatch(/\w{3}/);
      }
    }
  });
});

describe("a runner's command line", () => {
  it("takes the name, --quick and --json, and leaves the rest to the program", () => {
    expect(parseInvocation(["exec", "--quick", "--keys", "10", "--json", "out.json"])).toEqual({
      name: "exec",
      quick: true,
      json: "out.json",
      args: ["--keys", "10"],
    });
    expect(parseInvocation(["--json=out.json", "exec"])).toMatchObject({ name: "exec", json: "out.json" });
  });

  it("refuses --json without a file and arguments without a name", () => {
    expect(() => parseInvocation(["exec", "--json"])).toThrow(UsageError);
    expect(() => parseInvocation(["--keys"])).toThrow(UsageError);
  });
});

describe("npm run bench", () => {
  it("prints a table and writes one JSON object a line", () => {
    const json = join(folder, "out.json");
    const { status, stdout } = run("bench", ["steady", "--quick", "--json", json, "--extra"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/steady\.a +tx\/s +1 +2 +3 /);
    const figures = readFileSync(json, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(figures).toHaveLength(2);
    expect(figures[0]).toEqual({
      bench: "steady.a",
      unit: "tx/s",
      params: { keys: 10, quick: true, args: ["--extra"] },
      samples: [3, 1, 2],
      min: 1,
      median: 2,
      max: 3,
      machine: { cpu: expect.any(String), cores: expect.any(Number), node: process.versions.node },
    });
    expect(figures[1]).toMatchObject({ median: 2.5 });
  });

  it("lists the benches without a name, refuses a wrong name with 2, and fails with 1 when the bench does", () => {
    expect(run("bench", [])).toMatchObject({ status: 0, stdout: expect.stringMatching(/steady +A bench of known/) });
    expect(run("bench", ["steddy"])).toMatchObject({ status: 2, stderr: expect.stringContaining("choose one of") });
    expect(run("bench", ["broken"])).toMatchObject({ status: 1 });
  });

  it("never makes a figure of no samples", () => {
    expect(() => spread([])).toThrow("at least one sample");
    expect(tableRow({ bench: "store.update", unit: "µs", params: { keys: 1000 }, samples: [12345.6] })).toContain(
      "12,346",
    );
  });
});

describe("npm run campaign", () => {
  it("lists the campaigns, fails with 1 and the reason, and refuses a wrong name with 2", () => {
    expect(run("campaign", [])).toMatchObject({ status: 0, stdout: expect.stringContaining("A program that fails.") });
    const failed = run("campaign", ["broken"]);
    expect(failed).toMatchObject({ status: 1, stderr: expect.stringContaining("the tree forgot a key") });
    expect(run("campaign", ["nothing"])).toMatchObject({ status: 2 });
  });
});
