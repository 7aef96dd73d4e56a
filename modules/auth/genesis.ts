/** Auth's part of genesis.json: parameters and accounts, with the SDK's JSON. Owns what is refused before the chain starts. */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { type Coins, coinsProblem } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { publicKeyAddress, publicKeyFromAny } from "../../chain/crypto/publickey.ts";
import type { Genesis } from "../../chain/module.ts";
import { fieldError, fromJson, refusedAs, shown, toJson } from "../../chain/protojson.ts";
import type { Params } from "../../proto/gen/cosmos/auth/v1beta1/auth.ts";
import { GenesisState } from "../../proto/gen/cosmos/auth/v1beta1/genesis.ts";
import { moduleAccounts } from "../accounts.ts";
import { type Account, accountFromAny, accountToAny, baseAccountUrl, moduleAccountUrl } from "./account.ts";
import { getModuleAccount, getParams } from "./keeper.ts";
import { defaultParams, paramsProblem } from "./params.ts";
import { accounts, nextAccountNumber, params } from "./state.ts";
import { type VestingPart, vestingProblem } from "./vesting.ts";
import { vestingAccountUrls } from "./vestingcodec.ts";

export interface AuthGenesis {
  readonly params: Params;
  readonly accounts: readonly Account[];
}

const section = "app_state.auth";

// ------------------------------------------------------------------------------------------------------------------- parsing

function parse(json: unknown): AuthGenesis {
  const state = fromJson<GenesisState>(GenesisState.$type, json, section);
  if (state.params === undefined) throw fieldError(`${section}.params`, "nothing", "auth's parameters");
  const problem = paramsProblem(state.params);
  if (problem !== undefined) throw fieldError(`${section}.params`, problem, "every parameter greater than 0");
  const seen = new Map<string, number>();
  const list = state.accounts.map((any, index) => {
    const path = `${section}.accounts[${index}]`;
    const account = accountFromAny(any);
    if (account === undefined) throw fieldError(`${path}.@type`, shown(any.typeUrl), `one of ${accountUrls}`);
    const address = checkAccount(account, path);
    const earlier = seen.get(address);
    if (earlier !== undefined) {
      throw fieldError(`${path}.address`, `${address} again, as in accounts[${earlier}]`, "one account for an address");
    }
    seen.set(address, index);
    return { ...account, base: { ...account.base, address } };
  });
  return { params: state.params, accounts: list };
}

const accountUrls = [baseAccountUrl, moduleAccountUrl, ...Object.values(vestingAccountUrls)].join(", ");

/** The last number is left free, so that there is a next one. */
const accountNumberMax = (1n << 64n) - 2n;

/** Returns the address in its one canonical text. */
function checkAccount(account: Account, path: string): string {
  const { base, module, vesting } = account;
  const at = basePath(account, path);
  const address = readAddress(base.address, `${at}.address`);
  const canonical = accountAddress.encode(address);
  if (base.accountNumber > accountNumberMax) {
    throw fieldError(`${at}.account_number`, `${base.accountNumber}`, `at most ${accountNumberMax}`);
  }
  if (module !== undefined) checkModuleAccount(canonical, module.name, module.permissions, path);
  if (vesting !== undefined) checkVesting(vesting, path);
  if (base.pubKey === undefined) return canonical;
  const key = base.pubKey;
  const owner = accountAddress.encode(
    refusedAs(`${at}.pub_key`, shown(key.typeUrl), "a public key", () => publicKeyAddress(publicKeyFromAny(key))),
  );
  if (owner === canonical) return canonical;
  throw fieldError(`${at}.pub_key`, `the public key of ${owner}`, `the public key of ${canonical}`);
}

function basePath({ module, vesting }: Account, path: string): string {
  if (vesting !== undefined) return `${path}.base_vesting_account.base_account`;
  return module === undefined ? path : `${path}.base_account`;
}

function checkVesting(vesting: VestingPart, path: string): void {
  const { schedule, originalVesting, delegatedFree, delegatedVesting } = vesting;
  const sets = {
    original_vesting: originalVesting,
    delegated_free: delegatedFree,
    delegated_vesting: delegatedVesting,
  };
  for (const [name, coins] of Object.entries(sets)) checkCoins(coins, `${path}.base_vesting_account.${name}`);
  if (schedule.kind === "periodic") {
    for (const [index, { amount }] of schedule.periods.entries())
      checkCoins(amount, `${path}.vesting_periods[${index}].amount`);
  }
  const problem = refusedAs(path, "amounts beyond 256 bits", "a vesting account", () => vestingProblem(vesting));
  if (problem !== undefined) throw fieldError(path, problem, "a vesting account whose parts fit together");
}

function checkCoins(coins: Coins, path: string): void {
  const problem = coinsProblem(coins);
  if (problem !== undefined) throw fieldError(path, problem, "coins in ascending order of denomination, each positive");
}

const readAddress = (text: string, path: string): Uint8Array =>
  refusedAs(path, shown(text), "an address", () => accountAddress.decode(text));

function checkModuleAccount(address: string, name: string, permissions: readonly string[], path: string): void {
  if (name.trim() === "") throw fieldError(`${path}.name`, shown(name), "the name of a module");
  const expected = accountAddress.encode(moduleAddress(name));
  if (address !== expected)
    throw fieldError(`${path}.base_account.address`, address, `${expected}, the address of module ${name}`);
  const blank = permissions.findIndex((permission) => permission.trim() === "");
  if (blank !== -1) throw fieldError(`${path}.permissions[${blank}]`, shown(permissions[blank]), "a permission");
}

// ------------------------------------------------------------------------------------------------------------- start and end

/** A number that is used twice stays with the first account; the others get the lowest free ones, as in the SDK. */
export function numberAccounts(list: readonly Account[]): readonly Account[] {
  const taken = new Set<bigint>();
  const again: Account[] = [];
  const numbered: Account[] = [];
  for (const account of list) {
    const { accountNumber } = account.base;
    (taken.has(accountNumber) ? again : numbered).push(account);
    taken.add(accountNumber);
  }
  let free = 0n;
  for (const account of again.sort(byNumber)) {
    while (taken.has(free)) free++;
    taken.add(free);
    numbered.push({ ...account, base: { ...account.base, accountNumber: free } });
  }
  return numbered.sort(byNumber);
}

function byNumber(a: Account, b: Account): number {
  const [left, right] = [a.base.accountNumber, b.base.accountNumber];
  return left < right ? -1 : left > right ? 1 : 0;
}

function init(ctx: Context, genesis: AuthGenesis): undefined {
  params.set(ctx, genesis.params);
  const numbered = numberAccounts(genesis.accounts);
  for (const account of numbered) {
    accounts.replace(ctx, accountAddress.decode(account.base.address), undefined, account);
  }
  const last = numbered.at(-1);
  if (last !== undefined) nextAccountNumber.set(ctx, last.base.accountNumber + 1n);
  for (const { name } of moduleAccounts) getModuleAccount(ctx, name);
}

export const genesis: Genesis<AuthGenesis> = {
  default: () => ({ params: defaultParams, accounts: [] }),
  parse,
  toJson: (state) => toJson(GenesisState.$type, { params: state.params, accounts: state.accounts.map(accountToAny) }),
  init,
  export: (ctx: ReadContext) => ({
    params: getParams(ctx),
    accounts: [...accounts.iterate(ctx)].map(([, account]) => account),
  }),
};
