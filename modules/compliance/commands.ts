/** How the command line spells compliance's messages and queries. */
import type { MessageForm, ModuleCommands, QueryForm } from "../../chain/commandforms.ts";
import { formatRfc3339 } from "../../chain/rfc3339.ts";
import { type DenomRule, Flow } from "../../proto/gen/weir/compliance/v1/state.ts";
import type * as tx from "../../proto/gen/weir/compliance/v1/tx.ts";

const issueCredential: MessageForm<tx.MsgIssueCredential> = {
  name: "issue",
  aliases: ["issue-credential"],
  summary: "attest that an account passed a check: a hash and an end, and nothing about who it is",
  positionals: ["subject", "kind", "hash", "expires"],
  examples: ["weir1… identity BASE64 2027-11-20T00:00:00Z --level 2 --jurisdiction DE --from issuer"],
  describe: ({ subject, kind, level, jurisdiction, expires }, { who }) => [
    `Attests ${kind} of level ${level}${jurisdiction === "" ? "" : ` in ${jurisdiction}`} for ${who(subject)}, until ${
      expires === undefined ? "never" : formatRfc3339(expires)
    }`,
  ],
};

const revokeCredential: MessageForm<tx.MsgRevokeCredential> = {
  name: "revoke",
  aliases: ["revoke-credential"],
  summary: "end a credential, as its issuer or as whose it is",
  positionals: ["issuer", "subject", "kind"],
  examples: ["weir1… weir1… identity --from issuer"],
  describe: ({ issuer, subject, kind }, { who }) => [
    `Ends the credential ${kind} of ${who(subject)} by ${who(issuer)}`,
  ],
};

const setIssuer: MessageForm<tx.MsgSetIssuer> = {
  summary: "approve an issuer of credentials, by governance",
  positionals: ["address", "name", "kinds"],
  examples: ['weir1… "Checks Ltd" identity accredited --reference https://… --generate-only'],
  describe: ({ address, name, kinds }, { who }) => [
    `Lets ${name} (${who(address)}) attest ${kinds.join(", ")}; only governance may`,
  ],
};

const flowWords: Readonly<Record<number, string>> = {
  [Flow.FLOW_RECEIVE]: "receives",
  [Flow.FLOW_TOP_UP]: "tops up",
  [Flow.FLOW_REDEEM]: "redeems",
};

export function ruleWords(rule: DenomRule | undefined): string[] {
  if (rule === undefined) return ["Says no rule"];
  const { denom, requirement, limits, freezable } = rule;
  const asked =
    requirement === undefined ? "" : `a credential ${requirement.kind} of level ${requirement.levelMin} or more`;
  return [
    `Sets the rule of ${denom}; only governance may`,
    ...limits.map(({ flow, amount }) => `  who ${flowWords[flow]} more than ${amount} an epoch needs ${asked}`),
    `  the emergency committee ${freezable ? "may" : "may not"} freeze accounts in it`,
  ];
}

const setRule: MessageForm<tx.MsgSetDenomRule> = {
  name: "set-rule",
  aliases: ["set-denom-rule"],
  summary: "set the rule of a denomination, by governance",
  positionals: ["rule"],
  examples: ["@rule.json --generate-only"],
  describe: ({ rule }) => ruleWords(rule),
};

const setIssuance: MessageForm<tx.MsgSetIssuance> = {
  summary: "let an account issue a denomination up to a cap, by governance; without an account nobody does any more",
  positionals: ["denom", "cap", "issuer"],
  optional: 1,
  examples: ["ueurx 50000000000 weir1… --generate-only", "ueurx 0 --generate-only"],
  describe: ({ denom, cap, issuer }, { who }) => [
    issuer === ""
      ? `Lets nobody issue ${denom} any more; only governance may`
      : `Lets ${who(issuer)} issue ${denom}, at most ${cap} in all; only governance may`,
  ],
};

const messages: ModuleCommands["messages"] = {
  "/weir.compliance.v1.MsgIssueCredential": issueCredential,
  "/weir.compliance.v1.MsgRevokeCredential": revokeCredential,
  "/weir.compliance.v1.MsgClaimHeld": {
    name: "claim",
    aliases: ["claim-held"],
    summary: "take what waits, as far as the rules allow",
    examples: ["--from alice"],
    describe: () => ["Takes what waits for this account, as far as the rules allow"],
  },
  "/weir.compliance.v1.MsgMintIssued": {
    name: "mint",
    aliases: ["mint-issued"],
    summary: "make coins of a denomination that one issues, within its cap",
    positionals: ["recipient", "amount"],
    examples: ["weir1… 1000000ueurx --from issuer"],
    describe: ({ recipient, amount }: tx.MsgMintIssued, { who, coins }) => [
      `Makes ${coins([amount!])} for ${who(recipient)}`,
    ],
  },
  "/weir.compliance.v1.MsgBurnIssued": {
    name: "burn",
    aliases: ["burn-issued"],
    summary: "burn one's own coins of a denomination that one issues",
    positionals: ["amount"],
    examples: ["1000000ueurx --from issuer"],
    describe: ({ amount }: tx.MsgBurnIssued, { coins }) => [`Burns ${coins([amount!])}`],
  },
  "/weir.compliance.v1.MsgDeclareJurisdiction": {
    name: "declare",
    aliases: ["declare-jurisdiction"],
    summary: "say under whose law one's relay stands, or take it back",
    positionals: ["relay", "jurisdiction"],
    optional: 1,
    examples: ["7 DE --from operator", "7 --from operator"],
    describe: ({ relay, jurisdiction }: tx.MsgDeclareJurisdiction) => [
      jurisdiction === ""
        ? `Says nothing of relay ${relay} any more`
        : `Says that relay ${relay} stands under the law of ${jurisdiction}`,
    ],
  },
  "/weir.compliance.v1.MsgSetIssuer": setIssuer,
  "/weir.compliance.v1.MsgRemoveIssuer": {
    summary: "remove an issuer of credentials, by governance: all that it attested ends",
    positionals: ["address"],
    examples: ["weir1… --generate-only"],
    describe: ({ address }: tx.MsgRemoveIssuer, { who }) => [
      `Removes the issuer ${who(address)}, and ends all that it attested; only governance may`,
    ],
  },
  "/weir.compliance.v1.MsgSetDenomRule": setRule,
  "/weir.compliance.v1.MsgRemoveDenomRule": {
    name: "remove-rule",
    aliases: ["remove-denom-rule"],
    summary: "take the rule of a denomination off, by governance",
    positionals: ["denom"],
    examples: ["uusdc --generate-only"],
    describe: ({ denom }: tx.MsgRemoveDenomRule) => [`Takes the rule of ${denom} off; only governance may`],
  },
  "/weir.compliance.v1.MsgSetIssuance": setIssuance,
  "/weir.compliance.v1.MsgUpdateParams": {
    summary: "set the bounds of compliance, by governance",
    positionals: ["params"],
    examples: ["@params.json --generate-only"],
    describe: () => ["Sets the bounds of compliance; only governance may"],
  },
};

const queries: Readonly<Record<string, QueryForm>> = {
  "/weir.compliance.v1.Query/Params": { summary: "whether compliance is in force, and its bounds", examples: [""] },
  "/weir.compliance.v1.Query/Issuers": { summary: "who may attest what", examples: [""] },
  "/weir.compliance.v1.Query/Credentials": {
    summary: "credentials of an account, and whether they count now",
    positionals: ["subject"],
    examples: ["weir1…"],
  },
  "/weir.compliance.v1.Query/Rules": { summary: "rules of denominations", examples: [""] },
  "/weir.compliance.v1.Query/Issuances": { summary: "denominations that accounts issue", examples: [""] },
  "/weir.compliance.v1.Query/Account": {
    summary: "what the rules let an account do now, and what waits for it",
    positionals: ["address"],
    examples: ["weir1…"],
  },
  "/weir.compliance.v1.Query/Jurisdictions": {
    summary: "under whose law relays say they stand",
    positionals: ["relay"],
    optional: 1,
    examples: ["", "7"],
  },
};

export const commands: ModuleCommands = { messages, queries };
