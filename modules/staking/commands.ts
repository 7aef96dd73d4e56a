/** How the command line spells staking's messages and queries, as simd spells them, and what its messages mean in words. */
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import type { ProtoCoin } from "../../chain/coins.ts";
import type { ArgumentForm, MessageForm, ModuleCommands } from "../../chain/commandforms.ts";
import { decFromProto, parseDec } from "../../chain/dec.ts";
import type * as tx from "../../proto/gen/cosmos/staking/v1beta1/tx.ts";
import { doNotModify } from "./description.ts";
import { queryForms } from "./querycommands.ts";
import { creationFromFile } from "./validatorfile.ts";
import { percent } from "./words.ts";

const coinOf = (amount: ProtoCoin | undefined): readonly ProtoCoin[] => (amount === undefined ? [] : [amount]);

const percentOf = (scaled: string | undefined): string => percent(decFromProto(scaled || "0"));

const createFromFile: ArgumentForm<tx.MsgCreateValidator> = {
  positionals: ["VALIDATOR-JSON-FILE"],
  build: ({ positionals, from, coins, file }) => creationFromFile(file(positionals[0]!), from(), coins),
};

const createValidator: MessageForm<tx.MsgCreateValidator> = {
  summary: "become a validator, with coins of your own",
  arguments: createFromFile,
  examples: ["validator.json --from alice"],
  describe: ({ validatorAddress, description, value, commission, minSelfDelegation }, { coins }) => [
    `Makes the validator "${description?.moniker ?? ""}", ${validatorAddress}`,
    `  with ${coins(coinOf(value))} of its own, never less than ${minSelfDelegation}`,
    `  for a commission of ${percentOf(commission?.rate)}, at most ${percentOf(commission?.maxRate)},` +
      ` ${percentOf(commission?.maxChangeRate)} more a day`,
  ],
};

const textFlags = {
  "new-moniker": { value: "TEXT", help: "the validator's name" },
  identity: { value: "TEXT", help: "identity signature, for example of Keybase" },
  website: { value: "URL", help: "website" },
  "security-contact": { value: "TEXT", help: "whom to tell of a security problem" },
  details: { value: "TEXT", help: "anything else" },
} as const;

const editByFlags: ArgumentForm<tx.MsgEditValidator> = {
  positionals: [],
  flags: {
    ...textFlags,
    "commission-rate": { value: "RATE", help: "0.1 is 10%; once a day" },
    "min-self-delegation": { value: "N", help: "coins that you promise to keep delegated; it only grows" },
  },
  build({ flag, from }) {
    const rate = flag("commission-rate");
    const text = (name: keyof typeof textFlags) => flag(name) ?? doNotModify;
    return {
      description: {
        moniker: text("new-moniker"),
        identity: text("identity"),
        website: text("website"),
        securityContact: text("security-contact"),
        details: text("details"),
      },
      validatorAddress: validatorAddress.encode(accountAddress.decode(from())),
      commissionRate: rate === undefined ? "" : `${parseDec(rate)}`,
      minSelfDelegation: flag("min-self-delegation") ?? "",
    };
  },
};

const editValidator: MessageForm<tx.MsgEditValidator> = {
  summary: "change what your validator says of itself, or its commission",
  arguments: editByFlags,
  examples: ["--website https://example.org --from alice", "--commission-rate 0.08 --from alice"],
  describe: ({ validatorAddress, description, commissionRate, minSelfDelegation }) => [
    `Changes the validator ${validatorAddress}`,
    ...Object.entries(description ?? {})
      .filter(([, text]) => text !== doNotModify)
      .map(([name, text]) => `  ${name} becomes "${text}"`),
    ...(commissionRate === "" ? [] : [`  the commission becomes ${percentOf(commissionRate)}`]),
    ...(minSelfDelegation === "" ? [] : [`  its own coins never become fewer than ${minSelfDelegation}`]),
  ],
};

const delegate: MessageForm<tx.MsgDelegate> = {
  summary: "delegate coins to a validator",
  positionals: ["validator_address", "amount"],
  examples: ["weirvaloper1… 1000000uweir --from alice"],
  describe: ({ delegatorAddress, validatorAddress, amount }, { who, coins }) => [
    `${who(delegatorAddress)} delegates ${coins(coinOf(amount))} to ${validatorAddress}`,
    "  Rewards earned there so far are paid out. The coins can be slashed while they are delegated.",
  ],
};

const undelegate: MessageForm<tx.MsgUndelegate> = {
  name: "unbond",
  summary: "take coins back from a validator, after the unbonding time",
  positionals: ["validator_address", "amount"],
  examples: ["weirvaloper1… 1000000uweir --from alice"],
  describe: ({ delegatorAddress, validatorAddress, amount }, { who, coins }) => [
    `${who(delegatorAddress)} takes ${coins(coinOf(amount))} back from ${validatorAddress}`,
    "  They earn nothing from now on and are free after the unbonding time. Rewards earned so far are paid out.",
  ],
};

const redelegate: MessageForm<tx.MsgBeginRedelegate> = {
  name: "redelegate",
  summary: "move delegated coins from one validator to another, at once",
  positionals: ["validator_src_address", "validator_dst_address", "amount"],
  examples: ["weirvaloper1… weirvaloper1… 1000000uweir --from alice"],
  describe: ({ delegatorAddress, validatorSrcAddress, validatorDstAddress, amount }, { who, coins }) => [
    `${who(delegatorAddress)} moves ${coins(coinOf(amount))} from ${validatorSrcAddress} to ${validatorDstAddress}`,
    "  They can be moved on from there after the unbonding time. Rewards earned so far are paid out.",
  ],
};

const cancelUnbonding: MessageForm<tx.MsgCancelUnbondingDelegation> = {
  name: "cancel-unbond",
  summary: "leave coins with a validator that were on their way back",
  positionals: ["validator_address", "amount", "creation_height"],
  examples: ["weirvaloper1… 1000000uweir 4711 --from alice"],
  describe: ({ delegatorAddress, validatorAddress, amount, creationHeight }, { who, coins }) => [
    `${who(delegatorAddress)} leaves ${coins(coinOf(amount))} with ${validatorAddress}, taken back at height ${creationHeight}`,
  ],
};

export const commands: ModuleCommands = {
  messages: {
    "/cosmos.staking.v1beta1.MsgCreateValidator": createValidator,
    "/cosmos.staking.v1beta1.MsgEditValidator": editValidator,
    "/cosmos.staking.v1beta1.MsgDelegate": delegate,
    "/cosmos.staking.v1beta1.MsgUndelegate": undelegate,
    "/cosmos.staking.v1beta1.MsgBeginRedelegate": redelegate,
    "/cosmos.staking.v1beta1.MsgCancelUnbondingDelegation": cancelUnbonding,
    "/cosmos.staking.v1beta1.MsgUpdateParams": {
      summary: "set staking's parameters, by governance",
      positionals: ["params"],
      examples: ["@params.json --generate-only"],
      describe: () => ["Sets the parameters of staking; only governance may"],
    },
  },
  queries: queryForms,
};
