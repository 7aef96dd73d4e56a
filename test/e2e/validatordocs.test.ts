/** The commands of docs/validator.md are commands, with flags that they have; its files and metrics exist. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { main } from "../../cli/main.ts";
import { NodeMetrics } from "../../cli/nodemetrics.ts";

const root = join(import.meta.dirname, "..", "..");
const text = readFileSync(join(root, "docs", "validator.md"), "utf8");

/** Those that stand on a line of a block, and those in the text. */
const commands = [
  ...[...text.matchAll(/^weir [^\n]+$/gm)].map(([line]) => line),
  ...[...text.matchAll(/`(weir [^`]+)`/g)].map(([, line = ""]) => line),
];

async function helpOf(words: readonly string[]): Promise<{ code: number; out: string }> {
  let out = "";
  const code = await main([...words, "--help"], {
    environment: {},
    out: (part) => {
      out += part;
    },
    err: (part) => {
      out += part;
    },
  });
  return { code, out };
}

describe("docs/validator.md", () => {
  it("names commands that there are, with flags that they have", async () => {
    expect(commands.length).toBeGreaterThan(20);
    for (const line of commands) {
      const words = line.split(" ").slice(1);
      const flags = words.flatMap((word) => /^(--[a-z.-]+)/.exec(word)?.[1] ?? []);
      const { code, out } = await helpOf(words.filter((word) => !word.startsWith("-")));
      expect(code, `${line}: ${out}`).toBe(0);
      for (const flag of flags) expect(out, line).toContain(flag);
    }
  });

  it("names metrics that a node has", () => {
    const { registry } = new NodeMetrics();
    const later = readFileSync(join(root, "cli", "nodemetrics.ts"), "utf8");
    for (const [name] of text.matchAll(/weir_[a-z_]+/g)) {
      expect(registry.names.includes(name) || later.includes(`"${name}"`), name).toBe(true);
    }
  });
});
