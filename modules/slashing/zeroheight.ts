/** Signing infos for a chain that begins again at height 1. What an export is prepared with, never a block. */
import type { Context } from "../../chain/context.ts";
import { signingInfos } from "./state.ts";

export function forgetSigningHeights(ctx: Context): void {
  for (const [address, info] of [...signingInfos.iterate(ctx)]) {
    signingInfos.set(ctx, address, { ...info, startHeight: 0n });
  }
}
