/**
 * Lines that nobody would type, for every command of `weir`, by a seed. Owns the lines and what a good answer to one is: an exit code, in
 * words, and no defect of the program.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FlagSpec, globalFlags } from "../../cli/arguments.ts";
import { type Entries, isGroup } from "../../cli/command.ts";
import { weirCommands } from "../../cli/commandtable.ts";
import { devnetAccounts } from "../../cli/devnet-accounts.ts";
import type { Prompts } from "../../cli/keyring/prompt.ts";
import { main } from "../../cli/main.ts";
import type { Random } from "./random.ts";

/** They run until they are stopped, install a program, or look at the machine around them. */
const notHere = new Set(["start", "devnet", "testnet", "doctor", "install"]);

export interface KnownCommand {
  readonly words: readonly string[];
  readonly positionals: number;
  readonly flags: readonly FlagSpec[];
}

/** Of these a line has few: it would be over before anything was read. */
const special = new Set(["node", "help", "output", "no-color"]);
const wellMeant = [
  "--output=json",
  "--output=json",
  "--output=text",
  "--no-color",
  "--help",
  "--output=xml",
  "--bogus",
  "--home",
];

export async function knownCommands(entries?: Entries, words: readonly string[] = []): Promise<KnownCommand[]> {
  const known: KnownCommand[] = [];
  for (const [word, entry] of Object.entries(entries ?? (await weirCommands.entries()))) {
    if (notHere.has(word)) continue;
    if (isGroup(entry)) {
      known.push(...(await knownCommands(await entry.entries(), [...words, word])));
      continue;
    }
    const { flags, positionals } = (await entry.load()).command;
    const usable = [...flags, ...globalFlags].filter(({ name }) => !special.has(name));
    known.push(...(await knownCommands(entry.below ?? {}, [...words, word])));
    known.push({ words: [...words, word], positionals: positionals.length, flags: usable });
  }
  return known;
}

const texts = [
  ...["", " ", "-", "--", "---", "-x", "--=", "=", "0", "-0", "-1", "1", "00", "1.5", "1e9", "0x10", "NaN", "Infinity"],
  ...[
    "9".repeat(20),
    "9".repeat(400),
    "18446744073709551616",
    "-9223372036854775809",
    "true",
    "false",
    "null",
    "{}",
    "[]",
  ],
  ...[
    '{"a":{}}',
    '{"__proto__":{"x":1}}',
    `${"[".repeat(5_000)}`,
    "auto",
    "json",
    "text",
    "test",
    "file",
    "sync",
    "alice",
    "bob",
  ],
  ...[
    "uweir",
    "1uweir",
    "0uweir",
    "5WEIR",
    "1uweir,1uweir",
    `1${"a".repeat(200)}`,
    "1uweir,",
    ",",
    "../../etc/passwd",
    "/",
    "C:\\",
  ],
  ...[
    "\u0000",
    "a\u0000b",
    "\u001b[2J",
    "\u202egnp",
    "ﬁ",
    "é",
    "e\u0301",
    "𝟙",
    "💧",
    "\ud800",
    "日本語",
    "%00",
    "%s",
    "$(id)",
    "`id`",
  ],
  ...[
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "a".repeat(100_000),
    "\n",
    "\r\n",
    "a\nb",
    "'",
    '"',
    "weir1",
  ],
  ...[
    "2026-01-31T12:00:00Z",
    "172800s",
    "AAAA",
    "====",
    "A".repeat(64),
    "g".repeat(64),
    "tx.height>0",
    "a='b' AND",
    "weir1…",
  ],
  ...devnetAccounts.map(({ address }) => address),
];

/** In a folder of its own: a file, a folder, what is missing, and what cannot be one. */
export function makePlaces(folder: string): readonly string[] {
  mkdirSync(join(folder, "folder"), { recursive: true });
  writeFileSync(join(folder, "text"), "not JSON \u0000");
  writeFileSync(join(folder, "json"), '{"body":{"messages":[{"@type":"/x"}]},"auth_info":{},"signatures":[1]}');
  const here = ["folder", "text", "json", "missing", "missing/deep", "text/below"].map((name) => join(folder, name));
  return [...here, "", "/dev/null", "/proc/self/none", `${folder}/${"n".repeat(300)}`];
}

/** Mostly of the right shape, so that what is wrong lies deep. */
export function lineOf(
  { words, positionals, flags }: KnownCommand,
  random: Random,
  paths: readonly string[],
): string[] {
  const line = [...words];
  const surplus = random.chance(8) ? random.below(3) : 0;
  const missing = random.chance(8) ? 1 : 0;
  const textOf = () => (random.chance(5) ? random.pick(paths) : random.pick(texts));
  for (let i = 0; i < positionals + surplus - missing; i++) line.push(random.chance(3) ? ownOf(random) : textOf());
  for (let i = random.below(4); i > 0; i--) {
    const { name, value } = random.pick(flags);
    if (value === undefined) line.push(`--${name}`);
    else line.push(`--${name}=${value === "DIR" || value === "FILE" ? random.pick(paths) : textOf()}`);
    if (random.chance(20)) line.push(line.at(-1)!);
  }
  if (random.chance(3)) line.push(random.pick(wellMeant));
  // "-" is stdin, which is not the fuzzer's to give.
  return line.filter((text) => text !== "-");
}

const ownOf = (random: Random): string =>
  random.pick(["alice", "bob", "1", "5", "1uweir", "1000000uweir", devnetAccounts[0]!.address, "AB".repeat(32)]);

/** A home with a chain that could begin and the keys that lines speak of; they may break it as they please. */
export async function makeHome(home: string): Promise<void> {
  const surroundings = { environment: { WEIR_HOME: home, WEIR_KEYRING_BACKEND: "test" }, out: () => {}, err: () => {} };
  for (const line of ["init demo", "keys add alice", "keys add bob", "genesis add-account alice 1000000uweir"]) {
    if ((await main(line.split(" "), surroundings)) !== 0) throw new Error(`weir ${line} fails`);
  }
}

const silent: Prompts = {
  isTerminal: false,
  line: async () => undefined,
  secret: async () => undefined,
  newSecret: async () => undefined,
  confirm: async () => false,
};

const defects =
  /Cannot read|is not a function|is not iterable|\bundefined\b|\[object|Maximum call|at .*\.ts:\d+|Invalid array length/;
const saidMax = 2_000_000;

/** Undefined when the line was answered or refused as it should be. */
export async function problemWith(argv: readonly string[], home: string): Promise<string | undefined> {
  let [out, err] = ["", ""];
  const environment = { WEIR_HOME: home, WEIR_NODE: "http://127.0.0.1:1", WEIR_KEYRING_BACKEND: "test" };
  const code = await main(argv, {
    environment,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    prompts: silent,
  });
  const wrong = (what: string) => `${what}\n  ${JSON.stringify(argv).slice(0, 500)}\n  ${(out + err).slice(0, 1_000)}`;
  if (![0, 1, 2, 130].includes(code)) return wrong(`the exit code is ${code}`);
  if (defects.test(withoutTyped(err, argv))) return wrong("it speaks of a defect");
  if (out.length + err.length > saidMax) return wrong("it says too much");
  if (code !== 0 && err === "") return wrong(`it ends with ${code} and says nothing`);
  return code === 0 && argv.includes("--output=json") ? notJson(out, wrong) : undefined;
}

function notJson(out: string, wrong: (what: string) => string): string | undefined {
  try {
    JSON.parse(out);
    return undefined;
  } catch {
    return wrong("its answer is not the one JSON document");
  }
}

/** What was typed may be repeated in the refusal. */
const withoutTyped = (said: string, argv: readonly string[]): string =>
  argv.filter((text) => text.length > 3).reduce((rest, text) => rest.replaceAll(text, ""), said);
