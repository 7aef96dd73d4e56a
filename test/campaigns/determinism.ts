/** Ten seeds, each in five processes with other flags, time zones, locales and verifiers: one app hash a height. */
import { compareRuns, surroundings } from "../simulation/determinism.ts";
import type { CampaignOptions } from "./main.ts";

export default async function determinism({ quick }: CampaignOptions): Promise<void> {
  const seeds = quick ? 2 : 10;
  const blocks = quick ? 40 : 150;
  for (let seed = 1; seed <= seeds; seed++) {
    const agreed = await compareRuns(seed, blocks);
    console.log(`seed ${seed}: ${surroundings.length} processes agree on ${agreed} blocks`);
  }
}
