/** How the command line spells consensus' messages and queries, as simd spells them. */
import type { ModuleCommands } from "../../chain/commandforms.ts";

export const commands: ModuleCommands = {
  messages: {
    "/cosmos.consensus.v1.MsgUpdateParams": {
      summary: "set the engine's parameters, by governance",
      positionals: ["block", "evidence", "validator", "abci"],
      examples: ["@block.json @evidence.json @validator.json --generate-only"],
      describe: () => ["Sets the consensus parameters of the chain; only governance may"],
    },
  },
  queries: {
    "/cosmos.consensus.v1.Query/Params": { summary: "the engine's parameters", examples: [""] },
  },
};
