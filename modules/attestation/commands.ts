/** How the command line spells the messages and queries of relays, oracles and their bonds. */
import type { ModuleCommands } from "../../chain/commandforms.ts";
import { evidenceCommands } from "./evidencecommands.ts";
import { readingsCommands } from "./readingscommands.ts";

export const commands: ModuleCommands = {
  messages: { ...readingsCommands.messages, ...evidenceCommands.messages },
  queries: { ...readingsCommands.queries, ...evidenceCommands.queries },
};
