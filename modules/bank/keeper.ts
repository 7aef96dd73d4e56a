/** Balances and supply: moved, made, destroyed. Owns every rule by which coins change hands; accounts are auth's. */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import {
  amountOf,
  type Coin,
  type Coins,
  coinsProblem,
  formatCoin,
  formatCoins,
  isValidCoins,
  subtractCoins,
} from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { ChainError, sdk } from "../../chain/errors.ts";
import { requireIntRange } from "../../chain/int.ts";
import { compareBytes } from "../../chain/store/types.ts";
import type { AnteFees } from "../../chain/tx/types.ts";
import { moduleAccounts, type Permission } from "../accounts.ts";
import { ensureAccount, feeCollectorName, getModuleAccount, hasAccount, moduleAccountMay } from "../auth/index.ts";
import { notAllowedToReceive } from "./errors.ts";
import { coinReceived, coinSpent, coinsBurned, coinsMinted, feePaid, sentBy, transferred } from "./events.ts";
import { lockedCoins } from "./locked.ts";
import { heldAddress, holdBack, type Payment, requireTransfer } from "./restriction.ts";
import { balances, supplies } from "./state.ts";

// ------------------------------------------------------------------------------------------------------------------- reading

export const balanceOf = (ctx: ReadContext, address: Uint8Array, denom: string): bigint =>
  balances.get(ctx, [address, denom]) ?? 0n;

/** Every balance of an account, a valid set: the store keeps them in order of denomination. */
export function balancesOf(ctx: ReadContext, address: Uint8Array): Coins {
  const coins: Coin[] = [];
  for (const [[, denom], amount] of balances.iterate(ctx, { leading: [address] })) coins.push({ denom, amount });
  return coins;
}

/** Never negative: a lock may exceed the balance. */
export function spendableOf(ctx: ReadContext, address: Uint8Array, denom: string): bigint {
  const free = balanceOf(ctx, address, denom) - amountOf(lockedCoins(ctx, address), denom);
  return free > 0n ? free : 0n;
}

export const supplyOf = (ctx: ReadContext, denom: string): bigint => supplies.get(ctx, denom) ?? 0n;

// -------------------------------------------------------------------------------------------------------- one side of a change

export function setBalance(ctx: Context, address: Uint8Array, denom: string, before: bigint, after: bigint): void {
  balances.replace(ctx, [address, denom], before === 0n ? undefined : before, after === 0n ? undefined : after);
}

/** Takes coins that may be spent; a valid set is expected, with its text for the event. */
export function takeCoins(ctx: Context, address: Uint8Array, coins: Coins, text: string): void {
  const locked = lockedCoins(ctx, address);
  for (const coin of coins) {
    const balance = balanceOf(ctx, address, coin.denom);
    requireSpendable(coin, balance, amountOf(locked, coin.denom));
    setBalance(ctx, address, coin.denom, balance, balance - coin.amount);
  }
  ctx.emit(coinSpent(accountAddress.encode(address), text));
}

export function requireSpendable(coin: Coin, balance: bigint, locked: bigint): void {
  const { denom, amount } = coin;
  if (locked > balance) {
    throw sdk.insufficientFunds(`locked amount exceeds account balance funds: ${locked}${denom} > ${balance}${denom}`);
  }
  const spendable = balance - locked;
  if (spendable < amount) {
    throw sdk.insufficientFunds(`spendable balance ${spendable}${denom} is smaller than ${formatCoin(coin)}`);
  }
}

export function giveCoins(ctx: Context, address: Uint8Array, coins: Coins, text: string): void {
  for (const { denom, amount } of coins) {
    const balance = balanceOf(ctx, address, denom);
    setBalance(ctx, address, denom, balance, requireIntRange(balance + amount));
  }
  ctx.emit(coinReceived(accountAddress.encode(address), text));
}

export function requireCoins(coins: Coins): void {
  if (!isValidCoins(coins)) throw sdk.invalidCoins(formatCoins(coins));
}

// ----------------------------------------------------------------------------------------------------------------- transfers

/** Moves coins between two accounts. Whether a user may do so (blocked receivers, disabled denominations) is the message's to ask. */
export function sendCoins(ctx: Context, from: Uint8Array, to: Uint8Array, coins: Coins): void {
  requireCoins(coins);
  requireTransfer(ctx, from, to, coins);
  moveCoins(ctx, from, to, coins);
}

/** As sendCoins, where nobody is there to refuse it to: what rules keep from its receiver waits for it. */
export function payCoins(ctx: Context, from: Uint8Array, to: Uint8Array, coins: Coins, payment?: Payment): void {
  requireCoins(coins);
  const waiting = holdBack(ctx, from, to, coins, payment);
  const paid = waiting.length === 0 ? coins : subtractCoins(coins, waiting);
  if (paid.length > 0) moveCoins(ctx, from, to, paid);
  if (waiting.length > 0) moveCoins(ctx, from, heldAddress(), waiting);
}

function moveCoins(ctx: Context, from: Uint8Array, to: Uint8Array, coins: Coins): void {
  const text = formatCoins(coins);
  takeCoins(ctx, from, coins, text);
  giveCoins(ctx, to, coins, text);
  ensureAccount(ctx, to);
  const sender = accountAddress.encode(from);
  ctx.emit(transferred(accountAddress.encode(to), sender, text));
  ctx.emit(sentBy(sender));
}

export interface Share {
  readonly to: Uint8Array;
  readonly coins: Coins;
}

/** Moves coins from one account to many; the caller has checked that the shares add up to `total`. */
export function sendShares(ctx: Context, from: Uint8Array, total: Coins, shares: readonly Share[]): void {
  for (const { to, coins } of shares) requireTransfer(ctx, from, to, coins);
  moveShares(ctx, from, total, shares);
}

/** As sendShares, where nobody is there to refuse it to: what rules keep from a receiver waits for it. */
export function payShares(ctx: Context, from: Uint8Array, total: Coins, shares: readonly Share[]): void {
  const paid = shares.flatMap((share): Share[] => {
    const waiting = holdBack(ctx, from, share.to, share.coins);
    if (waiting.length === 0) return [share];
    const rest = subtractCoins(share.coins, waiting);
    const kept = { to: heldAddress(), coins: waiting };
    return rest.length === 0 ? [kept] : [{ to: share.to, coins: rest }, kept];
  });
  moveShares(ctx, from, total, paid);
}

function moveShares(ctx: Context, from: Uint8Array, total: Coins, shares: readonly Share[]): void {
  const sender = accountAddress.encode(from);
  ctx.emit(sentBy(sender));
  for (const { to } of shares) ensureAccount(ctx, to);
  takeCoins(ctx, from, total, formatCoins(total));
  for (const { to, coins } of shares) {
    const text = formatCoins(coins);
    giveCoins(ctx, to, coins, text);
    ctx.emit(transferred(accountAddress.encode(to), sender, text));
  }
}

const blocked: readonly Uint8Array[] = moduleAccounts
  .filter(({ receives }) => !receives)
  .map(({ name }) => moduleAddress(name));

/** Module accounts take coins by their module's rules only. */
export const isBlocked = (address: Uint8Array): boolean => blocked.some((other) => compareBytes(other, address) === 0);

export function sendFromModule(ctx: Context, module: string, to: Uint8Array, coins: Coins): void {
  if (isBlocked(to)) throw notAllowedToReceive(accountAddress.encode(to));
  sendCoins(ctx, moduleAddress(module), to, coins);
}

/** As sendFromModule, where nobody is there to refuse it to: what rules keep from its receiver waits for it. */
export function payFromModule(ctx: Context, module: string, to: Uint8Array, coins: Coins, payment?: Payment): void {
  if (isBlocked(to)) throw notAllowedToReceive(accountAddress.encode(to));
  payCoins(ctx, moduleAddress(module), to, coins, payment);
}

export function sendToModule(ctx: Context, from: Uint8Array, module: string, coins: Coins): void {
  getModuleAccount(ctx, module);
  sendCoins(ctx, from, moduleAddress(module), coins);
}

/** No rule stands between two modules. */
export function sendBetweenModules(ctx: Context, from: string, to: string, coins: Coins): void {
  getModuleAccount(ctx, to);
  requireCoins(coins);
  moveCoins(ctx, moduleAddress(from), moduleAddress(to), coins);
}

// ------------------------------------------------------------------------------------------------------------ mint and burn

/** A module without the permission is a defect of this program, not a refusal of a transaction. */
export function requirePermission(ctx: Context, module: string, permission: Permission, what: string): void {
  if (moduleAccountMay(getModuleAccount(ctx, module), permission)) return;
  throw new Error(`module account ${module} does not have permissions to ${what} tokens: see modules/accounts.ts`);
}

/** Bounded by 256 bits, and with it every balance. */
function changeSupply(ctx: Context, denom: string, change: bigint): void {
  const supply = requireIntRange(supplyOf(ctx, denom) + change);
  if (supply < 0n) throw new Error(`supply of ${denom} would be ${supply}: more was burned than there is`);
  if (supply === 0n) supplies.delete(ctx, denom);
  else supplies.set(ctx, denom, supply);
}

/** New coins, into the module's account. */
export function mintCoins(ctx: Context, module: string, coins: Coins): void {
  requirePermission(ctx, module, "minter", "mint");
  requireCoins(coins);
  const address = moduleAddress(module);
  const text = formatCoins(coins);
  giveCoins(ctx, address, coins, text);
  for (const { denom, amount } of coins) changeSupply(ctx, denom, amount);
  ctx.emit(coinsMinted(accountAddress.encode(address), text));
}

/** Coins of the module's account, gone. */
export function burnCoins(ctx: Context, module: string, coins: Coins): void {
  requirePermission(ctx, module, "burner", "burn");
  requireCoins(coins);
  const address = moduleAddress(module);
  const text = formatCoins(coins);
  takeCoins(ctx, address, coins, text);
  for (const { denom, amount } of coins) changeSupply(ctx, denom, -amount);
  ctx.emit(coinsBurned(accountAddress.encode(address), text));
}

// ----------------------------------------------------------------------------------------------------------------------- fees

const feeCollector = moduleAddress(feeCollectorName);

/** What the ante steps ask of coins: cosmos-sdk x/auth/ante/fee.go. */
export const anteFees: AnteFees = {
  deduct(ctx, payer, fee) {
    const payerText = accountAddress.encode(payer);
    if (!hasAccount(ctx, payer)) throw sdk.unknownAddress(`fee payer address: ${payerText} does not exist`);
    if (fee.some(({ amount }) => amount !== 0n)) payFee(ctx, payer, fee);
    ctx.emit(feePaid(formatCoins(fee), payerText));
  },
};

function payFee(ctx: Context, payer: Uint8Array, fee: Coins): void {
  if (coinsProblem(fee) !== undefined) throw sdk.insufficientFee(`invalid fee amount: ${formatCoins(fee)}`);
  try {
    sendCoins(ctx, payer, feeCollector, fee);
  } catch (error) {
    // Out of gas stays what it is; the SDK says "insufficient funds" twice, and clients match the text.
    if (error instanceof ChainError && error.code === 5) throw sdk.insufficientFunds(error.message);
    throw error;
  }
}
