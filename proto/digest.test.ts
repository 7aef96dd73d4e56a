import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { digestFile, generatedFolders, generationDigest } from "./digest.ts";

const root = join(import.meta.dirname, "..");
const copy = mkdtempSync(join(tmpdir(), "weir-digest-"));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

describe("the generated code", () => {
  it("is what its sources made: run `npm run gen` and commit after changing either", () => {
    expect(generationDigest(root)).toEqual(JSON.parse(readFileSync(join(root, digestFile), "utf8")));
  });

  it("is known by its sources and by itself", () => {
    for (const folder of ["proto", "test/example-module"])
      cpSync(join(root, folder), join(copy, folder), { recursive: true });
    cpSync(join(root, "package.json"), join(copy, "package.json"));
    const before = generationDigest(copy);
    expect(before).toEqual(generationDigest(root));

    writeFileSync(join(copy, generatedFolders[0], "schema.ts"), "export const schemaText = '';\n");
    const edited = generationDigest(copy);
    expect(edited.generated).not.toBe(before.generated);
    expect(edited.sources).toBe(before.sources);

    writeFileSync(join(copy, "test/example-module/proto/weir/bulletin/v1/state.proto"), 'syntax = "proto3";\n');
    expect(generationDigest(copy).sources).not.toBe(before.sources);
  });
});
