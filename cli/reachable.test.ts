import { describe, expect, it } from "vitest";
import { makeRegistry } from "../chain/definition.ts";
import type { Module } from "../chain/module.ts";
import { weir } from "../modules/index.ts";
import { type CommandEntry, type Entries, helpOf, isGroup } from "./command.ts";
import { weirCommands } from "./commandtable.ts";
import { fieldsOf } from "./fields.ts";
import { main } from "./main.ts";
import { queryEntries } from "./query/entries.ts";
import { txEntries } from "./tx/entries.ts";

interface Reached {
  readonly words: readonly string[];
  readonly entry: CommandEntry;
}

async function* commandsOf(entries: Entries, words: readonly string[] = []): AsyncGenerator<Reached> {
  for (const [word, entry] of Object.entries(entries)) {
    if (isGroup(entry)) yield* commandsOf(await entry.entries(), [...words, word]);
    else {
      yield { words: [...words, word], entry };
      yield* commandsOf(entry.below ?? {}, [...words, word]);
    }
  }
}

/** The type URLs and gRPC paths that commands say they are for. */
async function named(entries: Entries): Promise<string[]> {
  const found: string[] = [];
  for await (const { entry } of commandsOf(entries)) {
    const { description = "" } = (await entry.load()).command;
    found.push(...[...description.matchAll(/The (?:query|message) (\/[\w./]+\w)/g)].map(([, path]) => path!));
  }
  return found.sort();
}

const sorted = (paths: readonly string[]): string[] => [...paths].sort();

describe("the command table", () => {
  it("reaches every message and every query of every module", async () => {
    const queries = weir.modules.flatMap((module) => Object.keys(module.queries));
    const messages = weir.modules.flatMap((module) => Object.keys(module.messages));
    expect(await named(queryEntries())).toEqual(sorted(queries));
    expect(await named(txEntries())).toEqual(sorted(messages));
  });

  it("reaches those of a module that says nothing of commands, by their names", async () => {
    const mute: Module[] = weir.modules.map(({ commands: _, ...module }) => module);
    const query = Object.keys(await groupOf(queryEntries(mute), "auth"));
    expect(query).toContain("account-address-by-id");
    expect(query).toContain("module-account-by-name");
    expect(Object.keys(await groupOf(txEntries(mute), "bank"))).toEqual([
      "send",
      "multi-send",
      "update-params",
      "set-send-enabled",
    ]);
    expect(await named(queryEntries(mute))).toEqual(await named(queryEntries()));
    expect(await named(txEntries(mute))).toEqual(await named(txEntries()));
  });

  it("explains what a module says nothing of, with an example made of its fields", async () => {
    const mute: Module[] = weir.modules.map(({ commands: _, ...module }) => module);
    const helpIn = async (entries: Entries, module: string, word: string) => {
      const entry = (await groupOf(entries, module))[word];
      if (entry === undefined || isGroup(entry)) throw new Error(`${word} is no command`);
      return `${entry.summary}\n${helpOf((await entry.load()).command)}`;
    };
    const balance = await helpIn(queryEntries(mute), "bank", "balance");
    expect(balance).toMatch(/^balance\nAsks a node: balance\./);
    expect(balance).toContain("Examples:\n  weir query bank balance weir1… uweir\n");
    const update = await helpIn(txEntries(mute), "consensus", "update-params");
    expect(update).toContain("--block JSON");
    expect(update).toContain("{max_bytes, max_gas} as JSON, or @FILE");
    expect(update).toContain(
      "weir tx consensus update-params @block.json @evidence.json @validator.json @abci.json --from alice",
    );
  });

  it("leads to each command by the words that the command says, with examples that begin so", async () => {
    for await (const { words, entry } of commandsOf(await weirCommands.entries())) {
      const { command } = await entry.load();
      expect(command.name).toBe(words.join(" "));
      expect(command.examples.length, command.name).toBeGreaterThan(0);
      for (const example of command.examples) expect(example).toContain(`weir ${command.name}`);
      expect(new Set(command.flags.map(({ name }) => name)).size, helpOf(command)).toBe(command.flags.length);
    }
  });

  it("names only fields that there are, and forms only for what there is", () => {
    const registry = makeRegistry(weir.modules);
    const fields = (typeName: string) => fieldsOf(typeName).map(({ name }) => name);
    for (const { commands } of weir.modules) {
      for (const [url, { positionals = [] }] of Object.entries(commands?.messages ?? {})) {
        expect(fields(url.slice(1))).toEqual(expect.arrayContaining([...positionals]));
      }
      for (const [path, { positionals = [] }] of Object.entries(commands?.queries ?? {})) {
        expect(fields(registry.query(path)!.request.typeName)).toEqual(expect.arrayContaining([...positionals]));
      }
      for (const url of Object.keys(commands?.messages ?? {})) expect(registry.handler(url), url).toBeDefined();
      for (const path of Object.keys(commands?.queries ?? {})) expect(registry.query(path), path).toBeDefined();
    }
  });

  it("explains each command and each group", async () => {
    const [groups, commands] = [new Set<string>(), new Set<string>()];
    for await (const { words } of commandsOf(await weirCommands.entries())) {
      commands.add(words.join(" "));
      for (let length = 1; length < words.length; length++) groups.add(words.slice(0, length).join(" "));
      expect(await helpText([...words, "--help"])).toContain(`Usage: weir ${words.join(" ")}`);
    }
    for (const group of groups) {
      if (commands.has(group)) continue;
      expect(await helpText(group.split(" "))).toContain(`Usage: weir ${group} COMMAND`);
      expect(await helpText(["help", ...group.split(" ")])).toContain(`Usage: weir ${group} COMMAND`);
    }
  });
});

async function groupOf(entries: Entries, word: string): Promise<Entries> {
  const entry = entries[word];
  if (entry === undefined || !isGroup(entry)) throw new Error(`${word} is no group`);
  return entry.entries();
}

async function helpText(argv: readonly string[]): Promise<string> {
  let out = "";
  const say = (text: string) => {
    out += text;
  };
  expect(await main(argv, { environment: {}, out: say, err: say }), `${argv.join(" ")}: ${out}`).toBe(0);
  return out;
}
