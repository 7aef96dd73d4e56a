/** How many things are refused: one number, so that a message is not looked at while there are none. */
import type { Context } from "../../chain/context.ts";
import { refusals } from "./state.ts";

export function countRefusals(ctx: Context, change: bigint): void {
  const count = (refusals.get(ctx) ?? 0n) + change;
  if (count === 0n) refusals.delete(ctx);
  else refusals.set(ctx, count);
}
