/** Finds the programs of a folder that one runner starts by name (benches, campaigns). Owns their listing and the shape of wrong usage. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export interface CatalogEntry {
  readonly name: string;
  /** First sentence line of the file's head comment. */
  readonly doc: string;
  readonly path: string;
}

export interface Invocation {
  readonly name: string | undefined;
  readonly quick: boolean;
  readonly json: string | undefined;
  /** What the runner does not know, in order: the program's own arguments. */
  readonly args: readonly string[];
}

/** The command line was wrong; the runner shows the message and ends with `usageExitCode`. */
export class UsageError extends Error {}
export const usageExitCode = 2;

/** A program is a file of the folder itself with a default export; its other files are helpers. */
export function listPrograms(folder: string): CatalogEntry[] {
  const entries: CatalogEntry[] = [];
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith(".ts") || file.endsWith(".test.ts")) continue;
    const path = join(folder, file);
    const source = readFileSync(path, "utf8");
    if (/^export (default |\{[^}]*\bas default\b)/m.test(source)) {
      entries.push({ name: file.slice(0, -".ts".length), doc: headLine(source), path });
    }
  }
  return entries;
}

function headLine(source: string): string {
  const comment = /^(?:#![^\n]*\n)?\s*\/\*\*\s*(?:\*\s*)?([^\n]*)/.exec(source)?.[1] ?? "";
  return comment.replace(/\*\/\s*$/, "").trim();
}

export function parseInvocation(argv: readonly string[]): Invocation {
  let name: string | undefined;
  let quick = false;
  let json: string | undefined;
  const args: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i]!;
    if (argument === "--quick") quick = true;
    else if (argument.startsWith("--json=")) json = argument.slice("--json=".length);
    else if (argument === "--json") json = argv[++i] ?? "";
    else if (name === undefined && !argument.startsWith("-")) name = argument;
    else args.push(argument);
  }
  if (json === "") throw new UsageError("--json needs a file to write to, for example --json out.json");
  if (name === undefined && args.length > 0) throw new UsageError(`say which one first, then ${args.join(" ")}`);
  return { name, quick, json, args };
}

export function findProgram(programs: readonly CatalogEntry[], name: string): CatalogEntry {
  const found = programs.find((program) => program.name === name);
  if (found === undefined) {
    throw new UsageError(`there is no "${name}"; choose one of:\n${formatCatalog(programs)}`);
  }
  return found;
}

export function formatCatalog(programs: readonly CatalogEntry[]): string {
  if (programs.length === 0) return "  (none yet)";
  const width = Math.max(...programs.map(({ name }) => name.length));
  return programs.map(({ name, doc }) => `  ${name.padEnd(width)}  ${doc}`).join("\n");
}

/** Loads a program; `Program` is the runner's claim about what the folder's files export by default. */
export async function loadProgram<Program>(entry: CatalogEntry): Promise<Program> {
  const loaded: { default: Program } = await import(pathToFileURL(entry.path).href);
  return loaded.default;
}

/** Runs a runner's main: usage errors end with 2, anything else that is thrown with 1 and its stack. */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    process.exitCode = error instanceof UsageError ? usageExitCode : 1;
    process.stderr.write(`${error instanceof UsageError ? error.message : describe(error)}\n`);
  }
}

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
