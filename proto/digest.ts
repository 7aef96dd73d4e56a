/**
 * Whether generated code is what its sources made, told without Go or buf: `npm run gen` writes digests of both to proto/gen.json, and a
 * test compares them. Owns what counts as a source.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const digestFile = "proto/gen.json";
export const generatedFolders = ["proto/gen", "test/example-module/gen"] as const;

/** What we write ourselves; the Go modules are named and pinned in generate.ts. */
const sourcePatterns =
  /^(proto\/(generate|schemagen)\.ts|proto\/buf\.gen\.yaml|(proto|test\/example-module\/proto)\/weir\/.*\.proto)$/;
/** A new version of them may write other code. */
const generators = ["@bufbuild/buf", "ts-proto"] as const;

export interface GenerationDigest {
  readonly sources: string;
  readonly generated: string;
}

export function generationDigest(root: string): GenerationDigest {
  const sources = [...filesBelow(root, "proto"), ...filesBelow(root, "test/example-module/proto")];
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const versions = generators.map((name) => `${name} ${devDependencies[name]}\n`).join("");
  return {
    sources: digest(
      root,
      sources.filter((path) => sourcePatterns.test(path)),
      versions,
    ),
    generated: digest(
      root,
      generatedFolders.flatMap((folder) => filesBelow(root, folder)),
      "",
    ),
  };
}

function filesBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(root, path) : [path];
  });
}

function digest(root: string, paths: readonly string[], preamble: string): string {
  const hash = createHash("sha256").update(preamble);
  for (const path of [...paths].sort()) {
    const text = readFileSync(join(root, path));
    hash.update(`${path} ${text.length}\n`).update(text);
  }
  return hash.digest("hex");
}
