/** Reading a command line: flags with values from the line, WEIR_* variables and defaults. Owns no command. */

export interface FlagSpec {
  readonly name: string;
  /** What stands for the value in the help; without it the flag takes none. */
  readonly value?: string;
  readonly help: string;
  readonly default?: string;
  /** May be given several times. */
  readonly repeated?: true;
}

/** The line is wrong: exit code 2, with the way to the help. */
export class UsageError extends Error {}

/** Stopped by a signal before it was done: exit code 130. */
export class Interrupted extends Error {}

export interface Parsed {
  readonly positionals: readonly string[];
  /** The last one given; undefined without default. */
  flag(name: string): string | undefined;
  flags(name: string): readonly string[];
  has(name: string): boolean;
}

const argumentsMax = 1_000;

export const globalFlags: readonly FlagSpec[] = [
  { name: "home", value: "DIR", help: "folder of the node's configuration and data (default ~/.weir)" },
  { name: "node", value: "URL", help: "RPC of the node to ask", default: "http://127.0.0.1:26657" },
  { name: "chain-id", value: "ID", help: "the chain's id" },
  { name: "output", value: "text|json", help: "form of the answer", default: "text" },
  { name: "no-color", help: "no colour, on a terminal either" },
  { name: "help", help: "this text" },
];

const variableOf = (name: string): string => `WEIR_${name.replaceAll("-", "_").toUpperCase()}`;

export function parseArguments(
  argv: readonly string[],
  specs: readonly FlagSpec[],
  environment: Readonly<Record<string, string | undefined>>,
): Parsed {
  if (argv.length > argumentsMax) throw new UsageError(`more than ${argumentsMax} arguments`);
  const known = new Map([...globalFlags, ...specs].map((spec) => [spec.name, spec]));
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
    const { spec, inline } = readFlag(argument, known);
    const value = inline ?? (spec.value === undefined ? "true" : argv[++i]);
    if (value === undefined) throw new UsageError(`--${spec.name} needs a value: --${spec.name} ${spec.value}`);
    given.set(spec.name, [...(given.get(spec.name) ?? []), value]);
  }
  return withDefaults(positionals, given, known, environment);
}

function readFlag(argument: string, known: ReadonlyMap<string, FlagSpec>) {
  const text = argument === "-h" ? "--help" : argument;
  const equals = text.indexOf("=");
  const name = text.slice(2, equals === -1 ? undefined : equals);
  const spec = text.startsWith("--") ? known.get(name) : undefined;
  if (spec === undefined) throw new UsageError(`unknown flag ${argument}`);
  if (equals !== -1 && spec.value === undefined) throw new UsageError(`--${name} takes no value`);
  return { spec, inline: equals === -1 ? undefined : text.slice(equals + 1) };
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
    const fallback = environment[variableOf(name)] ?? spec.default;
    return given.get(name) ?? (fallback === undefined ? [] : [fallback]);
  };
  return {
    positionals,
    flags,
    flag: (name) => flags(name).at(-1),
    has: (name) => flags(name).at(-1) === "true",
  };
}
