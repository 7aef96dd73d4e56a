/** What docs/buyer.md tells people to type is there, with its flags. Its walk-through is buyerdocs.long.test.ts. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { main } from "../../cli/main.ts";

const text = readFileSync(join(import.meta.dirname, "../../docs/buyer.md"), "utf8");

describe("docs/buyer.md", () => {
  it("names commands that there are, with flags that they have", async () => {
    const blocks = [...text.matchAll(/^ *(?:npx )?(weir [^\n|>]+)/gm)].map(([, line = ""]) => line);
    const inline = [...text.matchAll(/`(?:npx )?(weir [a-z][^`]+)`/g)].map(([, line = ""]) => line);
    expect(blocks.length + inline.length).toBeGreaterThan(25);
    for (const line of [...blocks, ...inline]) {
      let said = "";
      const add = (part: string) => {
        said += part;
      };
      const words = line.split(" ").slice(1);
      const flags = words.flatMap((word) => /^(--[a-z.-]+)/.exec(word)?.[1] ?? []);
      const name = words.filter((word) => /^[a-z]/.test(word)).slice(0, 3);
      const code = await main([...name, "--help"], { environment: {}, out: add, err: add });
      expect(code, `${line}: ${said}`).toBe(0);
      for (const flag of flags) expect(said, line).toContain(flag);
    }
    const table = [...text.matchAll(/^\| `(--[^`]+)`/gm)].flatMap(([, cell = ""]) => cell.match(/--[a-z-]+/g) ?? []);
    let help = "";
    const add = (part: string) => {
      help += part;
    };
    await main(["client", "connect", "--help"], { environment: {}, out: add, err: add });
    for (const flag of table) expect(help).toContain(flag);
  });
});
