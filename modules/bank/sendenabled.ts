/** Whether a denomination may be sent by users: its own entry, or the parameters' default. */
import type { Coins } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Params, SendEnabled } from "../../proto/gen/cosmos/bank/v1beta1/bank.ts";
import { sendDisabled } from "./errors.ts";
import { defaultParams } from "./params.ts";
import { params, sendEnabled } from "./state.ts";

export const getParams = (ctx: ReadContext): Params => params.get(ctx) ?? defaultParams;

export const isSendEnabled = (ctx: ReadContext, denom: string): boolean =>
  sendEnabled.get(ctx, denom) ?? getParams(ctx).defaultSendEnabled;

/** Refuses the first denomination that may not be sent. */
export function requireSendEnabled(ctx: ReadContext, coins: Coins): void {
  if (coins.length === 0) return;
  const { defaultSendEnabled } = getParams(ctx);
  for (const { denom } of coins) {
    if (!(sendEnabled.get(ctx, denom) ?? defaultSendEnabled)) throw sendDisabled(denom);
  }
}

export function setSendEnabled(ctx: Context, entries: readonly SendEnabled[], useDefaultFor: readonly string[]): void {
  for (const { denom, enabled } of entries) sendEnabled.set(ctx, denom, enabled);
  for (const denom of useDefaultFor) sendEnabled.delete(ctx, denom);
}
