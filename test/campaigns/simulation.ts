/** Seeded random blocks under a faulty engine, every invariant after each, then export and import: 38 seeds of 150 blocks. `--seed N --blocks N` repeats one. */
import { checkRestart } from "../simulation/restart.ts";
import { type SimulationReport, simulate } from "../simulation/simulate.ts";
import type { CampaignOptions } from "./main.ts";

function numberAfter(args: readonly string[], flag: string): number | undefined {
  const at = args.indexOf(flag);
  if (at < 0) return undefined;
  const value = Number(args[at + 1]);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`${flag} needs a whole number from 1, got ${args[at + 1]}`);
  return value;
}

const columns = ["seed", "blocks", "txs", "good", "absences", "double signs", "jumps", "export → import"] as const;

const line = (cells: readonly (string | number)[]): string =>
  cells.map((cell, index) => String(cell).padEnd(columns[index]!.length + 3)).join("");

export default async function simulation({ quick, args }: CampaignOptions): Promise<void> {
  const only = numberAfter(args, "--seed");
  const blocks = numberAfter(args, "--blocks") ?? (quick ? 30 : 150);
  const seeds = only === undefined ? Array.from({ length: quick ? 4 : 38 }, (_, index) => index + 1) : [only];
  const totals = new Map<string, [made: number, good: number]>();
  console.log(line(columns));
  for (const seed of seeds) {
    const report = await repeatable(seed, blocks);
    const { absences, doubleSigns, jumps } = report.faults;
    console.log(line([seed, blocks, report.transactions, report.succeeded, absences, doubleSigns, jumps, "same"]));
    for (const [operation, [made, good]] of report.operations) {
      const before = totals.get(operation) ?? [0, 0];
      totals.set(operation, [before[0] + made, before[1] + good]);
    }
  }
  console.log("\noperation                     made      good");
  for (const [operation, [made, good]] of [...totals].sort()) {
    console.log(`${operation.padEnd(30)}${String(made).padEnd(10)}${good}`);
  }
}

async function repeatable(seed: number, blocks: number): Promise<SimulationReport> {
  try {
    const report = await simulate(seed, blocks);
    await checkRestart(report.chain, seed);
    return report;
  } catch (error) {
    const howTo = `repeat it with: npm run campaign -- simulation --seed ${seed} --blocks ${blocks}`;
    throw new Error(`seed ${seed} failed; ${howTo}`, { cause: error });
  }
}
