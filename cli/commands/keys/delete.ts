/** `weir keys delete`: takes keys away, once it was told twice. */
import type { Command, Invocation } from "../../command.ts";
import { promptsOf } from "../../keyring/flags.ts";
import type { Keyring } from "../../keyring/keyring.ts";
import { keyFlags, keyringFor } from "../../keys.ts";

export const command: Command = {
  name: "keys delete",
  positionals: ["NAME..."],
  summary: "Deletes keys.",
  description: "A private key that was written down nowhere else is lost for ever, with what its account holds.",
  flags: [{ name: "yes", short: "y", help: "do not ask" }, ...keyFlags],
  examples: ["weir keys delete alice", "weir keys delete alice bob --yes"],
  async run(invocation) {
    const keyring = await keyringFor(invocation);
    let failures = 0;
    for (const name of invocation.positionals) failures += (await deleteOne(invocation, keyring, name)) ? 0 : 1;
    invocation.answer("", { deleted: invocation.positionals.length - failures });
    return failures === 0 ? 0 : 1;
  },
};

async function deleteOne(invocation: Invocation, keyring: Keyring, name: string): Promise<boolean> {
  if (!keyring.has(name)) {
    invocation.say(`key ${name} not found in ${keyring.folder}\n`);
    return false;
  }
  const what = keyring.list().keys.find((key) => key.name === name);
  const isReference = what !== undefined && what.type !== "local";
  const described = what === undefined ? "whose file is damaged" : `${what.type}, ${what.address}`;
  const question = `The key ${name} (${described}) will be deleted. Continue?`;
  if (!invocation.has("yes") && !(await promptsOf(invocation).confirm(question))) {
    invocation.say(`key ${name} was not deleted: it takes a y, or --yes\n`);
    return false;
  }
  keyring.remove(name);
  invocation.say(isReference ? `Public key reference ${name} deleted\n` : `Key ${name} deleted forever (uh oh!)\n`);
  return true;
}
