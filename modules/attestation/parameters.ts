/** The constitution of the parameters: what each is, its range, and how it is changed. */

import type { ReadContext } from "../../chain/context.ts";
import {
  decimal,
  duration,
  flag,
  integer,
  type ModuleParameters,
  rangeProblem,
  share,
  text,
} from "../../chain/parameters.ts";
import { Params, Stage } from "../../proto/gen/weir/attestation/v1/state.ts";
import type { MsgUpdateParams } from "../../proto/gen/weir/attestation/v1/tx.ts";
import { currentEpoch } from "../beacon/index.ts";
import { getParams, paramsToProto } from "./params.ts";

export const paramsOf = ({ params }: MsgUpdateParams): Params => params ?? Params.fromPartial({});

const economic = { class: "economic" } as const;
const weir = 1_000_000n;
const day = 86_400n;
const bpsMost = 10_000_000_000_000n;

/** An epoch is settled three epochs later, and three more where it is disputed: who could be paid before would not be slashed. */
const slashableEpochs = 8n;

/** A chain whose genesis has less is not made worse by any vote. */
function unbondingProblem(ctx: ReadContext, { unbondingTime }: Params): string | undefined {
  const least = (currentEpoch(ctx)?.duration.seconds ?? 0n) * slashableEpochs;
  const [next, now] = [unbondingTime?.seconds ?? 0n, getParams(ctx).unbondingTime.seconds];
  if (next >= least || next >= now) return undefined;
  return `unbonding_time is ${next}s; expected at least ${slashableEpochs} epochs, ${least}s, in which what was done is slashed`;
}

export const parameters: ModuleParameters<Params> = {
  typeName: Params.$type,
  message: "/weir.attestation.v1.MsgUpdateParams",
  rules: {
    stage: text("how far the network is rolled out", "STAGE_PILOT, STAGE_CAPPED or STAGE_OPEN", economic),
    committee_size: integer("oracles of a committee", "oracles", 3n, 33n, economic),
    prefix_rules: flag("whether oracles near to a relay are left out, and addresses must be public", economic),
    audit_one_in: integer("epochs of which a trusted relay is audited in one", "epochs", 1n, 10n, economic),
    audit_one_in_evidenced: integer("the same with hardware evidence", "epochs", 1n, 20n, economic),
    trusted_reputation: share("least reputation of a trusted relay", "0.1", "1", economic),
    relay_bond_min: integer("least bond of a relay", "uweir", weir, 1_000_000n * weir, economic),
    oracle_bond_min: integer("least bond of an oracle", "uweir", weir, 10_000_000n * weir, economic),
    bond_floor: share("share of the least bond below which nobody takes part", "0.1", "1", economic),
    unbonding_time: duration("from unbonding to payment", 1n, 365n * day, economic),
    unbondings_max: integer("unbondings of a delegator from one bond", "unbondings", 1n, 32n),
    delegation_min: integer("least delegation", "uweir", 1n, 1_000_000n * weir),
    unproven_bps: integer("capacity of an oracle that has proven none", "bps", 1_000_000n, bpsMost, economic),
    leave_notice: duration("notice that the STABLE class gives", 1n, 365n * day, economic),
    drain_epochs_max: integer("longest drain", "epochs", 1n, 1_000n),
    key_delay_epochs: integer("epochs until a VRF key is used", "epochs", 1n, 30n),
    family_leave_epochs: integer("epochs until a family is left", "epochs", 1n, 365n),
    oracles_max: integer("oracles at a time", "oracles", 3n, 5_000n, economic),
    operator_relays_max: integer("relays of an operator, in stages with caps", "relays", 1n, 256n),
    operator_oracles_max: integer("oracles of an operator, in stages with caps", "oracles", 1n, 16n),
    operator_bps_max: integer("claims of an operator, in stages with caps", "bps", 1_000_000n, bpsMost * 256n),
    escrow_max: integer("all wallets and sessions, in stages with caps", "10^-6 dollar", 0n, 10n ** 18n, {
      class: "economic",
      loosens: "up",
    }),
    covert_rate: decimal("covert readings of a relay in an epoch", "readings", "0", "4"),
    challenge_bond: integer("bond of a re-measurement", "uweir", weir, 1_000_000n * weir),
    disputes_max: integer("re-measurements at a time", "disputes", 1n, 10_000n),
    background_share: share("what a measured relay keeps for paid traffic", "0", "0.5", economic),
    equivocation_slash: share("what an equivocating oracle loses", "0.01", "1", economic),
    equivocation_bounty: share("of that, what its reporter has", "0", "0.5", economic),
    sweep_page: integer("relays that a block of a sweep looks at", "relays", 10n, 2_000n),
    band_share: share("beside the median, what counts as work", "0.01", "0.5", economic),
    outlier_slash: share("what an oracle outside both committees' bands loses", "0.01", "1", economic),
    bad_below: share("of its claim, what a relay must carry", "0.1", "1", economic),
  },
  read: (ctx) => paramsToProto(getParams(ctx)),
  proposed: (_ctx, message) => paramsOf(message),
  refuse: unbondingProblem,
};

const stages: readonly Stage[] = [Stage.STAGE_PILOT, Stage.STAGE_CAPPED, Stage.STAGE_OPEN];

/** Undefined when all is well. */
export function paramsProblem(value: Params): string | undefined {
  if (!stages.includes(value.stage)) return "stage is none; expected STAGE_PILOT, STAGE_CAPPED or STAGE_OPEN";
  for (const name of ["unbondingTime", "leaveNotice"] as const) {
    if ((value[name]?.nanos ?? 0) !== 0) return `${name} has parts of a second; expected whole seconds`;
  }
  return rangeProblem(parameters, value);
}
