/** `weir keys rename`: a key under another name. */
import type { Command } from "../../command.ts";
import { promptsOf } from "../../keyring/flags.ts";
import { keyOutput } from "../../keyring/output.ts";
import { keyFlags, keyringFor } from "../../keys.ts";

export const command: Command = {
  name: "keys rename",
  positionals: ["OLD_NAME", "NEW_NAME"],
  summary: "Gives a key another name.",
  description: "The name is encrypted with the key, so the keyring's passphrase is asked for.",
  flags: [{ name: "yes", short: "y", help: "do not ask" }, ...keyFlags],
  examples: ["weir keys rename alice treasurer"],
  async run(invocation) {
    const [from = "", to = ""] = invocation.positionals;
    const keyring = await keyringFor(invocation);
    keyring.get(from);
    keyring.requireFree(to);
    const question = `The key ${from} will be renamed to ${to}. Continue?`;
    if (!invocation.has("yes") && !(await promptsOf(invocation).confirm(question))) {
      throw new Error("not renamed: it takes a y, or --yes");
    }
    const key = await keyring.rename(from, to);
    invocation.answer(`Key was successfully renamed from ${from} to ${to}\n`, keyOutput(key));
    return 0;
  },
};
