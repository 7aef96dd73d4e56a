/** The constitution of the rewards' parameters: what each is, its range, and how it is changed. */
import { duration, integer, type ModuleParameters, type ParameterRule, share } from "../../chain/parameters.ts";
import { Params } from "../../proto/gen/weir/rewards/v1/state.ts";
import type { MsgUpdateParams } from "../../proto/gen/weir/rewards/v1/tx.ts";
import { getParams, paramsToProto } from "./params.ts";

export const paramsOf = ({ params }: MsgUpdateParams): Params => params ?? Params.fromPartial({});

const economic = { class: "economic" } as const;
const emission = { class: "economic", loosens: "up" } as const;
/** What is stored is counted by these, and would mean something else. */
const fixed = { class: "fixed" } as const;

const pools: Readonly<Record<string, ParameterRule>> = {
  validators_share: share("validators' share of the emission", "0", "0.5", emission),
  oracles_share: share("oracles' share of the emission", "0", "0.5", emission),
  availability_share_max: share("share for availability while nothing is burned", "0", "1", emission),
  availability_share_min: share("share for availability once burns reach the schedule", "0", "1", emission),
  usage_burn_share: share("share of burned WEIR that settled traffic is given at most", "0", "0.5", emission),
  net_emission_share_max: share("net emission of an epoch at most, of the first one's", "0", "0.05", emission),
  reference_bps: integer("weight that takes a whole pool", "bps", 1_000_000n, 1_000_000_000_000_000n, {
    class: "economic",
    loosens: "down",
  }),
  bond_epochs: integer("epochs of earning that a bond covers", "epochs", 1n, 365n, economic),
  step_max: share("most that bond rate and scarcity move by in an epoch", "0.001", "0.5", economic),
};

const rewards: Readonly<Record<string, ParameterRule>> = {
  sweep_page: integer("relays that a block settles", "relays", 10n, 2_000n),
  results_kept_epochs: integer("epochs whose results are kept", "epochs", 3n, 60n, fixed),
  claim_window_epochs: integer("epochs until what nobody claimed is burned", "epochs", 6n, 3_650n, fixed),
  vesting_share: share("part of a reward that vests", "0", "1", economic),
  vesting_duration: duration("how long it vests", 30n, 730n * 86_400n, fixed),
  probation_epochs: integer("audited epochs until reputation counts", "epochs", 0n, 365n, economic),
  relay_bps_min: integer("bandwidth below which a relay is not paid", "bps", 0n, 1_000_000_000n, economic),
  outdated_factor: share("part of its weight that an outdated relay keeps", "0", "1", economic),
  outdated_epochs: integer("epochs behind the governed version until it counts", "epochs", 1n, 365n),
  stable_uptime: share("uptime of a stable relay", "0.5", "1", economic),
  stable_epochs: integer("epochs over which it must have it", "epochs", 1n, 60n, fixed),
  transient_full_mbps: integer("transient bandwidth of a cell that counts in full", "Mbps", 1n, 40_000n, economic),
  family_share_max: share("share of an epoch that a family earns at most", "0.001", "1", economic),
  family_parts: integer("equal parts of an epoch that a family earns at most", "parts", 1n, 100n, economic),
  scarcity_min: share("least scarcity of a cell", "0.1", "1", economic),
  scarcity_max: { ...share("greatest scarcity of a cell", "1", "4", economic), unit: "" },
  scarcity_families_min: integer(
    "families that a cell needs for a scarcity of its own",
    "families",
    1n,
    100n,
    economic,
  ),
};

const slashes: Readonly<Record<string, ParameterRule>> = {
  overclaim_slash_min: share("slash of the smallest over-claim", "0", "0.5", economic),
  overclaim_slash_max: share("slash of a relay that delivers nothing", "0", "1", economic),
  overclaim_tolerance: share("shortfall that is no over-claim yet", "0.05", "0.5", economic),
  quality_slash: share("slash for loss or delay", "0", "0.1", economic),
  quality_interval_epochs: integer("epochs between two slashes for quality", "epochs", 1n, 365n, economic),
  downtime_slash: share("slash for downtime", "0", "0.1", economic),
  downtime_uptime: share("uptime below which a relay is down", "0", "1", economic),
  downtime_epochs: integer("epochs down until the slash", "epochs", 2n, 365n, economic),
  covert_readings: integer("covert readings until they count", "readings", 3n, 20n, fixed),
  covert_full: share("covert share that counts as all", "0.1", "1", economic),
  covert_slash_below: share("covert share below which it is an over-claim", "0", "1", economic),
  challenger_share: share("challenger's share of a slash that it brought about", "0", "0.5", economic),
  oracle_miss_share: share("missed assignments that cost an oracle its pay", "0.01", "1", economic),
  oracle_miss_slash: share("slash of such an oracle", "0", "0.1", economic),
  oracle_silence_share: share("missed assignments of a silent oracle", "0.01", "1", economic),
  oracle_silence_slash: share("slash of a silent oracle", "0", "0.5", economic),
  covert_units: integer("attestations that a covert probe is paid as", "attestations", 0n, 100n, economic),
};

export const parameters: ModuleParameters<Params> = {
  typeName: Params.$type,
  message: "/weir.rewards.v1.MsgUpdateParams",
  rules: { ...pools, ...rewards, ...slashes },
  read: (ctx) => paramsToProto(getParams(ctx)),
  proposed: (_ctx, message) => paramsOf(message),
};
