/** The commands of `weir oracle`: their words. Each is loaded when it is called. */
import type { Entries } from "../command.ts";

export const oracleEntries: Entries = {
  init: { summary: "make keys and config/oracle.toml", load: () => import("./oracle-init.ts") },
  register: { summary: "register the oracle on the chain, with its bond", load: () => import("./oracle-register.ts") },
  start: { summary: "run the oracle", load: () => import("./oracle-start.ts") },
  status: { summary: "how it stands, what it read and missed, what to fix", load: () => import("./oracle-status.ts") },
};
