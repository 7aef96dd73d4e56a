/**
 * Regenerates proto/gen: `npm run gen` (needs Go, for fetching the Go modules whose .proto files are the authority).
 * Owns which packages are generated. The .proto files of other projects are read from the Go module cache and never committed.
 * `npm run gen -- --check` writes nothing and fails when the committed code differs.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { digestFile, generationDigest } from "./digest.ts";
import { renderDefaults, renderSchema } from "./schemagen.ts";

const here = dirname(fileURLToPath(import.meta.url));
const generated = join(here, "gen");
/** The worked example of CONTRIBUTING.md: a module of its own, outside the chain's schema. */
const example = join(here, "..", "test", "example-module");

/** Go modules, pinned, and the folders of .proto files that we take from them. */
const sources = [
  {
    module: "github.com/cosmos/cosmos-sdk@v0.53.8",
    folder: "proto",
    take: [
      "amino",
      "cosmos/app/v1alpha1",
      "cosmos/auth/v1beta1",
      "cosmos/authz/v1beta1",
      "cosmos/bank/v1beta1",
      "cosmos/base/abci",
      "cosmos/base/node",
      "cosmos/base/query",
      "cosmos/base/tendermint",
      "cosmos/base/v1beta1",
      "cosmos/circuit/v1",
      "cosmos/consensus/v1",
      "cosmos/crypto/ed25519",
      "cosmos/crypto/multisig",
      "cosmos/crypto/secp256k1",
      "cosmos/distribution/v1beta1",
      "cosmos/evidence/v1beta1",
      "cosmos/feegrant/v1beta1",
      "cosmos/gov/v1",
      "cosmos/gov/v1beta1",
      "cosmos/mint/v1beta1",
      "cosmos/msg/v1",
      "cosmos/query/v1",
      "cosmos/slashing/v1beta1",
      "cosmos/staking/v1beta1",
      "cosmos/tx",
      "cosmos/upgrade/v1beta1",
      "cosmos/vesting/v1beta1",
    ],
  },
  { module: "github.com/cometbft/cometbft@v0.38.25", folder: "proto", take: ["tendermint"] },
  { module: "github.com/cosmos/gogoproto@v1.7.0", folder: ".", take: ["gogoproto"] },
  { module: "github.com/cosmos/cosmos-proto@v1.0.0-beta.5", folder: "proto", take: ["cosmos_proto"] },
] as const;

/** Options and messages that only the compiler needs: their TypeScript is not kept. */
const notKept = ["amino", "gogoproto", "cosmos_proto", "google/api", "cosmos/app", "cosmos/msg", "cosmos/query"];

const run = (command: string, args: readonly string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"] });

function moduleFolder(module: string, workspace: string): string {
  const answer = JSON.parse(run("go", ["mod", "download", "-json", module], workspace)) as { Dir: string };
  return answer.Dir;
}

function gatherSources(workspace: string): void {
  for (const { module, folder, take } of sources) {
    const root = join(moduleFolder(module, workspace), folder);
    for (const name of take) copyProtoFiles(join(root, name), join(workspace, name));
  }
  const googleApi = join(here, "..", "node_modules", "protobufjs", "google", "api");
  for (const file of ["annotations.proto", "http.proto"]) {
    mkdirSync(join(workspace, "google", "api"), { recursive: true });
    cpSync(join(googleApi, file), join(workspace, "google", "api", file));
  }
  if (existsSync(join(here, "weir"))) copyProtoFiles(join(here, "weir"), join(workspace, "weir"));
}

/** Only the example's own files; what they import is the chain's generated code. */
function generateExample(output: string): void {
  const workspace = mkdtempSync(join(tmpdir(), "weir-gen-"));
  try {
    writeFileSync(join(workspace, "go.mod"), "module gen\n\ngo 1.22\n");
    gatherSources(workspace);
    copyProtoFiles(join(example, "proto"), workspace);
    writeFileSync(join(workspace, "buf.yaml"), "version: v2\n");
    mkdirSync(output, { recursive: true });
    const ownFiles = filesBelow(join(example, "proto")).flatMap((file) => ["--path", file]);
    run("buf", ["generate", ...ownFiles, "--template", join(here, "buf.gen.yaml"), "-o", output], workspace);
    for (const name of readdirSync(output)) if (name !== "weir") rmSync(join(output, name), { recursive: true });
    for (const file of filesBelow(output)) {
      const path = join(output, file);
      const toRoot = "../".repeat(relative(join(here, ".."), join(example, "gen", file)).split("/").length - 1);
      const text = readFileSync(path, "utf8").replaceAll(/"(\.\.\/)+cosmos\//g, `"${toRoot}proto/gen/cosmos/`);
      writeFileSync(path, text);
    }
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

function copyProtoFiles(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isDirectory()) copyProtoFiles(join(from, entry.name), join(to, entry.name));
    else if (entry.name.endsWith(".proto")) {
      mkdirSync(to, { recursive: true });
      writeFileSync(join(to, entry.name), readFileSync(join(from, entry.name)));
    }
  }
}

function generate(output: string): void {
  const workspace = mkdtempSync(join(tmpdir(), "weir-gen-"));
  try {
    writeFileSync(join(workspace, "go.mod"), "module gen\n\ngo 1.22\n");
    gatherSources(workspace);
    writeFileSync(join(workspace, "buf.yaml"), "version: v2\n");
    mkdirSync(output, { recursive: true });
    run(
      "buf",
      ["generate", "--include-wkt", "--include-imports", "--template", join(here, "buf.gen.yaml"), "-o", output],
      workspace,
    );
    for (const name of notKept) rmSync(join(output, name), { recursive: true, force: true });
    rmSync(join(output, "google", "protobuf", "descriptor.ts"), { force: true });
    run("buf", ["build", "-o", join(workspace, "image.binpb")], workspace);
    const image = readFileSync(join(workspace, "image.binpb"));
    writeFileSync(join(output, "schema.ts"), renderSchema(image));
    writeFileSync(join(output, "defaults.ts"), renderDefaults(image));
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

function filesBelow(folder: string, base = folder): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(folder, entry.name), base) : [relative(base, join(folder, entry.name))],
  );
}

/** Names of files that differ between two folders. */
function differences(left: string, right: string): string[] {
  const names = new Set([...filesBelow(left), ...filesBelow(right)]);
  const content = (folder: string, name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : undefined;
  return [...names].filter((name) => content(left, name) !== content(right, name)).sort();
}

const targets = [
  { name: "proto/gen", folder: generated, make: generate },
  { name: "test/example-module/gen", folder: join(example, "gen"), make: generateExample },
];

/** Makes a target anew; then compares it with what is committed, or replaces that once everything is made. */
function refresh({ name, folder, make }: (typeof targets)[number], isCheck: boolean): void {
  const fresh = mkdtempSync(join(tmpdir(), "weir-gen-fresh-"));
  try {
    make(fresh);
    const differing = differences(folder, fresh);
    if (differing.length === 0) console.log(`${name} is what its sources make`);
    else if (isCheck) {
      const list = differing.map((file) => `  ${file}`).join("\n");
      console.error(`${name} is not what its sources make; run \`npm run gen\` and commit:\n${list}`);
      process.exitCode = 1;
    } else {
      rmSync(folder, { recursive: true, force: true });
      cpSync(fresh, folder, { recursive: true });
      console.log(`${name}: ${differing.length} files changed`);
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

const isCheck = process.argv.includes("--check");
for (const target of targets) refresh(target, isCheck);
if (!isCheck) {
  const root = join(here, "..");
  writeFileSync(join(root, digestFile), `${JSON.stringify(generationDigest(root), undefined, 2)}\n`);
}
