/** Fails every writing call of the store in turn, by EIO, ENOSPC and short writes; it must stop clearly, lose nothing, and go on afterwards. */
import { rmSync } from "node:fs";
import { runFaults } from "../helpers/faultruns.ts";
import { scratchFolder } from "../helpers/scratch.ts";
import type { CampaignOptions } from "./main.ts";

export default async function faults({ quick, args }: CampaignOptions): Promise<void> {
  const seed = Number(args[0] ?? 1);
  const root = scratchFolder("faults");
  try {
    const { calls, runs, stops, failures } = await runFaults(root, seed, (all) => everyCall(all, quick ? 10 : 1));
    console.log(`seed ${seed}\ncalls of a run  runs  stopped  lost or wrong`);
    console.log(
      [calls, runs, stops, failures.length].map((cell, i) => String(cell).padStart([14, 4, 7, 13][i]!)).join("  "),
    );
    if (failures.length > 0) throw new Error(`${failures.length} failures, the first: ${failures[0]}`);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Each three times running: once for each kind of fault. */
const everyCall = (calls: number, step: number): number[] =>
  Array.from({ length: Math.ceil(calls / step) * 3 }, (_, i) => 1 + Math.floor(i / 3) * step);
