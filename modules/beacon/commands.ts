/** How the command line spells the beacon's messages and queries. */
import type { MessageForm, ModuleCommands } from "../../chain/commandforms.ts";
import type { MsgProve, MsgRegisterKey } from "../../proto/gen/weir/beacon/v1/tx.ts";

const registerKey: MessageForm<MsgRegisterKey> = {
  summary: "register the key of a validator's proofs",
  positionals: ["validator_address", "public_key", "possession"],
  examples: ["weirvaloper1… BASE64 BASE64 --from operator"],
  describe: ({ validatorAddress }) => [
    `Makes a new key of validator ${validatorAddress} verify its proofs, after some epochs; blocks without them are fined then`,
  ],
};

const prove: MessageForm<MsgProve> = {
  summary: "a proposer's proof, which its node adds to the block: no node takes it from anybody",
  positionals: ["proposer", "proof"],
  examples: ["weirvalcons1… BASE64 --generate-only"],
  describe: ({ proposer }) => [`Proves the beacon of a block of ${proposer}; only that block itself can hold it`],
};

export const commands: ModuleCommands = {
  messages: {
    "/weir.beacon.v1.MsgRegisterKey": registerKey,
    "/weir.beacon.v1.MsgProve": prove,
    "/weir.beacon.v1.MsgUpdateParams": {
      summary: "set the beacon's parameters, by governance",
      positionals: ["params"],
      examples: ["@params.json --generate-only"],
      describe: () => ["Sets the parameters of the beacon; only governance may"],
    },
  },
  queries: {
    "/weir.beacon.v1.Query/Params": { summary: "the beacon's parameters", examples: [""] },
    "/weir.beacon.v1.Query/Beacon": { name: "value", summary: "the beacon as it is now", examples: [""] },
    "/weir.beacon.v1.Query/Key": {
      summary: "a validator's beacon keys",
      positionals: ["validator_address"],
      examples: ["weirvaloper1…"],
    },
    "/weir.beacon.v1.Query/Proposer": {
      summary: "how many blocks a validator proposed, with and without their proof",
      positionals: ["validator_address"],
      examples: ["weirvaloper1…"],
    },
    "/weir.beacon.v1.Query/Proposers": { summary: "the same of every validator", examples: [""] },
    "/weir.beacon.v1.Query/Epoch": {
      summary: "an epoch: when it opened, its seed",
      positionals: ["number"],
      optional: 1,
      examples: ["", "7"],
    },
    "/weir.beacon.v1.Query/Epochs": { summary: "the epochs that are kept", examples: [""] },
    "/weir.beacon.v1.Query/Ticks": {
      summary: "the beacons of an epoch while it was measured",
      positionals: ["epoch"],
      examples: ["7"],
    },
  },
};
