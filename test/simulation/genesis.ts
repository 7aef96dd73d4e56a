/** The genesis of a simulated chain: parameters that are short of everything, so that much happens in few blocks. */

import { defaultConsensusParams } from "../../modules/consensus/index.ts";
import { weir } from "../../modules/index.ts";
import type { ConsensusParams } from "../../proto/gen/tendermint/types/params.ts";

function defaults(name: string): Record<string, unknown> {
  const { genesis } = weir.modules.find((module) => module.name === name)!;
  return genesis.toJson(genesis.default()) as Record<string, unknown>;
}

function withParams(name: string, changes: Record<string, unknown>): Record<string, unknown> {
  const state = defaults(name);
  return { ...state, params: { ...(state.params as object), ...changes } };
}

export const simulatedAppState = (): Record<string, unknown> => ({
  // By inflation, in years of few blocks, so that there is always something to share.
  mint: {
    ...withParams("mint", { blocks_per_year: "5000" }),
    emission: null,
  },
  // Epochs of some blocks, so that keys come to count and fines fall due.
  beacon: withParams("beacon", { epoch_duration: "30s", key_delay_epochs: "1" }),
  staking: withParams("staking", {
    unbonding_time: "60s",
    max_validators: 5,
    max_entries: 4,
    historical_entries: 10,
  }),
  slashing: withParams("slashing", {
    signed_blocks_window: "12",
    min_signed_per_window: "0.5",
    downtime_jail_duration: "60s",
    slash_fraction_double_sign: "0.0523",
    slash_fraction_downtime: "0.0117",
  }),
});

/** Evidence gets too old within a run. */
export const simulatedConsensusParams: ConsensusParams = {
  ...defaultConsensusParams,
  evidence: { maxAgeNumBlocks: 15n, maxAgeDuration: { seconds: 90n, nanos: 0 }, maxBytes: 1_048_576n },
};
