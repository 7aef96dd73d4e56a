/** Agreeing on an act, member by member on chain. Owns what waits and for how long. */
import type { Context } from "../../chain/context.ts";
import { addDuration, compareTimes } from "../../chain/time.ts";
import type { Act } from "../../proto/gen/weir/circuit/v1/state.ts";
import { begin } from "./acts.ts";
import { getCommittee, inOffice, requireMember } from "./committee.ts";
import { alreadyApproved, committeeChanged, noSuchAct, tooMany } from "./errors.ts";
import { actApproved, actProposed } from "./events.ts";
import { getParams } from "./params.ts";
import { actIds, pending } from "./state.ts";
import type { Surroundings } from "./surroundings.ts";

/** Acts that wait for approvals, in all and of one member: one member alone cannot keep the others from acting. */
export const pendingMax = 63;
const pendingOfMemberMax = 3;

export interface Proposed {
  readonly id: bigint;
  readonly stands: boolean;
}

export function propose(ctx: Context, chain: Surroundings, member: string, act: Act): Proposed {
  requireMember(ctx, member);
  const { threshold, version } = getCommittee(ctx);
  if (threshold === 1) return { id: begin(ctx, chain, act, [member]), stands: true };
  const waiting = [...pending.iterate(ctx)].map(([, found]) => found);
  if (waiting.length >= pendingMax) throw tooMany("acts wait for approvals", pendingMax);
  if (waiting.filter(({ approvals }) => approvals[0] === member).length >= pendingOfMemberMax) {
    throw tooMany(`acts of ${member} wait for approvals`, pendingOfMemberMax);
  }
  const id = actIds.next(ctx);
  const expires = addDuration(ctx.block.time, getParams(ctx).approvalPeriod);
  pending.set(ctx, id, { id, act, approvals: [member], committeeVersion: version, expires });
  ctx.emit(actProposed(id, act, member));
  return { id, stands: false };
}

/** Members whose term has ended since count no more. */
export function approve(ctx: Context, chain: Surroundings, member: string, id: bigint): boolean {
  requireMember(ctx, member);
  const found = pending.get(ctx, id);
  if (found === undefined || compareTimes(found.expires!, ctx.block.time) <= 0) throw noSuchAct(id);
  const { threshold, version } = getCommittee(ctx);
  if (found.committeeVersion !== version) throw committeeChanged();
  if (found.approvals.includes(member)) throw alreadyApproved(member);
  const approvals = [...found.approvals, member];
  ctx.emit(actApproved(id, member));
  const office = inOffice(ctx);
  const agreed = approvals.filter((address) => office.includes(address));
  if (agreed.length < threshold) {
    pending.set(ctx, id, { ...found, approvals });
    return false;
  }
  pending.delete(ctx, id);
  begin(ctx, chain, found.act!, agreed);
  return true;
}

export function dropExpired(ctx: Context): void {
  const over = [...pending.iterate(ctx)].filter(([, { expires }]) => compareTimes(expires!, ctx.block.time) <= 0);
  for (const [id] of over) pending.delete(ctx, id);
}
