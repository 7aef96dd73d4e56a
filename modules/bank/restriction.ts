/**
 * Who may refuse a transfer: compliance, and nobody else. The one place from which bank calls a module that stands on it, where the SDK has its
 * SendRestrictionFn; nothing here is used before all modules are loaded. Owns no rule.
 */
import { moduleAddress } from "../../chain/address.ts";
import type { Coins } from "../../chain/coins.ts";
import type { Context } from "../../chain/context.ts";
import * as compliance from "../compliance/index.ts";

/** Throws why these coins may not go from one account to another. */
export const requireTransfer = (ctx: Context, from: Uint8Array, to: Uint8Array, coins: Coins): void =>
  compliance.requireTransfer(ctx, from, to, coins);

/** Why a module pays: what was asked for as a redemption was judged then. */
export type Payment = compliance.Payment;

/** Those coins of a payment that its receiver may not have now; they are noted as waiting for it, and go to `heldAddress`. Never throws. */
export const holdBack = (
  ctx: Context,
  from: Uint8Array,
  to: Uint8Array,
  coins: Coins,
  payment: Payment = "transfer",
): Coins => compliance.holdBack(ctx, from, to, coins, payment);

export const heldAddress = (): Uint8Array => moduleAddress(compliance.heldName);
