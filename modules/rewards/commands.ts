/** How the command line spells the rewards' messages and queries. */
import type { MessageForm, ModuleCommands, QueryForm, ShownNumber } from "../../chain/commandforms.ts";
import type {
  QueryExplainResponse,
  QueryLeaderboardResponse,
  QueryThresholdsResponse,
} from "../../proto/gen/weir/rewards/v1/query.ts";
import type {
  MsgClaim,
  MsgClaimOracle,
  MsgRestake,
  MsgSetWithdrawAddress,
} from "../../proto/gen/weir/rewards/v1/tx.ts";

const claim: MessageForm<MsgClaim> = {
  summary: "take what a relay's bond earned you",
  positionals: ["relay_id"],
  examples: ["7 --from alice"],
  describe: ({ relayId }) => [`Claims the liquid rewards of relay ${relayId}; what vests stays`],
};

const restake: MessageForm<MsgRestake> = {
  summary: "claim, and add the claim to the relay's bond",
  positionals: ["relay_id"],
  examples: ["7 --from alice"],
  describe: ({ relayId }) => [`Claims the liquid rewards of relay ${relayId} and bonds them to it`],
};

const claimOracle: MessageForm<MsgClaimOracle> = {
  summary: "take an oracle's pay",
  positionals: ["oracle_id"],
  examples: ["3 --from bob"],
  describe: ({ oracleId }) => [`Claims the pay of oracle ${oracleId}`],
};

const setWithdrawAddress: MessageForm<MsgSetWithdrawAddress> = {
  summary: "say where your rewards go",
  positionals: ["withdraw_address"],
  examples: ["weir1… --from alice"],
  describe: ({ withdrawAddress }, { who }) => [`Sends rewards to ${who(withdrawAddress)} from now on`],
};

const explain: QueryForm = {
  summary: "why a relay earned what it did, how far it is from a slash, what to improve",
  positionals: ["relay"],
  examples: ["7 --epoch 12", "weir1…"],
  shown: ({ lines }: QueryExplainResponse) => lines.map((line) => [line]),
};

const thresholds: QueryForm = {
  summary: "how far a relay stands from each slash",
  positionals: ["relay"],
  examples: ["7"],
  shown: ({ thresholds: list }: QueryThresholdsResponse) =>
    list.map(({ rule, now, limit, near }) => [near ? "near" : "safe", rule, now, limit]),
};

const leaderboard: QueryForm = {
  summary: "relays by weight, the heaviest first",
  examples: ["--limit 10"],
  shown: ({ relays }: QueryLeaderboardResponse, number: ShownNumber) =>
    relays.map(({ relayId, operator, weight, earned }) => [
      `${relayId}`,
      operator,
      number(`${weight}`),
      number(earned),
    ]),
};

export const commands: ModuleCommands = {
  messages: {
    "/weir.rewards.v1.MsgClaim": claim,
    "/weir.rewards.v1.MsgClaimAll": {
      summary: "take what all relays' bonds earned you",
      positionals: [],
      examples: ["--from alice"],
      describe: () => ["Claims the liquid rewards of every relay that you have shares in, at most 100"],
    },
    "/weir.rewards.v1.MsgRestake": restake,
    "/weir.rewards.v1.MsgClaimOracle": claimOracle,
    "/weir.rewards.v1.MsgSetWithdrawAddress": setWithdrawAddress,
    "/weir.rewards.v1.MsgUpdateParams": {
      summary: "set the rewards' parameters, by governance",
      positionals: ["params"],
      examples: ["@params.json --generate-only"],
      describe: () => ["Sets the parameters of the rewards; only governance may"],
    },
  },
  queries: {
    "/weir.rewards.v1.Query/Params": { summary: "the rewards' parameters", examples: [""] },
    "/weir.rewards.v1.Query/Epoch": {
      summary: "what an epoch came to",
      positionals: ["number"],
      optional: 1,
      examples: ["", "12"],
    },
    "/weir.rewards.v1.Query/Epochs": { summary: "what the kept epochs came to", examples: ["--limit 5 --reverse"] },
    "/weir.rewards.v1.Query/Settlement": { summary: "which epoch is settled next, and how far", examples: [""] },
    "/weir.rewards.v1.Query/Relay": {
      summary: "all that rewards know of a relay",
      positionals: ["relay"],
      examples: ["7", "weir1…"],
    },
    "/weir.rewards.v1.Query/Result": {
      summary: "every input of what a relay earned in an epoch",
      positionals: ["relay"],
      examples: ["7 --epoch 12"],
    },
    "/weir.rewards.v1.Query/Explain": explain,
    "/weir.rewards.v1.Query/Thresholds": thresholds,
    "/weir.rewards.v1.Query/Claimable": {
      summary: "what a claim would give now",
      positionals: ["relay", "claimant"],
      examples: ["7 weir1…"],
    },
    "/weir.rewards.v1.Query/Oracle": {
      summary: "an oracle's pay and misses",
      positionals: ["oracle_id"],
      examples: ["3"],
    },
    "/weir.rewards.v1.Query/Leaderboard": leaderboard,
    "/weir.rewards.v1.Query/Cells": { summary: "how scarce bandwidth is, cell by cell", examples: [""] },
    "/weir.rewards.v1.Query/Emission": {
      summary: "what epochs to come emit, pool by pool",
      positionals: [],
      examples: ["", "--skip 730 --epochs 7"],
    },
    "/weir.rewards.v1.Query/Shift": {
      summary: "how relays' income goes over from what is minted to what users pay",
      examples: ["", "--epochs 28"],
    },
    "/weir.rewards.v1.Query/BondRate": { summary: "the bond that a bps of claim takes", examples: [""] },
    "/weir.rewards.v1.Query/WithdrawAddress": {
      summary: "where an account's rewards go",
      positionals: ["owner"],
      examples: ["weir1…"],
    },
  },
};
