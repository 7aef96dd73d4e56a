/** A spend's way: proposed, approved, paid. Owns that nothing leaves without so many members, above the limit, or to who cannot receive. */
import { accountAddress } from "../../chain/address.ts";
import { type Coins, coinsFromProto, coinsProblem, coinsToProto } from "../../chain/coins.ts";
import type { Context } from "../../chain/context.ts";
import { addDuration, compareTimes } from "../../chain/time.ts";
import { utf8Length } from "../../chain/utf8.ts";
import type { Spend } from "../../proto/gen/weir/treasury/v1/state.ts";
import { isBlocked, sendFromModule, sendToModule } from "../bank/index.ts";
import { alreadyApproved, invalidSpend, noSuchSpend, notApproved, overLimit, tooMany } from "./errors.ts";
import { spendApproved, spendDropped, spendPaid, spendProposed } from "./events.ts";
import { getParams } from "./params.ts";
import { coversAll, denomsMax, getPolicy, leftNow, requireMember } from "./policy.ts";
import { payments, spendIds, spends } from "./state.ts";

export const treasuryName = "treasury";
const reasonBytesMax = 500;
/** Payments that are counted: more would make every look at the limit dear. */
const paymentsMax = 500;

export interface Asked {
  readonly recipient: string;
  readonly amount: Coins;
  readonly reason: string;
}

/** Of what is asked for alone. */
export function spendProblem({ recipient, amount, reason }: Asked): string | undefined {
  accountAddress.decode(recipient);
  if (reason.trim() === "" || utf8Length(reason) > reasonBytesMax) {
    return `a reason is expected, of at most ${reasonBytesMax} bytes`;
  }
  if (amount.length === 0 || amount.length > denomsMax) return `coins of 1 to ${denomsMax} denoms are expected`;
  return coinsProblem(amount);
}

export function propose(ctx: Context, member: string, asked: Asked): { readonly id: bigint; readonly paid: boolean } {
  requireMember(ctx, member);
  const { recipient, amount, reason } = asked;
  if (isBlocked(accountAddress.decode(recipient))) throw invalidSpend(`${recipient} is not allowed to receive funds`);
  const { approvalPeriod, pendingMax } = getParams(ctx);
  if ([...spends.keys(ctx)].length >= pendingMax) throw tooMany("spends wait", pendingMax);
  const id = spendIds.next(ctx);
  const expires = addDuration(ctx.block.time, approvalPeriod);
  const spend: Spend = { id, recipient, amount: coinsToProto(amount), reason, approvals: [], expires };
  ctx.emit(spendProposed(spend, member));
  return { id, paid: agree(ctx, spend, member) };
}

export function approve(ctx: Context, member: string, id: bigint): boolean {
  requireMember(ctx, member);
  const spend = waiting(ctx, id);
  if (spend.approvals.includes(member)) throw alreadyApproved(member);
  return agree(ctx, spend, member);
}

/** The last approval that is missing pays; where the limit or the funds do not allow that now, it is refused and nothing changes. */
function agree(ctx: Context, before: Spend, member: string): boolean {
  const spend = { ...before, approvals: [...before.approvals, member] };
  ctx.emit(spendApproved(spend, member));
  if (spend.approvals.length < getPolicy(ctx).threshold) {
    spends.set(ctx, spend.id, spend);
    return false;
  }
  pay(ctx, spend);
  return true;
}

function pay(ctx: Context, spend: Spend): void {
  const amount = coinsFromProto(spend.amount);
  const left = leftNow(ctx);
  if (!coversAll(left, amount)) throw overLimit(amount, left);
  if ([...payments.keys(ctx)].length >= paymentsMax) throw tooMany("payments in 24 hours", paymentsMax);
  sendFromModule(ctx, treasuryName, accountAddress.decode(spend.recipient), amount);
  payments.set(ctx, spend.id, { id: spend.id, time: ctx.block.time, amount: spend.amount });
  spends.delete(ctx, spend.id);
  ctx.emit(spendPaid(spend));
}

export function withdraw(ctx: Context, member: string, id: bigint): void {
  const spend = waiting(ctx, id);
  if (!spend.approvals.includes(member)) throw notApproved(member);
  const approvals = spend.approvals.filter((other) => other !== member);
  if (approvals.length > 0) {
    spends.set(ctx, id, { ...spend, approvals });
    return;
  }
  spends.delete(ctx, id);
  ctx.emit(spendDropped(spend, "withdrawn"));
}

export const fund = (ctx: Context, sender: string, amount: Coins): void =>
  sendToModule(ctx, accountAddress.decode(sender), treasuryName, amount);

function waiting(ctx: Context, id: bigint): Spend {
  const spend = spends.get(ctx, id);
  if (spend === undefined || compareTimes(spend.expires!, ctx.block.time) <= 0) throw noSuchSpend(id);
  return spend;
}

export function dropExpired(ctx: Context): void {
  const over = [...spends.iterate(ctx)].filter(([, { expires }]) => compareTimes(expires!, ctx.block.time) <= 0);
  for (const [id, spend] of over) {
    spends.delete(ctx, id);
    ctx.emit(spendDropped(spend, "expired"));
  }
}
