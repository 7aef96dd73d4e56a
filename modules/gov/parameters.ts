/** The constitution of governance itself: its own parameters, which are economic, as whoever changes them changes how all others are changed. */
import type { ReadContext } from "../../chain/context.ts";
import {
  coins,
  duration,
  flag,
  integer,
  type ModuleParameters,
  type ParameterRule,
  share,
  text,
} from "../../chain/parameters.ts";
import { Params } from "../../proto/gen/cosmos/gov/v1/gov.ts";
import type { MsgUpdateParams } from "../../proto/gen/cosmos/gov/v1/tx.ts";
import { Params as WeirParams } from "../../proto/gen/weir/gov/v1/state.ts";
import type { MsgUpdateParams as MsgUpdateWeirParams } from "../../proto/gen/weir/gov/v1/tx.ts";
import { getParams, getWeirParams } from "./keeper.ts";
import { shortened, weirParamsProblem } from "./params.ts";

const economic = { class: "economic" } as const;

/** A year, and no upper bound that would let a vote stop all later ones. */
const periodSecondsMax = 31_536_000n;
/** A tenth of Weir's first supply of a coin, in its millionths. */
const depositMax = 60_000_000_000_000n;

const period = (words: string): ParameterRule => duration(words, 0n, periodSecondsMax, economic);

/** More proposals than the counts of one block see to (endblock.ts) are never voted on at one time. */
export const votingProposalsBound = 1_000n;

/** A missing message field holds zeros, as in Go, where it is held by value. */
export const paramsOf = ({ params }: MsgUpdateParams): Params => params ?? Params.fromPartial({});

export const weirParamsOf = ({ params }: MsgUpdateWeirParams): WeirParams => params ?? WeirParams.fromPartial({});

function refuseParams(ctx: ReadContext, next: Params): string | undefined {
  const now = getParams(ctx);
  return (
    shortened("voting_period", now.votingPeriod, next.votingPeriod) ??
    shortened("expedited_voting_period", now.expeditedVotingPeriod, next.expeditedVotingPeriod) ??
    weirParamsProblem(getWeirParams(ctx), next)
  );
}

function refuseWeirParams(ctx: ReadContext, next: WeirParams): string | undefined {
  const now = getWeirParams(ctx);
  return (
    shortened("economic_voting_period", now.economicVotingPeriod, next.economicVotingPeriod) ??
    shortened("economic_delay", now.economicDelay, next.economicDelay) ??
    weirParamsProblem(next, getParams(ctx))
  );
}

export const parameters: ModuleParameters<Params> = {
  typeName: Params.$type,
  message: "/cosmos.gov.v1.MsgUpdateParams",
  rules: {
    min_deposit: coins("what must be deposited before a vote", 1n, depositMax, economic),
    max_deposit_period: period("time to collect it"),
    voting_period: period("length of a normal vote"),
    quorum: share("share of the bonded tokens that must vote", "0", "1", economic),
    threshold: share("share of yes among all but abstain that passes", "0", "1", economic),
    veto_threshold: share("share of no-with-veto among all votes that stops", "0", "1", economic),
    min_initial_deposit_ratio: share("share of the deposit that comes with the proposal", "0", "1", economic),
    proposal_cancel_ratio: share("share of the deposits that cancelling costs", "0", "1", economic),
    proposal_cancel_dest: text("who gets what cancelling costs", "an account, or empty: it is burned", economic),
    expedited_voting_period: period("length of an expedited vote"),
    expedited_threshold: share("share of yes that passes an expedited vote", "0", "1", economic),
    expedited_min_deposit: coins("what must be deposited before an expedited vote", 1n, depositMax, economic),
    burn_vote_quorum: flag("whether deposits are burned where too few vote", economic),
    burn_proposal_deposit_prevote: flag("whether deposits are burned that were too small for a vote", economic),
    burn_vote_veto: flag("whether deposits are burned after a veto", economic),
    min_deposit_ratio: share("smallest deposit, as a share of what is needed", "0", "1", economic),
  },
  read: getParams,
  proposed: (_ctx, message) => paramsOf(message),
  refuse: refuseParams,
};

export const weirParameters: ModuleParameters<WeirParams> = {
  typeName: WeirParams.$type,
  message: "/weir.gov.v1.MsgUpdateParams",
  rules: {
    economic_voting_period: duration("length of a vote on an economic change", 1n, periodSecondsMax, {
      class: "economic",
      loosens: "down",
    }),
    economic_delay: duration("wait of a change that loosens the reserve or raises emission", 1n, periodSecondsMax, {
      class: "economic",
      loosens: "down",
    }),
    execution_gas_max: integer("gas for all messages of a proposal", "gas", 1_000_000n, 500_000_000n, economic),
    voting_proposals_max: integer("votes at one time", "proposals", 5n, votingProposalsBound, economic),
    tally_page: integer("delegations counted in a block", "delegations", 10n, 100_000n, economic),
  },
  read: getWeirParams,
  proposed: (_ctx, message) => weirParamsOf(message),
  refuse: refuseWeirParams,
};
