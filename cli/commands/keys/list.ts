/** `weir keys list`: what is in the keyring. Asks for no passphrase. */
import type { Command } from "../../command.ts";
import { keyOutput, keyTable } from "../../keyring/output.ts";
import { keyFlags, keyringFor } from "../../keys.ts";

export const command: Command = {
  name: "keys list",
  positionals: [],
  summary: "Lists the keys.",
  description: "Asks for no passphrase. A key whose file is damaged is named on stderr, and the exit code is then 1.",
  flags: [{ name: "list-names", short: "n", help: "the names alone" }, ...keyFlags],
  examples: ["weir keys list", "weir keys list --list-names", "weir keys list --keyring-backend test --output json"],
  async run(invocation) {
    const keyring = await keyringFor(invocation);
    const { keys, problems } = keyring.list();
    const outputs = keys.map((key) => keyOutput(key));
    if (invocation.has("list-names")) {
      const names = keys.map(({ name }) => name);
      invocation.answer(names.map((name) => `${name}\n`).join(""), names);
    } else {
      const none = `No keys in ${keyring.folder}. Make one: weir keys add NAME\n`;
      invocation.answer(keys.length > 0 ? keyTable(outputs) : problems.length > 0 ? "" : none, outputs);
    }
    for (const { message } of problems) invocation.say(`weir: ${message}\n`);
    return problems.length === 0 ? 0 : 1;
  },
};
