/** How the command line spells the treasury's messages and queries. */
import type { MessageForm, ModuleCommands } from "../../chain/commandforms.ts";
import type {
  MsgApproveSpend,
  MsgFund,
  MsgProposeSpend,
  MsgSetPolicy,
  MsgWithdrawApproval,
} from "../../proto/gen/weir/treasury/v1/tx.ts";

const propose: MessageForm<MsgProposeSpend> = {
  name: "spend",
  aliases: ["propose-spend"],
  summary: "propose a spend of the treasury, and approve it",
  positionals: ["recipient", "amount", "reason"],
  examples: ['weir1… 1000000uweir "audit of the market module" --from member'],
  describe: ({ recipient, amount, reason }, { who, coins }) => [
    `Proposes that the treasury pays ${coins(amount)} to ${who(recipient)}: ${reason}`,
  ],
};

const approve: MessageForm<MsgApproveSpend> = {
  name: "approve",
  aliases: ["approve-spend"],
  summary: "approve a spend; the last approval that is missing pays it",
  positionals: ["id"],
  examples: ["3 --from member"],
  describe: ({ id }) => [`Approves spend ${id} of the treasury`],
};

const withdraw: MessageForm<MsgWithdrawApproval> = {
  name: "withdraw-approval",
  summary: "take an approval back",
  positionals: ["id"],
  examples: ["3 --from member"],
  describe: ({ id }) => [`Takes back the approval of spend ${id} of the treasury`],
};

const fund: MessageForm<MsgFund> = {
  summary: "give to the treasury",
  positionals: ["amount"],
  examples: ["1000000uweir --from alice"],
  describe: ({ amount }, { coins }) => [`Gives ${coins(amount)} to the treasury`],
};

const setPolicy: MessageForm<MsgSetPolicy> = {
  summary: "set who may spend the treasury and how much a day, by governance",
  positionals: ["threshold", "members"],
  optional: 1,
  examples: ["2 weir1… weir1… weir1… --daily-limit 1000000uweir --generate-only"],
  describe: ({ members, threshold, dailyLimit }, { coins }) => [
    `Lets ${threshold} of ${members.length} members spend the treasury, at most ${coins(dailyLimit)} in 24 hours`,
  ],
};

export const commands: ModuleCommands = {
  messages: {
    "/weir.treasury.v1.MsgProposeSpend": propose,
    "/weir.treasury.v1.MsgApproveSpend": approve,
    "/weir.treasury.v1.MsgWithdrawApproval": withdraw,
    "/weir.treasury.v1.MsgFund": fund,
    "/weir.treasury.v1.MsgSetPolicy": setPolicy,
    "/weir.treasury.v1.MsgUpdateParams": {
      summary: "set the treasury's parameters, by governance",
      positionals: ["params"],
      examples: ["@params.json --generate-only"],
      describe: () => ["Sets how long spends of the treasury wait for approvals; only governance may"],
    },
  },
  queries: {
    "/weir.treasury.v1.Query/Treasury": {
      name: "show",
      summary: "what the treasury has, who may spend it, what is left of the day's limit",
      examples: [""],
    },
    "/weir.treasury.v1.Query/Spends": { summary: "spends that wait for approvals", examples: [""] },
    "/weir.treasury.v1.Query/Params": { summary: "the treasury's parameters", examples: [""] },
  },
};
