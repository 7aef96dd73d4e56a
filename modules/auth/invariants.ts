/** What is always true of accounts. */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import type { ReadContext } from "../../chain/context.ts";
import type { Invariant } from "../../chain/module.ts";
import { moduleAccounts } from "../accounts.ts";
import { accounts, accountsByNumber, nextAccountNumber } from "./state.ts";
import { vestingProblem } from "./vesting.ts";

function accountsAreNumbered(ctx: ReadContext): string | undefined {
  const next = nextAccountNumber.peek(ctx);
  const seen = new Set<bigint>();
  for (const [address, { base }] of accounts.iterate(ctx)) {
    const text = accountAddress.encode(address);
    if (base.address !== text) return `account of ${text} says its address is ${base.address}`;
    if (seen.has(base.accountNumber)) return `account number ${base.accountNumber} is used twice, by ${text} too`;
    seen.add(base.accountNumber);
    if (base.accountNumber >= next)
      return `account ${text} has number ${base.accountNumber}, but the next one is ${next}`;
    const indexed = accountsByNumber.get(ctx, base.accountNumber);
    if (indexed === undefined || accountAddress.encode(indexed) !== text) {
      return `account number ${base.accountNumber} of ${text} is indexed to ${indexed && accountAddress.encode(indexed)}`;
    }
  }
  let indexed = 0;
  for (const _number of accountsByNumber.keys(ctx)) indexed++;
  return indexed === seen.size
    ? undefined
    : `${indexed} account numbers are indexed, but there are ${seen.size} accounts`;
}

function moduleAccountsExist(ctx: ReadContext): string | undefined {
  for (const { name } of moduleAccounts) {
    const account = accounts.get(ctx, moduleAddress(name));
    if (account?.module?.name !== name) return `the account of module ${name} is missing or is not a module account`;
    if (account.base.pubKey !== undefined) return `the account of module ${name} has a public key`;
    if (account.base.sequence !== 0n) return `the account of module ${name} has signed`;
  }
  return undefined;
}

function vestingAccountsFit(ctx: ReadContext): string | undefined {
  for (const [, { base, module, vesting }] of accounts.iterate(ctx)) {
    const problem = vesting === undefined ? undefined : vestingProblem(vesting);
    if (problem !== undefined) return `vesting account ${base.address}: ${problem}`;
    if (vesting !== undefined && module !== undefined) return `vesting account ${base.address} is a module's too`;
  }
  return undefined;
}

export const invariants: Readonly<Record<string, Invariant>> = {
  accountsAreNumbered,
  moduleAccountsExist,
  vestingAccountsFit,
};
