/**
 * Coins that are delegated: unlike sent ones they may still be vesting, and the account is told which were. Owns the two transfers of
 * cosmos-sdk x/bank DelegateCoins and UndelegateCoins; what a delegation is belongs to staking.
 */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { type Coins, formatCoin, formatCoins } from "../../chain/coins.ts";
import type { Context } from "../../chain/context.ts";
import { sdk } from "../../chain/errors.ts";
import { getAccount, setVesting, trackDelegation, trackUndelegation } from "../auth/index.ts";
import { coinSpent } from "./events.ts";
import { balanceOf, giveCoins, requireCoins, requirePermission, setBalance, takeCoins } from "./keeper.ts";

const requireAccount = (ctx: Context, address: Uint8Array) => {
  const account = getAccount(ctx, address);
  if (account === undefined) throw sdk.unknownAddress(`account ${accountAddress.encode(address)} does not exist`);
  return account;
};

/** From an account, which may have locked them, into the pool of a module that may hold stakes. */
export function delegateCoins(ctx: Context, from: Uint8Array, module: string, coins: Coins): void {
  requirePermission(ctx, module, "staking", "receive delegated");
  requireCoins(coins);
  for (const coin of coins) {
    const balance = balanceOf(ctx, from, coin.denom);
    if (balance < coin.amount) {
      const held = formatCoin({ denom: coin.denom, amount: balance });
      throw sdk.insufficientFunds(`failed to delegate; ${held} is smaller than ${formatCoins(coins)}`);
    }
    setBalance(ctx, from, coin.denom, balance, balance - coin.amount);
  }
  const account = requireAccount(ctx, from);
  if (account.vesting !== undefined) {
    setVesting(ctx, from, account, trackDelegation(account.vesting, ctx.block.time.seconds, coins));
  }
  const text = formatCoins(coins);
  ctx.emit(coinSpent(accountAddress.encode(from), text));
  giveCoins(ctx, moduleAddress(module), coins, text);
}

/** Back from the pool. */
export function undelegateCoins(ctx: Context, module: string, to: Uint8Array, coins: Coins): void {
  requirePermission(ctx, module, "staking", "undelegate");
  requireCoins(coins);
  const text = formatCoins(coins);
  takeCoins(ctx, moduleAddress(module), coins, text);
  const account = requireAccount(ctx, to);
  if (account.vesting !== undefined) setVesting(ctx, to, account, trackUndelegation(account.vesting, coins));
  giveCoins(ctx, to, coins, text);
}
