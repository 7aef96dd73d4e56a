/** What `weir tx` knows: a group for each module, from the modules themselves. Owns the words. */
import type { Module } from "../../chain/module.ts";
import { weir } from "../../modules/index.ts";
import type { CommandEntry, Entries, GroupEntry } from "../command.ts";
import { messageWord } from "../names.ts";

export function txEntries(modules: readonly Module[] = weir.modules): Entries {
  return Object.fromEntries(
    modules
      .filter(({ messages }) => Object.keys(messages).length > 0)
      .map((module) => [module.name, moduleGroup(module)] as const),
  );
}

function moduleGroup(module: Module): GroupEntry {
  const entries = Object.fromEntries(Object.keys(module.messages).map((url) => messageEntry(module, url)));
  return {
    summary: `transactions of ${module.name}`,
    examples: Object.values(entries)
      .slice(0, 3)
      .map(({ example }) => example),
    entries: async () => entries,
  };
}

function messageEntry(module: Module, url: string): [string, CommandEntry & { example: string }] {
  const form = module.commands?.messages[url] ?? {};
  const word = form.name ?? messageWord(url);
  const name = `tx ${module.name} ${word}`;
  const entry = {
    summary: form.summary ?? `send ${url}`,
    aliases: form.aliases ?? [],
    example: `weir ${name} ${form.examples?.[0] ?? ""}`.trim(),
    load: async () => {
      const { moduleMessage } = await import("./modulemessage.ts");
      return { command: moduleMessage({ handler: module.messages[url]!, name, form }) };
    },
  };
  return [word, entry];
}
