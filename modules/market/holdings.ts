/** What the market's accounts owe, added up over all records: for genesis, invariants and nothing that runs in a block. */
import { type Coins, newCoins } from "../../chain/coins.ts";
import type { ReadContext } from "../../chain/context.ts";
import { contracts, sessions, subscriptions, wallets } from "./state.ts";

function sums(entries: Iterable<readonly [denom: string, amount: bigint]>): Coins {
  const found = new Map<string, bigint>();
  for (const [denom, amount] of entries) found.set(denom, (found.get(denom) ?? 0n) + amount);
  return newCoins([...found].filter(([, amount]) => amount !== 0n).map(([denom, amount]) => ({ denom, amount })));
}

export function walletsTotal(ctx: ReadContext): Coins {
  return sums([...wallets.iterate(ctx)].map(([[, denom], amount]) => [denom, amount]));
}

function* locks(ctx: ReadContext): Generator<readonly [string, bigint]> {
  for (const [, { denom, locked, settled }] of sessions.iterate(ctx)) yield [denom, BigInt(locked) - BigInt(settled)];
  for (const [, contract] of contracts.iterate(ctx)) {
    const { escrow, relayBond, leaseBond } = contract;
    yield [contract.pricePerEpoch!.denom, BigInt(escrow) + BigInt(relayBond) + BigInt(leaseBond)];
  }
  for (const [, { price, earned }] of subscriptions.iterate(ctx)) {
    yield [price!.denom, BigInt(price!.amount) - BigInt(earned)];
  }
}

/** What sessions, contracts and subscriptions lock and have not paid. */
export const escrowed = (ctx: ReadContext): Coins => sums(locks(ctx));
