/** How the command line spells staking's queries, as simd spells them, and how their answers read. */
import type { QueryForm, ShownNumber } from "../../chain/commandforms.ts";
import { parseDec } from "../../chain/dec.ts";
import { percent, trimmed } from "./words.ts";

/** Answers as protobuf JSON has them: only what is shown of them. */
interface ValidatorJson {
  readonly operator_address: string;
  readonly status: string;
  readonly jailed: boolean;
  readonly tokens: string;
  readonly description: { readonly moniker: string } | null;
  readonly unbonding_time: string;
  readonly commission: { readonly commission_rates: { readonly rate: string } | null } | null;
}

interface DelegationJson {
  readonly delegation: {
    readonly delegator_address: string;
    readonly validator_address: string;
    readonly shares: string;
  };
  readonly balance: { readonly denom: string; readonly amount: string };
}

interface EntryJson {
  readonly creation_height: string;
  readonly completion_time: string;
  readonly balance: string;
}

interface UnbondingJson {
  readonly delegator_address: string;
  readonly validator_address: string;
  readonly entries: readonly EntryJson[];
}

interface RedelegationJson {
  readonly redelegation: {
    readonly delegator_address: string;
    readonly validator_src_address: string;
    readonly validator_dst_address: string;
  };
  readonly entries: readonly { readonly redelegation_entry: EntryJson; readonly balance: string }[];
}

const monikerShownMax = 24;

const cut = (text: string): string => (text.length > monikerShownMax ? `${text.slice(0, monikerShownMax - 1)}…` : text);

/** "2026-12-12T10:00:00.123Z" to the second. */
const seconds = (time: string): string => time.replace(/\.\d+Z$/, "Z");

function statusWords({ status, jailed, unbonding_time: until }: ValidatorJson): string {
  const words: Readonly<Record<string, string>> = {
    BOND_STATUS_BONDED: "validates",
    BOND_STATUS_UNBONDING: `unbonds ${seconds(until)}`,
    BOND_STATUS_UNBONDED: "waits",
  };
  return jailed ? `jailed${status === "BOND_STATUS_UNBONDING" ? `, ${words[status]}` : ""}` : (words[status] ?? status);
}

const byTokens = (a: ValidatorJson, b: ValidatorJson): number => {
  const [left, right] = [BigInt(a.tokens), BigInt(b.tokens)];
  return left === right ? 0 : left > right ? -1 : 1;
};

/** The strongest first. */
const validatorRows = (validators: readonly ValidatorJson[], number: ShownNumber) =>
  validators.toSorted(byTokens).map((validator) => ({
    moniker: cut(validator.description?.moniker ?? ""),
    status: statusWords(validator),
    tokens: number(validator.tokens),
    commission: percent(parseDec(validator.commission?.commission_rates?.rate ?? "0")),
    operator: validator.operator_address,
  }));

const shownValidators: QueryForm["shown"] = (answer: { validators: readonly ValidatorJson[] }, number) => ({
  ...answer,
  validators: validatorRows(answer.validators, number),
});

const delegationRow = ({ delegation, balance }: DelegationJson) => ({
  delegator: delegation.delegator_address,
  validator: delegation.validator_address,
  balance,
});

const shownDelegations: QueryForm["shown"] = (answer: { delegation_responses: readonly DelegationJson[] }) => ({
  ...answer,
  delegation_responses: answer.delegation_responses.map(delegationRow),
});

const shownDelegation: QueryForm["shown"] = ({
  delegation_response: response,
}: {
  delegation_response: DelegationJson;
}) => ({
  delegation_response: { ...delegationRow(response), shares: trimmed(response.delegation.shares) },
});

const unbondingRows = (number: ShownNumber) => (unbonding: UnbondingJson) =>
  unbonding.entries.map(({ balance, completion_time: time, creation_height: height }) => ({
    delegator: unbonding.delegator_address,
    validator: unbonding.validator_address,
    tokens: number(balance),
    free: seconds(time),
    since_height: height,
  }));

const shownUnbondings: QueryForm["shown"] = (answer: { unbonding_responses: readonly UnbondingJson[] }, number) => ({
  ...answer,
  unbonding_responses: answer.unbonding_responses.flatMap(unbondingRows(number)),
});

const shownUnbonding: QueryForm["shown"] = ({ unbond }: { unbond: UnbondingJson }, number) => ({
  unbond: unbondingRows(number)(unbond),
});

const shownRedelegations: QueryForm["shown"] = (
  answer: { redelegation_responses: readonly RedelegationJson[] },
  number,
) => ({
  ...answer,
  redelegation_responses: answer.redelegation_responses.flatMap(({ redelegation, entries }) =>
    entries.map(({ redelegation_entry: entry, balance }) => ({
      from: redelegation.validator_src_address,
      to: redelegation.validator_dst_address,
      tokens: number(balance),
      until: seconds(entry.completion_time),
    })),
  ),
});

const ofValidator = (name: string, summary: string): QueryForm => ({
  name,
  summary,
  positionals: ["validator_addr"],
  examples: ["weirvaloper1…"],
});

const ofDelegator = (name: string, summary: string): QueryForm => ({
  name,
  summary,
  positionals: ["delegator_addr"],
  examples: ["weir1…", "alice"],
});

const ofBoth = (name: string, summary: string): QueryForm => ({
  name,
  summary,
  positionals: ["delegator_addr", "validator_addr"],
  examples: ["alice weirvaloper1…"],
});

const service = "/cosmos.staking.v1beta1.Query";

export const queryForms: Readonly<Record<string, QueryForm>> = {
  [`${service}/Validators`]: {
    summary: "who validates, and who would like to",
    positionals: [],
    examples: ["", "--status BOND_STATUS_BONDED", "--limit 10"],
    shown: shownValidators,
  },
  [`${service}/Validator`]: ofValidator("validator", "one validator"),
  [`${service}/ValidatorDelegations`]: {
    ...ofValidator("delegations-to", "who delegates to a validator"),
    shown: shownDelegations,
  },
  [`${service}/ValidatorUnbondingDelegations`]: {
    ...ofValidator("unbonding-delegations-from", "what leaves a validator"),
    shown: shownUnbondings,
  },
  [`${service}/Delegation`]: {
    ...ofBoth("delegation", "what somebody delegates to a validator"),
    shown: shownDelegation,
  },
  [`${service}/UnbondingDelegation`]: {
    ...ofBoth("unbonding-delegation", "what comes back to somebody from a validator"),
    shown: shownUnbonding,
  },
  [`${service}/DelegatorDelegations`]: {
    ...ofDelegator("delegations", "what somebody delegates"),
    shown: shownDelegations,
  },
  [`${service}/DelegatorUnbondingDelegations`]: {
    ...ofDelegator("unbonding-delegations", "what comes back to somebody, and when"),
    shown: shownUnbondings,
  },
  [`${service}/Redelegations`]: {
    name: "redelegation",
    aliases: ["redelegations"],
    summary: "what somebody moved from one validator to another, and until when it answers for the first",
    positionals: ["delegator_addr", "src_validator_addr", "dst_validator_addr"],
    optional: 2,
    examples: ["alice", "alice weirvaloper1… weirvaloper1…"],
    shown: shownRedelegations,
  },
  [`${service}/DelegatorValidators`]: {
    ...ofDelegator("delegator-validators", "validators that somebody delegates to"),
    shown: shownValidators,
  },
  [`${service}/DelegatorValidator`]: ofBoth("delegator-validator", "a validator that somebody delegates to"),
  [`${service}/HistoricalInfo`]: {
    summary: "header and validator set of one of the last blocks",
    positionals: ["height"],
    examples: ["5"],
  },
  [`${service}/Pool`]: { summary: "how much is staked", examples: [""] },
  [`${service}/Params`]: { summary: "staking's parameters", examples: [""] },
};
