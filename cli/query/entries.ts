/** What `weir query` knows: a group for each module, from the modules themselves, and blocks and transactions. Owns the words. */
import type { Module } from "../../chain/module.ts";
import { weir } from "../../modules/index.ts";
import type { CommandEntry, Entries, GroupEntry } from "../command.ts";
import { queryWord, wordsIn, wordsOfName } from "../names.ts";
import { chainEntries } from "./chain.ts";

/** In place of a query's answer as it is, or beside the queries: what takes several of them, or a file. */
const moduleEntries: Readonly<Record<string, Entries>> = {
  gov: {
    proposals: {
      summary: "proposals with their status, time left and votes, the newest first",
      load: () => import("../commands/query-gov-proposals.ts"),
    },
    proposal: {
      summary: "a proposal: what it would change, and how its vote stands",
      aliases: ["proposer"],
      load: () => import("../commands/query-gov-proposal.ts"),
    },
    simulate: {
      summary: "what a proposal in a file would change, and whether it would execute",
      load: () => import("../commands/query-gov-simulate.ts"),
    },
  },
};

export function queryEntries(modules: readonly Module[] = weir.modules): Entries {
  const groups = Object.fromEntries(
    modules
      .filter(({ queries }) => Object.keys(queries).length > 0)
      .map((module) => [module.name, moduleGroup(module)] as const),
  );
  return { ...groups, ...chainEntries };
}

function moduleGroup(module: Module): GroupEntry {
  const words = wordsIn(Object.keys(module.queries), (path) => module.commands?.queries[path]?.name ?? queryWord(path));
  const entries = Object.fromEntries([...words].map(([path, word]) => queryEntry(module, path, word)));
  return {
    summary: `ask about ${module.name}`,
    examples: Object.values(entries)
      .slice(0, 3)
      .map(({ example }) => example),
    entries: async () => ({ ...entries, ...moduleEntries[module.name] }),
  };
}

function queryEntry(module: Module, path: string, word: string): [string, CommandEntry & { example: string }] {
  const form = module.commands?.queries[path] ?? {};
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
