/** `npm run bench -- NAME [--quick] [--json FILE]`: runs one bench; without a name it lists them. */
import { appendFileSync, writeFileSync } from "node:fs";
import {
  findProgram,
  formatCatalog,
  listPrograms,
  loadProgram,
  parseInvocation,
  runMain,
} from "../test/helpers/catalog.ts";
import { type Bench, jsonLine, tableHead, tableRow } from "./figure.ts";

const usage = "usage: npm run bench -- NAME [--quick] [--json FILE]";

export async function runBench(folder: string, argv: readonly string[]): Promise<void> {
  const programs = listPrograms(folder);
  const { name, quick, json, args } = parseInvocation(argv);
  if (name === undefined) {
    console.log(`${usage}\n\n${formatCatalog(programs)}`);
    return;
  }
  const bench = await loadProgram<Bench>(findProgram(programs, name));
  if (json !== undefined) writeFileSync(json, "");
  console.log(tableHead);
  for await (const figure of bench({ quick, args })) {
    console.log(tableRow(figure));
    if (json !== undefined) appendFileSync(json, jsonLine(figure));
  }
}

if (import.meta.main) await runMain(() => runBench(import.meta.dirname, process.argv.slice(2)));
