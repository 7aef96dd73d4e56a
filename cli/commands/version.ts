/** `weir version`. */
import { cometVersion } from "../../chain/consensus/state.ts";
import type { Command } from "../command.ts";
import { version } from "../version.ts";

export const command: Command = {
  name: "version",
  positionals: [],
  summary: "Says which version this is.",
  flags: [{ name: "long", help: "the same: it is all there is to say" }],
  examples: ["weir version", "weir version --output json"],
  async run({ answer }) {
    const { node } = process.versions;
    answer(`weir ${version} (Node ${node}; blocks and RPC of CometBFT ${cometVersion})\n`, {
      version,
      node,
      cometbft: cometVersion,
    });
    return 0;
  },
};
