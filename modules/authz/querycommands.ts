/** How the command line spells authz's queries, as simd spells them, and how their answers read. */

import type { ProtoCoin } from "../../chain/coins.ts";
import type { QueryForm, ShownNumber } from "../../chain/commandforms.ts";

/** Answers as protobuf JSON has them: only what is shown of them. */
interface AuthorizationJson {
  readonly "@type": string;
  readonly msg?: string;
  readonly spend_limit?: readonly ProtoCoin[];
  readonly allow_list?: readonly string[] | { readonly address: readonly string[] };
  readonly deny_list?: { readonly address: readonly string[] };
  readonly max_tokens?: ProtoCoin | null;
  readonly authorization_type?: string;
}

interface GrantJson {
  readonly granter?: string;
  readonly grantee?: string;
  readonly authorization: AuthorizationJson | null;
  readonly expiration: string | null;
}

const coinsText = (coins: readonly ProtoCoin[], number: ShownNumber): string =>
  coins.map(({ denom, amount }) => `${number(amount)} ${denom}`).join(", ");

const stakeVerbs: Readonly<Record<string, string>> = {
  AUTHORIZATION_TYPE_DELEGATE: "delegate",
  AUTHORIZATION_TYPE_UNDELEGATE: "undelegate",
  AUTHORIZATION_TYPE_REDELEGATE: "redelegate",
  AUTHORIZATION_TYPE_CANCEL_UNBONDING_DELEGATION: "cancel unbonding",
};

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

function listOf({ allow_list: allowed, deny_list: denied }: AuthorizationJson): string {
  if (denied !== undefined) return `, not at ${counted(denied.address.length, "validator", "validators")}`;
  if (allowed === undefined) return "";
  if ("address" in allowed) return ` at ${counted(allowed.address.length, "validator", "validators")}`;
  return allowed.length === 0 ? "" : ` to ${counted(allowed.length, "address", "addresses")}`;
}

function mayDo(authorization: AuthorizationJson | null, number: ShownNumber): string {
  if (authorization === null) return "nothing";
  const { msg, spend_limit: limit, max_tokens: most, authorization_type: type } = authorization;
  if (msg !== undefined) return msg;
  if (limit !== undefined) return `send ${coinsText(limit, number)}${listOf(authorization)}`;
  const amount = most === null || most === undefined ? "any amount" : coinsText([most], number);
  return `${stakeVerbs[type ?? ""] ?? authorization["@type"]} ${amount}${listOf(authorization)}`;
}

/** Without those of the two whom the question named. */
const shownGrants =
  (...parties: readonly ("granter" | "grantee")[]): NonNullable<QueryForm["shown"]> =>
  (answer: { grants: readonly GrantJson[] }, number) => ({
    ...answer,
    grants: answer.grants.map((grant) => ({
      ...Object.fromEntries(parties.map((party) => [party, grant[party] ?? ""])),
      may: mayDo(grant.authorization, number),
      until: grant.expiration ?? "revoked",
    })),
  });

export const queryForms: Readonly<Record<string, QueryForm>> = {
  "/cosmos.authz.v1beta1.Query/Grants": {
    summary: "what one account lets another do",
    positionals: ["granter", "grantee", "msg_type_url"],
    optional: 1,
    examples: ["alice bob", "alice bob /cosmos.bank.v1beta1.MsgSend"],
    shown: shownGrants(),
  },
  "/cosmos.authz.v1beta1.Query/GranterGrants": {
    name: "grants-by-granter",
    summary: "everything that an account lets others do",
    positionals: ["granter"],
    examples: ["alice"],
    shown: shownGrants("grantee"),
  },
  "/cosmos.authz.v1beta1.Query/GranteeGrants": {
    name: "grants-by-grantee",
    summary: "everything that others let an account do",
    positionals: ["grantee"],
    examples: ["bob"],
    shown: shownGrants("granter"),
  },
};
