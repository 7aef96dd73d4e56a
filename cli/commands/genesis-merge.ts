/** `weir genesis merge`: part of an app_state into genesis.json, before the first start. */
import type { Command } from "../command.ts";
import { genesisText, readFreshGenesis } from "../genesis.ts";
import { mergeAppState, mergedModules } from "../genesismerge.ts";
import { writeText } from "../home.ts";
import { readJson } from "../tx/document.ts";

export const command: Command = {
  name: "genesis merge",
  positionals: ["FILE"],
  summary: "Merges part of an app_state into genesis.json, before the first start.",
  description:
    'FILE holds part of a genesis, {"app_state": {"compliance": {"params": {"enabled": true}}}}: fields that it names take the place of\n' +
    "those that there are, lists as a whole. Those of genesis/presets are such files. Each module checks what it is given.",
  flags: [],
  examples: ["weir genesis merge compliance.json", "weir genesis merge genesis/presets/hybrid.json"],
  async run({ home, positionals: [path = ""], answer }) {
    const file = readJson(path);
    const document = mergeAppState(readFreshGenesis(home), file);
    writeText(home.genesis, genesisText(document));
    const modules = mergedModules(file);
    answer(`Merged ${modules.join(", ")} into ${home.genesis}.\n`, { modules, genesis: home.genesis });
    return 0;
  },
};
