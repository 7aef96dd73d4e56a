/**
 * Who follows what happens to bonds, and what attestation asks of who settles: plain calls, one line each. The only place from which this module
 * calls those that import it; nothing here is used before all modules are loaded.
 */
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Dec } from "../../chain/dec.ts";
import * as compliance from "../compliance/index.ts";
import * as rewards from "../rewards/index.ts";

/** The delegation has its old shares, the relay its old tokens. `delegator` is an account's address as text. */
export const beforeRelaySharesModified = (ctx: Context, relay: bigint, delegator: string): void =>
  rewards.beforeRelaySharesModified(ctx, relay, delegator);

/** Both have their new numbers. */
export const afterRelaySharesModified = (ctx: Context, relay: bigint, delegator: string): void =>
  rewards.afterRelaySharesModified(ctx, relay, delegator);

/** The record is gone for good; nobody has shares of it any more. */
export function afterRelayRemoved(ctx: Context, relay: bigint): void {
  rewards.afterRelayRemoved(ctx, relay);
  compliance.afterRelayRemoved(ctx, relay);
}

/** Its operator is not denied any more: it begins again in probation. */
export const afterRelayPardoned = (ctx: Context, relay: bigint): void => rewards.afterRelayPardoned(ctx, relay);

/** What a bit per second of visible claim asks for, in the bond's denom. */
export const requiredBondRate = (ctx: ReadContext): Dec => rewards.requiredBondRate(ctx);
