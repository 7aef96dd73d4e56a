/** What a command is, what it is given, and how its help looks. Owns no command. */
import { type FlagSpec, globalFlags, type Parsed, UsageError } from "./arguments.ts";
import type { Home } from "./home.ts";

export interface Invocation extends Parsed {
  readonly home: Home;
  readonly json: boolean;
  /** The answer: text for people, or one JSON document with --output json. */
  answer(text: string, json: unknown): void;
  /** Beside the answer, on stderr. */
  say(text: string): void;
}

export interface Command {
  /** After "weir": "genesis add-account". */
  readonly name: string;
  /** Names of the positional arguments, "MONIKER". */
  readonly positionals: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly flags: readonly FlagSpec[];
  readonly examples: readonly string[];
  run(invocation: Invocation): Promise<number>;
}

export function checkPositionals({ name, positionals }: Command, given: readonly string[]): void {
  if (given.length === positionals.length) return;
  const wanted = positionals.length === 0 ? "no argument" : positionals.join(" ");
  const found = given.length === 0 ? "none" : given.join(" ");
  throw new UsageError(`weir ${name} takes ${wanted}, and was given ${found}`);
}

export function helpOf(command: Command): string {
  const usage = ["weir", command.name, ...command.positionals, command.flags.length > 0 ? "[flags]" : ""];
  return [
    command.summary,
    ...(command.description === undefined ? [] : ["", command.description]),
    "",
    `Usage: ${usage.filter((part) => part !== "").join(" ")}`,
    ...(command.flags.length === 0 ? [] : ["", "Flags:", ...command.flags.map(flagLine)]),
    "",
    "Everywhere:",
    ...globalFlags.map(flagLine),
    "",
    "Examples:",
    ...command.examples.map((example) => `  ${example}`),
    "",
  ].join("\n");
}

function flagLine({ name, value, help, default: fallback }: FlagSpec): string {
  const flag = `--${name}${value === undefined ? "" : ` ${value}`}`;
  return `  ${flag.padEnd(28)} ${help}${fallback === undefined ? "" : ` (default ${fallback})`}`;
}
