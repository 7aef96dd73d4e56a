/**
 * The `weir` command line: finds the command, reads its arguments, turns what happened into an exit code. Owns no command; which there
 * are is commandtable.ts.
 */
import { existsSync, readFileSync } from "node:fs";
import { didYouMean } from "../node/daemon/nearest.ts";
import {
  globalFlags,
  Interrupted,
  type Parsed,
  parseArguments,
  UnknownFlag,
  UsageError,
  variableOf,
} from "./arguments.ts";
import {
  type Command,
  type CommandEntry,
  checkPositionals,
  type Entries,
  type GroupEntry,
  helpOf,
  helpOfGroup,
  type Invocation,
  isGroup,
} from "./command.ts";
import { weirCommands } from "./commandtable.ts";
import { habitOfFlag, habitOfWords } from "./habits.ts";
import { homeAt } from "./home.ts";
import type { Prompts } from "./keyring/prompt.ts";
import { forPeople, forPeopleInColour, forPipes, type Look } from "./table.ts";

/** With the words that lead to a group. */
class UnknownCommand extends UsageError {
  readonly words: readonly string[];

  constructor(words: readonly string[], message: string) {
    super(message);
    this.words = words;
  }
}

const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether `err` is a terminal that shows colours. */
  readonly isColoured?: boolean;
  /** How answers look without --no-color; for people when it is not said. */
  readonly look?: Look;
  /** Whom to ask, where it is not the terminal of this process. */
  readonly prompts?: Prompts;
}

/** https://no-color.org: set to anything. */
const hasColours = (process.env.NO_COLOR ?? "") === "" && process.env.TERM !== "dumb";

const thisProcess: Surroundings = {
  environment: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  isColoured: process.stderr.isTTY === true && hasColours,
  look: process.stdout.isTTY === true ? (hasColours ? forPeopleInColour : forPeople) : forPipes,
};

export async function main(argv: readonly string[], surroundings: Surroundings = thisProcess): Promise<number> {
  let words: readonly string[] = [];
  try {
    const found = await findCommand(argv.length === 1 && argv[0] === "--version" ? ["version"] : argv);
    words = found.words;
    if ("group" in found) return await showGroup(found, surroundings);
    return await run((await found.entry.load()).command, found.rest, surroundings);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    surroundings.err(`weir: ${message}\n`);
    if (error instanceof Interrupted) return exitCodes.interrupted;
    if (!(error instanceof UsageError)) return exitCodes.failed;
    if (error instanceof UnknownCommand) words = error.words;
    surroundings.err(`Try \`${["weir", ...words, "--help"].join(" ")}\`.\n`);
    return exitCodes.usage;
  }
}

interface FoundGroup {
  readonly words: readonly string[];
  readonly group: GroupEntry;
  readonly rest: readonly string[];
}

interface FoundCommand {
  readonly words: readonly string[];
  readonly entry: CommandEntry;
  readonly rest: readonly string[];
}

/** Follows the words from group to group; flags that hold everywhere may stand between them. */
async function findCommand(argv: readonly string[]): Promise<FoundGroup | FoundCommand> {
  const words: string[] = [];
  const flags: string[] = [];
  let group = weirCommands;
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (word.startsWith("-")) {
      flags.push(word);
      if (takesNext(word) && argv[i + 1] !== undefined) flags.push(argv[++i]!);
      continue;
    }
    const entries = await group.entries();
    const name = resolve(word, entries);
    const rest = [...flags, ...argv.slice(i + 1)];
    if (name === undefined) {
      if (word === "help" && words.length === 0) return findCommand([...argv.slice(i + 1), "--help"]);
      throw new UnknownCommand(words, unknownCommand(word, words, entries));
    }
    const entry = entries[name]!;
    words.push(name);
    if (!isGroup(entry)) return below(entry, words, rest) ?? { words, entry, rest };
    group = entry;
  }
  return { words, group, rest: flags };
}

/** A command that goes on from another one's words, where the next word is its. */
function below(entry: CommandEntry, words: readonly string[], rest: readonly string[]): FoundCommand | undefined {
  const at = rest.findIndex((word, index) => !word.startsWith("-") && (index === 0 || !takesNext(rest[index - 1]!)));
  const found = at < 0 ? undefined : entry.below?.[rest[at]!];
  if (found === undefined || isGroup(found)) return undefined;
  return { words: [...words, rest[at]!], entry: found, rest: rest.toSpliced(at, 1) };
}

const takesNext = (flag: string): boolean =>
  globalFlags.some(({ name, short, value }) => value !== undefined && (flag === `--${name}` || flag === `-${short}`));

function resolve(word: string, entries: Entries): string | undefined {
  if (Object.hasOwn(entries, word)) return word;
  return Object.entries(entries).find(([, { aliases = [] }]) => aliases.includes(word))?.[0];
}

function unknownCommand(word: string, words: readonly string[], entries: Entries): string {
  const group = words.length === 0 ? "" : ` in weir ${words.join(" ")}`;
  const known = Object.entries(entries).flatMap(([name, { aliases = [] }]) => [name, ...aliases]);
  const habit = habitOfWords([...words, word]);
  return `there is no command ${JSON.stringify(word)}${group}${habit === undefined ? didYouMean(word, known) : `; ${habit}`}`;
}

async function showGroup({ words, group, rest }: FoundGroup, { out }: Surroundings): Promise<number> {
  parseArguments(rest, [], {});
  out(await helpOfGroup(words, group));
  return exitCodes.done;
}

async function run(command: Command, argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const flags = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : argv.length);
  if (flags.includes("--help") || flags.includes("-h")) {
    surroundings.out(helpOf(command));
    return exitCodes.done;
  }
  const invocation = await invoke(command, argv, surroundings);
  checkPositionals(command, invocation.positionals);
  return command.run(invocation);
}

async function invoke(command: Command, argv: readonly string[], surroundings: Surroundings): Promise<Invocation> {
  const first = parseFor(command, argv, surroundings.environment);
  const settings = await clientSettings(homeAt(first.flag("home")).clientToml);
  const environment = { ...settings, ...withoutEmpty(surroundings.environment) };
  const parsed = parseFor(command, argv, environment);
  const output = parsed.flag("output");
  if (output !== "text" && output !== "json") throw new UsageError(`--output is ${output}; expected text or json`);
  const json = output === "json";
  const isPlain = parsed.has("no-color");
  const isColoured = !isPlain && (surroundings.isColoured ?? false);
  const { look = forPeople } = surroundings;
  return {
    ...parsed,
    home: homeAt(parsed.flag("home")),
    json,
    isColoured,
    look: isPlain && look === forPeopleInColour ? forPeople : look,
    prompts: surroundings.prompts,
    environment,
    answer: (text, value) => surroundings.out(json ? `${JSON.stringify(value)}\n` : text),
    say: surroundings.err,
  };
}

function parseFor({ name, flags }: Command, argv: readonly string[], environment: Surroundings["environment"]): Parsed {
  try {
    return parseArguments(argv, flags, environment);
  } catch (error) {
    const habit = error instanceof UnknownFlag ? habitOfFlag(name, error.flag) : undefined;
    if (habit === undefined) throw error;
    throw new UsageError(`weir ${name} has no ${(error as UnknownFlag).flag}; ${habit}`);
  }
}

/** A variable that is set to nothing says nothing. */
const withoutEmpty = (environment: Surroundings["environment"]): Surroundings["environment"] =>
  Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));

/** client.toml stands behind the flags and the variables, and before the defaults. */
async function clientSettings(path: string): Promise<Record<string, string>> {
  if (!existsSync(path)) return {};
  const { readClientConfig } = await import("./config.ts");
  const { settings } = readClientConfig(readFileSync(path, "utf8"), path);
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [variableOf(name), value]));
}
