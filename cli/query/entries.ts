/** What `weir query` knows: a group for each module, from the modules themselves, and blocks and transactions. Owns the words. */
import type { Module } from "../../chain/module.ts";
import { weir } from "../../modules/index.ts";
import type { CommandEntry, Entries, GroupEntry } from "../command.ts";
import { queryWord, wordsOfName } from "../names.ts";
import { chainEntries } from "./chain.ts";

export function queryEntries(modules: readonly Module[] = weir.modules): Entries {
  const groups = Object.fromEntries(
    modules
      .filter(({ queries }) => Object.keys(queries).length > 0)
      .map((module) => [module.name, moduleGroup(module)] as const),
  );
  return { ...groups, ...chainEntries };
}

function moduleGroup(module: Module): GroupEntry {
  const entries = Object.fromEntries(Object.keys(module.queries).map((path) => queryEntry(module, path)));
  return {
    summary: `ask about ${module.name}`,
    examples: Object.values(entries)
      .slice(0, 3)
      .map(({ example }) => example),
    entries: async () => entries,
  };
}

function queryEntry(module: Module, path: string): [string, CommandEntry & { example: string }] {
  const form = module.commands?.queries[path] ?? {};
  const word = form.name ?? queryWord(path);
  const name = `query ${module.name} ${word}`;
  const entry = {
    summary: form.summary ?? wordsOfName(path),
    aliases: form.aliases ?? [],
    example: `weir ${name} ${form.examples?.[0] ?? ""}`.trim(),
    load: async () => {
      const { moduleQuery } = await import("./modulequery.ts");
      return { command: moduleQuery({ module, path, name, form }) };
    },
  };
  return [word, entry];
}
