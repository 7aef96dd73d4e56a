/**
 * The validator that `weir init` writes into genesis, so that a node runs at once. Owns its stake and taking it out again; validators that
 * somebody operates come by transactions (gentx.ts).
 */
import { accountAddress, moduleAddress, validatorAddress } from "../chain/address.ts";
import { amountOf, type Coin, newCoins, subtractCoins } from "../chain/coins.ts";
import type { GenesisDocument } from "../chain/consensus/genesis.ts";
import { asArray, asObject, asString, base64, type JsonObject } from "../chain/consensus/json.ts";
import { consensusAddress } from "../chain/consensus/validators.ts";
import { notBondedPoolName, powerReduction } from "../modules/staking/index.ts";
import { withoutBeaconKeys } from "./beaconkeys.ts";
import { addBalance, balancesIn, withBalances } from "./genesisaccounts.ts";

/** What it weighs, and so how many whole tokens are staked for it. */
const validatorPower = 100n;

export const stakingIn = ({ appState }: GenesisDocument): JsonObject =>
  asObject(asObject(appState, "app_state").staking, "app_state.staking");

export const bondDenomIn = (document: GenesisDocument): string =>
  asString(
    asObject(stakingIn(document).params, "app_state.staking.params").bond_denom,
    "app_state.staking.params.bond_denom",
  );

const withStaking = (document: GenesisDocument, change: JsonObject): GenesisDocument => ({
  ...document,
  appState: { ...asObject(document.appState, "app_state"), staking: { ...stakingIn(document), ...change } },
});

const noTime = "1970-01-01T00:00:00Z";

/** Its operator is the address of its consensus key: nobody signs for it, so that it is for nodes of one's own. */
export function withOwnValidator(document: GenesisDocument, key: Uint8Array, moniker: string): GenesisDocument {
  const publicKey = { ed25519: key };
  const address = consensusAddress(publicKey);
  const operator = validatorAddress.encode(address);
  const tokens = validatorPower * powerReduction;
  const shares = `${tokens}.000000000000000000`;
  const validator = {
    operator_address: operator,
    consensus_pubkey: { "@type": "/cosmos.crypto.ed25519.PubKey", key: base64(key) },
    jailed: false,
    status: "BOND_STATUS_UNBONDED",
    tokens: `${tokens}`,
    delegator_shares: shares,
    description: { moniker, identity: "", website: "", security_contact: "", details: "" },
    unbonding_height: "0",
    unbonding_time: noTime,
    commission: {
      commission_rates: {
        rate: "0.100000000000000000",
        max_rate: "0.200000000000000000",
        max_change_rate: "0.010000000000000000",
      },
      update_time: noTime,
    },
    min_self_delegation: "1",
    unbonding_on_hold_ref_count: "0",
    unbonding_ids: [],
  };
  const delegation = { delegator_address: accountAddress.encode(address), validator_address: operator, shares };
  const staked = withStaking(document, {
    validators: [...listed(document, "validators"), validator],
    delegations: [...listed(document, "delegations"), delegation],
  });
  const pool = accountAddress.encode(moduleAddress(notBondedPoolName));
  return {
    ...addBalance(staked, pool, [{ denom: bondDenomIn(document), amount: tokens }]),
    validators: [...document.validators, { address, publicKey, power: validatorPower, name: moniker }],
  };
}

/** For validators that come by transactions instead: what was staked here is gone, from the supply too. */
export function withoutOwnValidators(document: GenesisDocument): GenesisDocument {
  const staking = stakingIn(document);
  if (staking.exported === true) {
    throw new Error(
      "this genesis was exported from a chain and has that chain's validators: new ones join it as it runs",
    );
  }
  const tokens = listed(document, "validators").reduce(addTokens, 0n);
  const staked = newCoins([{ denom: bondDenomIn(document), amount: tokens }]);
  const pool = accountAddress.encode(moduleAddress(notBondedPoolName));
  const balances = balancesIn(document);
  const held = balances.get(pool) ?? [];
  const short = staked.find(({ denom, amount }) => amountOf(held, denom) < amount);
  if (short !== undefined) throw stakesDiffer(short, amountOf(held, short.denom));
  balances.set(pool, subtractCoins(held, staked));
  const emptied = withStaking(withoutBeaconKeys(document), { validators: [], delegations: [] });
  return { ...withBalances(emptied, balances), validators: [] };
}

const listed = (document: GenesisDocument, name: string): readonly unknown[] =>
  asArray(stakingIn(document)[name] ?? [], `app_state.staking.${name}`);

const addTokens = (sum: bigint, validator: unknown): bigint =>
  sum + BigInt(asString(asObject(validator, "validator").tokens, "app_state.staking.validators: tokens"));

const stakesDiffer = ({ denom, amount }: Coin, held: bigint): Error =>
  new Error(
    `app_state.staking has validators with ${amount}${denom}, but their pool holds ${held}${denom} in app_state.bank`,
  );
