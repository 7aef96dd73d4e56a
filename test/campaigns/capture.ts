/** What it costs to capture governance: attackers with 5 to 34% of the stake against each set of rules. `--write` puts the table into docs/voting.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { captureRate, model, type Rules, rulesets, shareNeeded } from "../governance/capture.ts";
import type { CampaignOptions } from "./main.ts";

const shares = [0.05, 0.1, 0.2, 0.34];

/** What is staked, and what a coin costs, where a share is told in dollars. */
const stakedWeir = 300_000_000;
const dollarsPerWeir = 0.01;

const percent = (share: number): string => `${Math.round(share * 1000) / 10}%`;
const dollars = (share: number): string =>
  `$${Math.round(share * stakedWeir * dollarsPerWeir).toLocaleString("en-US")}`;

interface Row {
  readonly rules: Rules;
  readonly rates: readonly number[];
  readonly needed: number;
}

function table(rows: readonly Row[]): string[] {
  const heads = [
    "rules",
    ...shares.map((share) => `with ${percent(share)}`),
    "stake that succeeds half of the time",
    "at $.01",
  ];
  const further = (needed: number, share: number) => (needed <= share ? "nothing" : dollars(needed - share));
  return [
    `| ${heads.join(" | ")} |`,
    `| ${heads.map(() => "---").join(" | ")} |`,
    ...rows.map(({ rules, rates, needed }) => {
      const cells = rates.map((rate, index) => `${percent(rate)}, buys ${further(needed, shares[index]!)}`);
      return `| ${[rules.name, ...cells, percent(needed), dollars(needed)].join(" | ")} |`;
    }),
  ];
}

const begin = "<!-- capture: npm run campaign -- capture --write -->";
const end = "<!-- capture ends -->";

function write(lines: readonly string[]): void {
  const path = join(import.meta.dirname, "..", "..", "docs", "voting.md");
  const text = readFileSync(path, "utf8");
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} has no place for the table: ${begin} … ${end}`);
  writeFileSync(path, `${text.slice(0, from)}${begin}\n${lines.join("\n")}\n${text.slice(to)}`);
}

export default async function capture({ quick, args }: CampaignOptions): Promise<void> {
  const attempts = quick ? 4 : 40;
  const rows = rulesets.map((rules) => ({
    rules,
    rates: shares.map((share) => captureRate(rules, share, attempts)),
    needed: shareNeeded(rules, attempts),
  }));
  const lines = table(rows);
  console.log(`${attempts} attempts each; ${JSON.stringify(model)}`);
  console.log(lines.join("\n"));
  const [weakest, strongest] = [rows[0]!, rows.at(-1)!];
  if (strongest.needed <= weakest.needed) throw new Error("the rules make capture no dearer");
  if (args.includes("--write")) write(lines);
}
