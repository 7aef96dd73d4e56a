/** Proofs, damaged and crafted ones too, by the fast function and by the plain one: nowhere may they differ. Arguments: a seed, and how many. */
import { seededRandom } from "../helpers/random.ts";
import { compareFunctions } from "../helpers/slowecvrf.ts";
import type { CampaignOptions } from "./main.ts";

const cases = { quick: 500, whole: 20_000 };

export default async function vrf({ quick, args }: CampaignOptions): Promise<void> {
  const seed = Number(args[0] ?? "1");
  const count = Number(args[1] ?? (quick ? cases.quick : cases.whole));
  if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(count)) throw new Error("expected a seed and a count");
  const accepted = compareFunctions(seededRandom(seed), count);
  console.log(`seed ${seed}: ${count} proofs, ${accepted} accepted, 0 differences`);
}
