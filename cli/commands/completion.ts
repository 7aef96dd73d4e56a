/** `weir completion`: the script that teaches a shell this program's words. */
import { UsageError } from "../arguments.ts";
import type { Command } from "../command.ts";
import { weirCommands } from "../commandtable.ts";
import { completionScript, shells } from "../completion.ts";

export const command: Command = {
  name: "completion",
  positionals: [shells.join("|")],
  summary: "Prints the script that completes commands and flags in a shell.",
  flags: [],
  examples: [
    "weir completion bash > ~/.local/share/bash-completion/completions/weir",
    "weir completion zsh > ~/.zfunc/_weir",
    "weir completion fish > ~/.config/fish/completions/weir.fish",
  ],
  async run({ positionals: [name], answer }) {
    const shell = shells.find((known) => known === name);
    if (shell === undefined) throw new UsageError(`${name}: expected ${shells.join(", ")}`);
    const script = await completionScript(shell, await weirCommands.entries());
    answer(script, { shell, script });
    return 0;
  },
};
