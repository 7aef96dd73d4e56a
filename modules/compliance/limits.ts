/**
 * What an account may do in an epoch without a credential. Owns the counts: cumulative, by denomination and flow, so that many small amounts are
 * one large one. Whoever has the credential is not counted.
 */

import { accountAddress } from "../../chain/address.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import type { DenomRule, Flow } from "../../proto/gen/weir/compliance/v1/state.ts";
import { currentEpoch } from "../beacon/index.ts";
import { qualifies } from "./credentials.ts";
import { issuances, usages } from "./state.ts";

/** 0 before the first block. */
export const epochNow = (ctx: ReadContext): bigint => currentEpoch(ctx)?.number ?? 0n;

const keyOf = (ctx: ReadContext, denom: string, flow: Flow, account: Uint8Array) =>
  [epochNow(ctx), [denom, BigInt(flow), account]] as const;

export const usedOf = (ctx: ReadContext, denom: string, flow: Flow, account: Uint8Array): bigint =>
  usages.get(ctx, keyOf(ctx, denom, flow, account)) ?? 0n;

export const limitOf = ({ limits }: DenomRule, flow: Flow): bigint | undefined => {
  const found = limits.find((limit) => limit.flow === flow);
  return found === undefined ? undefined : BigInt(found.amount);
};

/** Who issues a denomination takes it back from whom it likes: that is how coins are redeemed and burned. */
const issues = (ctx: ReadContext, denom: string, account: Uint8Array): boolean =>
  issuances.get(ctx, denom)?.issuer === accountAddress.encode(account);

/** Undefined: as much as it likes. */
export function leftOf(ctx: ReadContext, rule: DenomRule, flow: Flow, account: Uint8Array): bigint | undefined {
  const limit = limitOf(rule, flow);
  if (limit === undefined || rule.requirement === undefined) return undefined;
  if (qualifies(ctx, account, rule.requirement) || issues(ctx, rule.denom, account)) return undefined;
  const used = usedOf(ctx, rule.denom, flow, account);
  return used < limit ? limit - used : 0n;
}

export function count(ctx: Context, denom: string, flow: Flow, account: Uint8Array, amount: bigint): void {
  const key = keyOf(ctx, denom, flow, account);
  usages.set(ctx, key, (usages.get(ctx, key) ?? 0n) + amount);
}

const noAccount = new Uint8Array(0);

/** Forgets at most `limit` counts of epochs that are over. */
export function pruneUsages(ctx: Context, limit: number): void {
  const over = [];
  for (const key of usages.keys(ctx, { end: [epochNow(ctx), ["", 0n, noAccount]] })) {
    if (over.length === limit) break;
    over.push(key);
  }
  for (const key of over) usages.delete(ctx, key);
}
