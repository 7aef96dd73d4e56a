/** How the command line spells feegrant's queries, as simd spells them, and how their answers read. */
import type { ProtoCoin } from "../../chain/coins.ts";
import type { QueryForm, ShownNumber } from "../../chain/commandforms.ts";

/** Answers as protobuf JSON has them: only what is shown of them. */
interface AllowanceJson {
  readonly "@type": string;
  readonly spend_limit?: readonly ProtoCoin[];
  readonly expiration?: string | null;
  readonly basic?: { readonly spend_limit: readonly ProtoCoin[]; readonly expiration: string | null };
  readonly period?: string;
  readonly period_can_spend?: readonly ProtoCoin[];
  readonly allowance?: AllowanceJson | null;
  readonly allowed_messages?: readonly string[];
}

interface GrantJson {
  readonly granter: string;
  readonly grantee: string;
  readonly allowance: AllowanceJson | null;
}

const coinsText = (coins: readonly ProtoCoin[], number: ShownNumber): string =>
  coins.length === 0 ? "nothing" : coins.map(({ denom, amount }) => `${number(amount)} ${denom}`).join(", ");

const limitText = (limit: readonly ProtoCoin[], number: ShownNumber): string =>
  limit.length === 0 ? "no limit" : coinsText(limit, number);

interface Row {
  /** In all. */
  readonly left: string;
  readonly now: string;
  readonly until: string;
  readonly only_for: string;
}

function rowOf(allowance: AllowanceJson | null | undefined, number: ShownNumber): Row {
  const { allowance: within, allowed_messages: messages, basic, period_can_spend: now = [] } = allowance ?? {};
  if (messages !== undefined) return { ...rowOf(within, number), only_for: messages.join(", ") };
  const { spend_limit: limit = [], expiration } = basic ?? allowance ?? {};
  const left = limitText(limit, number);
  return {
    left,
    now: basic === undefined ? left : `${coinsText(now, number)} every ${allowance?.period ?? "0s"}`,
    until: expiration ?? "revoked",
    only_for: "any message",
  };
}

const shownAllowances =
  (party: "granter" | "grantee"): NonNullable<QueryForm["shown"]> =>
  (answer: { allowances: readonly GrantJson[] }, number) => ({
    ...answer,
    allowances: answer.allowances.map((grant) => ({ [party]: grant[party], ...rowOf(grant.allowance, number) })),
  });

const shownAllowance: QueryForm["shown"] = ({ allowance }: { allowance: GrantJson }, number) => ({
  allowance: { granter: allowance.granter, grantee: allowance.grantee, ...rowOf(allowance.allowance, number) },
});

export const queryForms: Readonly<Record<string, QueryForm>> = {
  "/cosmos.feegrant.v1beta1.Query/Allowance": {
    name: "grant",
    aliases: ["allowance"],
    summary: "what one account pays for another",
    positionals: ["granter", "grantee"],
    examples: ["alice bob"],
    shown: shownAllowance,
  },
  "/cosmos.feegrant.v1beta1.Query/Allowances": {
    name: "grants-by-grantee",
    aliases: ["allowances"],
    summary: "whoever pays an account's fees",
    positionals: ["grantee"],
    examples: ["bob"],
    shown: shownAllowances("granter"),
  },
  "/cosmos.feegrant.v1beta1.Query/AllowancesByGranter": {
    name: "grants-by-granter",
    aliases: ["allowances-by-granter"],
    summary: "whose fees an account pays",
    positionals: ["granter"],
    examples: ["alice"],
    shown: shownAllowances("grantee"),
  },
};
