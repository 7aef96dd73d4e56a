/** `weir comet install`: builds the consensus engine that this version runs with. Owns what is said; cometprogram.ts builds. */
import { checkCometVersion, installComet, installCommand } from "../../chain/consensus/cometprogram.ts";
import { cometVersion } from "../../chain/consensus/state.ts";
import type { Command } from "../command.ts";

export const command: Command = {
  name: "comet install",
  positionals: [],
  summary: "Builds the cometbft program with Go, into this user's cache.",
  description: `Runs \`${installCommand}\`, which takes some minutes the first time. \`weir start --engine comet\` finds it there.`,
  flags: [],
  examples: ["weir comet install"],
  async run({ environment, say, answer }) {
    say(`${installCommand}\n`);
    const program = await installComet(environment, say);
    await checkCometVersion(program);
    answer(`CometBFT ${cometVersion}: ${program}\n`, { program, version: cometVersion });
    return 0;
  },
};
