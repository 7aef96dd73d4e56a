/** How the command line spells upgrade's messages and queries, as simd spells the queries. */
import type { MessageForm, ModuleCommands, QueryForm } from "../../chain/commandforms.ts";
import type { MsgCancelUpgrade, MsgSoftwareUpgrade } from "../../proto/gen/cosmos/upgrade/v1beta1/tx.ts";

const softwareUpgrade: MessageForm<MsgSoftwareUpgrade> = {
  summary: "plan an upgrade, by governance",
  positionals: ["plan"],
  examples: ['\'{"name":"v2","height":"120000","info":"https://…"}\' --generate-only'],
  describe: ({ plan }) => [
    `Plans the upgrade ${plan?.name ?? ""} for height ${plan?.height ?? 0n}: every node stops there until it runs that release`,
  ],
};

const cancelUpgrade: MessageForm<MsgCancelUpgrade> = {
  summary: "drop the plan that stands, by governance",
  positionals: [],
  examples: ["--generate-only"],
  describe: () => ["Drops the upgrade that is planned"],
};

const named = (summary: string, name: string, aliases: readonly string[] = []): QueryForm => ({
  name,
  aliases,
  summary,
  examples: [""],
});

export const commands: ModuleCommands = {
  messages: {
    "/cosmos.upgrade.v1beta1.MsgSoftwareUpgrade": softwareUpgrade,
    "/cosmos.upgrade.v1beta1.MsgCancelUpgrade": cancelUpgrade,
  },
  queries: {
    "/cosmos.upgrade.v1beta1.Query/CurrentPlan": named("the upgrade that is planned", "plan"),
    "/cosmos.upgrade.v1beta1.Query/AppliedPlan": {
      name: "applied",
      summary: "the height at which an upgrade was carried out",
      positionals: ["name"],
      examples: ["v2"],
    },
    "/cosmos.upgrade.v1beta1.Query/ModuleVersions": {
      summary: "the version of each module's state",
      aliases: ["module_versions"],
      positionals: ["module_name"],
      optional: 1,
      examples: ["", "bank"],
    },
    "/cosmos.upgrade.v1beta1.Query/Authority": named("who may plan an upgrade", "authority"),
    "/cosmos.upgrade.v1beta1.Query/UpgradedConsensusState": {
      summary: "what IBC's light clients were told of an upgrade; this chain keeps nothing of it",
      positionals: ["last_height"],
      examples: ["120000"],
    },
  },
};
