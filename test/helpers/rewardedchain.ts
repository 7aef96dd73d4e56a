/** A chain whose relays are measured by signed readings and settled by all modules that take part, and short words for what it answers. */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import type { ChainEvent } from "../../chain/events.ts";
import { attestation, relay as attestedRelay, relayBond } from "../../modules/attestation/index.ts";
import { balanceOf } from "../../modules/bank/index.ts";
import { beacon } from "../../modules/beacon/index.ts";
import { distribution } from "../../modules/distribution/index.ts";
import { market } from "../../modules/market/index.ts";
import { mint } from "../../modules/mint/index.ts";
import { rewards } from "../../modules/rewards/index.ts";
import type * as queries from "../../proto/gen/weir/rewards/v1/query.ts";
import { accountOf, MeasuredChain, type MeasuredOptions } from "./measuredchain.ts";

export const mbps = 1_000_000n;
export const weir = 1_000_000n;
export const path = (name: string) => `/weir.rewards.v1.Query/${name}`;
export const message = (name: string) => `/weir.rewards.v1.${name}`;

export const withParams = (changes: object) => {
  const state = rewards.genesis.toJson(rewards.genesis.default()) as { readonly params: object };
  return { rewards: { ...state, params: { ...state.params, ...changes } } };
};

/** All of 100 Mbps are seen; W comes near K_ref, so that pay is whole WEIR. */
export const chainOf = ({ rewards: changes = {}, ...options }: Partial<MeasuredOptions> & { rewards?: object } = {}) =>
  new MeasuredChain({
    oracles: 4,
    relays: 3,
    blocksPerEpoch: 5n,
    hooks: [mint, distribution, beacon, attestation, market, rewards],
    appState: withParams({ reference_bps: "30000000", ...changes }),
    params: { covert_rate: "0.000000000000000000", unproven_bps: "2000000000" },
    ...options,
  });

export const epochOf = ({ chain }: MeasuredChain, number: number) =>
  chain.query<queries.QueryEpochResponse>(path("Epoch"), { number: `${number}` }).epoch!;
export const relayOf = ({ chain }: MeasuredChain, relay: number) =>
  chain.query<queries.QueryRelayResponse>(path("Relay"), { relay: `${relay}` });
export const resultOf = ({ chain }: MeasuredChain, relay: number, epoch: number) =>
  chain.query<queries.QueryResultResponse>(path("Result"), { relay: `${relay}`, epoch: `${epoch}` });
export const oracleOf = ({ chain }: MeasuredChain, oracleId: bigint) =>
  chain.query<queries.QueryOracleResponse>(path("Oracle"), { oracleId });
export const balance = ({ chain }: MeasuredChain, address: Uint8Array): bigint =>
  balanceOf(chain.context(), address, "uweir");
export const purse = (measured: MeasuredChain, name: string): bigint =>
  balance(measured, accountAddress.decode(accountOf(name)));
export const held = (measured: MeasuredChain): bigint => balance(measured, moduleAddress("rewards"));
export const named = (events: readonly ChainEvent[], type: string) =>
  events
    .filter((event) => event.type === type)
    .map(({ attributes }) => Object.fromEntries(attributes.map(({ key, value }) => [key, value])));
export const bondOf = ({ chain }: MeasuredChain, relay: bigint): bigint => relayBond(chain.context(), relay);
export const claimOf = ({ chain }: MeasuredChain, relay: bigint): bigint =>
  attestedRelay(chain.context(), relay)!.terms.at(-1)!.claimedBps;
