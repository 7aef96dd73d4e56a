/** How the command line spells slashing's messages and queries, as simd spells them, and what its messages mean in words. */
import type { MessageForm, ModuleCommands } from "../../chain/commandforms.ts";
import type { MsgUnjail } from "../../proto/gen/cosmos/slashing/v1beta1/tx.ts";

const unjail: MessageForm<MsgUnjail> = {
  summary: "let a validator that was jailed for downtime validate again",
  examples: ["--from operator"],
  describe: ({ validatorAddr }) => [`Takes validator ${validatorAddr} out of jail`],
};

export const commands: ModuleCommands = {
  messages: {
    "/cosmos.slashing.v1beta1.MsgUnjail": unjail,
    "/cosmos.slashing.v1beta1.MsgUpdateParams": {
      summary: "set slashing's parameters, by governance",
      positionals: ["params"],
      examples: ['\'{"signed_blocks_window":"100", …}\' --generate-only'],
      describe: () => ["Sets the parameters of slashing; only governance may"],
    },
  },
  queries: {
    "/cosmos.slashing.v1beta1.Query/Params": { summary: "slashing's parameters", examples: [""] },
    "/cosmos.slashing.v1beta1.Query/SigningInfo": {
      summary: "which blocks a validator missed, and whether it is jailed",
      positionals: ["cons_address"],
      examples: ["weirvalcons1…"],
    },
    "/cosmos.slashing.v1beta1.Query/SigningInfos": {
      summary: "which blocks each validator missed, and whether it is jailed",
      examples: [""],
    },
  },
};
