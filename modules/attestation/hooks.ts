/**
 * Who follows what happens to bonds, and what attestation asks of who settles: plain calls, one line each. The only place from which this module
 * calls one that imports it; nothing here is used before all modules are loaded.
 */
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Dec } from "../../chain/dec.ts";

/** The delegation has its old shares, the relay its old tokens. `delegator` is an account's address as text. */
export function beforeRelaySharesModified(_ctx: Context, _relay: bigint, _delegator: string): void {}

/** Both have their new numbers. */
export function afterRelaySharesModified(_ctx: Context, _relay: bigint, _delegator: string): void {}

/** The record is gone for good; nobody has shares of it any more. */
export function afterRelayRemoved(_ctx: Context, _relay: bigint): void {}

/** Its operator is not denied any more: it begins again in probation. */
export function afterRelayPardoned(_ctx: Context, _relay: bigint): void {}

/** What a bit per second of visible claim asks for, in the bond's denom. */
export const requiredBondRate = (_ctx: ReadContext): Dec => 0n;
