/**
 * Windows in which vouchers are taken, while MsgSettle is paused: nobody could bring one, so no session ends meanwhile, nor before `dispute_epochs` whole
 * epochs have passed after the pause. One number for all sessions, so that it costs the same for any number of them. Owns that number.
 */
import type { Context, ReadContext } from "../../chain/context.ts";
import type { Session } from "../../proto/gen/weir/market/v1/state.ts";
import { isMessagePaused } from "../circuit/index.ts";
import { getParams } from "./params.ts";
import { heldUntil } from "./state.ts";

const settleUrl = "/weir.market.v1.MsgSettle";

/** In every block of a pause; writes once an epoch. */
export function holdWindows(ctx: Context, epoch: bigint): void {
  const until = heldUntil.get(ctx);
  if (!isMessagePaused(ctx, settleUrl)) {
    if (until !== undefined && epoch >= until) heldUntil.delete(ctx);
    return;
  }
  const next = epoch + 1n + getParams(ctx).disputeEpochs;
  if (until === undefined || until < next) heldUntil.set(ctx, next);
}

/** Every session takes vouchers, whenever it would have ended. */
export const areWindowsHeld = (ctx: ReadContext, epoch: bigint): boolean => epoch < (heldUntil.get(ctx) ?? 0n);

/** As a relay has to know it: until when it may bring vouchers. */
export function withHeldEnd(ctx: ReadContext, session: Session): Session {
  const until = heldUntil.get(ctx) ?? 0n;
  return session.endsEpoch < until ? { ...session, endsEpoch: until } : session;
}
