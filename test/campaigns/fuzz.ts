/** `npm run campaign -- fuzz [--quick] [SEED]`: two million damaged transactions through the decoder, some through all of CheckTx's steps. */
import { fuzzTransactions } from "../helpers/txfuzz.ts";

const cases = 2_000_000;
const quickCases = 100_000;
const slices = 20;

export default async function fuzz({
  quick,
  args,
}: {
  readonly quick: boolean;
  readonly args: readonly string[];
}): Promise<void> {
  const seed = args[0] === undefined ? Date.now() % 2 ** 31 : Number(args[0]);
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new Error(`seed "${args[0]}" is not a whole number; leave it out or name one`);
  const perSlice = (quick ? quickCases : cases) / slices;
  console.log(
    `seed ${seed}: ${slices} slices of ${perSlice} cases; slice n repeats with seed ${seed} + n and no other`,
  );
  const sums = { cases: 0, decoded: 0, refused: 0, checked: 0, passed: 0 };
  for (let slice = 0; slice < slices; slice++) {
    const counts = fuzzTransactions({ seed: seed + slice, cases: perSlice, checkOneIn: 10 });
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += counts[name];
  }
  console.log("cases    refused   decoded (canonical)   through the ante steps   passed   crashes");
  console.log(`${sums.cases}  ${sums.refused}  ${sums.decoded}  ${sums.checked}  ${sums.passed}  0`);
}
