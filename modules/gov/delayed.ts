/** Accepted proposals that wait before they act, and how a vote stops one. Owns the queue's other side: conclude.ts fills and empties it. */
import type { Context, ReadContext, Timestamp } from "../../chain/context.ts";
import { notDelayed } from "./errors.ts";
import { delayCancelled } from "./events.ts";
import { failed, requireProposal, setProposal } from "./keeper.ts";
import { delayedQueue } from "./state.ts";

/** When it acts; undefined where it does not wait. So many wait as votes of some weeks bring about. */
export function actsAt(ctx: ReadContext, id: bigint): Timestamp | undefined {
  for (const [time, other] of delayedQueue.keys(ctx)) if (other === id) return time;
  return undefined;
}

export function cancelDelayed(ctx: Context, id: bigint): void {
  const time = actsAt(ctx, id);
  if (time === undefined) throw notDelayed(id);
  delayedQueue.delete(ctx, [time, id]);
  const failedReason = "a later vote stopped it before it acted";
  setProposal(ctx, { ...requireProposal(ctx, id), status: failed, failedReason });
  ctx.emit(delayCancelled(id));
}
