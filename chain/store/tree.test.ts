import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Tree } from "./tree.ts";
import type { Change } from "./types.ts";

interface History {
  readonly name: string;
  readonly initialVersion: number;
  readonly keys: readonly string[];
  readonly versions: readonly { readonly changes: readonly [number, string | null][]; readonly root: string }[];
}

const histories: readonly History[] = JSON.parse(
  readFileSync(new URL("../../test/vectors/iavl.json", import.meta.url), "utf8"),
);

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));

describe("the roots of Go's iavl v1", () => {
  for (const { name, initialVersion, keys, versions } of histories) {
    it(`are ours at every version of: ${name}`, () => {
      const tree = new Tree();
      const roots = versions.map(({ changes }, i) => {
        const ours = changes.map(([key, value]): Change => [unhex(keys[key]!), value === null ? null : unhex(value)]);
        return hex(tree.apply(ours, Math.max(initialVersion, 1) + i));
      });
      expect(roots).toEqual(versions.map(({ root }) => root));
    });
  }
});
