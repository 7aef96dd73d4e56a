/** The genesis of a simulated chain: parameters that are short of everything, so that much happens in few blocks. */

import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { toJson } from "../../chain/protojson.ts";
import { defaultConsensusParams } from "../../modules/consensus/index.ts";
import { weir } from "../../modules/index.ts";
import type { ConsensusParams } from "../../proto/gen/tendermint/types/params.ts";
import { DenomRule } from "../../proto/gen/weir/compliance/v1/state.ts";
import { testRoot } from "../helpers/tdxquotes.ts";
import { denom, startBalance, testAccount } from "../helpers/testapplication.ts";
import { claimBps, simulatedCell } from "./bandwidth.ts";
import { issuedDenom, simulatedCoinIssuer, simulatedIssuer, simulatedRule } from "./operations/compliance.ts";

export const simulatedAccounts = 12;

function defaults(name: string): Record<string, unknown> {
  const { genesis } = weir.modules.find((module) => module.name === name)!;
  return genesis.toJson(genesis.default()) as Record<string, unknown>;
}

function withParams(name: string, changes: Record<string, unknown>): Record<string, unknown> {
  const state = defaults(name);
  return { ...state, params: { ...(state.params as object), ...changes } };
}

/** Votes of some blocks, counted in several. */
function governance(): Record<string, unknown> {
  const state = withParams("gov", {
    min_deposit: [{ denom: "uweir", amount: "3000000" }],
    expedited_min_deposit: [{ denom: "uweir", amount: "4000000" }],
    max_deposit_period: "60s",
    voting_period: "40s",
    expedited_voting_period: "20s",
    quorum: "0.1",
  });
  const weir = state.weir as { readonly params: object };
  const params = { ...weir.params, economic_voting_period: "60s", economic_delay: "40s", tally_page: "10" };
  return { ...state, weir: { ...weir, params } };
}

/** By inflation, in years of few blocks, so that there is always something to share; of every other seed by the schedule that relays are paid from. */
const mintOf = (seed: number): Record<string, unknown> =>
  seed % 2 === 0 ? defaults("mint") : { ...withParams("mint", { blocks_per_year: "5000" }), emission: null };

/** Committees of three, pages of ten, bonds of a coin; quotes of a platform of the tests' own count. */
function attestationState(): Record<string, unknown> {
  const state = withParams("attestation", {
    committee_size: 3,
    prefix_rules: false,
    audit_one_in: "2",
    relay_bond_min: "1000000",
    oracle_bond_min: "1000000",
    challenge_bond: "1000000",
    delegation_min: "1000",
    unproven_bps: `${claimBps * 50n}`,
    unbonding_time: "60s",
    leave_notice: "60s",
    key_delay_epochs: "1",
    family_leave_epochs: "2",
    covert_rate: "1",
    sweep_page: 10,
  });
  const policy = { format: "tdx-v4", accepted: true, roots: [Buffer.from(testRoot).toString("base64")] };
  return {
    ...state,
    cells: [{ name: simulatedCell, description: "" }],
    evidence: { policies: [{ ...policy, lifetime_epochs: "3", fresh_epochs: "2" }] },
  };
}

const simulatedMembers = [0, 1, 2, 3].map((index) => testAccount(index).address);
/** After every run. */
const termEnds = "2024-06-30T00:00:00Z";

/** Two of four members; their acts use up what they may, until a vote. */
const emergencies = (): Record<string, unknown> => ({
  ...withParams("circuit", { exit_pause_max: "40s" }),
  committee: {
    version: "1",
    threshold: 2,
    members: simulatedMembers.map((address) => ({ address, name: "of the simulation", term_ends: termEnds })),
  },
});

const treasuryState = (): Record<string, unknown> => ({
  ...defaults("treasury"),
  policy: {
    version: "1",
    members: simulatedMembers,
    threshold: 2,
    daily_limit: [{ denom: "uweir", amount: "1000000" }],
  },
});

/** Whoever can sign has stable coins too, and a cent lies in the reserve for each token. */
function bankState(): Record<string, unknown> {
  const coins = [
    { denom: "uusdc", amount: `${startBalance}` },
    { denom, amount: `${startBalance}` },
  ];
  const people = Array.from({ length: simulatedAccounts }, (_, index) => ({
    address: testAccount(index).address,
    coins,
  }));
  const reserve = accountAddress.encode(moduleAddress("reserve"));
  const principal = (startBalance * BigInt(simulatedAccounts)) / 100n;
  const inWallets = `${walletCoins * BigInt(simulatedAccounts)}`;
  const balances = [
    ...people,
    { address: reserve, coins: [{ denom: "uusdc", amount: `${principal}` }] },
    { address: accountAddress.encode(moduleAddress("market_wallets")), coins: [{ denom: "uusdc", amount: inWallets }] },
  ];
  return { ...defaults("bank"), balances };
}

/** What each wallet has at first. */
const walletCoins = 10_000_000n;

/** Windows of an epoch, deposits of dust, a book of few offers, and a day's allowance for each run. */
function marketState(): Record<string, unknown> {
  const changes = { dispute_epochs: "1", session_epochs_max: "4", deposit_min: "100", term_epochs_max: "6" };
  const wallets = Array.from({ length: simulatedAccounts }, (_, index) => ({
    owner: testAccount(index).address,
    coins: [{ denom: "uusdc", amount: `${walletCoins}` }],
  }));
  return { ...withParams("market", changes), wallets };
}

const reserveState = (): Record<string, unknown> =>
  withParams("reserve", {
    lot_min: "1000",
    supply_min: "1000000",
    offers_max: "6",
    day_allowance: "0.1",
    day_allowance_delayed: "0.25",
  });

/** In force on two chains of three. */
function complianceState(seed: number): Record<string, unknown> {
  if (seed % 3 === 1) return defaults("compliance");
  return {
    ...withParams("compliance", { enabled: true, credentials_max: 4 }),
    next_version: "1",
    issuers: [{ address: simulatedIssuer, name: "of the simulation", kinds: ["identity", "accredited"], version: "0" }],
    rules: [toJson(DenomRule.$type, simulatedRule())],
    issuances: [{ denom: issuedDenom, issuer: simulatedCoinIssuer, cap: "20000000" }],
  };
}

export const simulatedAppState = (seed: number): Record<string, unknown> => ({
  mint: mintOf(seed),
  bank: bankState(),
  market: marketState(),
  reserve: reserveState(),
  attestation: attestationState(),
  // Windows of few epochs: what is short of them is seen too.
  rewards: withParams("rewards", {
    reference_bps: `${claimBps}`,
    sweep_page: "10",
    results_kept_epochs: "3",
    claim_window_epochs: "6",
    probation_epochs: "2",
    stable_epochs: "3",
    quality_interval_epochs: "2",
    downtime_epochs: "2",
    covert_readings: "3",
  }),
  // Epochs of some blocks, so that keys come to count and fines fall due.
  beacon: withParams("beacon", { epoch_duration: "30s", key_delay_epochs: "1" }),
  staking: withParams("staking", {
    unbonding_time: "60s",
    max_validators: 5,
    max_entries: 4,
    historical_entries: 10,
  }),
  gov: governance(),
  circuit: emergencies(),
  compliance: complianceState(seed),
  treasury: treasuryState(),
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
