/**
 * The `weir` command line: finds the command, reads its arguments, turns what happened into an exit code. Owns the list of commands;
 * each is loaded when it is called, so that the help comes at once.
 */
import { existsSync, readFileSync } from "node:fs";
import { Interrupted, parseArguments, UsageError } from "./arguments.ts";
import { type Command, checkPositionals, helpOf, type Invocation } from "./command.ts";
import { homeAt } from "./home.ts";

type Load = () => Promise<{ readonly command: Command }>;

interface Listed {
  readonly summary: string;
  readonly load: Load;
}

const commands: Readonly<Record<string, Listed>> = {
  init: { summary: "make a home folder for a new chain", load: () => import("./commands/init.ts") },
  start: { summary: "run the node", load: () => import("./commands/start.ts") },
  devnet: {
    summary: "run a chain with funded accounts, for trying things out",
    load: () => import("./commands/devnet.ts"),
  },
  status: { summary: "ask a running node how it is", load: () => import("./commands/status.ts") },
  "genesis add-account": {
    summary: "give an account coins in genesis.json",
    load: () => import("./commands/genesis-add-account.ts"),
  },
  version: { summary: "say which version this is", load: () => import("./commands/version.ts") },
};

const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const thisProcess: Surroundings = {
  environment: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
};

export async function main(argv: readonly string[], surroundings: Surroundings = thisProcess): Promise<number> {
  try {
    return await run(argv, surroundings);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    surroundings.err(`weir: ${message}\n`);
    if (error instanceof Interrupted) return exitCodes.interrupted;
    if (!(error instanceof UsageError)) return exitCodes.failed;
    surroundings.err("Try `weir --help`, or `weir COMMAND --help`.\n");
    return exitCodes.usage;
  }
}

async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { name, rest } = findCommand(argv);
  if (name === undefined) return help(argv, surroundings);
  const { command } = await commands[name]!.load();
  if (rest.includes("--help") || rest.includes("-h")) {
    surroundings.out(helpOf(command));
    return exitCodes.done;
  }
  const invocation = await invoke(command, rest, surroundings);
  checkPositionals(command, invocation.positionals);
  return command.run(invocation);
}

/** The longest name that the line begins with. */
function findCommand(argv: readonly string[]) {
  for (const words of [2, 1]) {
    const name = argv.slice(0, words).join(" ");
    if (argv.length >= words && Object.hasOwn(commands, name)) return { name, rest: argv.slice(words) };
  }
  return { name: undefined, rest: argv };
}

function help(argv: readonly string[], { out }: Surroundings): number {
  const [first] = argv;
  const isAsked = first === undefined || first === "--help" || first === "-h" || first === "help";
  const group = Object.keys(commands).filter((name) => name.startsWith(`${first} `));
  if (!isAsked && group.length === 0) throw new UsageError(`there is no command ${JSON.stringify(first)}`);
  const shown = isAsked ? Object.keys(commands) : group;
  const lines = shown.map((name) => `  ${name.padEnd(22)} ${commands[name]!.summary}`);
  const heading = isAsked ? "Weir: a blockchain for a bandwidth marketplace.\n\nUsage: weir COMMAND [flags]\n\n" : "";
  const example = "Begin with:\n  weir init demo && weir start\n";
  out(`${heading}Commands:\n${lines.join("\n")}\n\nEvery command explains itself: weir COMMAND --help\n\n${example}`);
  return exitCodes.done;
}

async function invoke(command: Command, argv: readonly string[], surroundings: Surroundings): Promise<Invocation> {
  const first = parseArguments(argv, command.flags, surroundings.environment);
  const home = homeAt(first.flag("home"));
  const environment = { ...(await clientSettings(home.clientToml)), ...surroundings.environment };
  const parsed = parseArguments(argv, command.flags, environment);
  const output = parsed.flag("output");
  if (output !== "text" && output !== "json") throw new UsageError(`--output is ${output}; expected text or json`);
  const json = output === "json";
  return {
    ...parsed,
    home,
    json,
    answer: (text, value) => surroundings.out(json ? `${JSON.stringify(value)}\n` : text),
    say: surroundings.err,
  };
}

/** client.toml stands behind the flags and the variables, and before the defaults. */
async function clientSettings(path: string): Promise<Record<string, string>> {
  if (!existsSync(path)) return {};
  const { readClientConfig } = await import("./config.ts");
  const settings = readClientConfig(readFileSync(path, "utf8"), path);
  const named = Object.entries(settings).filter(([name]) => name !== "home");
  return Object.fromEntries(named.map(([name, value]) => [`WEIR_${name.replaceAll("-", "_").toUpperCase()}`, value]));
}
