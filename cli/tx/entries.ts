/** What `weir tx` knows: a group for each module, from the modules themselves, and what is done with a file. Owns the words. */
import type { Module } from "../../chain/module.ts";
import { weir } from "../../modules/index.ts";
import type { CommandEntry, Entries, GroupEntry } from "../command.ts";
import { messageWord, wordsIn, wordsOfName } from "../names.ts";

const fileEntries: Entries = {
  sign: { summary: "sign a transaction in a file", load: () => import("../commands/tx-sign.ts") },
  "multi-sign": {
    summary: "join the signatures of a multisig's members",
    aliases: ["multisign"],
    load: () => import("../commands/tx-multi-sign.ts"),
  },
  broadcast: { summary: "send a signed transaction", load: () => import("../commands/tx-broadcast.ts") },
  encode: { summary: "from JSON to bytes", load: () => import("../commands/tx-encode.ts") },
  decode: { summary: "from bytes to JSON", load: () => import("../commands/tx-decode.ts") },
  "validate-signatures": {
    summary: "say who has signed, and whether it holds",
    load: () => import("../commands/tx-validate-signatures.ts"),
  },
  simulate: { summary: "say how much gas it would use", load: () => import("../commands/tx-simulate.ts") },
};

/** What is several messages of a module, chosen by what the chain says, or one that needs a file of this node. */
const moduleEntries: Readonly<Record<string, Entries>> = {
  beacon: {
    "register-key": {
      summary: "register the key of your validator's proofs",
      load: () => import("../commands/tx-beacon-register-key.ts"),
    },
  },
  gov: {
    draft: {
      summary: "write a proposal's file, by answering questions",
      aliases: ["draft-proposal"],
      load: () => import("../commands/tx-gov-draft.ts"),
    },
  },
  distribution: {
    "withdraw-all-rewards": {
      summary: "withdraw all that you earned, from every validator",
      load: () => import("../commands/tx-withdraw-all-rewards.ts"),
    },
  },
};

/** A module must not be called like one of the commands beside it. */
export function txEntries(modules: readonly Module[] = weir.modules): Entries {
  const groups = Object.fromEntries(
    modules
      .filter(({ messages }) => Object.keys(messages).length > 0)
      .map((module) => [module.name, moduleGroup(module)] as const),
  );
  return { ...groups, ...fileEntries };
}

function moduleGroup(module: Module): GroupEntry {
  const words = wordsIn(
    Object.keys(module.messages),
    (url) => module.commands?.messages[url]?.name ?? messageWord(url),
  );
  const entries = Object.fromEntries([...words].map(([url, word]) => messageEntry(module, url, word)));
  return {
    summary: `transactions of ${module.name}`,
    examples: Object.values(entries)
      .slice(0, 3)
      .map(({ example }) => example),
    entries: async () => ({ ...entries, ...moduleEntries[module.name] }),
  };
}

function messageEntry(module: Module, url: string, word: string): [string, CommandEntry & { example: string }] {
  const form = module.commands?.messages[url] ?? {};
  const name = `tx ${module.name} ${word}`;
  const entry = {
    summary: form.summary ?? wordsOfName(url),
    aliases: form.aliases ?? [],
    example: `weir ${name} ${form.examples?.[0] ?? ""}`.trim(),
    load: async () => {
      const { moduleMessage } = await import("./modulemessage.ts");
      return { command: moduleMessage({ handler: module.messages[url]!, name, form }) };
    },
  };
  return [word, entry];
}
