/** The rules of the house, held by a test: each check over the repository's own text, and each seen to fail on a bad example. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkConsensusCode } from "./tidy/consensus.ts";
import {
  checkChangelog,
  checkDecisions,
  checkDependencies,
  checkDependencyUse,
  checkExcerpts,
  checkLinks,
  checkLockfile,
  checkMentions,
  checkScripts,
  checkVectors,
  type PackageJson,
} from "./tidy/documents.ts";
import { checkErrorCodes } from "./tidy/errors.ts";
import { checkCycles, checkLayers, checkModuleDoors } from "./tidy/imports.ts";
import { checkFileLengths, checkFunctionLengths, checkHeadComments } from "./tidy/lengths.ts";
import {
  isSource,
  type Problems,
  parse,
  readRepository,
  type SourceFile,
  snippet,
  type TextFile,
} from "./tidy/source.ts";
import { checkMachinePaths, checkNotes, checkSwitchedTests } from "./tidy/words.ts";

const root = join(import.meta.dirname, "..");
const files = readRepository(root);
const sources = files.filter(isSource).map(parse);
const text = (path: string): string => files.find((file) => file.path === path)?.text ?? "";
const packageJson: PackageJson = JSON.parse(text("package.json"));

/** One way to break a rule: sources by path, and what the check must say of them. */
type BadExample = readonly [sources: Readonly<Record<string, string>>, problem: string];

const snippets = (bad: Readonly<Record<string, string>>): SourceFile[] =>
  Object.entries(bad).map(([path, code]) => snippet(path, code));

const syntaxRules: readonly [
  rule: string,
  check: (files: readonly SourceFile[]) => Problems,
  bad: readonly BadExample[],
][] = [
  [
    "imports go left only",
    checkLayers,
    [
      [
        { "chain/a.ts": 'import { bank } from "../modules/bank/index.ts";' },
        "chain/a.ts:1 imports ../modules/bank/index.ts",
      ],
      [{ "modules/a.ts": '\nimport type { R } from "../node/relay.ts";' }, "modules/a.ts:2 imports ../node/relay.ts"],
      [{ "proto/a.ts": 'export * from "../chain/a.ts";' }, "proto/a.ts:1 imports ../chain/a.ts"],
      [{ "cli/a.ts": 'const t = await import("../test/helpers/a.ts");' }, "cli/a.ts:1 imports ../test/helpers/a.ts"],
      [{ "chain/a.ts": 'type Bank = import("../modules/bank/index.ts").Bank;' }, "chain/a.ts:1 imports"],
    ],
  ],
  [
    "a module is used through its index only",
    checkModuleDoors,
    [
      [
        { "modules/bank/keeper.ts": 'import { a } from "../auth/keeper.ts";' },
        "use what modules/auth/index.ts exports",
      ],
      [{ "modules/index.ts": 'import { a } from "./auth/keeper.ts";' }, "use what modules/auth/index.ts exports"],
    ],
  ],
  [
    "no file in chain/ or modules/ needs itself to load",
    checkCycles,
    [
      [
        {
          "chain/a.ts": 'import { b } from "./b.ts";',
          "chain/b.ts": 'import { c } from "./c.ts";',
          "chain/c.ts": 'export { a } from "./a.ts";',
        },
        "chain/a.ts → chain/b.ts → chain/c.ts → chain/a.ts",
      ],
    ],
  ],
  [
    "functions are at most 70 lines",
    checkFunctionLengths,
    [
      [{ "chain/a.ts": `export const a = () => {${"\n".repeat(70)}};` }, "chain/a.ts:1 function of 71 lines"],
      [{ "chain/a.ts": `class A {\n  b() {${"\n".repeat(70)}}\n}` }, "chain/a.ts:2 function of 71 lines"],
    ],
  ],
  [
    "files are at most 500 lines",
    checkFileLengths,
    [[{ "chain/a.ts": "//\n".repeat(501) }, "chain/a.ts:1 has 501 lines"]],
  ],
  [
    "a file begins with what it owns",
    checkHeadComments,
    [[{ "chain/a.ts": "// short\nexport {};" }, "chain/a.ts:1 begins without"]],
  ],
  [
    "consensus code has no clock, randomness, float, locale, machine or later",
    checkConsensusCode,
    [
      [{ "modules/a/a.ts": 'import { readFileSync } from "node:fs";' }, "imports node:fs"],
      [{ "chain/a.ts": 'import { Level } from "level";' }, "imports level"],
      [{ "chain/a.ts": "const now = Date.now();" }, "Date reads a clock"],
      [{ "chain/tx/a.ts": "export const t = performance.now();" }, "performance reads a clock"],
      [{ "chain/a.ts": "export const r = Math.random();" }, "Math.random is random or a float"],
      [{ "chain/a.ts": 'export const r = Math["sqrt"](4);' }, "Math.sqrt is random or a float"],
      [{ "chain/a.ts": "export const { random } = Math;\nexport const n = 1.5;" }, "chain/a.ts:2 is a float (1.5)"],
      [{ "chain/a.ts": 'export const f = parseFloat("1");' }, "parseFloat is a float"],
      [{ "chain/a.ts": 'export const f = Number.parseFloat("1");' }, "Number.parseFloat is a float"],
      [{ "chain/a.ts": "export const f = new Intl.NumberFormat();" }, "Intl depends on the locale"],
      [{ "chain/a.ts": 'export const c = "a".localeCompare("b");' }, ".localeCompare depends on the locale"],
      [{ "chain/a.ts": "export const a = async () => 1;" }, "is async"],
      [{ "chain/a.ts": "class A { async b() {} }" }, "is async"],
      [{ "chain/a.ts": "await 1;" }, "awaits"],
      [{ "chain/a.ts": "export const f = async () => { for await (const a of []) a; };" }, "awaits"],
      [{ "chain/a.ts": "export type A = Promise<void>;" }, "Promise runs later"],
      [{ "chain/a.ts": "setTimeout(() => {}, 1);" }, "setTimeout runs later"],
      [{ "chain/a.ts": "export const e = { ...process.env };" }, "process depends on the machine"],
      [{ "chain/a.ts": "export const b = Buffer.alloc(1);" }, "Buffer depends on the machine"],
      [{ "chain/a.ts": "export const s = [2n, 1n].sort();" }, ".sort() without a comparator"],
    ],
  ],
  [
    "an error code belongs to one error",
    checkErrorCodes,
    [
      [
        {
          "modules/a/errors.ts":
            'export const a = () => new ChainError("a", 1, "x");\nexport const b = () => new ChainError("a", 1, "y");',
        },
        "modules/a/errors.ts:2 error a 1 is taken by modules/a/errors.ts:1",
      ],
      [
        {
          "modules/a/errors.ts":
            'const name = "a";\nconst e = (code: number) => new ChainError(name, code, "x");\ne(1);\ne(1);',
        },
        "modules/a/errors.ts:4 error a 1 is taken by modules/a/errors.ts:3",
      ],
      [{ "chain/a.ts": 'export const a = () => new ChainError("sdk", 99, "x");' }, "sdk 99 is not in chain/errors.ts"],
      [{ "modules/a/errors.ts": 'export const a = new ChainError("a", 1 + 1, "x");' }, "write them as literals"],
    ],
  ],
  [
    "every test runs",
    checkSwitchedTests,
    [
      [{ "chain/a.test.ts": 'it.only("a", () => {});' }, "switches tests by .only"],
      [{ "chain/a.test.ts": 'describe.skip("a", () => {});' }, "switches tests by .skip"],
      [{ "chain/a.test.ts": 'it.each([1]).skip("a", () => {});' }, "switches tests by .skip"],
      [{ "chain/a.test.ts": 'xit("a", () => {});' }, "switches tests by xit"],
      [{ "chain/a.test.ts": 'it.skipIf(true)("a", () => {});' }, "switches tests by .skipIf"],
    ],
  ],
];

const wordRules: readonly [
  rule: string,
  check: (files: readonly TextFile[]) => Problems,
  bad: readonly BadExample[],
][] = [
  [
    "no note to oneself is committed",
    checkNotes,
    [[{ "chain/a.ts": `// ${"TO" + "DO"}: later` }, "do it now, or open an issue"]],
  ],
  [
    "no path of one machine is committed",
    checkMachinePaths,
    [[{ "chain/a.ts": `const home = "${"/ro" + "ot/"}x";` }, "a path of one machine"]],
  ],
];

const rules = [...syntaxRules, ...wordRules];

describe("the sources", () => {
  it.each(syntaxRules)("keep the rule: %s", (_rule, check) => {
    expect(check(sources)).toEqual([]);
  });

  it.each(wordRules)("keep the rule: %s", (_rule, check) => {
    expect(check(files)).toEqual([]);
  });

  it.each(rules)("would be found out: %s", (_rule, check, bad) => {
    for (const [example, problem] of bad) expect(check(snippets(example)).join("\n")).toContain(problem);
  });

  it("are told apart from names that only look alike", () => {
    const innocent =
      "export const a = (b: { process: bigint; Date: bigint }) => b.process + b.Date + BigInt(Math.max(1, 2));";
    expect(checkConsensusCode([snippet("chain/a.ts", innocent)])).toEqual([]);
    expect(checkConsensusCode([snippet("chain/store/a.ts", "export const a = async () => Date.now();")])).toEqual([]);
    const types = {
      "chain/a.ts": 'import type { B } from "./b.ts";',
      "chain/b.ts": 'import { type A } from "./a.ts";',
    };
    expect(checkCycles(snippets(types))).toEqual([]);
    const longSuite = `describe("a", () => {${"\n".repeat(90)}});`;
    expect(checkFunctionLengths([snippet("chain/a.test.ts", longSuite)])).toEqual([]);
  });
});

describe("the documents", () => {
  it("give every dependency one exact version and a reason", () => {
    expect(checkDependencies(packageJson, text("docs/dependencies.md"))).toEqual([]);
    const bad = checkDependencies({ scripts: {}, dependencies: { level: "^10.0.0" } }, "| `left-pad` | pads |");
    expect(bad).toHaveLength(3);
  });

  it("keep apart what runs and what only tests and builds", () => {
    expect(checkDependencyUse(packageJson, files)).toEqual([]);
    const bad = { scripts: {}, dependencies: { unused: "1.0.0" }, devDependencies: { used: "1.0.0" } };
    expect(checkDependencyUse(bad, [{ path: "cli/a.ts", text: 'import "used/deep.js";' }])).toHaveLength(2);
  });

  it("lock every package that npm ci will ask for, and no registry", () => {
    expect(checkLockfile(JSON.parse(text("package-lock.json")))).toEqual([]);
    const linter = { optionalDependencies: { "@linter/linux": "1.0.0", "@linter/sunos": "1.0.0" } };
    const linux = { resolved: "https://registry.example/linux.tgz" };
    const bad = { packages: { "node_modules/linter": linter, "node_modules/@linter/linux": linux } };
    expect(checkLockfile(bad)).toEqual([
      expect.stringContaining("leaves out @linter/sunos, which node_modules/linter names"),
      expect.stringContaining("holds the address https://registry.example"),
    ]);
  });

  it("name only scripts that there are", () => {
    expect(checkScripts(files, packageJson.scripts)).toEqual([]);
    expect(checkScripts([{ path: "README.md", text: "`npm run nothing`" }], {})).toHaveLength(1);
  });

  it("link only to what is there", () => {
    const exists = (path: string) => existsSync(join(root, path));
    expect(checkLinks(files, exists)).toEqual([]);
    const bad = "[a](missing.md) `[code](no.md)` [b](README.md#no-such-heading) [c](#here)\n# Here";
    expect(checkLinks([{ path: "README.md", text: bad }], exists)).toEqual([
      "README.md:1 links to missing.md, which is not there",
      "README.md:1 links to README.md#no-such-heading, a heading that is not there",
    ]);
  });

  it("and the sources are there when one names the other", () => {
    expect(checkMentions(files, (path) => existsSync(join(root, path)))).toEqual([]);
    expect(checkMentions([{ path: "chain/a.ts", text: "/** docs/why.md */" }], () => false)).toHaveLength(1);
    expect(checkMentions([{ path: "A.md", text: "see `chain/gone.ts`" }], () => false)).toHaveLength(1);
  });

  it("show code as it stands", () => {
    expect(checkExcerpts(files)).toEqual([]);
    const source = { path: "a.ts", text: "const a = 1;\n" };
    const document = (code: string) => ({ path: "A.md", text: `\`\`\`ts\n// a.ts\n${code}\n\`\`\`\n` });
    expect(checkExcerpts([source, document("const a = 1;")])).toEqual([]);
    expect(checkExcerpts([source, document("const a = 2;")])).toEqual(["A.md:1 shows what does not stand in a.ts"]);
  });

  it("say how each golden vector is made", () => {
    const vectorFiles = readdirSync(join(root, "test", "vectors")).filter((name) => name.endsWith(".json"));
    expect(checkVectors(files, vectorFiles)).toEqual([]);
    const program = { path: "docs/vectors/dec/main.go", text: "// Writes something." };
    expect(checkVectors([program], ["int.json"])).toHaveLength(3);
  });

  it("number every decision and keep a place for what is unreleased", () => {
    expect(checkDecisions(files)).toEqual([]);
    expect(checkDecisions([{ path: "docs/adr/7-late.md", text: "" }])).toHaveLength(2);
    expect(checkChangelog(text("CHANGELOG.md"))).toEqual([]);
    expect(checkChangelog("# Changelog\n")).toHaveLength(1);
  });
});
