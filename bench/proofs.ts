/** Proofs within one store: microseconds to make one, of existence and of absence. */
import type { BenchOptions, Figure } from "./figure.ts";
import { builtTree, keyOf, picks } from "./treeload.ts";

const keys = 1_000_000;
const quickKeys = 100_000;
const runs = 12;
const proofsPerRun = 1_000;
/** Runs before the figures count: the compiler has seen the code by then. */
const warmUpRuns = 2;

export default async function* proofs({ quick }: BenchOptions): AsyncIterable<Figure> {
  const size = quick ? quickKeys : keys;
  const view = builtTree(size).latest;
  for (const kind of ["existence", "absence"] as const) {
    const samples: number[] = [];
    const numbers = picks(size, 1);
    const offset = kind === "existence" ? 0 : size;
    for (let run = 0; run < runs; run++) {
      const asked = Array.from({ length: proofsPerRun }, () => keyOf(offset + numbers.next().value!));
      const start = performance.now();
      for (const key of asked) view.prove(key);
      if (run >= warmUpRuns) samples.push(((performance.now() - start) * 1000) / proofsPerRun);
    }
    yield { bench: "proofs.create", unit: "us", params: { keys: size, kind }, samples };
  }
}
