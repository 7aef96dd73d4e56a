/** The epoch of the block, as the market counts its terms and windows. Owns nothing. */
import type { ReadContext } from "../../chain/context.ts";
import { currentEpoch } from "../beacon/index.ts";

/** 0 before the first block. */
export const epochNow = (ctx: ReadContext): bigint => currentEpoch(ctx)?.number ?? 0n;
