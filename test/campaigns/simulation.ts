/** Seeded random blocks, every invariant after each, then export and import: 38 seeds of 150 blocks. `--seed N --blocks N` repeats one. */
import { TestApplication } from "../helpers/testapplication.ts";
import { exported, simulate, storeContents } from "../simulation/simulate.ts";
import type { CampaignOptions } from "./main.ts";

function numberAfter(args: readonly string[], flag: string): number | undefined {
  const at = args.indexOf(flag);
  if (at < 0) return undefined;
  const value = Number(args[at + 1]);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`${flag} needs a whole number from 1, got ${args[at + 1]}`);
  return value;
}

export default async function simulation({ quick, args }: CampaignOptions): Promise<void> {
  const only = numberAfter(args, "--seed");
  const blocks = numberAfter(args, "--blocks") ?? (quick ? 30 : 150);
  const seeds = only === undefined ? Array.from({ length: quick ? 4 : 38 }, (_, index) => index + 1) : [only];
  console.log("seed    blocks  transactions  succeeded  export → import");
  for (const seed of seeds) {
    const { chain, transactions, succeeded } = await repeatable(seed, blocks, () => simulate(seed, blocks));
    const again = await repeatable(seed, blocks, () => TestApplication.start({ appState: exported(chain) }));
    if (storeContents(again).join("\n") !== storeContents(chain).join("\n"))
      throw new Error(`seed ${seed}: the import differs from the export; ${howTo(seed, blocks)}`);
    console.log([seed, blocks, transactions, succeeded, "same"].map((cell) => String(cell).padEnd(10)).join(""));
  }
}

const howTo = (seed: number, blocks: number) =>
  `repeat it with: npm run campaign -- simulation --seed ${seed} --blocks ${blocks}`;

async function repeatable<T>(seed: number, blocks: number, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw new Error(`seed ${seed} failed; ${howTo(seed, blocks)}`, { cause: error });
  }
}
