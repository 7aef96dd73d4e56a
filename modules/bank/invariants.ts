/** What is always true of coins. */
import { accountAddress } from "../../chain/address.ts";
import type { ReadContext } from "../../chain/context.ts";
import type { Invariant } from "../../chain/module.ts";
import { balances, owners, supplies } from "./state.ts";

function supplyIsTheSumOfBalances(ctx: ReadContext): string | undefined {
  const sums = new Map<string, bigint>();
  for (const [[, denom], amount] of balances.iterate(ctx)) sums.set(denom, (sums.get(denom) ?? 0n) + amount);
  for (const [denom, supply] of supplies.iterate(ctx)) {
    const sum = sums.get(denom) ?? 0n;
    if (sum !== supply) return `supply of ${denom} is ${supply}, but balances add up to ${sum}`;
    sums.delete(denom);
  }
  for (const [denom, sum] of sums) return `balances of ${denom} add up to ${sum}, but it has no supply`;
  return undefined;
}

function amountsArePositive(ctx: ReadContext): string | undefined {
  for (const [[address, denom], amount] of balances.iterate(ctx)) {
    if (amount <= 0n) return `balance of ${accountAddress.encode(address)} is ${amount}${denom}`;
  }
  for (const [denom, supply] of supplies.iterate(ctx)) {
    if (supply <= 0n) return `supply of ${denom} is ${supply}`;
  }
  return undefined;
}

function ownersAreIndexed(ctx: ReadContext): string | undefined {
  let balanceCount = 0;
  for (const [address, denom] of balances.keys(ctx)) {
    balanceCount++;
    if (!owners.has(ctx, [denom, address])) {
      return `${accountAddress.encode(address)} holds ${denom} but is not indexed as an owner of it`;
    }
  }
  let ownerCount = 0;
  for (const _owner of owners.keys(ctx)) ownerCount++;
  return ownerCount === balanceCount
    ? undefined
    : `${ownerCount} owners are indexed, but there are ${balanceCount} balances`;
}

export const invariants: Readonly<Record<string, Invariant>> = {
  supplyIsTheSumOfBalances,
  amountsArePositive,
  ownersAreIndexed,
};
