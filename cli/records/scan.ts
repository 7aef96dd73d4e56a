/**
 * Reads a chain's blocks for the facts of some accounts, many at once and in order, and keeps them in a file, so that the next export of the same accounts reads
 * only what came since, and one that was cut off goes on. Owns that file: a line of JSON a fact, and how far it has come.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { readBlockResults } from "./blockevents.ts";
import { type Fact, factsOf, type Watched } from "./facts.ts";
import type { RecordsSource } from "./source.ts";

/** Blocks that are asked for at once. */
const pageBlocks = 32;
/** Of one export; more is a fleet to be exported in parts. */
export const factsMax = 5_000_000;

export interface ScanTerms {
  readonly source: RecordsSource;
  readonly watched: Watched;
  readonly first: bigint;
  readonly last: bigint;
  /** What it is of: the chain, by the hash of its genesis, and the accounts. Another one's file is begun anew. */
  readonly name: string;
  readonly path: string;
  readonly progress: (done: number) => void;
}

interface Kept {
  readonly facts: Fact[];
  /** The first height that is not read. */
  readonly next: bigint;
}

const scannedLine = (height: bigint): string => `${JSON.stringify({ scanned: `${height}` })}\n`;

/** What a file holds up to the last height that is whole; nothing of another export's. */
function readKept({ path, name, first }: ScanTerms): Kept {
  const nothing = { facts: [], next: first };
  if (!existsSync(path)) return nothing;
  const [head, ...lines] = readFileSync(path, "utf8").split("\n");
  if (head !== JSON.stringify({ name, first: `${first}` })) return nothing;
  const facts: Fact[] = [];
  let [next, whole] = [first, 0];
  for (const line of lines) {
    let read: { scanned?: string } & Partial<Fact>;
    try {
      read = JSON.parse(line);
    } catch (error) {
      // The last write was cut off.
      if (error instanceof SyntaxError) break;
      throw error;
    }
    if (read.scanned === undefined) facts.push(read as Fact);
    else [next, whole] = [BigInt(read.scanned) + 1n, facts.length];
  }
  return { facts: facts.slice(0, whole), next };
}

/** Only what is whole, so that what follows is appended to it. */
function rewrite({ path, name, first }: ScanTerms, { facts, next }: Kept): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const head = `${JSON.stringify({ name, first: `${first}` })}\n`;
  const body = facts.map((fact) => `${JSON.stringify(fact)}\n`).join("");
  writeFileSync(path, `${head}${body}${next === first ? "" : scannedLine(next - 1n)}`, { mode: 0o600 });
}

async function factsAt({ source, watched }: ScanTerms, height: bigint): Promise<Fact[]> {
  const facts = factsOf(readBlockResults(await source.results(height)), watched);
  if (facts.length === 0) return [];
  const { time, txHashes } = await source.place(height);
  return facts.map((fact) => ({ ...fact, time, tx: fact.tx === "" ? "" : (txHashes[Number(fact.tx)] ?? "") }));
}

/** All facts from the first height to the last. */
export async function scan(terms: ScanTerms): Promise<readonly Fact[]> {
  const kept = readKept(terms);
  const facts = [...kept.facts];
  rewrite(terms, kept);
  for (let from = kept.next; from <= terms.last; from += BigInt(pageBlocks)) {
    const left = Number(terms.last - from) + 1;
    const heights = Array.from({ length: Math.min(pageBlocks, left) }, (_, index) => from + BigInt(index));
    const page = (await Promise.all(heights.map((height) => factsAt(terms, height)))).flat();
    const lines = page.map((fact) => `${JSON.stringify(fact)}\n`).join("");
    appendFileSync(terms.path, lines + scannedLine(heights.at(-1)!));
    for (const fact of page) facts.push(fact);
    if (facts.length > factsMax) {
      throw new Error(`these accounts have more than ${factsMax} records: export fewer relays or accounts at once`);
    }
    terms.progress(Number(heights.at(-1)! - terms.first) + 1);
  }
  return facts.filter(({ height }) => BigInt(height) <= terms.last);
}
