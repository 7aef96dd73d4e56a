/**
 * The committed list of differences: those that are alike (same place, same two values) stand together with the calls that show them and
 * the reason. `node test/comet/list.ts` writes it anew and keeps the reasons; what is new waits there for one.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Difference } from "./compare.ts";
import { compareNodes } from "./sidebyside.ts";

const path = join(import.meta.dirname, "differences.json");

export interface Listed {
  readonly why: string;
  readonly path: string;
  readonly cometbft: string;
  readonly weir: string;
  readonly calls: readonly string[];
}

export const readList = (): Listed[] => JSON.parse(readFileSync(path, "utf8")) as Listed[];

const keyOf = ({ path: place, cometbft, weir }: Omit<Difference, "call">): string =>
  JSON.stringify([place, cometbft, weir]);

export function grouped(differences: readonly Difference[], reasons: readonly Listed[]): Listed[] {
  const whys = new Map(reasons.map((listed) => [keyOf(listed), listed.why]));
  const groups = Map.groupBy(differences, keyOf);
  return [...groups].map(([key, group]) => {
    const { path: place, cometbft, weir } = group[0]!;
    return { why: whys.get(key) ?? "", path: place, cometbft, weir, calls: group.map(({ call }) => call) };
  });
}

/** One line for each difference, so that two lists compare well. */
export const lines = (list: readonly Listed[]): string[] =>
  list
    .flatMap(({ path: place, cometbft, weir, calls }) =>
      calls.map((call) => `${call} · ${place} · cometbft: ${cometbft} · weir: ${weir}`),
    )
    .sort();

if (import.meta.main) {
  const list = grouped(await compareNodes(), readList());
  writeFileSync(path, `${JSON.stringify(list, null, 2)}\n`);
  const open = list.filter(({ why }) => why === "").length;
  console.log(`${lines(list).length} differences in ${list.length} groups, ${open} without a reason`);
}
