/**
 * What stands against a movement of coins: asked by bank for every transfer (its restriction.ts), and by market and reserve for what bank cannot see.
 * Owns the order of the questions; counts as used what it lets pass.
 *
 * Between two modules nothing is asked: whose coins they are does not change.
 */
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import type { Coin, Coins } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { ChainError } from "../../chain/errors.ts";
import { compareBytes } from "../../chain/store/types.ts";
import { compareTimes } from "../../chain/time.ts";
import { type DenomRule, Flow } from "../../proto/gen/weir/compliance/v1/state.ts";
import { moduleAccounts } from "../accounts.ts";
import { accountFreeze } from "../circuit/index.ts";
import { accountFrozen, credentialNeeded } from "./errors.ts";
import { heldBack } from "./events.ts";
import { count, leftOf } from "./limits.ts";
import { isOn } from "./params.ts";
import { ruleOf } from "./rules.ts";
import { held } from "./state.ts";

const modules: readonly Uint8Array[] = moduleAccounts.map(({ name }) => moduleAddress(name));

export const isModule = (address: Uint8Array): boolean => modules.some((other) => compareBytes(other, address) === 0);

const words: Readonly<Record<number, string>> = {
  [Flow.FLOW_RECEIVE]: "receive",
  [Flow.FLOW_TOP_UP]: "top up",
  [Flow.FLOW_REDEEM]: "redeem",
};

// ----------------------------------------------------------------------------------------------------------------- one question

/** `isExit`: what is its own comes back to it, which a freeze keeps from it for some hours only. */
function frozen(ctx: ReadContext, rule: DenomRule, account: Uint8Array, isExit: boolean): ChainError | undefined {
  if (!rule.freezable) return undefined;
  const text = accountAddress.encode(account);
  const freeze = accountFreeze(ctx, text, rule.denom);
  if (freeze === undefined || (isExit && compareTimes(freeze.exitsOpen, ctx.block.time) <= 0)) return undefined;
  return accountFrozen(text, rule.denom, freeze);
}

function limited(
  ctx: ReadContext,
  rule: DenomRule,
  flow: Flow,
  account: Uint8Array,
  coin: Coin,
): ChainError | undefined {
  const left = leftOf(ctx, rule, flow, account);
  if (left === undefined || coin.amount <= left) return undefined;
  const kind = rule.requirement?.kind ?? "";
  return credentialNeeded({ account: accountAddress.encode(account), does: words[flow]!, coin, left, kind });
}

/** Only what is limited is counted. */
function use(ctx: Context, rule: DenomRule, flow: Flow, account: Uint8Array, { denom, amount }: Coin): void {
  if (leftOf(ctx, rule, flow, account) !== undefined) count(ctx, denom, flow, account, amount);
}

// ------------------------------------------------------------------------------------------------------------------- transfers

/** "redemption": its limit was asked for when it was asked for. */
export type Payment = "transfer" | "redemption";

/** Undefined where it may pass, and is counted then. */
function pass(ctx: Context, from: Uint8Array, to: Uint8Array, coin: Coin, payment: Payment): ChainError | undefined {
  const rule = ruleOf(ctx, coin.denom);
  if (rule === undefined) return undefined;
  const [ofModule, toModule] = [isModule(from), isModule(to)];
  const isReceived = !toModule && compareBytes(from, to) !== 0 && payment === "transfer";
  const refusal =
    (ofModule ? undefined : frozen(ctx, rule, from, false)) ??
    (toModule ? undefined : frozen(ctx, rule, to, ofModule)) ??
    (isReceived ? limited(ctx, rule, Flow.FLOW_RECEIVE, to, coin) : undefined);
  if (refusal === undefined && isReceived) use(ctx, rule, Flow.FLOW_RECEIVE, to, coin);
  return refusal;
}

/** Throws why these coins may not go from one account to another. */
export function requireTransfer(ctx: Context, from: Uint8Array, to: Uint8Array, coins: Coins): void {
  if (!isOn(ctx)) return;
  for (const coin of coins) {
    const refusal = pass(ctx, from, to, coin, "transfer");
    if (refusal !== undefined) throw refusal;
  }
}

/** Those of a payment that its receiver may not have now, noted as waiting for it: whoever pays must not fail. Never throws. */
export function holdBack(ctx: Context, from: Uint8Array, to: Uint8Array, coins: Coins, payment: Payment): Coins {
  if (!isOn(ctx)) return [];
  const waiting: Coin[] = [];
  for (const coin of coins) {
    const refusal = pass(ctx, from, to, coin, payment);
    if (refusal === undefined) continue;
    waiting.push(coin);
    held.set(ctx, [to, coin.denom], (held.get(ctx, [to, coin.denom]) ?? 0n) + coin.amount);
    ctx.emit(heldBack(accountAddress.encode(to), [coin], refusal.message));
  }
  return waiting;
}

// ------------------------------------------------------------------------------------------------- what bank cannot see by itself

function requireFlow(ctx: Context, flow: Flow, account: Uint8Array, coin: Coin): void {
  const rule = ruleOf(ctx, coin.denom);
  if (rule === undefined) return;
  const refusal = frozen(ctx, rule, account, flow === Flow.FLOW_REDEEM) ?? limited(ctx, rule, flow, account, coin);
  if (refusal !== undefined) throw refusal;
  use(ctx, rule, flow, account, coin);
}

/** Of the market's wallets: who pays and whose it is are both asked, so that one account cannot fill many wallets. */
export function requireTopUp(ctx: Context, sender: Uint8Array, owner: Uint8Array, coin: Coin): void {
  if (!isOn(ctx)) return;
  requireFlow(ctx, Flow.FLOW_TOP_UP, sender, coin);
  if (compareBytes(sender, owner) !== 0) requireFlow(ctx, Flow.FLOW_TOP_UP, owner, coin);
}

/** Of the reserve: what the holder's tokens are worth when it asks. */
export function requireRedemption(ctx: Context, holder: Uint8Array, coins: Coins): void {
  if (!isOn(ctx)) return;
  for (const coin of coins) requireFlow(ctx, Flow.FLOW_REDEEM, holder, coin);
}

/** What lies in a wallet of the market is not spent by whom a freeze keeps from sending. */
export function requireUnfrozen(ctx: Context, owner: Uint8Array, denom: string): void {
  if (!isOn(ctx)) return;
  const rule = ruleOf(ctx, denom);
  const refusal = rule === undefined ? undefined : frozen(ctx, rule, owner, false);
  if (refusal !== undefined) throw refusal;
}

/** Why the emergency committee may not freeze an account in a denomination; undefined: it may. */
export function freezeProblem(ctx: ReadContext, account: Uint8Array, denom: string): string | undefined {
  if (isModule(account)) return "it is a module's account, which holds what belongs to many";
  if (ruleOf(ctx, denom)?.freezable === true) return undefined;
  return `no rule of compliance lets accounts be frozen in ${denom}`;
}
