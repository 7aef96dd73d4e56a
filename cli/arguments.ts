/** Reading a command line: flags with values from the line, WEIR_* variables and defaults. Owns no command. */

import { didYouMean } from "../node/daemon/nearest.ts";

export interface FlagSpec {
  readonly name: string;
  /** One letter: "y" for -y. */
  readonly short?: string;
  /** Other names that mean the same. */
  readonly aliases?: readonly string[];
  /** What stands for the value in the help; without it the flag takes none. */
  readonly value?: string;
  readonly help: string;
  readonly default?: string;
  /** May be given several times. */
  readonly repeated?: true;
}

/** The line is wrong: exit code 2, with the way to the help. */
export class UsageError extends Error {}

export class UnknownFlag extends UsageError {
  readonly flag: string;

  constructor(flag: string, hint: string) {
    super(`unknown flag ${flag}${hint}`);
    this.flag = flag;
  }
}

/** Stopped by a signal before it was done: exit code 130. */
export class Interrupted extends Error {}

export interface Parsed {
  readonly positionals: readonly string[];
  /** The last one given; undefined without default. */
  flag(name: string): string | undefined;
  flags(name: string): readonly string[];
  has(name: string): boolean;
  /** Whether it stands on the line itself, and is not a variable's, a file's or a default. */
  isGiven(name: string): boolean;
}

const argumentsMax = 1_000;

export const globalFlags: readonly FlagSpec[] = [
  { name: "home", value: "DIR", help: "folder of the node's configuration and data (default ~/.weir)" },
  { name: "node", short: "n", value: "URL", help: "RPC of the node to ask", default: "http://127.0.0.1:26657" },
  { name: "chain-id", value: "ID", help: "the chain's id" },
  { name: "output", short: "o", value: "text|json", help: "form of the answer", default: "text" },
  { name: "no-color", help: "no colour, on a terminal either" },
  { name: "help", short: "h", help: "this text" },
];

export const variableOf = (name: string): string => `WEIR_${name.replace(/[-.]/g, "_").toUpperCase()}`;

export function parseArguments(
  argv: readonly string[],
  specs: readonly FlagSpec[],
  environment: Readonly<Record<string, string | undefined>>,
): Parsed {
  if (argv.length > argumentsMax) throw new UsageError(`more than ${argumentsMax} arguments`);
  const specsByName = [...globalFlags, ...specs];
  const known = new Map(specsByName.map((spec) => [spec.name, spec]));
  const spelled = spellings(specsByName);
  const given = new Map<string, string[]>();
  const positionals: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i]!;
    if (argument === "--") {
      positionals.push(...argv.slice(i + 1));
      break;
    }
    if (!argument.startsWith("-") || argument === "-") {
      positionals.push(argument);
      continue;
    }
    const { spec, inline } = readFlag(argument, spelled);
    const value = inline ?? (spec.value === undefined ? "true" : argv[++i]);
    if (value === undefined) throw new UsageError(`--${spec.name} needs a value: --${spec.name} ${spec.value}`);
    if (value === "" && isPlace(spec)) throw new UsageError(`--${spec.name} is empty; expected ${spec.value}`);
    given.set(spec.name, [...(given.get(spec.name) ?? []), value]);
  }
  return withDefaults(positionals, given, known, environment);
}

/** A script's variable that is not set must not mean the folder that it happens to stand in. */
const isPlace = ({ value }: FlagSpec): boolean => value === "DIR" || value === "FILE" || value === "URL";

/** By everything that may be typed: "--output", "-o". */
function spellings(specs: readonly FlagSpec[]): ReadonlyMap<string, FlagSpec> {
  const spelled = new Map<string, FlagSpec>();
  for (const spec of specs) {
    for (const name of [spec.name, ...(spec.aliases ?? [])]) spelled.set(`--${name}`, spec);
    if (spec.short !== undefined) spelled.set(`-${spec.short}`, spec);
  }
  return spelled;
}

function readFlag(argument: string, spelled: ReadonlyMap<string, FlagSpec>) {
  const equals = argument.indexOf("=");
  const name = equals === -1 ? argument : argument.slice(0, equals);
  // The SDK's flags have dashes and its older ones underscores; either will do.
  const spec = spelled.get(name) ?? spelled.get(name.replaceAll("_", "-"));
  if (spec === undefined) throw new UnknownFlag(name, didYouMean(name, [...spelled.keys()]));
  const inline = equals === -1 ? undefined : argument.slice(equals + 1);
  if (inline !== undefined && spec.value === undefined && inline !== "true" && inline !== "false") {
    throw new UsageError(`${name} takes no value`);
  }
  return { spec, inline };
}

function withDefaults(
  positionals: readonly string[],
  given: ReadonlyMap<string, readonly string[]>,
  known: ReadonlyMap<string, FlagSpec>,
  environment: Readonly<Record<string, string | undefined>>,
): Parsed {
  for (const [name, values] of given) {
    if (values.length > 1 && known.get(name)?.repeated !== true) throw new UsageError(`--${name} is given twice`);
  }
  const flags = (name: string): readonly string[] => {
    const spec = known.get(name);
    if (spec === undefined) throw new Error(`this command has no flag --${name}`);
    const fallback = environment[variableOf(name)] || spec.default;
    return given.get(name) ?? (fallback === undefined ? [] : [fallback]);
  };
  return {
    positionals,
    flags,
    flag: (name) => flags(name).at(-1),
    has: (name) => isTrue(flags(name).at(-1) ?? "false", name),
    isGiven: (name) => given.has(name),
  };
}

/** On the line it is always one of the two; a variable or a file may hold anything. */
function isTrue(text: string, name: string): boolean {
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0") return false;
  throw new UsageError(`${variableOf(name)} is ${JSON.stringify(text)}; expected true or false`);
}
