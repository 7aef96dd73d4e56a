/** Who may spend, and how much of it is left of the last 24 hours. */
import { amountOf, type Coins, coinsFromProto, coinsProblem, sumCoins } from "../../chain/coins.ts";
import type { Context, ReadContext } from "../../chain/context.ts";
import { groupProblem } from "../../chain/threshold.ts";
import { addDuration, compareTimes } from "../../chain/time.ts";
import type { Policy } from "../../proto/gen/weir/treasury/v1/state.ts";
import { notMember } from "./errors.ts";
import { policySet, spendDropped } from "./events.ts";
import { payments, policy, spends } from "./state.ts";

export const denomsMax = 16;
const day = { seconds: 86_400n, nanos: 0 };

export const nobody: Policy = { version: 0n, members: [], threshold: 0, dailyLimit: [] };

export const getPolicy = (ctx: ReadContext): Policy => policy.get(ctx) ?? nobody;

export function policyProblem({ members, threshold, dailyLimit }: Omit<Policy, "version">): string | undefined {
  if (dailyLimit.length > denomsMax) return `${dailyLimit.length} denoms, expected at most ${denomsMax}`;
  return groupProblem(members, threshold) ?? (dailyLimit.length === 0 ? undefined : limitProblem(dailyLimit));
}

const limitProblem = (limit: Policy["dailyLimit"]): string | undefined => {
  const problem = coinsProblem(coinsFromProto(limit));
  return problem === undefined ? undefined : `daily_limit: ${problem}`;
};

/** Spends that waited were approved by others: they are dropped. What was paid still counts against the limit. */
export function setPolicy(ctx: Context, next: Omit<Policy, "version">): bigint {
  const version = getPolicy(ctx).version + 1n;
  policy.set(ctx, { ...next, version });
  for (const [id, spend] of [...spends.iterate(ctx)]) {
    spends.delete(ctx, id);
    ctx.emit(spendDropped(spend, "policy"));
  }
  ctx.emit(policySet({ ...next, version }));
  return version;
}

export function requireMember(ctx: ReadContext, address: string): void {
  if (!getPolicy(ctx).members.includes(address)) throw notMember(address);
}

/** What the limit leaves: a limit a denom, less what was paid within the last 24 hours. */
export function leftNow(ctx: ReadContext): Coins {
  const paid = sumCoins(
    [...payments.iterate(ctx)]
      .filter(([, { time }]) => compareTimes(addDuration(time!, day), ctx.block.time) > 0)
      .map(([, { amount }]) => coinsFromProto(amount)),
  );
  const left = coinsFromProto(getPolicy(ctx).dailyLimit).map(({ denom, amount }) => {
    const rest = amount - amountOf(paid, denom);
    return { denom, amount: rest > 0n ? rest : 0n };
  });
  return left.filter(({ amount }) => amount > 0n);
}

export const coversAll = (left: Coins, amount: Coins): boolean =>
  amount.every((coin) => amountOf(left, coin.denom) >= coin.amount);

/** Payments that count no more. */
export function forgetOldPayments(ctx: Context): void {
  const old = [...payments.iterate(ctx)].filter(
    ([, { time }]) => compareTimes(addDuration(time!, day), ctx.block.time) <= 0,
  );
  for (const [id] of old) payments.delete(ctx, id);
}
