/** What docs/economics.md says in numbers is what the rules come to, and what it tells people to type are commands. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { main } from "../cli/main.ts";
import { inWeir, tablesOf } from "./helpers/worked.ts";
import { given, inDollars, workedEpoch } from "./helpers/workedepoch.ts";

const read = (name: string): string => readFileSync(join(import.meta.dirname, "..", "docs", name), "utf8");
const economics = read("economics.md");

describe("docs/economics.md", () => {
  it("works through an epoch by the rules, and leaves out none of its numbers", () => {
    const rows = tablesOf(economics).filter(({ head }) => head[1] === "comes to");
    expect(Object.fromEntries(rows.flatMap(({ rows: of }) => of))).toEqual(workedEpoch());
  });

  it("says what was given", () => {
    const offers = tablesOf(economics).find(({ head }) => head[0] === "offer")!.rows;
    const expected = given.offers.map(([name, quantity, ask]) => [name, inWeir(quantity * 1_000_000n), `$${ask}`]);
    expect(offers).toEqual(expected);
    expect(economics).toContain(`Buyers settle **${inDollars(given.settled)}**`);
    expect(economics).toContain(`lie ${inDollars(given.principal)}, and there are ${inWeir(given.supply)}`);
    expect(economics).toContain(`counts for ${given.weight / 1_000_000_000n} Gbit/s`);
  });

  it("tells people to type commands that there are", async () => {
    const typed = [...economics.matchAll(/^(weir [a-z ]+?)(?= {2,}| [a-z]+-[a-z]+ [0-9]| --|$)/gm)].map(
      ([, words]) => words!,
    );
    expect(typed.length).toBeGreaterThan(3);
    for (const words of typed) {
      let said = "";
      const say = (text: string): void => {
        said += text;
      };
      const code = await main([...words.split(" ").slice(1), "--help"], { environment: {}, out: say, err: say });
      expect(code, `${words}: ${said}`).toBe(0);
    }
  });

  it("leads to pages that there are", () => {
    for (const page of ["economics.md", "risks.md"]) {
      for (const [, target] of read(page).matchAll(/\]\(([^)#]+\.md)\)/g)) {
        expect(() => read(target!), `${page} → ${target}`).not.toThrow();
      }
    }
  });
});
