/** Reads distribution's part of genesis.json. Trusts nothing: every address, amount and count is checked, and refused by its path. */
import { type AddressFormat, accountAddress, consensusAddress, validatorAddress } from "../../chain/address.ts";
import { decOne, formatDec } from "../../chain/dec.ts";
import { type DecCoins, decCoinsProblem } from "../../chain/deccoins.ts";
import { decCoinsFromProto, type ProtoDecCoin } from "../../chain/deccoinsets.ts";
import { fieldError, fromJson, refusedAs, shown } from "../../chain/protojson.ts";
import type { Params } from "../../proto/gen/cosmos/distribution/v1beta1/distribution.ts";
import { GenesisState } from "../../proto/gen/cosmos/distribution/v1beta1/genesis.ts";
import { completeParams, paramsProblem } from "./params.ts";
import * as records from "./records.ts";

export type Entries<K, V> = readonly (readonly [K, V])[];

export interface DistributionGenesis {
  readonly params: Params;
  readonly communityPool: DecCoins;
  /** Empty when there was none. */
  readonly previousProposer: Uint8Array;
  readonly withdrawAddresses: Entries<Uint8Array, Uint8Array>;
  readonly outstandingRewards: Entries<Uint8Array, DecCoins>;
  readonly accumulatedCommissions: Entries<Uint8Array, DecCoins>;
  readonly historicalRewards: Entries<readonly [Uint8Array, bigint], records.HistoricalRewards>;
  readonly currentRewards: Entries<Uint8Array, records.CurrentRewards>;
  readonly startingInfos: Entries<readonly [Uint8Array, Uint8Array], records.StartingInfo>;
  readonly slashEvents: Entries<readonly [Uint8Array, bigint, bigint], records.SlashEvent>;
}

export const section = "app_state.distribution";

// -------------------------------------------------------------------------------------------------------------- single values

function readAddress(format: AddressFormat, text: string, path: string): Uint8Array {
  return refusedAs(path, shown(text), `an address that begins with ${format.prefix}1`, () => format.decode(text));
}

const operator = (text: string, path: string) => readAddress(validatorAddress, text, `${path}.validator_address`);
const delegator = (text: string, path: string) => readAddress(accountAddress, text, `${path}.delegator_address`);

const coinsExpected = "coins in ascending order of denomination, without repeats, every amount positive";

function readCoins(list: readonly ProtoDecCoin[], path: string): DecCoins {
  const coins = refusedAs(path, shown(list), coinsExpected, () => decCoinsFromProto(list));
  const problem = coins.length === list.length ? decCoinsProblem(coins) : "an amount is not positive";
  if (problem === undefined) return coins;
  throw fieldError(path, problem, coinsExpected);
}

function present<T>(value: T | undefined, path: string): T {
  if (value === undefined) throw fieldError(path, "nothing", "an object");
  return value;
}

// ------------------------------------------------------------------------------------------------------------------- records

function readHistorical(
  record: GenesisState["validatorHistoricalRewards"][number]["rewards"],
  path: string,
): records.HistoricalRewards {
  const { cumulativeRewardRatio, referenceCount } = present(record, path);
  const { referencesMax } = records;
  if (referenceCount < 1 || referenceCount > referencesMax) {
    throw fieldError(`${path}.reference_count`, `${referenceCount}`, `1 to ${referencesMax}`);
  }
  return { ratio: readCoins(cumulativeRewardRatio, `${path}.cumulative_reward_ratio`), references: referenceCount };
}

function readCurrent(
  record: GenesisState["validatorCurrentRewards"][number]["rewards"],
  path: string,
): records.CurrentRewards {
  const { rewards, period } = present(record, path);
  if (period === 0n) throw fieldError(`${path}.period`, "0", "1 or more: period 0 has ended when a validator begins");
  return { rewards: readCoins(rewards, `${path}.rewards`), period };
}

function readStarting(
  record: GenesisState["delegatorStartingInfos"][number]["startingInfo"],
  path: string,
): records.StartingInfo {
  const value = present(record, path);
  if (value.stake === "") throw fieldError(`${path}.stake`, "nothing", "a decimal number as text");
  const info = records.startingFromProto(value);
  if (info.stake < 0n) throw fieldError(`${path}.stake`, formatDec(info.stake), "0 or more");
  return info;
}

function readSlash(
  record: GenesisState["validatorSlashEvents"][number]["validatorSlashEvent"],
  path: string,
): records.SlashEvent {
  const value = present(record, path);
  if (value.fraction === "") throw fieldError(`${path}.fraction`, "nothing", "a decimal number as text");
  const slash = records.slashFromProto(value);
  if (slash.fraction < 0n || slash.fraction > decOne) {
    throw fieldError(`${path}.fraction`, formatDec(slash.fraction), "0 to 1");
  }
  return slash;
}

// --------------------------------------------------------------------------------------------------------------------- lists

/** Each element becomes a key and a value; a key that comes twice is refused. */
function readList<T, K, V>(
  list: readonly T[],
  name: string,
  read: (element: T, path: string) => readonly [K, V],
  keyText: (key: K) => string,
): Entries<K, V> {
  const seen = new Map<string, number>();
  return list.map((element, index) => {
    const path = `${section}.${name}[${index}]`;
    const entry = read(element, path);
    const key = keyText(entry[0]);
    const earlier = seen.get(key);
    if (earlier !== undefined) throw fieldError(path, `the key of [${earlier}] again`, "each one once");
    seen.set(key, index);
    return entry;
  });
}

const keyText = (key: Uint8Array | readonly (Uint8Array | bigint)[]): string =>
  key instanceof Uint8Array ? key.join() : key.map((part) => (typeof part === "bigint" ? part : part.join())).join("/");

function readParams(params: Params | undefined): Params {
  const problem = paramsProblem(present(params, `${section}.params`));
  if (problem !== undefined) throw fieldError(`${section}.params`, problem, "parameters of distribution");
  return completeParams(params!);
}

/** Rewards of validators, each list by operator. */
function readRewards(
  state: GenesisState,
): Pick<DistributionGenesis, "outstandingRewards" | "accumulatedCommissions" | "historicalRewards" | "currentRewards"> {
  return {
    outstandingRewards: readList(
      state.outstandingRewards,
      "outstanding_rewards",
      (record, path) => [
        operator(record.validatorAddress, path),
        readCoins(record.outstandingRewards, `${path}.outstanding_rewards`),
      ],
      keyText,
    ),
    accumulatedCommissions: readList(
      state.validatorAccumulatedCommissions,
      "validator_accumulated_commissions",
      ({ validatorAddress: text, accumulated }, path) => [
        operator(text, path),
        readCoins(present(accumulated, `${path}.accumulated`).commission, `${path}.accumulated.commission`),
      ],
      keyText,
    ),
    historicalRewards: readList(
      state.validatorHistoricalRewards,
      "validator_historical_rewards",
      (record, path) => [
        [operator(record.validatorAddress, path), record.period] as const,
        readHistorical(record.rewards, `${path}.rewards`),
      ],
      keyText,
    ),
    currentRewards: readList(
      state.validatorCurrentRewards,
      "validator_current_rewards",
      (record, path) => [operator(record.validatorAddress, path), readCurrent(record.rewards, `${path}.rewards`)],
      keyText,
    ),
  };
}

export function parse(json: unknown): DistributionGenesis {
  const state = fromJson<GenesisState>(GenesisState.$type, json, section);
  const pool = state.feePool?.communityPool ?? [];
  const proposer = state.previousProposer;
  return {
    params: readParams(state.params),
    communityPool: readCoins(pool, `${section}.fee_pool.community_pool`),
    previousProposer:
      proposer === "" ? new Uint8Array(0) : readAddress(consensusAddress, proposer, `${section}.previous_proposer`),
    withdrawAddresses: readList(
      state.delegatorWithdrawInfos,
      "delegator_withdraw_infos",
      (info, path) => [
        delegator(info.delegatorAddress, path),
        readAddress(accountAddress, info.withdrawAddress, `${path}.withdraw_address`),
      ],
      keyText,
    ),
    ...readRewards(state),
    startingInfos: readList(
      state.delegatorStartingInfos,
      "delegator_starting_infos",
      (record, path) => [
        [operator(record.validatorAddress, path), delegator(record.delegatorAddress, path)] as const,
        readStarting(record.startingInfo, `${path}.starting_info`),
      ],
      keyText,
    ),
    slashEvents: readList(
      state.validatorSlashEvents,
      "validator_slash_events",
      (record, path) => [
        [operator(record.validatorAddress, path), record.height, record.period] as const,
        readSlash(record.validatorSlashEvent, `${path}.validator_slash_event`),
      ],
      keyText,
    ),
  };
}
