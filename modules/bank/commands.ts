/** How the command line spells bank's messages and queries, as simd spells them, and what its messages mean in words. */
import { coinsToProto, divideCoins, multiplyCoins } from "../../chain/coins.ts";
import type { ArgumentForm, MessageForm, ModuleCommands, QueryForm } from "../../chain/commandforms.ts";
import type { MsgMultiSend, MsgSend, MsgSetSendEnabled } from "../../proto/gen/cosmos/bank/v1beta1/tx.ts";

const send: MessageForm<MsgSend> = {
  summary: "send coins from one account to another",
  positionals: ["from_address", "to_address", "amount"],
  examples: ["alice weir1… 1000000uweir", "alice weir1… 1000000uweir,5uusdc --memo rent --yes"],
  describe: ({ fromAddress, toAddress, amount }, { who, coins }) => [
    `${who(fromAddress)} sends ${coins(amount)} to ${who(toAddress)}`,
  ],
};

const toMany: ArgumentForm<MsgMultiSend> = {
  positionals: ["FROM", "TO...", "AMOUNT"],
  switches: { split: "share AMOUNT out among the receivers, instead of AMOUNT to each; what does not divide stays" },
  build({ positionals, has, address, coins }) {
    const from = address(positionals[0]!);
    const receivers = positionals.slice(1, -1).map(address);
    const amount = coins(positionals.at(-1)!);
    const count = BigInt(receivers.length);
    const share = has("split") ? divideCoins(amount, count) : amount;
    return {
      inputs: [{ address: from, coins: coinsToProto(multiplyCoins(share, count)) }],
      outputs: receivers.map((receiver) => ({ address: receiver, coins: coinsToProto(share) })),
    };
  },
};

const multiSend: MessageForm<MsgMultiSend> = {
  summary: "send coins from one account to several",
  arguments: toMany,
  examples: ["alice weir1… weir1… 1000000uweir", "alice weir1… weir1… 1000000uweir --split"],
  describe: ({ inputs, outputs }, { who, coins }) => [
    ...inputs.map((input) => `${who(input.address)} sends ${coins(input.coins)} in all:`),
    ...outputs.map((output) => `  ${coins(output.coins)} to ${who(output.address)}`),
  ],
};

const setSendEnabled: MessageForm<MsgSetSendEnabled> = {
  summary: "allow or forbid sending of denominations, by governance",
  positionals: ["send_enabled"],
  examples: ['\'{"denom":"uweir","enabled":true}\' --generate-only'],
  describe: ({ sendEnabled, useDefaultFor }) => [
    ...sendEnabled.map(({ denom, enabled }) => `${enabled ? "Allows" : "Forbids"} sending of ${denom}`),
    ...useDefaultFor.map((denom) => `Puts ${denom} back to the default`),
  ],
};

const ofAddress = (name: string, summary: string): QueryForm => ({
  name,
  summary,
  positionals: ["address"],
  examples: ["weir1…", "alice"],
});

const ofAddressAndDenom = (name: string, summary: string): QueryForm => ({
  name,
  summary,
  positionals: ["address", "denom"],
  examples: ["weir1… uweir"],
});

const ofDenom = (summary: string): QueryForm => ({ summary, positionals: ["denom"], examples: ["uweir"] });

export const commands: ModuleCommands = {
  messages: {
    "/cosmos.bank.v1beta1.MsgSend": send,
    "/cosmos.bank.v1beta1.MsgMultiSend": multiSend,
    "/cosmos.bank.v1beta1.MsgSetSendEnabled": setSendEnabled,
    "/cosmos.bank.v1beta1.MsgUpdateParams": {
      summary: "set bank's parameters, by governance",
      positionals: ["params"],
      examples: ["'{\"default_send_enabled\":true}' --generate-only"],
      describe: () => ["Sets the parameters of bank; only governance may"],
    },
  },
  queries: {
    "/cosmos.bank.v1beta1.Query/Balance": ofAddressAndDenom("balance", "one balance of an account"),
    "/cosmos.bank.v1beta1.Query/AllBalances": ofAddress("balances", "all balances of an account"),
    "/cosmos.bank.v1beta1.Query/SpendableBalances": ofAddress("spendable-balances", "what an account may spend"),
    "/cosmos.bank.v1beta1.Query/SpendableBalanceByDenom": ofAddressAndDenom(
      "spendable-balance",
      "what an account may spend of one denomination",
    ),
    "/cosmos.bank.v1beta1.Query/TotalSupply": {
      aliases: ["total"],
      summary: "all coins that there are",
      examples: ["", "--denom uweir"],
      narrowed: { field: "denom", query: "/cosmos.bank.v1beta1.Query/SupplyOf" },
    },
    "/cosmos.bank.v1beta1.Query/SupplyOf": {
      name: "total-supply-of",
      ...ofDenom("how much there is of a denomination"),
    },
    "/cosmos.bank.v1beta1.Query/DenomsMetadata": { summary: "what is known of every denomination", examples: [""] },
    "/cosmos.bank.v1beta1.Query/DenomMetadata": ofDenom("what is known of a denomination"),
    "/cosmos.bank.v1beta1.Query/DenomMetadataByQueryString": ofDenom(
      "what is known of a denomination, whose name may hold slashes",
    ),
    "/cosmos.bank.v1beta1.Query/DenomOwners": ofDenom("who has coins of a denomination"),
    "/cosmos.bank.v1beta1.Query/DenomOwnersByQuery": ofDenom(
      "who has coins of a denomination, whose name may hold slashes",
    ),
    "/cosmos.bank.v1beta1.Query/SendEnabled": {
      summary: "which denominations have a sending rule of their own",
      positionals: ["denoms"],
      examples: ["", "uweir uusdc"],
    },
    "/cosmos.bank.v1beta1.Query/Params": { summary: "bank's parameters", examples: [""] },
  },
};
