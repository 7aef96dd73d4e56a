/** How the command line spells mint's messages and queries, as simd spells them. */
import type { ModuleCommands } from "../../chain/commandforms.ts";

export const commands: ModuleCommands = {
  messages: {
    "/cosmos.mint.v1beta1.MsgUpdateParams": {
      summary: "set mint's parameters, by governance",
      positionals: ["params"],
      examples: ["@params.json --generate-only"],
      describe: () => ["Sets the parameters of mint; only governance may"],
    },
  },
  queries: {
    "/cosmos.mint.v1beta1.Query/Params": { summary: "mint's parameters", examples: [""] },
    "/cosmos.mint.v1beta1.Query/Inflation": { summary: "how much the supply grows in a year", examples: [""] },
    "/cosmos.mint.v1beta1.Query/AnnualProvisions": { summary: "what is minted in a year", examples: [""] },
    "/weir.mint.v1.Query/Schedule": {
      summary: "the emission schedule, day by day",
      positionals: [],
      examples: ["", "--from-day 730 --days 7"],
    },
    "/weir.mint.v1.Query/Supply": { summary: "what was minted, and what may still be", examples: [""] },
  },
};
