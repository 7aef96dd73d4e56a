/** What accounts began with, out of genesis.json: no block tells of it. Owns which parts of genesis an account's holdings stand in. */
import { accountAddress, moduleAddress, validatorAddress } from "../../chain/address.ts";
import { asObject, type JsonObject } from "../../chain/consensus/json.ts";
import { type Dec, decFromProto, decOne } from "../../chain/dec.ts";
import { fromJson } from "../../chain/protojson.ts";
import { subjectText } from "../../modules/attestation/index.ts";
import { GenesisState as BankGenesis } from "../../proto/gen/cosmos/bank/v1beta1/genesis.ts";
import { GenesisState as AttestationGenesis } from "../../proto/gen/weir/attestation/v1/genesis.ts";
import type { BondPool } from "../../proto/gen/weir/attestation/v1/state.ts";
import { GenesisState as MarketGenesis } from "../../proto/gen/weir/market/v1/genesis.ts";
import type { CoinsFact, Fact, Watched } from "./facts.ts";

interface Place {
  readonly height: string;
  readonly time: string;
  readonly tx: string;
}

const stateOf = (genesis: JsonObject, module: string): JsonObject =>
  asObject(asObject(genesis.app_state, "app_state")[module] ?? {}, `app_state.${module}`);

const read = <T>(genesis: JsonObject, module: string, type: string): T =>
  fromJson<T>(type, stateOf(genesis, module), `app_state.${module}`);

export const tokenOf = (genesis: JsonObject): string =>
  String(asObject(stateOf(genesis, "staking").params ?? {}, "app_state.staking.params").bond_denom ?? "uweir");

export const stableOf = (genesis: JsonObject): ReadonlySet<string> =>
  new Set(read<MarketGenesis>(genesis, "market", MarketGenesis.$type).params?.denoms.map(({ denom }) => denom));

/** V: the first reference. */
export function firstReference(genesis: JsonObject): Dec | undefined {
  const token = tokenOf(genesis);
  const { balances } = read<BankGenesis>(genesis, "bank", BankGenesis.$type);
  const reserve = accountAddress.encode(moduleAddress("reserve"));
  let [principal, supply] = [0n, 0n];
  for (const { address, coins } of balances) {
    for (const { denom, amount } of coins) {
      if (denom === token) supply += BigInt(amount);
      else if (address === reserve) principal += BigInt(amount);
    }
  }
  return supply === 0n || principal === 0n ? undefined : (principal * decOne) / supply;
}

const coins = (place: Place, account: string, denom: string, amount: string, kind: string): CoinsFact => ({
  ...{ of: "coins", ...place, account, amount, denom, kind, counterparty: "", relay: "", cost: "" },
});

function bonds(genesis: JsonObject, place: Place, watched: Watched, token: string): Fact[] {
  const { relays, oracles, delegations } = read<AttestationGenesis>(genesis, "attestation", AttestationGenesis.$type);
  const pools = new Map<string, BondPool | undefined>([
    ...relays.map(({ relay, bond }) => [`relay ${relay?.id}`, bond] as const),
    ...oracles.map(({ oracle, bond }) => [`oracle ${oracle?.id}`, bond] as const),
  ]);
  return delegations.flatMap(({ subject, delegator, shares }): Fact[] => {
    if (!watched.has(delegator) || subject === undefined) return [];
    const named = subjectText(subject);
    const pool = pools.get(named);
    const all = decFromProto(pool?.shares ?? "0");
    const amount = all === 0n ? 0n : (decFromProto(shares) * BigInt(pool?.tokens ?? "0")) / all;
    const stake = {
      account: delegator,
      change: "in",
      subject: named,
      target: "",
      amount: `${amount}`,
      due: "",
    } as const;
    return [coins(place, delegator, token, `${amount}`, "opening bond"), { of: "stake", ...place, ...stake }];
  });
}

/** Transactions of genesis make validators; what they pay is told nowhere else. */
function gentxs(genesis: JsonObject, place: Place, watched: Watched): Fact[] {
  const { gen_txs } = stateOf(genesis, "genutil");
  return (Array.isArray(gen_txs) ? gen_txs : []).flatMap((tx): Fact[] => {
    const { body, auth_info } = asObject(tx, "a genesis transaction");
    const { messages } = asObject(body, "body");
    const { validator_address, value } = asObject((messages as unknown[])[0], "a message");
    const validator = String(validator_address);
    const account = accountAddress.encode(validatorAddress.decode(validator));
    if (!watched.has(account)) return [];
    const { denom, amount } = asObject(value, "value");
    const { fee } = asObject(auth_info ?? {}, "auth_info");
    const fees = asObject(fee ?? {}, "fee").amount;
    const stake = { account, change: "in", subject: validator, target: "", amount: String(amount), due: "" } as const;
    return [
      ...(Array.isArray(fees) ? fees : []).map((paid) =>
        coins(place, account, String(paid.denom), `-${paid.amount}`, "fee"),
      ),
      coins(place, account, String(denom), `-${amount}`, "delegation"),
      { of: "stake", ...place, ...stake },
    ];
  });
}

export function openingFacts(genesis: JsonObject, watched: Watched): Fact[] {
  const place = { height: String(genesis.initial_height ?? "1"), time: String(genesis.genesis_time), tx: "" };
  const token = tokenOf(genesis);
  const { balances } = read<BankGenesis>(genesis, "bank", BankGenesis.$type);
  const { wallets } = read<MarketGenesis>(genesis, "market", MarketGenesis.$type);
  return [
    ...balances
      .filter(({ address }) => watched.has(address))
      .flatMap(({ address, coins: held }) =>
        held.map(({ denom, amount }) => coins(place, address, denom, amount, "opening")),
      ),
    ...wallets
      .filter(({ owner }) => watched.has(owner))
      .flatMap(({ owner: account, coins: held }) =>
        held.map(({ denom, amount }): Fact => {
          return { of: "wallet", ...place, account, amount, denom, purpose: "opening", relay: "" };
        }),
      ),
    ...bonds(genesis, place, watched, token),
    ...gentxs(genesis, place, watched),
  ];
}
