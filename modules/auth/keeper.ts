/** Accounts: found, made, numbered. Owns account numbers and sequences; coins are bank's, signatures chain/tx's. */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { addressKey, encodeKey } from "../../chain/keycodec.ts";
import type { StoreKey } from "../../chain/store/types.ts";
import type { AnteAccounts, SigningAccount, TxParams } from "../../chain/tx/types.ts";
import type { Params } from "../../proto/gen/cosmos/auth/v1beta1/auth.ts";
import { moduleAccounts } from "../accounts.ts";
import type { Account, ModulePart } from "./account.ts";
import { accountCodec, isBaseAccount } from "./accountcodec.ts";
import { defaultParams } from "./params.ts";
import { accounts, nextAccountNumber, params, storeName } from "./state.ts";
import type { VestingPart } from "./vesting.ts";

/** Of the cosmos-sdk: every transaction's fee goes there. */
export const feeCollectorName = "fee_collector";

export const getParams = (ctx: ReadContext): Params => params.get(ctx) ?? defaultParams;

export const getAccount = (ctx: ReadContext, address: Uint8Array): Account | undefined => accounts.get(ctx, address);

/** Where an account is stored. */
export const accountPlace = (address: Uint8Array): StoreKey => accounts.placeOf(address);

export const hasAccount = (ctx: ReadContext, address: Uint8Array): boolean => accounts.has(ctx, address);

function newAccount(ctx: Context, address: Uint8Array, part: Pick<Account, "module" | "vesting"> = {}): Account {
  const base = {
    address: accountAddress.encode(address),
    pubKey: undefined,
    accountNumber: nextAccountNumber.next(ctx),
    sequence: 0n,
  };
  const account: Account = { base, ...part };
  accounts.replace(ctx, address, undefined, account);
  return account;
}

/** Whoever receives coins for the first time gets an account and the next number. */
export function ensureAccount(ctx: Context, address: Uint8Array): void {
  if (!hasAccount(ctx, address)) newAccount(ctx, address);
}

/** The caller has checked that there is no account yet. */
export function addVestingAccount(ctx: Context, address: Uint8Array, vesting: VestingPart): void {
  newAccount(ctx, address, { vesting });
}

/** Asked before every transfer: an account of the common kind is told from its first bytes alone. */
export function vestingOf(ctx: ReadContext, address: Uint8Array): VestingPart | undefined {
  const bytes = ctx.store(storeName).get(encodeKey(accounts.prefix, addressKey, address));
  return bytes === undefined || isBaseAccount(bytes) ? undefined : accountCodec.decode(bytes).vesting;
}

/** What delegating changed of a vesting account. */
export function setVesting(ctx: Context, address: Uint8Array, account: Account, vesting: VestingPart): void {
  accounts.replace(ctx, address, account, { ...account, vesting });
}

/** The account in which a module holds coins, from genesis or from the list of module accounts; made when it is not there yet. */
export function getModuleAccount(ctx: Context, name: string): Account & { readonly module: ModulePart } {
  const address = moduleAddress(name);
  const stored = getAccount(ctx, address);
  if (stored !== undefined) return requireModulePart(stored, name);
  const rule = moduleAccounts.find((candidate) => candidate.name === name);
  if (rule === undefined) throw new Error(`module account ${name} does not exist: list it in modules/accounts.ts`);
  return requireModulePart(newAccount(ctx, address, { module: { name, permissions: rule.permissions } }), name);
}

function requireModulePart(account: Account, name: string): Account & { readonly module: ModulePart } {
  const { module } = account;
  if (module === undefined)
    throw new Error(`account ${account.base.address} of module ${name} is not a module account`);
  return { ...account, module };
}

export const moduleAccountMay = ({ module }: Account, permission: string): boolean =>
  module?.permissions.includes(permission) === true;

/** What the ante steps ask of accounts. */
export const anteAccounts: AnteAccounts = {
  txParams: (ctx): TxParams => getParams(ctx),

  account(ctx, address): SigningAccount | undefined {
    const account = getAccount(ctx, address);
    if (account === undefined) return undefined;
    const { accountNumber, sequence, pubKey } = account.base;
    return { address, accountNumber, sequence, publicKey: pubKey };
  },

  update(ctx, { address, sequence, publicKey }) {
    const account = getAccount(ctx, address);
    if (account === undefined) throw new Error(`account ${accountAddress.encode(address)} was read but is not there`);
    const pubKey = publicKey === undefined ? undefined : { typeUrl: publicKey.typeUrl, value: publicKey.value };
    accounts.replace(ctx, address, account, { ...account, base: { ...account.base, sequence, pubKey } });
  },
};
