/** `weir pre-upgrade`: what cosmovisor asks a new release before it starts it. Its exit codes are cosmovisor's. */
import { weir } from "../../modules/index.ts";
import type { Command } from "../command.ts";
import { homeAt } from "../home.ts";
import { readUpgradeInfo } from "../upgradehalt.ts";

const failed = 30;

export const command: Command = {
  name: "pre-upgrade",
  positionals: [],
  summary: "Says whether this release is the one that a stopped node waits for.",
  description:
    "Reads data/upgrade-info.json, which a node leaves when it stops for an upgrade, and ends with 0 where this release carries that\n" +
    "upgrade out, with 30 where it does not. Cosmovisor asks it before it starts a release. Nothing is changed.",
  flags: [],
  examples: ["weir pre-upgrade"],
  async run(invocation) {
    const { home, environment, isGiven } = invocation;
    // Cosmovisor names the home in its own variable alone.
    const info = readUpgradeInfo(isGiven("home") ? home : homeAt(environment.DAEMON_HOME ?? home.folder));
    if (info === undefined) {
      invocation.answer("The node waits for no upgrade.\n", { name: null, fits: true });
      return 0;
    }
    const { name, height } = info;
    const table = weir.upgrades?.table ?? [];
    // Cosmovisor writes names in lower case.
    const fits = table.at(-1)?.name.toLowerCase() === name.toLowerCase();
    const has = table.map((upgrade) => upgrade.name).join(", ") || "none";
    invocation.answer(
      fits
        ? `This release carries out upgrade ${name}, which stopped the node at height ${height}.\n`
        : `The node stopped at height ${height} for upgrade ${name}, and this release has ${has}: it is not the one.\n`,
      { name, height: String(height), fits },
    );
    return fits ? 0 : failed;
  },
};
