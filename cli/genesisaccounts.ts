/** Accounts and their coins in genesis.json: base, vesting and module accounts. Owns what `add-account` writes; modules say what it means. */
import { accountAddress, moduleAddress } from "../chain/address.ts";
import { addCoins, type Coins, coinsFromProto, coinsToProto, isAllGte, sumCoins } from "../chain/coins.ts";
import type { GenesisDocument } from "../chain/consensus/genesis.ts";
import { asArray, asObject, asString, type JsonObject } from "../chain/consensus/json.ts";
import { ChainError } from "../chain/errors.ts";
import { fromJson } from "../chain/protojson.ts";
import { startNotBeforeEnd } from "../modules/auth/index.ts";
import { Balance } from "../proto/gen/cosmos/bank/v1beta1/genesis.ts";
import { UsageError } from "./arguments.ts";
import { typedCoins } from "./coins.ts";

export interface Vesting {
  readonly amount: Coins;
  /** Seconds since 1970. Without a start, all becomes spendable at the end. */
  readonly startTime: bigint;
  readonly endTime: bigint;
}

export interface GenesisAccount {
  readonly address: string;
  readonly coins: Coins;
  readonly vesting?: Vesting | undefined;
  /** The account of this module. */
  readonly moduleName?: string | undefined;
}

/** ADDRESS=COINS as a flag takes it, or the two apart. */
export function readAccount(address: string, text: string): GenesisAccount {
  try {
    accountAddress.decode(address);
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    throw new UsageError(`${address} is no address of this chain (${error.message}); expected weir1…`);
  }
  const coins = typedCoins(text, `the coins of ${address},`);
  if (coins.length === 0) throw new UsageError(`no coins for ${address}: expected for example 1000000uweir`);
  return { address, coins };
}

const stateOf = (document: GenesisDocument): JsonObject => asObject(document.appState, "app_state");

const accountsIn = (document: GenesisDocument): readonly unknown[] =>
  asArray(asObject(stateOf(document).auth, "app_state.auth").accounts ?? [], "app_state.auth.accounts");

const balancesPath = "app_state.bank.balances";

/** In the order in which they stand. */
export function balancesIn(document: GenesisDocument): Map<string, Coins> {
  const bank = asObject(stateOf(document).bank, "app_state.bank");
  const list = asArray(bank.balances ?? [], balancesPath);
  return new Map(
    list.map((entry, index) => {
      const { address, coins } = fromJson<Balance>(Balance.$type, entry, `${balancesPath}[${index}]`);
      return [address, coinsFromProto(coins)] as const;
    }),
  );
}

/** The supply is their sum; an address with nothing is left out. */
export function withBalances(document: GenesisDocument, balances: ReadonlyMap<string, Coins>): GenesisDocument {
  const state = stateOf(document);
  const list = [...balances].filter(([, coins]) => coins.length > 0);
  const bank = {
    ...asObject(state.bank, "app_state.bank"),
    balances: list.map(([address, coins]) => ({ address, coins: coinsToProto(coins) })),
    supply: coinsToProto(sumCoins(list.map(([, coins]) => coins))),
  };
  return { ...document, appState: { ...state, bank } };
}

export function addBalance(document: GenesisDocument, address: string, coins: Coins): GenesisDocument {
  const balances = balancesIn(document);
  balances.set(address, addCoins(balances.get(address) ?? [], coins));
  return withBalances(document, balances);
}

/** The SDK nests what a vesting or module account has beside the base. */
function addressIn(account: unknown): string {
  const fields = asObject(account, "app_state.auth.accounts");
  const vesting = fields.base_vesting_account;
  const outer = vesting === undefined ? fields : asObject(vesting, "base_vesting_account");
  const base = outer.base_account === undefined ? outer : asObject(outer.base_account, "base_account");
  return asString(base.address, "app_state.auth.accounts: address");
}

/** Adds an account and its coins; with `append`, only the coins to an account that is there. */
export function addAccount(document: GenesisDocument, account: GenesisAccount, append = false): GenesisDocument {
  const { address, coins } = account;
  const accounts = accountsIn(document);
  const isTaken = accounts.some((entry) => addressIn(entry) === address) || balancesIn(document).has(address);
  if (isTaken && !append) {
    throw new Error(`cannot add account at existing address ${address}; --append adds the coins to what it has`);
  }
  const state = stateOf(document);
  const entry = accountJson(account, accounts.length);
  const auth = { ...asObject(state.auth, "app_state.auth"), accounts: [...accounts, entry] };
  const added = isTaken ? document : { ...document, appState: { ...state, auth } };
  return addBalance(added, address, coins);
}

function accountJson(account: GenesisAccount, number: number): JsonObject {
  const { address, vesting, moduleName } = account;
  const base = { address, pub_key: null, account_number: `${number}`, sequence: "0" };
  if (vesting !== undefined) return vestingJson(base, account, vesting);
  if (moduleName === undefined) return { "@type": "/cosmos.auth.v1beta1.BaseAccount", ...base };
  const expected = accountAddress.encode(moduleAddress(moduleName));
  if (address !== expected) throw new UsageError(`the account of module ${moduleName} is ${expected}, not ${address}`);
  return {
    "@type": "/cosmos.auth.v1beta1.ModuleAccount",
    base_account: base,
    name: moduleName,
    permissions: ["burner", "minter"],
  };
}

function vestingJson(base: JsonObject, { coins }: GenesisAccount, vesting: Vesting): JsonObject {
  const { amount, startTime, endTime } = vesting;
  if (!isAllGte(coins, amount)) throw new UsageError("vesting amount cannot be greater than total amount");
  if (endTime <= 0n) {
    throw new UsageError("invalid vesting parameters; must supply start and end time or end time");
  }
  const base_vesting_account = {
    base_account: base,
    original_vesting: coinsToProto(amount),
    delegated_free: [],
    delegated_vesting: [],
    end_time: `${endTime}`,
  };
  if (startTime === 0n) return { "@type": "/cosmos.vesting.v1beta1.DelayedVestingAccount", base_vesting_account };
  if (startTime >= endTime) throw new UsageError(startNotBeforeEnd);
  return {
    "@type": "/cosmos.vesting.v1beta1.ContinuousVestingAccount",
    base_vesting_account,
    start_time: `${startTime}`,
  };
}
