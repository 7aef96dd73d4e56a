/** How the command line spells distribution's messages and queries, as simd spells them, and what its messages mean in words. */
import type { MessageForm, ModuleCommands } from "../../chain/commandforms.ts";
import type * as tx from "../../proto/gen/cosmos/distribution/v1beta1/tx.ts";

const setWithdrawAddress: MessageForm<tx.MsgSetWithdrawAddress> = {
  name: "set-withdraw-addr",
  summary: "let your rewards go to another account",
  positionals: ["withdraw_address"],
  examples: ["weir1… --from alice"],
  describe: ({ delegatorAddress, withdrawAddress }, { who }) => [
    `Rewards of ${who(delegatorAddress)} go to ${who(withdrawAddress)} from now on`,
  ],
};

const withdrawRewards: MessageForm<tx.MsgWithdrawDelegatorReward> = {
  name: "withdraw-rewards",
  summary: "withdraw your rewards from a validator",
  positionals: ["validator_address"],
  examples: ["weirvaloper1… --from alice"],
  describe: ({ delegatorAddress, validatorAddress }, { who }) => [
    `${who(delegatorAddress)} withdraws the rewards earned at ${validatorAddress}`,
  ],
};

const withdrawCommission: MessageForm<tx.MsgWithdrawValidatorCommission> = {
  summary: "withdraw the commission of your validator",
  positionals: ["validator_address"],
  examples: ["weirvaloper1… --from operator"],
  describe: ({ validatorAddress }) => [`Withdraws the commission of ${validatorAddress}`],
};

const fundCommunityPool: MessageForm<tx.MsgFundCommunityPool> = {
  summary: "give coins to the community pool",
  positionals: ["amount"],
  examples: ["1000000uweir --from alice"],
  describe: ({ depositor, amount }, { who, coins }) => [
    `${who(depositor)} gives ${coins(amount)} to the community pool; only governance can spend it`,
  ],
};

const fundValidator: MessageForm<tx.MsgDepositValidatorRewardsPool> = {
  name: "fund-validator-rewards-pool",
  summary: "give coins to all who delegated to a validator",
  positionals: ["validator_address", "amount"],
  examples: ["weirvaloper1… 1000000uweir --from alice"],
  describe: ({ depositor, validatorAddress, amount }, { who, coins }) => [
    `${who(depositor)} gives ${coins(amount)} to the validator ${validatorAddress} and its delegators, by their shares`,
  ],
};

const spend: MessageForm<tx.MsgCommunityPoolSpend> = {
  summary: "spend from the community pool, by governance",
  positionals: ["recipient", "amount"],
  examples: ["weir1… 1000000uweir --generate-only"],
  describe: ({ recipient, amount }, { who, coins }) => [
    `The community pool gives ${coins(amount)} to ${who(recipient)}; only governance may`,
  ],
};

const ofValidator = (name: string, summary: string) => ({
  name,
  summary,
  positionals: ["validator_address"],
  examples: ["weirvaloper1…"],
});

const ofDelegator = (name: string, summary: string) => ({
  name,
  summary,
  positionals: ["delegator_address"],
  examples: ["weir1…", "alice"],
});

export const commands: ModuleCommands = {
  messages: {
    "/cosmos.distribution.v1beta1.MsgSetWithdrawAddress": setWithdrawAddress,
    "/cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward": withdrawRewards,
    "/cosmos.distribution.v1beta1.MsgWithdrawValidatorCommission": withdrawCommission,
    "/cosmos.distribution.v1beta1.MsgFundCommunityPool": fundCommunityPool,
    "/cosmos.distribution.v1beta1.MsgDepositValidatorRewardsPool": fundValidator,
    "/cosmos.distribution.v1beta1.MsgCommunityPoolSpend": spend,
    "/cosmos.distribution.v1beta1.MsgUpdateParams": {
      summary: "set distribution's parameters, by governance",
      positionals: ["params"],
      examples: ["@params.json --generate-only"],
      describe: () => ["Sets the parameters of distribution; only governance may"],
    },
  },
  queries: {
    "/cosmos.distribution.v1beta1.Query/Params": { summary: "distribution's parameters", examples: [""] },
    "/cosmos.distribution.v1beta1.Query/ValidatorDistributionInfo": ofValidator(
      "validator-distribution-info",
      "a validator's commission and its own rewards",
    ),
    "/cosmos.distribution.v1beta1.Query/ValidatorOutstandingRewards": ofValidator(
      "validator-outstanding-rewards",
      "what a validator and its delegators have not withdrawn",
    ),
    "/cosmos.distribution.v1beta1.Query/ValidatorCommission": ofValidator(
      "commission",
      "a validator's commission that it has not withdrawn",
    ),
    "/cosmos.distribution.v1beta1.Query/ValidatorSlashes": {
      name: "slashes",
      summary: "when a validator was slashed, and by how much",
      positionals: ["validator_address", "starting_height", "ending_height"],
      examples: ["weirvaloper1… 1 1000"],
    },
    "/cosmos.distribution.v1beta1.Query/DelegationRewards": {
      name: "rewards-by-validator",
      summary: "what a delegator can withdraw from one validator",
      positionals: ["delegator_address", "validator_address"],
      examples: ["weir1… weirvaloper1…", "alice weirvaloper1…"],
    },
    "/cosmos.distribution.v1beta1.Query/DelegationTotalRewards": ofDelegator(
      "rewards",
      "what a delegator can withdraw, from each validator and in all",
    ),
    "/cosmos.distribution.v1beta1.Query/DelegatorValidators": ofDelegator(
      "delegator-validators",
      "the validators that somebody has delegated to",
    ),
    "/cosmos.distribution.v1beta1.Query/DelegatorWithdrawAddress": ofDelegator(
      "delegator-withdraw-address",
      "where somebody's rewards go",
    ),
    "/cosmos.distribution.v1beta1.Query/CommunityPool": { summary: "what is in the community pool", examples: [""] },
  },
};
