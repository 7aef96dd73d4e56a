/** How the command line spells the registry's queries, and which of their answers people see as a table. */
import type { QueryForm, ShownNumber } from "../../chain/commandforms.ts";

/** The answer as JSON gives it: integers are text, names as in the .proto files. */
interface TermsJson {
  readonly cell: string;
  readonly claimed_bps: string;
  readonly price_floor: string;
}

interface RelayJson {
  readonly id: string;
  readonly moniker: string;
  readonly standing: string;
  readonly terms: readonly TermsJson[];
}

const standingWord = (standing: string): string => standing.replace("STANDING_", "").toLowerCase();

function relayRow({ id, moniker, standing, terms }: RelayJson, number: ShownNumber) {
  const last = terms.at(-1);
  return {
    id,
    moniker,
    standing: standingWord(standing),
    cell: last?.cell ?? "",
    claimed_bps: number(last?.claimed_bps ?? "0"),
    price_floor: number(last?.price_floor ?? "0"),
  };
}

const relays: QueryForm = {
  summary: "all relays, or an operator's",
  positionals: [],
  examples: ["", "--operator weir1…"],
  shown: ({ relays: list, ...rest }: { readonly relays: readonly RelayJson[] }, number) => ({
    relays: list.map((of) => relayRow(of, number)),
    ...rest,
  }),
};

interface ResultJson {
  readonly relay: RelayJson;
  readonly trust: { readonly last_median_bps: string; readonly reputation: string };
}

const search: QueryForm = {
  summary: "relays that take sessions, the fastest first",
  positionals: [],
  examples: [
    "--cell europe-west --exit EXIT_KIND_WEB --price-max 60000 --measured-bps-min 50000000 --reputation-min 0.5",
  ],
  shown: ({ results, ...rest }: { readonly results: readonly ResultJson[] }, number) => ({
    results: results.map(({ relay, trust }) => ({
      ...relayRow(relay, number),
      measured_bps: number(trust.last_median_bps),
      reputation: trust.reputation,
    })),
    ...rest,
  }),
};

const ofRelay = (summary: string): QueryForm => ({ summary, positionals: ["relay"], examples: ["7", "weir1…"] });

const forms: Readonly<Record<string, QueryForm>> = {
  Params: { summary: "the parameters", examples: [""] },
  Relay: ofRelay("a relay, with its bond, its visible claim and what it is trusted with"),
  Relays: relays,
  Search: search,
  Oracle: {
    summary: "an oracle, with its bond and what it has proven to measure",
    positionals: ["oracle"],
    examples: ["3", "weir1…"],
  },
  Oracles: { summary: "all oracles, or an operator's", positionals: [], examples: ["", "--operator weir1…"] },
  Operator: {
    summary: "what an operator has registered, its families, and whether it is denied",
    positionals: ["operator"],
    examples: ["weir1…"],
  },
  Bond: {
    summary: "a bond: what there is, what is asked for, what counts in an epoch",
    positionals: ["kind", "id"],
    examples: ["relay 7", "oracle 3 --epoch 41"],
  },
  Delegations: { summary: "who bonded to a relay or an oracle", positionals: ["kind", "id"], examples: ["relay 7"] },
  DelegatorDelegations: {
    summary: "what an account bonded, to whom",
    positionals: ["delegator"],
    examples: ["weir1…"],
  },
  DelegatorUnbondings: {
    summary: "what an account is taking back",
    positionals: ["delegator"],
    examples: ["weir1…"],
  },
  Committee: {
    summary: "who measures a relay in an epoch, and of whom that was drawn",
    positionals: ["relay"],
    examples: ["7", "7 --epoch 41"],
  },
  Family: { summary: "a family with its members", positionals: ["id"], examples: ["4"] },
  Families: { summary: "all families", examples: [""] },
  Invitations: { summary: "to which families an operator is invited", positionals: ["operator"], examples: ["weir1…"] },
  Cells: { summary: "the table of cells", examples: [""] },
  CellRtts: {
    summary: "the least possible RTTs from a cell",
    positionals: ["cell"],
    examples: ["europe-west"],
  },
  Pilot: { summary: "who is listed in the pilot", positionals: ["list"], examples: ["operators", "buyers"] },
  Denials: { summary: "operators that are or were denied", examples: [""] },
  Software: { summary: "the versions that are governed, since when", examples: [""] },
};

/** By gRPC path. */
export const queryForms: Readonly<Record<string, QueryForm>> = Object.fromEntries(
  Object.entries(forms).map(([name, form]) => [`/weir.attestation.v1.Query/${name}`, form]),
);
