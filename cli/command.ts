/** What a command is, what it is given, and how its help looks. Owns no command. */
import { type FlagSpec, globalFlags, type Parsed, UsageError } from "./arguments.ts";
import type { Home } from "./home.ts";
import type { Prompts } from "./keyring/prompt.ts";
import type { Look } from "./table.ts";

export interface Invocation extends Parsed {
  readonly home: Home;
  readonly json: boolean;
  /** What is said may have colours. */
  readonly isColoured: boolean;
  /** Of the answer in text: for somebody at a terminal, or for a pipe. */
  readonly look: Look;
  /** Whom to ask, where it is not the terminal of this process. */
  readonly prompts: Prompts | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The answer: text for people, or one JSON document with --output json. */
  answer(text: string, json: unknown): void;
  /** Beside the answer, on stderr. */
  say(text: string): void;
}

export interface Command {
  /** After "weir": "genesis add-account". */
  readonly name: string;
  /** Names of the positional arguments: "MONIKER", "[DENOM]" that may be left out, "FILE..." one or more, "[FILE...]" any number. */
  readonly positionals: readonly string[];
  /** Arguments may also come as flags, so the command counts them itself. */
  readonly countsItself?: true;
  readonly summary: string;
  readonly description?: string;
  readonly flags: readonly FlagSpec[];
  readonly examples: readonly string[];
  run(invocation: Invocation): Promise<number>;
}

interface Entry {
  /** In the list of its group: a few words, without a full stop. */
  readonly summary: string;
  /** Other words that lead here. */
  readonly aliases?: readonly string[];
}

/** Loaded when it is called, so that the help comes at once. */
export interface CommandEntry extends Entry {
  readonly load: () => Promise<{ readonly command: Command }>;
  /** Commands of their own whose words go on from this one's: "export records". */
  readonly below?: Entries;
}

export interface GroupEntry extends Entry {
  readonly examples: readonly string[];
  readonly entries: () => Promise<Entries>;
}

/** By the word that is typed. */
export type Entries = Readonly<Record<string, CommandEntry | GroupEntry>>;

export const isGroup = (entry: CommandEntry | GroupEntry): entry is GroupEntry => "entries" in entry;

const isOptional = (positional: string): boolean => positional.startsWith("[");
const isMany = (positional: string): boolean => positional.replace("]", "").endsWith("...");

export function checkPositionals(command: Command, given: readonly string[]): void {
  const { name, positionals } = command;
  if (command.countsItself === true) return;
  const least = positionals.filter((positional) => !isOptional(positional)).length;
  const most = positionals.some(isMany) ? Number.POSITIVE_INFINITY : positionals.length;
  if (given.length >= least && given.length <= most) return;
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
    ...(command.flags.length === 0 ? [] : ["", "Flags:", ...flagLines(command.flags)]),
    "",
    "Everywhere:",
    ...flagLines(globalFlags),
    "",
    "Examples:",
    ...command.examples.map((example) => `  ${example}`),
    "",
  ].join("\n");
}

/** `words` lead to the group: none for the whole program. */
export async function helpOfGroup(words: readonly string[], group: GroupEntry): Promise<string> {
  const entries = Object.entries(await group.entries());
  const shown = entries.flatMap(([word, entry]) => {
    const further = isGroup(entry) ? [] : Object.entries(entry.below ?? {});
    return [[word, entry] as const, ...further.map(([next, below]) => [`${word} ${next}`, below] as const)];
  });
  const width = Math.max(...shown.map(([word]) => word.length), 14) + 2;
  const line = ([word, { summary, aliases = [] }]: (typeof shown)[number]) =>
    `  ${word.padEnd(width)} ${summary}${aliases.length === 0 ? "" : ` (also ${aliases.join(", ")})`}`;
  const name = ["weir", ...words].join(" ");
  return [
    group.summary,
    "",
    `Usage: ${name} COMMAND [flags]`,
    "",
    "Commands:",
    ...shown.map(line),
    "",
    `Every command explains itself: ${name} COMMAND --help`,
    "",
    "Examples:",
    ...group.examples.map((example) => `  ${example}`),
    "",
  ].join("\n");
}

const flagWidthMin = 28;

function flagLines(specs: readonly FlagSpec[]): string[] {
  const heads = specs.map(({ name, short, value }) => {
    return `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
  });
  const width = Math.max(flagWidthMin, ...heads.map(({ length }) => length));
  return specs.map(({ aliases = [], help, default: fallback }, index) => {
    const also = aliases.map((alias) => `--${alias}`).join(", ");
    const notes = [also === "" ? "" : `also ${also}`, fallback === undefined ? "" : `default ${fallback}`];
    const note = notes.filter((text) => text !== "").join("; ");
    return `  ${heads[index]!.padEnd(width)}  ${help}${note === "" ? "" : ` (${note})`}`;
  });
}
