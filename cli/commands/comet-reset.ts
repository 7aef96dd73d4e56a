/**
 * `weir comet unsafe-reset-all`: a home as it was before its first block. Owns the order: data goes before the memory of what was signed,
 * so that a kill in between leaves a validator that signs nothing rather than one that signs twice.
 */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { freshSignStateJson } from "../../chain/consensus/keys.ts";
import { agrees } from "../agrees.ts";
import type { Command, Invocation } from "../command.ts";
import { type Home, makeFolders, writeText } from "../home.ts";
import { requireStopped } from "../stopped.ts";

export const command: Command = {
  name: "comet unsafe-reset-all",
  positionals: [],
  summary: "Deletes the chain's data and the memory of what this validator has signed.",
  description:
    "Everything in data/ goes: state, blocks, snapshots; and config/addrbook.json. Keys, genesis.json, the settings and the keyring stay.\n" +
    "On a chain that goes on, a validator that forgets what it signed can sign a height twice and lose its stake: only for test networks.",
  flags: [
    { name: "keep-addr-book", help: "keep config/addrbook.json" },
    { name: "yes", short: "y", help: "do not ask" },
  ],
  examples: ["weir comet unsafe-reset-all", "weir comet unsafe-reset-all --home /tmp/demo --yes"],
  async run(invocation) {
    const { home, answer } = invocation;
    const doomed = doomedIn(invocation);
    if (!existsSync(home.config)) throw new Error(`${home.config} is missing: is ${home.folder} a node's home?`);
    await requireStopped(home);
    const words =
      doomed.length === 0
        ? `${home.data} holds no data.\n`
        : `These are deleted:\n${doomed.map((path) => `  ${path}\n`).join("")}`;
    const matter = {
      words: `${words}${home.validatorState} is set back: this validator forgets what it has signed.\n${home.validatorKey} stays.\n`,
      question: "Delete all this?",
      otherwise: "Nothing was deleted.",
    };
    if (!(await agrees(invocation, matter))) return 1;
    reset(home, doomed);
    answer("Done: `weir start` begins the chain again at its genesis.\n", {
      deleted: doomed,
      reset: home.validatorState,
    });
    return 0;
  },
};

function doomedIn({ home, has }: Invocation): string[] {
  const addressBook = join(home.config, "addrbook.json");
  const data = existsSync(home.data) ? readdirSync(home.data).map((name) => join(home.data, name)) : [];
  const books = has("keep-addr-book") || !existsSync(addressBook) ? [] : [addressBook];
  return [...data.filter((path) => path !== home.validatorState).sort(), ...books];
}

function reset(home: Home, doomed: readonly string[]): void {
  for (const path of doomed) rmSync(path, { recursive: true, force: true });
  makeFolders(home);
  writeText(home.validatorState, freshSignStateJson());
}
